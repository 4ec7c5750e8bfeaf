"""The lanes that a worker holds: taken, renewed while in use, given back when idle."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Set
from dataclasses import dataclass, field
from typing import Protocol

from worker.lane import Lane, Pace

MARGIN = 0.5
"""A lease is over this much earlier for us than for the others."""


class Leases(Protocol):
    """Lanes for *seconds*: each is one worker's at a time, until its lease is over or it is given back."""

    async def lease(self, organizations: Iterable[str], *, most: int, seconds: float) -> dict[str, int]: ...
    async def lease_due(self, held: Iterable[str], *, most: int, seconds: float) -> dict[str, int]: ...
    async def renew(self, organizations: Iterable[str], *, seconds: float) -> set[str]: ...
    async def release(self, organizations: Iterable[str]) -> None: ...


@dataclass(slots=True, kw_only=True)
class Lanes:
    deliveries: Leases
    clock: Callable[[], float]
    rate: float
    """Calls a second per organization; 0: without limit."""
    most: int = 200
    """Lanes held at once, so that other workers get some."""
    lease: float = 6.0
    renew: float = 2.0
    sweep: float = 1.0
    idle: float = 2.0
    turn: float = 10.0
    """Seconds after which a lane that never rests makes room for one that waits."""
    held: dict[str, Lane] = field(default_factory=dict)
    renewed_at: float = 0.0
    swept_at: float = -10.0

    async def keep(self, rung: set[str], unsettled: Set[str]) -> None:
        """Renews what is held, takes what *rung* or the net says is due, gives back what is not needed.

        A lane with an attempt that is not settled stays: to the next worker it would look unanswered.
        """
        now = self.clock()
        if now - self.renewed_at >= self.renew:
            await self.renew_held()
            await self.release(lane for lane in self.spare(now) if lane.organization not in unsettled)
        for organization in rung & self.held.keys():
            self.held[organization].look_at = 0.0
        await self.take(rung - self.held.keys() - {""}, everything="" in rung)

    def spare(self, now: float) -> list[Lane]:
        """What is idle, and what has had its turn where no more could be held."""
        full = len(self.held) >= self.most
        return [
            lane
            for lane in self.held.values()
            if lane.idle(now, seconds=self.idle) or (full and not lane.flying and now - lane.since > self.turn)
        ]

    async def renew_held(self) -> None:
        asked_at = self.clock()
        if self.held:
            ours = await self.deliveries.renew(self.held, seconds=self.lease)
            for organization in self.held.keys() - ours:
                self.held.pop(organization).until = 0.0
            for lane in self.held.values():
                lane.until = asked_at + self.lease - MARGIN
        self.renewed_at = asked_at

    async def take(self, rung: set[str], *, everything: bool) -> None:
        asked_at = self.clock()
        free = self.most - len(self.held)
        if rung:
            self.hold(await self.deliveries.lease(rung, most=free, seconds=self.lease), asked_at)
        if everything or asked_at - self.swept_at >= self.sweep:
            due = await self.deliveries.lease_due(self.held, most=self.most - len(self.held), seconds=self.lease)
            self.hold(due, asked_at)
            self.swept_at = asked_at

    def hold(self, taken: dict[str, int], asked_at: float) -> None:
        for organization, failures in taken.items():
            self.held[organization] = Lane(
                organization=organization,
                until=asked_at + self.lease - MARGIN,
                pace=Pace(rate=self.rate, at=asked_at),
                failures=failures,
                busy_at=asked_at,
                since=asked_at,
            )

    async def release(self, lanes: Iterable[Lane]) -> None:
        names = [lane.organization for lane in lanes]
        if not names:
            return
        for name in names:
            self.held.pop(name).until = 0.0
        await self.deliveries.release(names)

    def room(self, *, per_lane: int, in_all: int) -> dict[str, int]:
        """How many deliveries each lane may claim now, the longest waiting first."""
        now = self.clock()
        room: dict[str, int] = {}
        for lane in sorted(self.held.values(), key=lambda lane: lane.busy_at):
            wanted = min(lane.room(now, most=per_lane), in_all)
            if wanted:
                room[lane.organization] = wanted
                in_all -= wanted
        return room

    def next_look(self) -> float | None:
        """Seconds until a lane may claim again; None if none is held."""
        now = self.clock()
        times = (max(lane.look_at, lane.closed_until) for lane in self.held.values())
        return max(0.0, min(times, default=now) - now) if self.held else None
