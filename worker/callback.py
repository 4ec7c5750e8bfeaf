"""Where Procountor sends browsers to: keeps the code of a login, and says what follows on an activation."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from dataclasses import dataclass, field
from html import escape
from zoneinfo import ZoneInfo

import structlog
from aiohttp import web

from events import activation
from events.errors import PtmError
from events.words import Language, Words
from worker.adapters.postgres import Pool
from worker.adapters.vault import Vault
from worker.health import PortTaken, listening, patiently
from worker.operations import logins
from worker.operations.logins import Outcome

PATIENCE = 8.0
"""Seconds that the page waits to be told the company: the terminal asks Procountor meanwhile."""
LOOK_AGAIN = 2.0
"""Seconds between two tries at a port that another worker holds."""

REFUSALS = {
    Outcome.UNKNOWN: "This login was not begun here. Begin it in the terminal: ptm integration connect.",
    Outcome.USED: "This login was used already. Go back to the terminal.",
    Outcome.EXPIRED: "This login took too long. Begin again in the terminal.",
}
HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Landing:
    """The one page."""

    pool: Pool
    vault: Vault
    say: Words = field(default_factory=lambda: Words(Language.ENGLISH, ZoneInfo("UTC")))
    patience: float = PATIENCE

    async def land(self, request: web.Request) -> web.Response:
        callback = logins.from_query(dict(request.query))
        if callback is None:
            return self.activated(activation.from_query(request.query.items()))
        try:
            answering = asyncio.create_task(logins.answer(self.pool, self.vault, callback))
            outcome = await patiently(answering)
            structlog.get_logger().info("login answered", outcome=outcome.value)
            if outcome is not Outcome.TAKEN:
                return self.page("This did not work", REFUSALS[outcome], 410)
            if callback.failure:
                return self.page("Procountor said no", callback.failure, 400)
            return await self.named(callback.state)
        except PtmError:
            return self.page("Not now", "The worker cannot reach its database. Try the same address again.", 503)

    def activated(self, number: str | None) -> web.Response:
        """Nothing of it is kept: whoever has our address could write there."""
        if number is None:
            return self.page("Nothing to see here", "This page belongs to the login of ptm integration connect.", 400)
        text = self.say(
            "Procountor has passed on what was accepted. Whoever runs this service has to approve it yet; then the "
            "companies are joined. If it was you who followed the link, send them the address of this page, or its "
            "number: {number}.",
            number=number,
        )
        how = self.say(
            "If it is you who runs it: ptm integration connect --activation {number}, or a in the console, then An "
            "activation link.",
            number=number,
        )
        return page(self.say("Activation {number}", number=number), text, how, language=self.say.language)

    async def named(self, state: str) -> web.Response:
        until = time.monotonic() + self.patience
        while time.monotonic() < until:
            asking = asyncio.create_task(logins.told(self.pool, self.vault, state))
            company, failure = await patiently(asking)
            if failure:
                return self.page("This did not work", failure, 502)
            if company:
                says = self.say(
                    "Procountor has let us in for {company}. Go back to the terminal to go on.", company=company
                )
                return page(company, says, language=self.say.language)
            await asyncio.sleep(0.2)
        return self.page("Almost done", "Procountor has answered. Go back to the terminal to go on.")

    def page(self, title: str, text: str, status: int = 200) -> web.Response:
        return page(self.say(title), self.say(text), status=status, language=self.say.language)


def page(title: str, *texts: str, status: int = 200, language: str = Language.ENGLISH) -> web.Response:
    body = (
        f'<!doctype html><html lang="{language}"><head><meta charset="utf-8">'
        f"<title>{escape(title)}</title>"
        "<style>body{font:1.1rem/1.5 system-ui,sans-serif;max-width:34rem;margin:15vh auto}</style></head>"
        f"<body><h1>{escape(title)}</h1>{''.join(f'<p>{escape(text)}</p>' for text in texts)}</body></html>"
    )
    return web.Response(text=body, content_type="text/html", status=status, headers=HEADERS)


@asynccontextmanager
async def serving(landing: Landing, *, host: str, port: int) -> AsyncIterator[int | None]:
    """`/callback` on *host*; yields the port, or None where another worker of this machine takes the callbacks."""
    try:
        async with opened(landing, host=host, port=port) as found:
            yield found
            return
    except PortTaken as taken:
        structlog.get_logger().info("callback left to another worker", host=host, port=port, says=str(taken))
    waiting = asyncio.create_task(take_over(landing, host=host, port=port))
    try:
        yield None
    finally:
        waiting.cancel()
        await asyncio.wait([waiting])


def app(landing: Landing) -> web.Application:
    """The one page; docs/openapi.yaml describes it."""
    found = web.Application()
    found.add_routes([web.get("/callback", landing.land, allow_head=False)])
    return found


def opened(landing: Landing, *, host: str, port: int) -> AbstractAsyncContextManager[int]:
    return listening(app(landing), host=host, port=port, usual=port, name="PTM_CALLBACK_PORT")


async def take_over(landing: Landing, *, host: str, port: int) -> None:
    """Takes the callbacks once their holder is gone, else logins would land nowhere until the next start."""
    while True:
        await asyncio.sleep(LOOK_AGAIN)
        with suppress(PortTaken):
            async with opened(landing, host=host, port=port):
                structlog.get_logger().info("callback taken over", host=host, port=port)
                await asyncio.Event().wait()
