"""A request that never ends makes neither the worker's pages nor the worker grow."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack, suppress
from functools import partial
from typing import Any

import aiohttp
import pytest
from aiohttp import web

from eventually import eventually
from hostile import growth
from worker import callback, health
from worker.loop import Beats

CHUNK = b"10000\r\n" + b" " * (1 << 16) + b"\r\n"
GIGABYTE = 1 << 14


async def no_reason() -> None:
    return None


async def no_numbers() -> list[Any]:
    return []


def pages() -> web.Application:
    return health.app(health.Health(beats=Beats(), stale_after=10, ready=no_reason, measure=no_numbers))


def landing() -> web.Application:
    nothing: Any = None
    return callback.app(callback.Landing(pool=nothing, vault=nothing))


@pytest.mark.parametrize(
    "said",
    [b"", b"GET /healthz HTTP/1.1\r\nHost", b"GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n"],
    ids=["", "half", "one"],
)
async def test_who_says_nothing_more_is_not_waited_for(said: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health, "CONNECTION", 0.3)
    async with health.listening(pages(), host="127.0.0.1", port=None, usual=0, name="PTM_HEALTH_PORT") as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(said)
        answer = await asyncio.wait_for(reader.read(), 5)
        assert answer.startswith(b"HTTP/1.1 200") == said.endswith(b"\r\n\r\n")
        writer.close()


@pytest.mark.parametrize("said", [b"", b"GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n"], ids=["silent", "kept"])
async def test_however_many_stand_there_a_probe_finds_room(said: bytes) -> None:
    async with AsyncExitStack() as opened:
        port = await opened.enter_async_context(
            health.listening(pages(), host="127.0.0.1", port=None, usual=0, name="PTM_HEALTH_PORT")
        )

        async def come() -> asyncio.StreamReader:
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            opened.callback(writer.close)
            writer.write(said)
            if said:
                assert (await reader.readline()).startswith(b"HTTP/1.1 200")
            return reader

        crowd = [await come() for _ in range(3 * health.CONNECTIONS)]
        async with aiohttp.ClientSession() as session, session.get(f"http://127.0.0.1:{port}/readyz") as answer:
            assert answer.status == 200
        for reader in crowd[: -health.CONNECTIONS]:
            await eventually(partial(ended, reader))
        assert not any([await ended(reader) for reader in crowd[-health.CONNECTIONS + 1 :]])


async def ended(reader: asyncio.StreamReader) -> bool:
    """The other side has closed; what it had said before is read away."""
    with suppress(TimeoutError, ConnectionError):
        await asyncio.wait_for(reader.read(), 0.001)
    return reader.at_eof() or reader.exception() is not None


async def slow(_: web.Request) -> web.Response:
    await asyncio.sleep(1.5)
    return web.Response(text="in time")


async def test_who_is_being_answered_is_answered_to_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health, "CONNECTION", 0.6)
    made = web.Application()
    made.add_routes([web.get("/slow", slow)])
    async with health.listening(made, host="127.0.0.1", port=None, usual=0, name="PTM_HEALTH_PORT") as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"GET /slow HTTP/1.1\r\nHost: a\r\n\r\n")
        assert b"in time" in await asyncio.wait_for(reader.read(), 5)
        writer.close()


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize(
    ("made", "path"), [(pages, "/healthz"), (pages, "/metrics"), (pages, "/none"), (landing, "/callback")]
)
async def test_a_body_of_a_gigabyte_is_answered_and_not_kept(made: Any, path: str, method: str) -> None:
    serving = health.listening(made(), host="127.0.0.1", port=None, usual=0, name="PTM_HEALTH_PORT")
    async with serving as port, growth() as grown:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(f"{method} {path} HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n".encode())
        with suppress(ConnectionError):
            for _ in range(GIGABYTE):
                writer.write(CHUNK)
                await writer.drain()
            writer.write(b"0\r\n\r\n")
        assert (await reader.readline()).startswith(b"HTTP/1.1 ")
        writer.close()
        assert grown() < 32
