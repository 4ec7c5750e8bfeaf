"""The console in a browser: who is let in, as whom, and that a person can use it there."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import aiohttp
import pyte
import pytest
import pytest_asyncio
from aiohttp import WSMsgType

import browser as chromium
from desk import Desk, desk, environ_for
from eventually import eventually
from servers.postgres import Database
from terminal import environment, ptm
from worker.adapters.child import free_port

pytestmark = pytest.mark.acceptance

BEGINNING_OF_LAST_LINE = """
const screen = document.querySelector(".xterm-screen").getBoundingClientRect();
return [screen.left + 5, screen.bottom - 5].map(Math.round)
"""
"""Where the footer names its first key."""
MAIJA, VILLE = "maija-0123456789-abcdef", "ville-0123456789-abcdef"


@dataclass(slots=True)
class Served:
    url: str
    at: Desk

    @property
    def socket(self) -> str:
        return f"{self.url.replace('http', 'ws')}/console?width=100&height=30"


@pytest_asyncio.fixture
async def served(database: Database) -> AsyncIterator[Served]:
    async with serving(database) as made:
        yield made


@asynccontextmanager
async def serving(database: Database, *arguments: str) -> AsyncIterator[Served]:
    async with desk(database, companies=2, history=6) as at:
        url = f"http://127.0.0.1:{free_port()}"
        given = environ_for(database, at.sandbox, PTM_WEB_URL=url, PTM_WEB_TOKENS=f"maija:{MAIJA},ville:{VILLE}")
        given["PTM_MASTER_KEY"] = at.context.settings.master_key.get_secret_value()  # type: ignore[union-attr]
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "tui", "tui", "--web", *arguments),
            stderr=asyncio.subprocess.PIPE,
            env=environment(given),
        )
        assert process.stderr is not None
        try:
            said = await asyncio.wait_for(process.stderr.readline(), 30)
            assert b"maija, ville" in said and MAIJA.encode() not in said, said + await process.stderr.read()
            yield Served(url, at)
        finally:
            process.terminate()
            await process.wait()


@dataclass(slots=True)
class Window:
    """What a browser's window shows, and what is typed in it."""

    socket: aiohttp.ClientWebSocketResponse
    emulator: pyte.Screen
    stream: pyte.ByteStream

    async def sees(self, *texts: str) -> None:
        while not all(text in "\n".join(self.emulator.display) for text in texts):
            message = await self.socket.receive(timeout=30)
            assert message.type in (WSMsgType.BINARY, WSMsgType.TEXT), message
            if message.type is WSMsgType.BINARY:
                self.stream.feed(message.data)

    async def types(self, text: str) -> None:
        await self.socket.send_json(["stdin", text])

    async def closes(self) -> None:
        while (await self.socket.receive(timeout=30)).type != WSMsgType.CLOSE:
            pass


@asynccontextmanager
async def window(stranger: aiohttp.ClientSession, served: Served, token: str) -> AsyncIterator[Window]:
    await entered(stranger, served, token)
    emulator = pyte.Screen(100, 30)
    async with stranger.ws_connect(served.socket, origin=served.url) as socket:
        yield Window(socket, emulator, pyte.ByteStream(emulator))


async def entered(session: aiohttp.ClientSession, served: Served, token: str) -> aiohttp.ClientResponse:
    return await session.get(f"{served.url}/", params={"token": token})


@pytest_asyncio.fixture
async def stranger() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True)) as session:
        yield session


async def test_without_a_token_there_is_no_page_and_no_console(served: Served, stranger: aiohttp.ClientSession) -> None:
    for path in ("/", "/?token=", f"/?token={MAIJA[:-1]}", "/static/js/textual.js", "/page.css", "/nothing"):
        async with stranger.get(served.url + path) as answer:
            assert (answer.status, answer.cookies) == (401, {}), path
    with pytest.raises(aiohttp.WSServerHandshakeError, match="401"):
        await stranger.ws_connect(served.socket, origin=served.url)


