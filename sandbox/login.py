"""Procountor's way in: the login pages in a browser."""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from html import escape
from urllib.parse import urlencode

from aiohttp import web

from sandbox.access import Code, CodeKind
from sandbox.answers import page
from sandbox.company import User
from sandbox.door import read_form
from sandbox.tokens import NOT_ALLOWED
from sandbox.world import World


class Login:
    """Handlers of `/login` and `/keylogin`."""

    def __init__(self, world: World) -> None:
        self._world = world

    async def show_login(self, request: web.Request) -> web.Response:
        problem = self._problem(request.query)
        return page(_failure(problem), 400) if problem else page(_login_form(""))

    async def take_login(self, request: web.Request) -> web.Response:
        return await self._take(request, CodeKind.LOGIN)

    async def take_keylogin(self, request: web.Request) -> web.Response:
        return await self._take(request, CodeKind.KEY)

    async def _take(self, request: web.Request, kind: CodeKind) -> web.Response:
        problem = self._problem(request.query)
        if problem:
            return page(_failure(problem), 400)
        form = await read_form(request)
        user = self._world.users.get(form.get("username", ""))
        if user is None or not hmac.compare_digest(user.password.encode(), form.get("password", "").encode()):
            return page(_login_form("Wrong username or password."), 401)
        if not form.get("company"):
            return page(self._company_form(user))
        chosen = form["company"]
        if problem := self._closed(user, kind, chosen):
            return page(_failure(problem), 403)
        return self._send_back(request.query, user, kind, int(chosen))

    def _closed(self, user: User, kind: CodeKind, chosen: str) -> str:
        """Why *user* may not take the company whose id is *chosen* along."""
        fetches = kind is CodeKind.KEY and self._world.switches.api_only_keylogin
        if user.api_only and not fetches:
            return "This user can only be used with an API key."
        if chosen not in map(str, user.companies):
            return "This user has no rights to that company."
        off = self._world.switches.api_off_at == "login" and not self._world.company(int(chosen)).api_enabled
        return NOT_ALLOWED if off else ""

    def _send_back(self, query: Mapping[str, str], user: User, kind: CodeKind, company: int) -> web.Response:
        seconds = self._world.switches.code_seconds
        code = Code(
            kind=kind,
            company=company,
            user=user.id,
            redirect_uri=query["redirect_uri"],
            expires=self._world.clock().timestamp() + seconds,
        )
        answer = {"code": self._world.access.issue_code(code)}
        if "state" in query:
            answer["state"] = query["state"]
        if kind is CodeKind.KEY or self._world.switches.login_tells_expiry:
            answer["expires_in"] = str(seconds)
        raise web.HTTPFound(f"{query['redirect_uri']}?{urlencode(answer)}")

    def _problem(self, query: Mapping[str, str]) -> str:
        """What is wrong with the address that the browser was sent to."""
        target, kept = query.get("redirect_uri", ""), self._world.switches.redirect_uri
        if query.get("response_type") != "code":
            return "response_type must be code."
        if query.get("client_id") != self._world.access.client_id:
            return "Unknown client."
        if not target or "?" in target or (kept and kept != target):
            return "redirect uri mismatch"
        return ""

    def _company_form(self, user: User) -> str:
        choices = "".join(
            f'<label><input type="radio" name="company" value="{number}"> {escape(company.name)} '
            f"({company.business_id})</label><br>"
            for number in user.companies
            for company in (self._world.company(number),)
        )
        hidden = "".join(
            f'<input type="hidden" name="{name}" value="{escape(value)}">'
            for name, value in (("username", user.login), ("password", user.password))
        )
        return _page("Choose a company", f'<form method="post">{hidden}{choices}<button>Continue</button></form>')


def _login_form(problem: str) -> str:
    return _page(
        "Log in to Procountor (sandbox)",
        f"<p>{escape(problem)}</p>"
        '<form method="post"><label>Username <input name="username" autofocus></label><br>'
        '<label>Password <input name="password" type="password"></label><br><button>Log in</button></form>',
    )


def _failure(problem: str) -> str:
    return _page("Login failed", f"<p>{escape(problem)}</p>")


def _page(title: str, body: str) -> str:
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{title}</title></head>'
        f"<body><h1>{title}</h1>{body}</body></html>"
    )
