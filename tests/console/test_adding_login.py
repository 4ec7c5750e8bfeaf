"""Into Procountor by its login page: the callback at a worker, an address that is pasted, and the wrong company."""

from __future__ import annotations

from collections.abc import AsyncIterator
from urllib.parse import parse_qs, urlsplit

import aiohttp
import pytest
import pytest_asyncio
from textual.events import Paste

from browsing import log_in
from desk import Desk, settings_for
from driving import Driver, Opening
from sandbox import Sandbox
from servers.postgres import Database
from worker import callback
from worker.adapters.child import free_port
from worker.opening import opened

pytestmark = pytest.mark.integration


@pytest_asyncio.fixture
async def at_desk(database: Database, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Desk]:
    """With a worker's callback at the public URL."""
    monkeypatch.setenv("SSH_CONNECTION", "a test opens no browser")
    port = free_port()
    async with Sandbox(companies=2, history=6) as sandbox:
        settings = settings_for(database, sandbox, PTM_PUBLIC_URL=f"http://127.0.0.1:{port}")
        async with opened(settings) as context:
            landing = callback.Landing(pool=context.pool, vault=context.vault)
            async with callback.serving(landing, host="127.0.0.1", port=port):
                yield Desk(context, sandbox)


@pytest_asyncio.fixture
async def browser() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as session:
        yield session


async def link(at: Driver, way: int) -> str:
    """Begins a login, and copies its link."""
    await at.sees("How do you get into Procountor?")
    await at.press(*["down"] * way, "enter")
    await at.sees("choose the company:", "?")
    await at.press("c")
    return at.app.clipboard


async def test_the_screen_goes_on_by_itself_when_the_callback_arrives(
    at_desk: Desk, opening: Opening, browser: aiohttp.ClientSession
) -> None:
    known = at_desk.sandbox.companies[0]
    async with opening() as at:
        await at.press("a")
        url = await link(at, 0)
        assert url.startswith(f"{at_desk.sandbox.procountor_url}/keylogin?")
        page = await log_in(browser, at_desk.sandbox, url)
        await at.sees(known["name"], "This is the right one", "Sales invoices".lower())
        assert known["name"] in await page.text()
        await at.press("enter")
        await at.sees("Trustmary's API key")


async def test_a_wrong_company_is_left_and_the_address_may_be_pasted(
    at_desk: Desk, opening: Opening, browser: aiohttp.ClientSession
) -> None:
    first, second = at_desk.sandbox.companies
    async with opening() as at:
        await at.press("a")
        await log_in(browser, at_desk.sandbox, await link(at, 1), company=1)
        await at.sees(second["name"], "ends after six months")
        await at.press("down", "enter")
        url = await link(at, 0)
        await at.press("tab")
        await at.types("http://somewhere/else")
        await at.press("enter")
        await at.sees("not the address of the page")
        landed = await log_in(browser, at_desk.sandbox, url, lands=False)
        await at.press("shift+tab")
        at.app.post_message(Paste(landed.headers["Location"]))
        await at.sees("?code=")
        await at.press("enter")
        await at.sees(first["name"], "This is the right one")
        assert second["name"] not in at.text


async def test_what_procountor_says_instead_of_a_code_is_told(
    at_desk: Desk, opening: Opening, browser: aiohttp.ClientSession
) -> None:
    async with opening() as at:
        await at.press("a")
        url = await link(at, 0)
        query = {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}
        answer = {"state": query["state"], "error": "access_denied", "error_description": "[b]not allowed"}
        async with browser.get(query["redirect_uri"], params=answer) as page:
            assert page.status == 400
        await at.sees("[b]not allowed", "How do you get into Procountor?")
