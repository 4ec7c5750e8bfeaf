"""A wrong mapping, found and repaired at the console: planned, read, marked, applied by its count, and taken back."""

from __future__ import annotations

from pathlib import Path

import pytest

from events.replay import Reach
from missed import IN_WORDS, MEANT, missed
from screen import CTRL_Q, CTRL_S, DOWN, ENTER, HOME, NARROW, RIGHT, WIDE, Screen, screen
from servers.postgres import Database
from stage import Stage, staged
from worker.operations import replays
from worker.operations.integrations import Integration
from worker.operations.replays import Replay

pytestmark = pytest.mark.acceptance


async def repaired(at: Screen, one: Integration) -> None:
    """From the home screen to the trigger's mapping, and saved after the change was read."""
    await at.sees(one.company[:20], "● active", "1 worker")
    at.press(ENTER)
    await at.sees("▶ Overview")
    at.press(RIGHT)
    await at.sees("▶ Triggers", IN_WORDS)
    at.press("e")
    await at.sees("▶ Condition", "it would add 0")
    at.press("n")
    await at.sees("▶ Mapping", IN_WORDS)
    at.press(HOME, ENTER)
    await at.sees("Email comes from")
    at.press(MEANT)
    await at.sees("person.email gives,")
    at.press(ENTER)
    await at.misses("comes from")
    await at.sees("it would add")
    at.press(CTRL_S)
    await at.sees("▶ Review", "What changes:", f"Email: {IN_WORDS} →")
    at.press(CTRL_S)
    await at.sees("is saved.", "▶ Triggers")


async def planned(at: Screen) -> None:
    at.press("R")
    await at.sees("New replay", "all live ones")
    at.press("p")
    await at.sees("○ planned", "+ new 3", "3 contacts", "may start a survey")


async def applied(at: Screen, name: str, count: int) -> None:
    """As far as surveys, named, with a reason, and its count typed."""
    at.press("a")
    await at.sees("How far may it go?")
    at.press(*[DOWN] * list(Reach).index(Reach.SURVEY), ENTER)
    await called(at, name, count)
    await at.sees("✔ done", f"{count} of {count} finished", f"✔ added {count}")


async def called(at: Screen, name: str, count: int) -> None:
    await at.sees("What is it called, in the log?")
    at.press(name, ENTER)
    await at.sees("Why?")
    at.press("Email was a name", ENTER)
    await at.sees(f"Type {count} to go on", f"--name {name}")
    at.press(str(count), ENTER)
    await at.misses(f"Type {count} to go on")


async def last(stage: Stage) -> Replay:
    [found] = await replays.listed(stage.context, limit=1)
    return await replays.find(stage.context, str(found.id))


@pytest.mark.parametrize("size", [NARROW, WIDE], ids=["narrow", "wide"])
async def test_what_a_wrong_mapping_missed_is_sent_and_the_last_of_it_taken_back(
    size: tuple[int, int], database: Database, tansu: str, topic: str, tmp_path: Path
) -> None:
    async with staged(database, tansu, topic=topic, directory=tmp_path) as stage, missed(stage, 3) as one:
        async with screen(stage.environment, "tui", size=size) as at:
            await repaired(at, one)
            await planned(at)
            at.press(" ", DOWN, " ")
            await at.sees("Meant: 2 marked", "2 contacts")
            await applied(at, "first", 2)
            assert (await last(stage)).results == {"delivered": 2, "not_chosen": 1}

            at.press("r")
            await at.sees("New replay", "all live ones")
            at.press("p")
            await at.sees("○ planned", "+ new 1", "= same 2")
            await applied(at, "rest", 1)
            verdict = await stage.agree()
            assert (verdict.expected, verdict.surveys) == (3, 3)

            members = stage.sandbox.world.organization().lists[stage.survey_list()].members
            assert len(members) == 3
            at.press("u")
            await at.sees("Taken off: 1", "What cannot be undone:")
            at.press(ENTER)
            await called(at, "back", 1)
            await at.sees("✔ done", "undoes", "✔ taken off 1")
            assert len(members) == 2
            at.press(CTRL_Q)
            assert await at.ends() == 0
        await stage.settled()
        await stage.sound()
