"""Triggers of an integration: drafts beside them, how they go and come back, and what was changed when."""

from __future__ import annotations

from dataclasses import replace

import pytest

from desk import Desk
from driving import Opening, looking
from events.integration import Settings
from worker.operations import drafts, saving, triggers

pytestmark = pytest.mark.integration


async def test_a_draft_beside_a_trigger_is_watched_and_put_in_force(at_desk: Desk, opening: Opening) -> None:
    one = await at_desk.connect(0)
    draft = replace(drafts.beside(one, at_desk.trigger), existing="leave")
    one = await triggers.save(at_desk.context, one, draft)
    await at_desk.see(one, 1)
    await at_desk.project(one)
    async with looking(opening, one, "right") as at:
        await at.sees("◌ draft in the shadow of", "● live")
        await at.press("s")
        await at.sees("Lähetetty is live: only a draft has a shadow.")
        await at.press("down", "s")
        await at.sees(
            "In the shadow: Lähetetty draft", "1 change looked at", "1  other destination", "is left as it is"
        )
        await at.press("escape", "P")
        await at.sees("Put Lähetetty draft in force?", "A contact that exists: is updated → is left as it is")
        await at.press("y")
        await at.sees("1 decision waits")
        await at.press("down", "enter")
        await at.sees("Lähetetty is in force.")
        await at.misses("◌ draft")
    [trigger] = (await at_desk.again(one)).rules.triggers.values()
    assert trigger == replace(at_desk.trigger, existing="leave")


async def test_a_trigger_rests_and_goes_and_comes_back(at_desk: Desk, opening: Opening) -> None:
    one = await at_desk.connect(0)
    async with looking(opening, one, "right") as at:
        await at.press("t")
        await at.sees("Take Lähetetty out of force?", f"ptm trigger save {one.id}", f"{at_desk.trigger.id} --draft")
        await at.press("y")
        await at.sees("○ draft: sends nothing")
        await at.press("delete")
        await at.sees("Remove the trigger Lähetetty?")
        await at.press("y")
        await at.sees("z brings it back.")
        await at.misses("○ draft: sends nothing")
        await at.press("z")
        await at.sees("trigger Lähetetty saved")
        await at.press("y")
        await at.sees("○ draft: sends nothing")


async def test_editing_and_making_triggers_lead_to_the_editor(at_desk: Desk, opening: Opening) -> None:
    one = await at_desk.connect(0)
    async with looking(opening, one, "right") as at:
        await at.press("e")
        await at.sees("Trigger: Lähetetty")
        await at.press("escape", "n")
        await at.sees("Trigger: new trigger")


async def test_history_tells_each_change_and_goes_back_to_one(at_desk: Desk, opening: Opening) -> None:
    one = await at_desk.connect(0)
    first = one.version
    one = await triggers.save(at_desk.context, one, replace(at_desk.trigger, existing="leave"), reason="Päivi asked")
    one = await saving.edit(at_desk.context, one, cool_down_days=30)
    async with looking(opening, one, "right", "right") as at:
        await at.sees("settings changed", "Cool-down: no limit → once per contact in 30 days", "Päivi asked")
        await at.press("down")
        await at.sees("A contact that exists: is updated → is left as it is")
        await at.press("down", "r")
        await at.sees(
            f"Save Lähetetty as version {first} left it", "A contact that exists: is left as it is → is updated"
        )
        await at.press("y")
        await at.sees(f"Lähetetty is as version {first} left it.")
        await at.press("slash")
        await at.types("cool-down")
        await at.misses("Päivi asked")
        await at.press("enter", "colon")
        await at.sees(f"ptm trigger history {one.id}")
    assert (await at_desk.again(one)).rules.triggers == {at_desk.trigger.id: at_desk.trigger}


async def test_settings_of_a_version_come_back(at_desk: Desk, opening: Opening) -> None:
    one = await saving.edit(at_desk.context, await at_desk.connect(0), cool_down_days=30)
    one = await saving.edit(at_desk.context, one, cool_down_days=7, brake=9)
    async with looking(opening, one, "right", "right") as at:
        await at.sees("Cool-down: once per contact in 30 days → once per contact in 7 days")
        await at.press("r")
        await at.sees("there is nothing to restore")
        await at.press("down", "r")
        await at.sees("Save these settings again", "--cool-down-days 30 --brake usual --expect")
        await at.press("y")
        await at.sees("The settings are saved.")
    assert (await at_desk.again(one)).rules.settings == Settings(cool_down_days=30)
