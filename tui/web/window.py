"""One window of a browser: a console process of its own, and what goes to and fro."""

from __future__ import annotations

import asyncio
import shlex
import sys
import weakref
from collections.abc import Awaitable, Callable
from contextlib import suppress

import orjson
from aiohttp import WSCloseCode, WSMsgType, web
from textual_serve.app_service import AppService
from textual_serve.download_manager import DownloadManager

USUAL = (120, 40)
MOST = 500
"""Columns and lines."""
OPEN = web.AppKey("open", weakref.WeakSet[web.WebSocketResponse])
"""The windows of the server: whoever ends it need not wait until each browser is missed."""


async def opened(request: web.Request, person: str, *, read_only: bool) -> web.WebSocketResponse:
    """Until the window is closed or the console left."""
    socket = web.WebSocketResponse(heartbeat=15, max_msg_size=1 << 20)
    await socket.prepare(request)
    request.app[OPEN].add(socket)
    console = AppService(
        command(person, read_only=read_only),
        write_bytes=socket.send_bytes,
        write_str=socket.send_str,
        close=ending(socket),
        download_manager=DownloadManager(),
    )
    await console.start(*size(request.query.get("width"), request.query.get("height")))
    try:
        async for message in socket:
            if message.type is WSMsgType.TEXT:
                await tell(console, socket, message.data)
    except ValueError:
        await socket.close(code=1003)
    finally:
        await console.stop()
    return socket


async def close_all(app: web.Application) -> None:
    going_away = [socket.close(code=WSCloseCode.GOING_AWAY) for socket in [*app[OPEN]]]
    await asyncio.gather(*going_away)


def command(person: str, *, read_only: bool) -> str:
    words = [sys.executable, "-m", "tui.web.served", person, *(["--read-only"] if read_only else [])]
    return "exec " + shlex.join(words)


def ending(socket: web.WebSocketResponse) -> Callable[[], Awaitable[None]]:
    async def close() -> None:
        await socket.close()

    return close


def size(width: object, height: object) -> tuple[int, int]:
    """As the window says it, within reason."""
    given = []
    for said, usual in zip((width, height), USUAL, strict=True):
        number = usual
        with suppress(TypeError, ValueError):
            number = int(str(said))
        given.append(min(MOST, max(1, number)))
    return given[0], given[1]


async def tell(console: AppService, socket: web.WebSocketResponse, text: str) -> None:
    """Raises ValueError for what no page of ours sends."""
    match orjson.loads(text):
        case ["stdin", str(typed)]:
            await console.send_bytes(typed.encode())
        case ["resize", {"width": width, "height": height}]:
            await console.set_terminal_size(*size(width, height))
        case ["ping", said]:
            await socket.send_json(["pong", said])
        case ["focus", *_]:
            await console.focus()
        case ["blur", *_]:
            await console.blur()
        case other:
            raise ValueError(f"the page says {other!r}")
