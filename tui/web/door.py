"""What a browser meets: a link with a token lets in once and is forgotten, then a cookie says who it is."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from html import escape
from importlib.resources import files
from pathlib import Path
from weakref import WeakSet

import textual_serve
from aiohttp import web

from tui.web.people import Sessions
from tui.web.window import OPEN, close_all, opened

COOKIE = "ptm_session"
PERSON = web.RequestKey("person", str)
SECURITY = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; font-src 'self'; "
        "img-src 'self' data:; "
        "connect-src 'self' ws: wss:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-store",
}
STATIC = Path(textual_serve.__file__).parent / "static"
REFUSED = "Not let in: open the link with your own token once, ADDRESS/?token=TOKEN. Who runs ptm tui --web has it.\n"

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Door:
    sessions: Sessions
    url: str
    """Where browsers find it."""
    ours: frozenset[str]
    """Origins whose pages may open a console: its own, by every name it has."""
    read_only: bool = False

    def app(self) -> web.Application:
        app = web.Application(middlewares=[self._let_in])
        app[OPEN] = WeakSet()
        app.router.add_get("/", self._page)
        app.router.add_get("/console", self._console)
        app.router.add_get("/page.css", self._looks)
        app.router.add_static("/static", STATIC)
        app.on_response_prepare.append(secured)
        app.on_shutdown.append(close_all)
        return app

    @web.middleware
    async def _let_in(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        if request.path == "/" and "token" in request.query:
            return self._entered(request.query["token"])
        name = self.sessions.name(request.cookies.get(COOKIE, ""))
        if name is None:
            return web.Response(status=401, text=REFUSED)
        request[PERSON] = name
        return await handler(request)

    def _entered(self, token: str) -> web.Response:
        """On to the page without the token, which then stands in no history and no log."""
        session = self.sessions.open(token)
        if session is None:
            return web.Response(status=401, text=REFUSED)
        answer = web.Response(status=303, headers={"Location": "/"})
        answer.set_cookie(
            COOKIE, session, httponly=True, samesite="Lax", secure=self.url.startswith("https:"), path="/"
        )
        return answer

    async def _page(self, request: web.Request) -> web.Response:
        scheme = "wss" if self.url.startswith("https:") else "ws"
        text = (files("tui.web") / "page.html").read_text(encoding="utf-8")
        text = text.replace("CONSOLE", f"{scheme}://{escape(request.host)}/console")
        return web.Response(text=text, content_type="text/html")

    async def _looks(self, _: web.Request) -> web.Response:
        return web.Response(text=(files("tui.web") / "page.css").read_text(encoding="utf-8"), content_type="text/css")

    async def _console(self, request: web.Request) -> web.StreamResponse:
        """Browsers say which page opens a WebSocket: another site's page gets none, whatever cookie comes along."""
        if request.headers.get("Origin") not in self.ours:
            return web.Response(status=403, text="Only its own page may open a console.\n")
        return await opened(request, request[PERSON], read_only=self.read_only)


async def secured(_: web.Request, answer: web.StreamResponse) -> None:
    answer.headers.update(SECURITY)
