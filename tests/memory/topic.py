"""The topic in memory: partitions of messages, and consumer groups that share them out and commit nothing."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Collection, Sequence
from contextlib import suppress
from uuid import UUID

from events.envelope import Recorded
from events.errors import Unavailable


class MemoryTopic:
    def __init__(self, partitions: int = 16) -> None:
        self.messages: list[list[tuple[UUID, Recorded]]] = [[] for _ in range(partitions)]
        """By partition: whose log it is, and what it says."""
        self.groups: defaultdict[str, list[MemoryReceiver]] = defaultdict(list)
        self.told = asyncio.Event()

    def ends(self, partitions: Collection[int]) -> dict[int, int]:
        return {partition: len(self.messages[partition]) for partition in partitions}

    def share_out(self, group: str) -> None:
        """Anew whenever somebody comes or goes; everybody goes on at the end, since nothing was committed."""
        members = self.groups[group]
        for place, member in enumerate(members):
            member.places = self.ends(range(place, len(self.messages), len(members)))


class MemoryPublisher:
    def __init__(self, topic: MemoryTopic, log_id: UUID) -> None:
        self._topic = topic
        self._log_id = log_id

    async def publish(self, records: Sequence[Recorded]) -> bool:
        if missing := {record.partition for record in records} - set(range(len(self._topic.messages))):
            raise Unavailable(f"the topic has no partition {min(missing)}")
        anew = False
        for record in records:
            messages = self._topic.messages[record.partition]
            anew |= not messages and record.position > 1
            messages.append((self._log_id, record))
        self._topic.told.set()
        return anew

    async def close(self) -> None:
        """There is nothing to give up."""


class MemoryReceiver:
    """Waits for messages as long as *wait* says."""

    def __init__(self, topic: MemoryTopic, group: str, log_id: UUID, *, wait: float = 0.05) -> None:
        self._topic = topic
        self._group = group
        self._log_id = log_id
        self._wait = wait
        self.places: dict[int, int] = {}
        """Where it reads on, by partition."""

    @property
    def partitions(self) -> frozenset[int]:
        return frozenset(self.places)

    async def receive(self, limit: int = 2000) -> dict[int, list[Recorded]]:
        members = self._topic.groups[self._group]
        if self not in members:
            members.append(self)
            self._topic.share_out(self._group)
        if not (found := self._take(limit)):
            self._topic.told.clear()
            with suppress(TimeoutError):
                await asyncio.wait_for(self._topic.told.wait(), self._wait)
            found = self._take(limit)
        return found

    async def skip(self, partitions: Collection[int]) -> None:
        self.places |= self._topic.ends(self.partitions & set(partitions))

    async def close(self) -> None:
        members = self._topic.groups[self._group]
        if self in members:
            members.remove(self)
            self.places = {}
            self._topic.share_out(self._group)

    def _take(self, limit: int) -> dict[int, list[Recorded]]:
        found = {}
        for partition, place in self.places.items():
            messages = self._topic.messages[partition][place : place + limit]
            self.places[partition] += len(messages)
            limit -= len(messages)
            if ours := [record for log_id, record in messages if log_id == self._log_id]:
                found[partition] = ours
        return found
