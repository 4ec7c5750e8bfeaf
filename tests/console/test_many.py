"""What is done to many integrations at once."""

from __future__ import annotations

import shlex
from dataclasses import replace
from uuid import uuid4

import pytest

from desk import Desk
from driving import Opening
from eventually import eventually
from tui.widgets.rows import Rows
from worker.operations import integrations, saving
from worker.operations.integrations import State

pytestmark = pytest.mark.integration


async def test_many_are_paused_labelled_and_resumed_by_typing_how_many(at_desk: Desk, opening: Opening) -> None:
    first, second = await at_desk.connect(0), await at_desk.connect(1)
    await at_desk.see(first, 1)
    await at_desk.project(first)
    async with opening(notifications=True) as at:
        await at.sees(first.company, second.company)
        await at.press("asterisk", "p")
        await at.sees("Pause 2 integrations?", "ptm integration pause --all")
        await at.types("3")
        await at.press("enter")
        await at.sees("Pause 2 integrations?")
        await at.press("backspace", "2", "enter")
        await at.sees("2 are paused now; 1 calls wait.")
        await eventually(lambda: at.text.count("‖ paused") == 2)
        await at.press("l")
        await at.sees("Which label for 2 integrations?")
        await at.types("pilotti")
        await at.press("enter")
        await at.sees("Give 2 integrations the label pilotti?", "ptm integration label --from - add pilotti <<<")
        await at.types("2")
        await at.press("enter")
        await at.sees("2 integrations have the label now.")
        await at.press("r")
        await at.sees("Resume 2 integrations, whoever paused them?")
        await at.types("2")
        await at.press("enter")
        await at.sees("1 decision waits. What becomes of them?")
        await at.press("down", "enter")
        await at.sees("2 send again.")
    now = await integrations.read_all(at_desk.context)
    assert [(one.state, one.rules.labels) for one in now] == [(State.ACTIVE, ("pilotti",))] * 2


async def test_settings_of_many_change_what_is_written_and_leave_the_rest_of_each(
    at_desk: Desk, opening: Opening
) -> None:
    first, second = await at_desk.connect(0), await at_desk.connect(1)
    first = await saving.edit(at_desk.context, first, cool_down_days=30)
    second = await saving.edit(at_desk.context, second, oldest_invoice=10)
    async with opening(notifications=True) as at:
        await at.sees(first.company, second.company)
        await at.press("asterisk", "e")
        await at.sees("Settings of 2 integrations", "as it is")
        await at.press("ctrl+s")
        await at.misses("Settings of 2 integrations")
        await at.press("e")
        await at.sees("Settings of 2 integrations")
        await at.press("tab", "tab")
        await at.types("12x")
        await at.sees("✖")
        await at.press("ctrl+s")
        await at.sees("Settings of 2 integrations")
        await at.press("backspace")
        await at.sees("--brake 12 ")
        await at.press("tab", "tab")
        await at.types("pilot")
        await at.sees("--reason pilot")
        await at.press("enter")
        await at.sees("Save that for 2 integrations?", "Type 2 to go on")
        await at.types("2")
        await at.press("enter")
        await at.sees("The settings of 2 integrations are saved.")
    one, other = await at_desk.again(first), await at_desk.again(second)
    assert one.rules.settings == replace(first.rules.settings, brake=12)
    assert other.rules.settings == replace(second.rules.settings, brake=12)
    assert (one.rules.settings.cool_down_days, other.rules.settings.oldest_invoice) == (30, 10)


async def test_hundreds_are_named_in_a_line_that_is_shown_in_brief_and_copied_whole(
    at_desk: Desk, opening: Opening
) -> None:
    first = await at_desk.connect(0)
    others = [uuid4() for _ in range(300)]
    vault = at_desk.context.vault
    # As they stand there, without their logs: the line only names them.
    await at_desk.context.pool.executemany(
        "insert into integration (id, partition, version, state, company_id, organization, names, configuration)"
        " select $1, 1, 1, 'active', $2, 'x', $3, configuration from integration where id = $4",
        [(id, place, vault.seal_names(id, {"company": f"Firma {place}"}), first.id) for place, id in enumerate(others)],
    )
    async with opening(size=(80, 24)) as at:
        await at.sees(first.company)
        await eventually(lambda: len(at.app.screen.query_one(Rows).rows) == 301)
        await at.press("asterisk", "space", "p")
        await at.sees("Pause 300 integrations?", "ptm integration pause --from - <<<", " … ", "ctrl+y")
        await at.press("ctrl+y")
    words = shlex.split(at.app.clipboard)
    assert words[:6] == ["ptm", "integration", "pause", "--from", "-", "<<<"]
    assert sorted(words[6].split()) == sorted(str(one)[:8] for one in others)
