"""Asking for one thing of a wish: picked by name, written, or flipped."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from functools import partial
from typing import Any
from uuid import UUID

from textual.app import App

from events import reasons
from events.contact import Skip
from events.errors import Misconfigured
from events.invoice import Status
from events.versions import along_the_way
from tui.desk import Desk
from tui.making.wording import code
from tui.replay import writing
from tui.replay.wish import Wish, called
from tui.widgets.pick import Asked, Item, Pick
from tui.widgets.write import Write
from worker.operations import backfilling, integrations, overview
from worker.operations.replay_lines import LAST


async def change(app: App[Any], desk: Desk, wish: Wish, id: str) -> Wish | None:
    """*wish* with another answer for *id*; None: it stays as it is."""
    ways: Mapping[str, Callable[[App[Any], Desk, Wish], Awaitable[Wish | None]]] = {
        "integration": integration,
        "triggers": triggers,
        "statuses": statuses,
        "skips": skips,
        "latest": latest,
        "backfill": backfill,
    }
    return await ways.get(id, partial(write, id=id))(app, desk, wish)


async def integration(app: App[Any], desk: Desk, wish: Wish) -> Wish | None:
    """Triggers and positions of the one before mean nothing to another one."""
    every = [Item(str(one.id), one.name, ", ".join(one.labels)) for one in await overview.lines(desk.context)]
    before = [str(wish.integration.id)] if wish.integration else []
    question = desk.say("Whose past is looked at?")
    picked = await app.push_screen_wait(Pick(desk.say, Asked(question=question, items=every, picked=before)))
    if not picked or list(picked) == before:
        return None
    seen = await integrations.read_one(desk.context, UUID(picked[0]))
    return replace(wish, integration=seen, wanted=replace(wish.wanted, triggers=frozenset(), after=0, upto=LAST))


async def triggers(app: App[Any], desk: Desk, wish: Wish) -> Wish | None:
    if wish.integration is None:
        raise Misconfigured(desk.say("Choose the integration first."))
    asked = Asked(
        question=desk.say("Which triggers decide?"),
        items=[Item(str(one.id), called(one, desk.say)) for one in wish.integration.rules.triggers.values()],
        picked=tuple(map(str, wish.wanted.triggers)),
        many=True,
        hint=desk.say("None marked: all live ones. A draft can be looked at, and not be applied."),
    )
    picked = await app.push_screen_wait(Pick(desk.say, asked))
    return None if picked is None else with_(wish, triggers=frozenset(map(UUID, picked)))


async def statuses(app: App[Any], desk: Desk, wish: Wish) -> Wish | None:
    asked = Asked(
        question=desk.say("Only changes that reach which status?"),
        items=[Item(one.value, code(one.value, desk.say)) for one in sorted(Status, key=along_the_way)],
        picked=tuple(wish.wanted.statuses),
        many=True,
        hint=desk.say("None marked: all that the triggers name."),
    )
    picked = await app.push_screen_wait(Pick(desk.say, asked))
    return None if picked is None else with_(wish, statuses=frozenset(picked))


async def skips(app: App[Any], desk: Desk, wish: Wish) -> Wish | None:
    asked = Asked(
        question=desk.say("Only what was skipped for which reason?"),
        items=[Item(one.value, desk.say(reasons.SKIPS[one].says), one.value) for one in Skip],
        picked=tuple(wish.wanted.skips),
        many=True,
        hint=desk.say("None marked: everything, skipped or not."),
    )
    picked = await app.push_screen_wait(Pick(desk.say, asked))
    return None if picked is None else with_(wish, skips=frozenset(picked))


async def latest(_: App[Any], __: Desk, wish: Wish) -> Wish | None:
    return with_(wish, latest=not wish.wanted.latest)


async def backfill(app: App[Any], desk: Desk, wish: Wish) -> Wish | None:
    question = desk.say(
        "Of how many days is Procountor asked what lay there before the company was connected? Empty: not asked. It is "
        "recorded, and only a replay sends it."
    )
    text = str(wish.backfill or backfilling.DAYS)
    answer = await app.push_screen_wait(Write(desk.say, question, text=text, check=writing.days))
    return None if answer is None else replace(wish, backfill=writing.days(answer))


async def write(app: App[Any], desk: Desk, wish: Wish, *, id: str) -> Wish | None:
    read = partial(writing.READ[id], zone=desk.say.zone, now=desk.now())
    text = writing.written(getattr(wish.wanted, id))
    answer = await app.push_screen_wait(Write(desk.say, writing.question(id, desk.say), text=text, check=read))
    return None if answer is None else with_(wish, **{id: read(answer)})


def with_(wish: Wish, **changes: Any) -> Wish:
    return replace(wish, wanted=replace(wish.wanted, **changes))
