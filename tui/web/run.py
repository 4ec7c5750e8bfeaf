"""Serves the console to browsers until it is ended."""

from __future__ import annotations

import asyncio
import errno
import signal
from urllib.parse import urlsplit

from aiohttp import web

from events.errors import Misconfigured
from tui.web.door import Door
from tui.web.people import Sessions, people
from worker.cli.output import told
from worker.opening import opened
from worker.settings import Settings


async def run(settings: Settings, *, read_only: bool = False) -> None:
    """Raises `Misconfigured` or `Unavailable` where nobody would see a console."""
    stop = asyncio.Event()
    for name in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(name, stop.set)
    async with opened(settings, application="ptm web"):
        door = door_of(settings, read_only=read_only)
    runner = web.AppRunner(door.app(), access_log=None)
    await runner.setup()
    try:
        await listen(runner, settings)
        names = ", ".join(door.sessions.people)
        told().print(f"The console for {names}: {door.url}/?token=…, each with their own token. Ctrl-C ends it.")
        await stop.wait()
    finally:
        await runner.cleanup()


def door_of(settings: Settings, *, read_only: bool) -> Door:
    written = settings.web_tokens.get_secret_value() if settings.web_tokens else ""
    port = settings.web_listens_on
    ours = {origin(settings.web_url), f"http://localhost:{port}", f"http://127.0.0.1:{port}"}
    return Door(sessions=Sessions(people(written)), url=settings.web_url, ours=frozenset(ours), read_only=read_only)


def origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


async def listen(runner: web.AppRunner, settings: Settings) -> None:
    host, port = settings.web_host, settings.web_listens_on
    try:
        await web.TCPSite(runner, host, port).start()
    except OSError as error:
        taken = "another program listens there" if error.errno == errno.EADDRINUSE else error.strerror
        raise Misconfigured(f"The console cannot be served on {host}:{port}: {taken}. Set PTM_WEB_PORT.") from error
