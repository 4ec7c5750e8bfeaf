"""From nothing to the first contact, typed key by key in a real terminal, over real workers and the sandbox's books."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
import pytest

from browsing import log_in
from eventually import eventually
from screen import CTRL_Q, CTRL_U, DOWN, END, ENTER, HOME, NARROW, WIDE, Screen, screen
from servers.postgres import Database
from stage import INVOICE_FIELD, Stage, staged
from worker.adapters.child import free_port
from worker.operations import integrations

pytestmark = pytest.mark.acceptance

SURVEYS = "NPS laskutuksen jälkeen"
"""The sandbox's list that a survey is sent to."""


@asynccontextmanager
async def stage_of(database: Database, tansu: str, topic: str, directory: Path) -> AsyncIterator[Stage]:
    """Nothing is connected; one worker, which is told the public URL and no port: as whoever installs it does."""
    more = {"PTM_PUBLIC_URL": f"http://127.0.0.1:{free_port()}"}
    async with staged(database, tansu, topic=topic, directory=directory, more=more, history=6) as stage:
        del stage.environment["PTM_CALLBACK_PORT"]
        await stage.start()
        yield stage


@asynccontextmanager
async def nothing_yet(stage: Stage, size: tuple[int, int]) -> AsyncIterator[Screen]:
    async with screen(stage.environment, "tui", size=size) as at:
        await at.sees("No company is connected yet", "1 worker")
        at.press("a")
        await at.sees("How do you get into Procountor?")
        yield at
        at.press(CTRL_Q)
        assert await at.ends() == 0


def link_in(at: Screen) -> str:
    """As it stands on the screen, over as many lines as it takes."""
    lines = at.text.splitlines()
    first = next(place for place, line in enumerate(lines) if "http" in line)
    last = next(place for place, line in enumerate(lines) if "goes on by itself" in line)
    return "".join(line.strip() for line in lines[first:last])


async def through_the_browser(at: Screen, stage: Stage) -> None:
    """The person reads the link, logs in over there, and touches no key until the screen has gone on."""
    at.press(ENTER)
    await at.sees("choose the company:", "/keylogin?", "goes on by itself")
    at.press("c")
    await at.sees("Copied.")
    assert at.copied == link_in(at)
    async with aiohttp.ClientSession() as browser:
        page = await log_in(browser, stage.sandbox, link_in(at))
        assert page.status == 200


async def by_key(at: Screen, stage: Stage) -> None:
    at.press(DOWN, DOWN, ENTER)
    await at.sees("Procountor's API key")
    key = stage.sandbox.companies[0]["api_key"]
    at.press(key, ENTER)
    await at.sees("This is the right one")
    assert key.encode() not in at.raw


async def joined(at: Screen, stage: Stage) -> None:
    """Both are named back; Trustmary's key was typed and never shown."""
    await at.sees(stage.sandbox.companies[0]["name"], "sales invoices", "This is the right one")
    at.press(ENTER)
    await at.sees("Trustmary's API key")
    at.press(stage.sandbox.trustmary_api_key, ENTER)
    await at.sees(stage.sandbox.organizations[0]["name"], "This is the right one")
    assert stage.sandbox.trustmary_api_key.encode() not in at.raw
    at.press(ENTER)


async def trigger_said(at: Screen) -> None:
    """Sent, as is recommended; the invoice's id besides Email and Name; a list that sends surveys."""
    await at.sees("recommended.", "Of the latest 6 invoices")
    at.press("n")
    await at.sees("What Trustmary gets to know", "Email", "6/6")
    at.press("a")
    await at.sees("Which contact field?")
    at.press(INVOICE_FIELD)
    await at.sees("as it is typed")
    at.press(ENTER)
    await at.sees(f"{INVOICE_FIELD} comes from")
    at.press("invoice.id")
    await at.sees("invoice.id gives, 6 times of 6")
    at.press(ENTER)
    await at.misses("comes from")
    assert "invoice.id" not in at.row("Email")
    at.press("n")
    await at.sees("not said yet")
    at.press(ENTER)
    await at.sees("Only add the contact")
    at.press(DOWN, ENTER)
    await at.sees("To which lists?")
    at.press(DOWN, " ", ENTER)
    await at.sees("Does that send surveys to people?")
    at.press(HOME, ENTER)
    await at.misses("Does that send surveys to people?")
    await at.sees("Starts surveys", "yes")


async def saved(at: Screen, stage: Stage) -> None:
    """Reviewed and saved at once; before that nothing of it was kept, and the past is not sent."""
    at.press("n")
    await at.sees("The past is not sent", SURVEYS, "May start surveys")
    assert await integrations.read_all(stage.context) == []
    at.press(ENTER)
    await at.sees("Connected: from now on.", "ptm replay plan", "--backfill 30")


async def past_left(at: Screen, stage: Stage) -> None:
    at.press("n")
    await at.sees("● active", "up to date")
    await eventually(lambda: at.row(stage.sandbox.companies[0]["name"][:20])[-3:-1] == ["-", "-"])


async def past_planned(at: Screen, stage: Stage) -> None:
    """What was sent before is read and planned: of this company one invoice, to a shared mailbox; nothing is sent."""
    at.press("y")
    await at.sees("New replay", "what the last 30 days have")
    at.press(END, ENTER)
    await at.sees("Of how many days")
    at.press(CTRL_U)
    await at.misses("  30 ")
    at.press("400")
    await at.sees("  400 ")
    at.press(ENTER)
    await at.sees("what the last 400 days have")
    at.press("p")
    await at.sees("○ planned", "still skipped 1 · of 1 changes")
    assert stage.sandbox.books.arrivals == []
    at.press("1", "1", "1")
    await at.sees("● active")


async def first_contact(at: Screen, stage: Stage) -> None:
    name = stage.sandbox.companies[0]["name"][:20]
    assert at.row(name)[-2] == "-"
    stage.send()
    await eventually(lambda: [" s" in cell for cell in at.row(name)[-3:-1]] == [True, True])
    verdict = await stage.agree()
    assert (verdict.expected, verdict.surveys) == (1, 1)


async def test_from_a_browser_login_to_the_first_contact(
    database: Database, tansu: str, topic: str, tmp_path: Path
) -> None:
    async with stage_of(database, tansu, topic, tmp_path) as stage, nothing_yet(stage, WIDE) as at:
        await through_the_browser(at, stage)
        await joined(at, stage)
        await trigger_said(at)
        await saved(at, stage)
        await past_left(at, stage)
        await first_contact(at, stage)


@pytest.mark.parametrize("way", ["login", "key"])
async def test_the_same_in_eighty_columns(way: str, database: Database, tansu: str, topic: str, tmp_path: Path) -> None:
    async with stage_of(database, tansu, topic, tmp_path) as stage, nothing_yet(stage, NARROW) as at:
        await (through_the_browser if way == "login" else by_key)(at, stage)
        await joined(at, stage)
        await trigger_said(at)
        await saved(at, stage)
        await (past_left if way == "login" else past_planned)(at, stage)
        await first_contact(at, stage)
