"""Alerts in the database: what is to be told, what was, and the lane of each address that is written to."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

import asyncpg

from events import codec
from events.recipient import Recipient
from worker.adapters import queries
from worker.adapters.postgres import Pool, translating
from worker.adapters.vault import Vault

SQL = queries.load("alert")
WEEK = "week/"
BREATH = 100
"""Rows that are opened between two moments for whoever else wants the event loop."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """Something that a recipient is to be told."""

    integration: UUID
    recipient: Recipient
    about: str
    key: str
    deliveries: int | None
    since: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Box:
    """An address that this worker writes to for now."""

    id: bytes
    fence: int
    failures: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """An alert, or a summary, that is to leave."""

    id: int
    integration: UUID
    partition: int
    name: str
    about: str
    key: str
    deliveries: int | None
    since: datetime
    told_at: datetime | None
    over_at: datetime | None
    recipient: Recipient | None
    """None: the integration has it no more."""

    @property
    def week(self) -> date | None:
        return date.fromisoformat(self.about.removeprefix(WEEK)) if self.about.startswith(WEEK) else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """Of an integration and a week."""

    said: Sequence[tuple[str, str, int]]
    """(type of event, what it says, invoices)."""
    added: int
    refused: int
    parked: int
    braked: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Alerts:
    pool: Pool
    vault: Vault
    worker: UUID

    async def lasting(self, after: timedelta) -> list[Due]:
        """States that have lasted for so long, and recipients who do not know."""
        with translating():
            return [as_due(row) for row in await self.pool.fetch(SQL["find_lasting"], after)]

    async def unsummed(self, week: date, ended: datetime) -> list[Due]:
        """Recipients whose summary of *week* is not written down."""
        with translating():
            return [as_due(row) for row in await self.pool.fetch(SQL["find_unsummed"], f"{WEEK}{week}", ended)]

    async def write(self, due: Sequence[tuple[Due, bytes]]) -> None:
        """Each with the mailbox that it goes to; what another worker wrote meanwhile is left alone."""
        if not due:
            return
        rows = [
            (one.integration, one.recipient.id, one.about, one.key, one.deliveries, one.since, box) for one, box in due
        ]
        with translating():
            await self.pool.execute(SQL["write_alerts"], *(list(column) for column in zip(*rows, strict=True)))

    async def end(self) -> None:
        """Notes what is over."""
        with translating():
            await self.pool.execute(SQL["end_alerts"])

    async def forget_weeks(self, before: date) -> None:
        with translating():
            await self.pool.execute(SQL["forget_weeks"], f"{WEEK}{before}")

    async def lease(self, most: int, lease: timedelta) -> list[Box]:
        with translating():
            rows = await self.pool.fetch(SQL["lease"], self.worker, lease, most)
        return [Box(id=row["id"], fence=row["fence"], failures=row["failures"]) for row in rows]

    async def hold(self, box: Box, lease: timedelta) -> bool:
        """Whether it is still ours."""
        with translating():
            return await self.pool.fetchval(SQL["hold"], box.id, box.fence, lease) is not None

    async def finish(self, box: Box, *, again: timedelta = timedelta(), failure: str | None = None) -> None:
        with translating():
            await self.pool.execute(SQL["finish"], box.id, box.fence, again, failure)

    async def give_back(self) -> None:
        with translating():
            await self.pool.execute(SQL["give_back"], self.worker)

    async def letters(self, box: Box) -> list[Row]:
        with translating():
            rows = await self.pool.fetch(SQL["read_letters"], box.id)
        found: list[Row] = []
        for row in rows:
            found.append(self.as_row(row))
            if len(found) % BREATH == 0:
                await asyncio.sleep(0)
        return found

    async def told(self, rows: Sequence[Row]) -> None:
        """Their beginning, or the week's summary, has left."""
        with translating():
            await self.pool.execute(SQL["mark_told"], [one.id for one in rows], [one.since for one in rows])

    async def remove(self, rows: Sequence[Row]) -> None:
        with translating():
            await self.pool.execute(SQL["remove"], [one.id for one in rows], [one.since for one in rows])

    async def places(self, partitions: Sequence[int], at: datetime) -> dict[int, int]:
        """The last position of each before *at*."""
        with translating():
            rows = await self.pool.fetch(SQL["find_place"], list(partitions), at)
        return {row["partition"]: row["position"] for row in rows}

    async def counts(
        self, of: Sequence[Row], between: tuple[dict[int, int], dict[int, int]], since: datetime, until: datetime
    ) -> dict[UUID, Counts]:
        """*between*: the places of *since* and *until*, by partition."""
        ids, partitions = [one.integration for one in of], [one.partition for one in of]
        after, upto = ([places.get(partition, 0) for partition in partitions] for places in between)
        with translating():
            said = await self.pool.fetch(SQL["count_week"], ids, partitions, after, upto)
            rows = await self.pool.fetch(SQL["count_deliveries"], ids, since, until)
        return {
            row["integration"]: Counts(
                said=[
                    (one["type"], one["said"] or "", one["invoices"])
                    for one in said
                    if one["integration"] == row["integration"]
                ],
                added=row["added"],
                refused=row["refused"],
                parked=row["parked"],
                braked=row["braked"],
            )
            for row in rows
        }

    def as_row(self, row: asyncpg.Record) -> Row:
        known = [] if row["state"] == "removed" else recipients(row["recipients"])
        names = self.vault.open_names(row["integration"], row["names"])
        company = names.get("company") or f"company {row['company_id']}"
        return Row(
            id=row["id"],
            integration=row["integration"],
            partition=row["partition"],
            name=f"{company} → {names['organization']}" if names.get("organization") else company,
            about=row["about"],
            key=row["key"],
            deliveries=row["deliveries"],
            since=row["since"],
            told_at=row["told_at"],
            over_at=row["over_at"],
            recipient=next((one for one in known if one.id == row["recipient"]), None),
        )


def as_due(row: asyncpg.Record) -> Due:
    return Due(
        integration=row["integration"],
        recipient=as_recipient(json.loads(row["recipient"])),
        about=row["about"],
        key=row["key"],
        deliveries=row["deliveries"],
        since=row["since"],
    )


def recipients(text: str | None) -> list[Recipient]:
    return [as_recipient(one) for one in json.loads(text or "[]")]


def as_recipient(said: object) -> Recipient:
    read: Recipient = codec.reader(Recipient)(said)
    return read
