"""What waits for a person: everything that stands in the database, grouped by what ends it."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

from events.attention import DAYS, Cause, Concern, Group, grouped
from events.words import Say, english
from worker.operations import integrations, register
from worker.operations.concerns import OF_PAGES, SOURCES, STANDS, Asked
from worker.operations.context import Context
from worker.operations.integrations import Integration
from worker.operations.register import Unsent

EVERY = frozenset(Cause)
OF_EACH = frozenset({Cause.UNSENT}).union(*OF_PAGES.values())
"""For these, every integration is read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Attention:
    at: datetime
    since: datetime
    """What ended, or was skipped, before is not looked at."""
    groups: tuple[Group, ...]
    cut: bool
    """More was found than is looked at in one go: counts are lower bounds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """The same, one by one."""

    at: datetime
    since: datetime
    concerns: tuple[Concern, ...]
    cut: bool
    meant: AbstractSet[UUID]
    """The integrations that were looked at."""


async def read(
    context: Context,
    *,
    among: Sequence[UUID] | None = None,
    of: str = "",
    days: int = DAYS,
    samples: int = 5,
    stands: timedelta = STANDS,
    say: Say = english,
) -> Attention:
    """Of all integrations, or *among* some; refused and skipped contacts of the last *days*, the rest whatever its age.

    *of*: the option that names *among*, such as `--label pilot`, so that the commands have it too.
    *stands*: how long an event may be undecided while a worker runs.
    """
    found = await find(context, among=among, days=days, samples=samples, stands=stands, say=say)
    groups = await asyncio.to_thread(grouped, found.concerns, samples=samples, of=of, days=days, say=say)
    return Attention(at=found.at, since=found.since, groups=tuple(groups), cut=found.cut)


async def find(
    context: Context,
    *,
    among: Sequence[UUID] | None = None,
    causes: AbstractSet[Cause] = EVERY,
    days: int = DAYS,
    samples: int = 5,
    stands: timedelta = STANDS,
    say: Say = english,
) -> Found:
    """Only what is of one of *causes*, and asked for no more than that takes: of integrations a page at a time."""
    now = datetime.now(UTC)
    every = await integrations.every_id(context) if among is None else among
    asked = Asked(
        meant=frozenset(every),
        causes=causes,
        only=every[0] if among is not None and len(every) == 1 else None,
        now=now,
        since=now - timedelta(days=days),
        stands=stands,
        samples=samples,
        say=say,
    )
    concerns: list[Concern] = []
    for source, told in SOURCES.items():
        if told & causes:
            concerns += [one async for one in source(context, asked) if one.cause in causes]
    unsent = register.Unsent(len(every))
    if causes & OF_EACH:
        async for page in integrations.pages(context, every, removed=among is not None):
            concerns += await of_page(context, asked, page, unsent)
    seen = await register.read(context, asked.meant, since=asked.since, only=asked.only, causes=causes, say=say)
    return Found(
        at=now,
        since=asked.since,
        concerns=(*concerns, *seen.concerns),
        cut=unsent.cut or seen.cut,
        meant=asked.meant,
    )


async def of_page(context: Context, asked: Asked, page: Sequence[Integration], unsent: Unsent) -> list[Concern]:
    found = await unsent.of(context, page, asked.say) if Cause.UNSENT in asked.causes else []
    for source, told in OF_PAGES.items():
        if told & asked.causes:
            found += [one async for one in source(context, asked, page) if one.cause in asked.causes]
    return found
