"""Pausing and resuming all integrations at once: one reason, an event each."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from events.errors import Conflict
from events.integration import IntegrationPaused, Waiting
from worker.operations import in_force, integrations, lifecycle, saving
from worker.operations.context import Context
from worker.operations.in_force import Version
from worker.operations.integrations import Integration, State
from worker.operations.saving import Held

AT_ONCE = 4
"""Integrations that are saved at the same time: each takes a connection, and its partition's lock."""
TRIES = 5
"""How often a pause is put on a version that somebody else was quicker to replace."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PausedAll:
    paused: tuple[Integration, ...]
    already: int
    """Paused before, and left as they were."""
    under_way: int
    """Calls that had left and were not answered when waiting for them ended."""
    waiting: int
    """Calls that wait, of those paused now."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ResumedAll:
    resumed: tuple[Integration, ...]
    changed: tuple[Integration, ...]
    """Somebody changed them meanwhile: left paused."""
    already: int
    """Were not paused."""


async def pause(
    context: Context,
    among: Sequence[Integration] | None = None,
    *,
    reason: str | None = None,
    within: float = lifecycle.LAST_CALLS,
) -> PausedAll:
    """Stops all sending at once, or that of *among*; a save by somebody else meanwhile does not keep it from that.

    What fails part way is done again harmlessly: who is paused already is left alone.
    """
    every = await integrations.read_all(context) if among is None else among
    active = [one for one in every if one.state is State.ACTIVE]
    paused = await each(active, lambda one: insist(context, one, reason))
    under_way = await lifecycle.last_calls(context, [one.id for one in active], within)
    now = await integrations.read(context, [one.id for one in paused if one], removed=True)
    return PausedAll(
        paused=tuple(now),
        already=len(every) - len(now),
        under_way=under_way,
        waiting=sum(one.waiting for one in now),
    )


async def insist(context: Context, seen: Integration, reason: str | None) -> Integration | None:
    """None where somebody else has paused or removed it meanwhile."""
    for tries_left in reversed(range(TRIES)):
        if seen.state is not State.ACTIVE:
            return None
        try:
            return await lifecycle.write_pause(context, seen, reason)
        except Conflict:
            if not tries_left:
                raise
            seen = await integrations.read_one(context, seen.id)
    return None


async def paused_ones(context: Context) -> list[Integration]:
    return [one for one in await integrations.read_all(context) if one.state is State.PAUSED]


async def paused_by(context: Context, one: Integration) -> Version | None:
    """The pause that holds *one*: when, by whom and why."""
    versions = await in_force.read(context, one)
    return next((version for version in reversed(versions) if version.event == IntegrationPaused.type), None)


async def held(context: Context, paused: Sequence[Integration]) -> Held:
    """What waits in all of them together."""
    return saving.summed([await saving.held(context, one.id) for one in paused])


async def resume(
    context: Context, paused: Sequence[Integration], waiting: Waiting, *, reason: str | None = None
) -> ResumedAll:
    """Sends again in *paused*, on the versions seen: what somebody changed since stays paused."""

    async def one_of(one: Integration) -> Integration | None:
        try:
            return await lifecycle.resume(context, one, waiting, reason=reason)
        except Conflict:
            return None

    done = await each(paused, one_of)
    every = await integrations.read_all(context)
    return ResumedAll(
        resumed=tuple(one for one in done if one),
        changed=tuple(one for one, after in zip(paused, done, strict=True) if not after),
        already=len(every) - len(paused),
    )


async def each(
    ones: Sequence[Integration], act: Callable[[Integration], Awaitable[Integration | None]]
) -> list[Integration | None]:
    """A few at a time; all are tried before the first failure is raised."""
    hands = asyncio.Semaphore(AT_ONCE)

    async def in_turn(one: Integration) -> Integration | None:
        async with hands:
            return await act(one)

    done = await asyncio.gather(*(in_turn(one) for one in ones), return_exceptions=True)
    for one in done:
        if isinstance(one, BaseException):
            raise one
    return [one for one in done if not isinstance(one, BaseException)]
