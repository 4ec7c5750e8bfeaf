"""Proof that a partition of the log is whole: every position, every digest, every link, up to the counter."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

import asyncpg

from events.envelope import EPOCH, Recorded, link
from worker.adapters import queries
from worker.adapters.log import recorded
from worker.adapters.postgres import Connection, Pool, translating


class Kept(Protocol):
    """A log as others see it, or as a transaction does that is not committed yet."""

    @property
    def pool(self) -> Pool | Connection: ...


class Fault(StrEnum):
    MISSING = "missing"
    """No event stands at this position."""
    DIGEST = "digest"
    """The event is not the one that was appended."""
    HASH = "hash"
    """The event does not link to the one before it."""
    TIME = "time"
    """The event is older than the one before it."""
    COUNTER = "counter"
    """The counter does not stand at the last event."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    partition: int
    position: int
    fault: Fault
    detail: str


@dataclass(slots=True, kw_only=True)
class Progress:
    """How far an audit has come; the caller may look while it runs."""

    position: int = 0
    hash: bytes = b""
    at: datetime = EPOCH


async def audit(
    log: Kept, partition: int, *, batch: int = 1000, progress: Progress | None = None
) -> AsyncIterator[Problem]:
    """Reads the partition up to where its counter stands now, and yields what is wrong; nothing if all is well."""
    statements = queries.load("log")
    last = progress or Progress()
    with translating():
        head = await log.pool.fetchrow(statements["audit_head"], partition)
    if head is None:
        yield Problem(partition=partition, position=0, fault=Fault.COUNTER, detail="the partition has no counter")
        return
    end: int = head["position"]
    while last.position < end:
        with translating():
            rows = await log.pool.fetch(
                statements["audit_after"], partition, last.position, min(batch, end - last.position)
            )
        for row in rows:
            if row["position"] <= end:
                for problem in _compare(row, last):
                    yield problem
        if not rows or rows[-1]["position"] >= end:
            break
    for problem in await _compare_end(log, partition, last=last, head=head):
        yield problem


def _compare(row: asyncpg.Record, last: Progress) -> Iterator[Problem]:
    record, digest = recorded(row), row["digest"]
    if record.position != last.position + 1:
        gone = f"{last.position + 1} to {record.position - 1}"
        yield _problem(record, Fault.MISSING, f"no event at positions {gone}", position=last.position + 1)
    if record.row.digest != digest:
        yield _problem(record, Fault.DIGEST, f"event {record.row.id} is not the one that was appended")
    if record.position == last.position + 1 and record.hash != link(last.hash, digest, record.position, record.at):
        yield _problem(record, Fault.HASH, f"event {record.row.id} does not link to the one before it")
    if record.at < last.at:
        yield _problem(record, Fault.TIME, f"{record.at.isoformat()} comes after {last.at.isoformat()}")
    last.position, last.hash, last.at = record.position, record.hash, record.at


def _problem(record: Recorded, fault: Fault, detail: str, *, position: int | None = None) -> Problem:
    return Problem(partition=record.partition, position=position or record.position, fault=fault, detail=detail)


async def _compare_end(log: Kept, partition: int, *, last: Progress, head: asyncpg.Record) -> list[Problem]:
    def problem(position: int, fault: Fault, detail: str) -> Problem:
        return Problem(partition=partition, position=position, fault=fault, detail=detail)

    found = []
    end: int = head["position"]
    if last.position < end:
        found.append(problem(last.position + 1, Fault.MISSING, f"no event at positions {last.position + 1} to {end}"))
    elif last.hash != head["hash"]:
        found.append(problem(end, Fault.COUNTER, "the counter's hash is not that of the last event"))
    with translating():
        beyond = await log.pool.fetchval(queries.load("log")["audit_beyond"], partition)
    if beyond is not None:
        found.append(problem(beyond, Fault.COUNTER, f"the counter stands at {end}, before this event"))
    return found
