"""All integrations at a glance, ten thousand too: a line each, and the figures of those in sight."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from uuid import UUID

import asyncpg
import orjson

from events import brake
from events.connection import PASSING
from worker.adapters.postgres import translating
from worker.operations import integrations
from worker.operations.context import SQL, Context
from worker.operations.integrations import State, standing
from worker.operations.trouble import Trouble, worst

BREATH = 500
"""Lines that are made between two moments for whoever else wants the event loop, and read at once: each comes with a
whole configuration."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One integration, without its rules."""

    id: UUID
    version: int
    partition: int
    state: State
    company_id: int
    company: str
    business_id: str
    organization: str
    triggers: int
    labels: tuple[str, ...]
    braked: bool
    """The brake has paused it."""
    waiting: int = 0
    parked: int = 0
    trouble: Trouble | None = None

    @property
    def name(self) -> str:
        return f"{self.company} → {self.organization}"

    @property
    def standing(self) -> State | Trouble:
        """In one word, which `integrations.WORDS` says."""
        return standing(self.state, self.trouble)


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """What moves."""

    seen_at: datetime | None
    """When its newest invoice change was recorded."""
    added_at: datetime | None
    """When its newest contact was delivered."""
    hours: tuple[int, ...]
    """Contacts that live changes led to in each of the last 24 hours, oldest first."""


async def lines(context: Context, known: Sequence[Line] = (), *, most: int | None = None) -> tuple[Line, ...]:
    """In the order in which they were connected, the first *most* or all; removed ones are left out.

    Of what is *known* only what has been saved since is read again, and what moves.
    """
    with translating():
        places = await context.pool.fetch(SQL["list_places"], most)
        kept = {line.id: line for line in known}
    news = [row["id"] for row in places if not is_current(kept.get(row["id"]), row)]
    for first in range(0, len(news), BREATH):
        with translating():
            read = await context.pool.fetch(SQL["read_lines"], news[first : first + BREATH])
        kept |= {row["id"]: as_line(context, row) for row in read}
    return await moved(context, [kept[row["id"]] for row in places if row["id"] in kept])


async def moved(context: Context, known: Sequence[Line]) -> tuple[Line, ...]:
    """*known* with what waits and goes wrong now: a line in which nothing has moved is the same object."""
    with translating():
        rows = await context.pool.fetch(SQL["list_open_and_failing"], sorted(PASSING))
        held = await context.pool.fetch(SQL["list_held"])
    moves = Moving(
        counts={row["integration"]: row for row in rows if row["waiting"] or row["parked"]},
        wrong={
            Trouble.HELD: frozenset(row["integration"] for row in held),
            **{each: frozenset(row["integration"] for row in rows if row[each]) for each in MOVES},
        },
    )
    made: list[Line] = []
    for first in range(0, len(known), BREATH):
        made += [
            as_moved(line, moves) if line.id in moves or line.waiting or line.parked or line.trouble else line
            for line in known[first : first + BREATH]
        ]
        await asyncio.sleep(0)
    return tuple(made)


def is_current(line: Line | None, row: asyncpg.Record) -> bool:
    return line is not None and line.version == row["version"] and line.state == row["state"]


MOVES = (Trouble.BROKEN, Trouble.AWAY, Trouble.RESTING, Trouble.FAILING)
"""As the columns of `list_open_and_failing` are called."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Moving:
    """What is wrong, and what has not ended yet: by integration, and only where there is any."""

    counts: Mapping[UUID, asyncpg.Record]
    wrong: Mapping[Trouble, Collection[UUID]]

    def __contains__(self, id: UUID) -> bool:
        return id in self.counts or any(id in those for those in self.wrong.values())


def as_moved(line: Line, moves: Moving) -> Line:
    count = moves.counts.get(line.id)
    waiting, parked = (count["waiting"], count["parked"]) if count else (0, 0)
    wrong = trouble(line, moves, parked=parked)
    if (waiting, parked, wrong) == (line.waiting, line.parked, line.trouble):
        return line
    return replace(line, waiting=waiting, parked=parked, trouble=wrong)


async def names(context: Context, ids: Collection[UUID]) -> Mapping[UUID, str]:
    """Of these, removed ones too, as `Line.name` says them."""
    return {id: one.name for id, one in (await integrations.called(context, ids)).items()}


def as_line(context: Context, row: asyncpg.Record) -> Line:
    """Without what moves."""
    names = context.vault.open_names(row["id"], row["names"])
    rules = orjson.loads(row["configuration"])
    return Line(
        id=row["id"],
        version=row["version"],
        partition=row["partition"],
        state=State(row["state"]),
        company_id=row["company_id"],
        company=names.get("company") or f"company {row['company_id']}",
        business_id=names.get("business_id", ""),
        organization=names.get("organization") or row["organization"],
        triggers=len(rules.get("triggers", ())),
        labels=tuple(rules.get("labels", ())),
        braked=bool(rules.get("braked")),
        trouble=None if rules.get("triggers") else Trouble.NO_TRIGGER,
    )


def trouble(line: Line, moves: Moving, *, parked: int) -> Trouble | None:
    return worst(
        *(each for each, those in moves.wrong.items() if line.id in those),
        Trouble.PARKED if parked else None,
        Trouble.BRAKED if line.state is State.PAUSED and line.braked else None,
        None if line.triggers else Trouble.NO_TRIGGER,
    )


async def figures(context: Context, ids: Sequence[UUID]) -> Mapping[UUID, Figures]:
    """Of those in sight."""
    with translating():
        rows = await context.pool.fetch(SQL["read_figures"], list(ids))
    now = brake.hour_of(datetime.now(UTC))
    return {
        row["id"]: Figures(
            seen_at=row["seen_at"],
            added_at=row["added_at"],
            hours=hours(brake.from_json(row["tally"]), now) if row["tally"] else (0,) * brake.HOURS,
        )
        for row in rows
    }


def hours(tally: brake.Tally, now: int) -> tuple[int, ...]:
    """The last 24 hours until *now*, oldest first."""
    newest_first = (0,) * max(0, now - tally.hour) + tally.shown
    day = (newest_first + (0,) * brake.HOURS)[: brake.HOURS]
    return tuple(reversed(day))
