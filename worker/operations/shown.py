"""A replay looked up, with what a screen or an export shows of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from events.plan import SENDABLE, Class
from events.replay import Reach
from events.words import Words
from worker.operations import integrations, replays
from worker.operations.context import Context
from worker.operations.integrations import Integration
from worker.operations.replays import Cost, Line, Order, Replay

REMOVING = {reach: Order(reach=reach, classes=SENDABLE | {Class.TAKE_OFF}) for reach in (Reach.LIST, Reach.SURVEY)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """A replay with what it belongs to."""

    replay: Replay
    integration: Integration
    costs: Mapping[Reach, Cost]
    """Of all that can be sent."""
    old: Mapping[Reach, int]
    """Contacts that `--remove-old` would take off lists at each reach that touches lists."""
    lines: tuple[Line, ...]
    zone: str
    say: Words
    """For its numbers: its sentences are English."""


async def looked_up(context: Context, wanted: str, *, lines: int | None = 0) -> Shown:
    """With its first *lines*, or all."""
    found = await replays.find(context, wanted)
    seen = await integrations.read_one(context, found.integration)
    return Shown(
        replay=found,
        integration=seen,
        costs={reach: await replays.cost(context, found, seen.rules, Order(reach=reach)) for reach in Reach},
        old={reach: (await replays.cost(context, found, seen.rules, order)).off for reach, order in REMOVING.items()},
        lines=tuple([one async for one in replays.lines(context, found, most=lines)]),
        zone=context.settings.timezone,
        say=context.settings.words,
    )