async def test_the_link_lets_in_once_and_leaves_no_token_behind(
    served: Served, stranger: aiohttp.ClientSession
) -> None:
    page = await entered(stranger, served, MAIJA)
    assert (page.status, str(page.url)) == (200, f"{served.url}/")
    assert MAIJA not in await page.text()
    [cookie] = page.history[0].cookies.values()
    assert cookie["httponly"] and cookie["samesite"] == "Lax" and MAIJA not in cookie.value
    assert page.headers["Referrer-Policy"] == "no-referrer"
    assert "http" not in (await page.text()).replace(served.url, ""), "nothing is fetched from elsewhere"


@pytest.mark.parametrize("origin", [None, "https://elsewhere.example", "http://127.0.0.1", "null"])
async def test_another_sites_page_gets_no_console(
    served: Served, stranger: aiohttp.ClientSession, origin: str | None
) -> None:
    await entered(stranger, served, MAIJA)
    with pytest.raises(aiohttp.WSServerHandshakeError, match="403"):
        await stranger.ws_connect(served.socket, origin=origin)


async def test_each_window_is_a_console_of_whose_token_it_was(served: Served, stranger: aiohttp.ClientSession) -> None:
    """What is done in it is recorded as done by that person, and it is gone when it is left."""
    one, pool = await served.at.connect(), served.at.context.pool
    async with window(stranger, served, VILLE) as at:
        await at.sees(one.company[:20], "● active")
        names = await pool.fetch("select distinct application_name as name from pg_stat_activity")
        assert "ptm console of ville" in {row["name"] for row in names}
        await at.types("p")
        await at.sees("ptm integration pause")
        await at.types("y")
        await at.sees("‖ paused")
        actors = await pool.fetch("select actor from event where type = 'IntegrationPaused'")
        assert [row["actor"] for row in actors] == ["ville"]
        await at.types("q")
        await at.closes()

    async def gone() -> bool:
        query = "select count(*) from pg_stat_activity where application_name = 'ptm console of ville'"
        return not await pool.fetchval(query)

    await eventually(gone)


async def test_where_it_is_served_read_only_every_window_only_looks(
    database: Database, stranger: aiohttp.ClientSession
) -> None:
    async with serving(database, "--read-only") as served:
        one = await served.at.connect()
        async with window(stranger, served, MAIJA) as at:
            await at.sees(one.company[:20], "● active", "◇ read only")
            await at.types("p")
            await at.sees("Read only: nothing can be changed here.")


@pytest.mark.parametrize(
    ("tokens", "says"),
    [
        ("", "PTM_WEB_TOKENS is not set"),
        ("maija:short", "The token of maija in PTM_WEB_TOKENS is shorter"),
        (MAIJA, "takes NAME:TOKEN"),
        (f"maija:{MAIJA},maija:{VILLE}", "two tokens for maija"),
    ],
)
async def test_tokens_that_protect_nothing_are_refused(database: Database, tokens: str, says: str) -> None:
    async with desk(database) as at:
        ended = await ptm(environ_for(database, at.sandbox, PTM_WEB_TOKENS=tokens), "tui", "--web")
    assert ended.code == 2 and says in ended.err
    assert "short" not in ended.err.replace("shorter", "") and MAIJA not in ended.err


async def test_clicked_through_in_a_browser(served: Served, tmp_path: Path) -> None:
    if lacking := chromium.missing():
        (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)(lacking)
    await served.at.connect()
    async with chromium.browser() as at:
        await at.opens(f"{served.url}/?token={MAIJA}")
        assert await at.finds("return location.href") == f"{served.url}/"

        async def drawn() -> bool:
            return bool(await at.finds("return document.body.classList.contains('-first-byte')"))

        await eventually(drawn)
        home = await at.rests()
        await at.types("?")
        helped = await at.rests(unlike=home)
        (tmp_path / "help.png").write_bytes(helped)
        await at.types(chromium.ESCAPE)
        await at.rests(unlike=helped)
        await at.clicks(BEGINNING_OF_LAST_LINE)
        opened = await at.rests(unlike=home)
        (tmp_path / "opened.png").write_bytes(opened)
        await at.types(chromium.ESCAPE)
        await at.rests(unlike=opened)
        await at.types("q")

        async def left() -> bool:
            return bool(await at.finds("return document.body.classList.contains('-closed')"))

        await eventually(left)
