"""A replay looked up, with what a screen or an export shows of it."""

from __future__ import annotations

from events.replay import Reach
from worker.cli.planned import SHOWN, Form, Shown
from worker.operations import integrations, replays
from worker.operations.context import Context


def lines_of(form: Form) -> int | None:
    """How many are looked at: a terminal shows the first, an export all."""
    return SHOWN if form is Form.TABLE else None


async def looked_up(context: Context, wanted: str, *, lines: int | None = 0) -> Shown:
    found = await replays.find(context, wanted)
    seen = await integrations.read_one(context, found.integration)
    return Shown(
        replay=found,
        integration=seen,
        costs={reach: await replays.cost(context, found, seen.rules, reach=reach) for reach in Reach},
        lines=tuple([one async for one in replays.lines(context, found, most=lines)]),
        zone=context.settings.timezone,
    )
