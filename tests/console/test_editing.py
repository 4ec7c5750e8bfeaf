"""Editing a trigger: saved on the version that was seen, as a draft, over what somebody else saved, and what waits."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from uuid import uuid4

import pytest

from desk import Desk
from driving import Driver, Opening
from events.integration import Condition, Trigger, TriggerSaved, Waiting
from tui.messages import EditTrigger
from tui.screens.trigger import TriggerView
from worker.operations import lifecycle, triggers
from worker.operations.integrations import Integration

pytestmark = pytest.mark.integration
PAID = Condition(statuses=frozenset({"PAID"}))


async def edit(at: Driver, one: Integration, trigger: Trigger | None) -> None:
    await at.sees("active")
    at.app.post_message(EditTrigger(one.id, trigger.id if trigger else None))
    await at.sees("Sent is", one.company)


async def rename(at: Driver, name: str) -> None:
    await at.press("home", "enter")
    await at.sees("What is the trigger called?")
    await at.press("ctrl+u")
    await at.types(name)
    await at.press("enter")
    await at.sees(f"Trigger's name           {name}")


async def test_what_changes_is_shown_and_saved(at_desk: Desk, opening: Opening) -> None:
    one = await at_desk.connect(0)
    async with opening(notifications=True) as at:
        await edit(at, one, at_desk.trigger)
        await rename(at, "Uusi nimi")
        await at.press("colon")
        await at.sees("ptm trigger save", "--name 'Uusi nimi'")
        await at.press("escape", "ctrl+s")
        await at.sees("What changes:", "Trigger's name: Lähetetty → Uusi nimi")
        assert (await at_desk.again(one)).version == one.version
        await at.press("ctrl+s")
        await at.sees("Uusi nimi is saved.", "● active")
    [trigger] = (await at_desk.again(one)).rules.triggers.values()
    assert trigger == replace(at_desk.trigger, name="Uusi nimi")


async def test_what_is_as_it_was_is_not_saved_again(at_desk: Desk, opening: Opening) -> None:
    one = await at_desk.connect(0)
    async with opening() as at:
        await edit(at, one, at_desk.trigger)
        await at.press("ctrl+s")
        await at.sees("Nothing has been changed.")
        await at.press("ctrl+s")
        await at.sees("▶ Review")
    assert (await at_desk.again(one)).version == one.version


async def test_a_new_trigger_says_where_contacts_go_before_it_is_saved(at_desk: Desk, opening: Opening) -> None:
    one = await at_desk.connect(0)
    async with opening(notifications=True) as at:
        await edit(at, one, None)
        await at.press("ctrl+s")
        await at.sees("not said yet", "Say where contacts go first.")
        await at.press("enter", "enter")
        await at.sees("Only add the contact")
        await at.press("ctrl+s")
        await at.sees("From now on")
        await at.press("ctrl+s")
        await at.sees("Invoice sent is saved.")
    assert {each.name for each in (await at_desk.again(one)).rules.triggers.values()} == {"Lähetetty", "Invoice sent"}


async def test_a_draft_of_a_live_trigger_stands_beside_it(at_desk: Desk, opening: Opening) -> None:
    one = await at_desk.connect(0)
    async with opening(notifications=True) as at:
        await edit(at, one, at_desk.trigger)
        await at.press(*["down"] * 10, "enter")
        await at.sees("Credit notes too         yes")
        await at.press("ctrl+d")
        await at.sees("Credit notes too: no → yes")
        await at.press("ctrl+d")
        await at.sees("Lähetetty draft is saved.")
    known = (await at_desk.again(one)).rules.triggers
    assert known[at_desk.trigger.id] == at_desk.trigger
    [draft] = [each for each in known.values() if each.draft_of]
    assert (draft.live, draft.draft_of, draft.condition.not_positive) == (False, at_desk.trigger.id, True)


async def test_what_somebody_else_saved_is_shown_and_mine_may_go_on_top(at_desk: Desk, opening: Opening) -> None:
    one = await at_desk.connect(0)
    async with opening(notifications=True) as at:
        await edit(at, one, at_desk.trigger)
        await rename(at, "Minun")
        theirs = replace(at_desk.trigger, condition=PAID)
        newer = await triggers.save(at_desk.context, one, theirs, reason="kokeilu")
        await at.sees("Somebody has changed")
        await at.press("ctrl+s")
        await at.sees("What changes:")
        await at.press("ctrl+s")
        await at.sees("nothing of yours was written", "Status: Sent → Paid", "(kokeilu)")
        assert (await at_desk.again(one)).version == newer.version
        await at.press("enter")
        await at.sees("Status: Paid → Sent", "Lähetetty → Minun")
        await at.press("ctrl+s")
        await at.sees("Minun is saved.")
    [trigger] = (await at_desk.again(one)).rules.triggers.values()
    assert (trigger.name, trigger.condition) == ("Minun", at_desk.trigger.condition)


async def test_theirs_may_be_taken_instead(at_desk: Desk, opening: Opening) -> None:
    one = await at_desk.connect(0)
    async with opening(notifications=True) as at:
        await edit(at, one, at_desk.trigger)
        await rename(at, "Minun")
        await triggers.save(at_desk.context, one, replace(at_desk.trigger, condition=PAID))
        await at.press("ctrl+s")
        await at.sees("What changes:")
        await at.press("ctrl+s")
        await at.sees("nothing of yours was written")
        await at.press("down", "enter")
        await at.sees("Trigger's name           Lähetetty", "Status                   Paid")
        await at.press("escape")
        await at.sees("● active")


async def test_what_waits_is_asked_about(at_desk: Desk, opening: Opening) -> None:
    one = await at_desk.connect(0)
    paused = (await lifecycle.pause(at_desk.context, one)).integration
    await at_desk.see(paused, 1)
    await at_desk.project(paused)
    async with opening(notifications=True) as at:
        await at.sees("paused")
        at.app.post_message(EditTrigger(one.id, at_desk.trigger.id))
        await at.sees("Sent is")
        await rename(at, "Toinen")
        await at.press("ctrl+s")
        await at.sees("What changes:")
        await at.press("ctrl+s")
        await at.sees("1 decision waits", "decide again under today's rules", "--waiting", "decide-again")
        await at.press("escape")
        await at.misses("decision waits")
        assert (await at_desk.again(one)).version == paused.version
        await at.press("ctrl+s")
        await at.sees("1 decision waits")
        await at.press("down", "down", "enter")
        await at.sees("Toinen is saved.")
    saved = [event for _, event in await at_desk.events(one) if isinstance(event, TriggerSaved)]
    assert saved[-1].waiting is Waiting.DROP


async def test_leaving_asks_only_where_something_was_changed(at_desk: Desk, opening: Opening) -> None:
    one = await at_desk.connect(0)
    async with opening(notifications=True) as at:
        await edit(at, one, at_desk.trigger)
        await at.press("escape")
        await at.sees("● active")
        await edit(at, one, at_desk.trigger)
        await rename(at, "Kesken")
        await at.press("escape")
        await at.sees("Leave without saving?")
        await at.press("y")
        await at.sees("● active")
    assert (await at_desk.again(one)).version == one.version


async def test_everything_is_shown_and_nothing_saved_where_it_is_read_only(at_desk: Desk, opening: Opening) -> None:
    one = await at_desk.connect(0)
    async with opening(read_only=True, size=(100, 24)) as at:
        await edit(at, one, at_desk.trigger)
        await at.press("n", "n", "n")
        await at.sees("Nothing has been changed.")
        await at.press("enter", "ctrl+s")
        await at.sees("Nothing has been changed.")
    assert (await at_desk.again(one)).version == one.version


async def test_a_trigger_that_is_gone_is_told(at_desk: Desk, opening: Opening) -> None:
    one = await at_desk.connect(0)
    async with opening(notifications=True) as at:
        await at.sees("active")
        at.app.post_message(EditTrigger(one.id, uuid4()))
        await at.sees("has no triggers called")


@pytest.mark.parametrize("leave", ["end", "exit", "pop", "mode"])
async def test_leaving_while_a_step_is_put_there_breaks_nothing(at_desk: Desk, opening: Opening, leave: str) -> None:
    """Sooner or later, turn by turn of the event loop."""
    one = await at_desk.connect(0)
    for turns in range(0, 24, 2):
        async with opening() as at:
            await at.sees("active")
            at.app.post_message(EditTrigger(one.id, None))
            while not (isinstance(at.app.screen, TriggerView) and at.app.screen.state):  # noqa: ASYNC110 - turn by turn
                await asyncio.sleep(0)
            for _ in range(turns):
                await asyncio.sleep(0)
            if leave == "exit":
                at.app.exit()
            elif leave == "pop":
                at.app.pop_screen()
                await at.sees("active")
            elif leave == "mode":
                await at.press("2", "1")
                await at.sees("Sent is")
