"""The line that a screen shows does the same as its act: it leaves the same events, in a company alike."""

from __future__ import annotations

import shlex
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import asdict, replace
from uuid import UUID, uuid4

import pytest
import pytest_asyncio

from desk import Desk, desk, environ_for
from driving import Driver
from events.codec import Event
from events.envelope import Recorded
from eventually import eventually
from servers.postgres import Database
from terminal import command
from tui.app import Console
from tui.messages import OpenIntegration
from tui.run import desk_of
from ways import EVERY, shown, walk
from worker.opening import opened
from worker.operations import blocks, drafts, saving, triggers
from worker.operations.integrations import Integration

pytestmark = [pytest.mark.integration, pytest.mark.timeout(120)]

Said = Sequence[tuple[Recorded, Event]]
OPEN = "(▶ Overview)"
TRIGGERS = f"{OPEN} right (▶ Triggers)"
BLOCKED = f"{OPEN} left (▶ Block)"
GONE = f"{OPEN} D (the log stays as it is)"
ACTS: Mapping[str, str] = {
    "pause": f"{OPEN} p (Pause ) ! y",
    "edit": f"{OPEN} e (Cool-down, days) ctrl+u '7' tab tab tab tab 'too often' (--reason) ! ctrl+s",
    "undo": f"{OPEN} z (Undo the last change) ! y",
    "remove": f"{GONE} enter (to go on) 'customer left' enter 'COMPANY' ! enter",
    "erase": f"{GONE} down enter (to go on) 'asked for it' enter 'COMPANY' ! enter",
    "save": f"{TRIGGERS} e (▶ Condition) down enter (recommended) down space enter (Empty, Sent) colon (ptm) ! escape "
    "ctrl+s (What changes) ctrl+s",
    "rest": f"{TRIGGERS} t (out of force?) ! y",
    "remove trigger": f"{TRIGGERS} delete (Remove the trigger) ! y",
    "draft": f"{TRIGGERS} d (Make a draft) ! y",
    "promote": f"{TRIGGERS} down P (in force?) ! y",
    "restore": f"{OPEN} right right (▶ History) end r (left it, as the newest) ! y",
    "block": f"{BLOCKED} a (Which address?) '@kilpailija.fi' enter (never added) 'asked not to' (--reason) ! enter",
    "unblock": f"{BLOCKED} delete (may be added) ! y",
}
"""From the screen of one integration; the command is taken where `!` stands, then the act carried out."""


@pytest_asyncio.fixture
async def alike(database: Database) -> AsyncIterator[tuple[Desk, Integration, Integration]]:
    """Two companies to which the same has happened."""
    async with desk(database, companies=2, history=6) as at:
        pair = [await at.connect(place, trigger=replace(at.trigger, id=uuid4())) for place in (0, 1)]
        for one in pair:
            [live] = one.rules.triggers.values()
            await triggers.save(at.context, one, replace(live, existing="leave"))
            await triggers.save(at.context, await at.again(one), drafts.beside(await at.again(one), live))
            await blocks.add(at.context, await at.again(one), "nobody@asiakas.fi", reason="asked not to")
            await saving.edit(at.context, await at.again(one), cool_down_days=30, reason="less often")
            await at.project(one)
        first, second = [await at.again(one) for one in pair]
        yield at, first, second


@pytest.mark.parametrize("act", ACTS)
async def test_the_line_leaves_the_same_events(
    act: str, alike: tuple[Desk, Integration, Integration], database: Database
) -> None:
    at, first, second = alike
    before, as_before = await said(at, first), await said(at, second)
    console = Console(desk_of(at.context, read_only=False))
    lines: set[str] = set()
    async with console.run_test(size=(150, 40), notifications=True) as pilot:
        driver = Driver(console, pilot)
        await driver.sees(first.company)
        console.post_message(OpenIntegration(first.id))
        await walk(driver, ACTS[act], {"COMPANY": first.company}, look=lambda: lines.update(shown(driver)))
        acted = await left(at, first, before)
    [line] = lines
    words = alike_words(shlex.split(line), (first, before), (second, as_before))
    ended = await command(environ_of(at, database), *words[1:], *(["--yes"] if asks(words) else []))
    assert ended.code == 0, ended.err
    assert await left(at, second, as_before) == acted


async def said(at: Desk, one: Integration) -> Said:
    """Everything in its log, whose partition may be shared, as somebody reads it who has kept no key."""
    async with opened(at.context.settings) as context:
        records = await context.log.read(one.partition, 0, 10_000)
        pairs = zip(records, await context.log.open(records), strict=True)
        return [(record, event) for record, event in pairs if event.integration == one.id]


async def left(at: Desk, one: Integration, before: Said) -> list[tuple[str, object]]:
    """What was said of it since, as soon as there is something."""

    async def more() -> Said:
        return (await said(at, one))[len(before) :]

    return [plain(event, one) for _, event in await eventually(more)]


def alike_words(words: Sequence[str], of: tuple[Integration, Said], to: tuple[Integration, Said]) -> list[str]:
    """What is said of the one, said of the other: its ids, and the positions of what was said alike."""
    same = {str(of[0].id): str(to[0].id)}
    same |= dict(zip(map(str, of[0].rules.triggers), map(str, to[0].rules.triggers), strict=True))
    same |= {str(here.position): str(there.position) for (here, _), (there, _) in zip(of[1], to[1], strict=True)}
    return [same.get(word, word) for word in words]


def plain(event: Event, one: Integration) -> tuple[str, object]:
    """Type and data; of an id only whose it is."""
    known = {one.id: "integration", **{id: f"trigger {place}" for place, id in enumerate(one.rules.triggers)}}

    def named(value: object) -> object:
        if isinstance(value, UUID):
            return known.get(value, "another")
        if isinstance(value, Mapping):
            return {str(named(key)): named(each) for key, each in value.items()}
        return [named(each) for each in value] if isinstance(value, list | tuple) else value

    return event.type, named(asdict(event))


def asks(words: Sequence[str]) -> bool:
    return any("--yes" in parameter.opts for parameter in EVERY[" ".join(words[1:3])].params)


def environ_of(at: Desk, database: Database) -> dict[str, str]:
    master = at.context.settings.master_key
    assert master
    return environ_for(database, at.sandbox, PTM_MASTER_KEY=master.get_secret_value())
