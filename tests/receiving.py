"""Who is told: a mail server and a webhook of the test's own, over sockets, that say no or go away when asked to."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.parser import BytesParser
from email.policy import default
from typing import Any, cast

from aiohttp import web
from aiosmtpd.smtp import SMTP, Envelope, Session


@dataclass(slots=True)
class MailServer:
    """Takes letters on a port that stays the same while it comes and goes."""

    port: int = 0
    letters: list[EmailMessage] = field(default_factory=list)
    to: list[str] = field(default_factory=list)
    """Whom the letters were for."""
    refused: dict[str, int] = field(default_factory=dict)
    """Address → the code that it is answered with."""
    taken: asyncio.Event = field(default_factory=asyncio.Event)
    """A letter has come, and its sender waits for the answer."""
    options: dict[str, Any] = field(default_factory=dict)
    """Of the library's server: how it is sealed, and whom it lets in."""
    sealed: ssl.SSLContext | None = None
    """From the first byte."""
    held: asyncio.Event | None = None
    """The answer waits for this, where it is given."""
    running: asyncio.Server | None = None

    async def handle_RCPT(
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        if address in self.refused:
            return f"{self.refused[address]} {address} is not here"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:
        content = cast("bytes", envelope.content)
        self.letters.append(BytesParser(policy=default).parsebytes(content))
        self.to += envelope.rcpt_tos
        self.taken.set()
        if self.held is not None:
            await self.held.wait()
        return "250 taken"

    async def come(self) -> None:
        loop = asyncio.get_running_loop()
        self.running = await loop.create_server(
            lambda: SMTP(self, hostname="posti.test", loop=loop, decode_data=False, **self.options),
            "127.0.0.1",
            self.port,
            ssl=self.sealed,
        )
        self.port = self.running.sockets[0].getsockname()[1]

    async def go(self) -> None:
        if self.running is not None:
            self.running.close()
            self.running = None

    @property
    def subjects(self) -> list[str]:
        return [str(each["Subject"]) for each in self.letters]

    @property
    def bodies(self) -> list[str]:
        return [each.get_content().replace("\r\n", "\n") for each in self.letters]


@asynccontextmanager
async def mail_server(**options: Any) -> AsyncIterator[MailServer]:
    server = MailServer(**options)
    await server.come()
    try:
        yield server
    finally:
        if server.held is not None:
            server.held.set()
        await server.go()


@dataclass(slots=True)
class Webhook:
    url: str = ""
    said: list[dict[str, Any]] = field(default_factory=list)
    status: int = 204
    more: Callable[[], dict[str, str]] = dict
    """Headers of the answers."""

    async def take(self, request: web.Request) -> web.Response:
        self.said.append(await request.json())
        return web.Response(status=self.status, headers=self.more())


@asynccontextmanager
async def webhook() -> AsyncIterator[Webhook]:
    found = Webhook()
    app = web.Application()
    app.add_routes([web.post("/services/{secret}", found.take)])
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    try:
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        found.url = f"http://127.0.0.1:{runner.addresses[0][1]}/services/T0-salaisuus"
        yield found
    finally:
        await runner.cleanup()
