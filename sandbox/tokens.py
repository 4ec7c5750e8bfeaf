"""Procountor's token endpoints with their traps: codes, keys and refresh tokens become access tokens."""

from __future__ import annotations

import hmac
from collections.abc import Mapping

from aiohttp import web

from sandbox.access import Code, CodeKind, Grant
from sandbox.answers import MISSING_PAGE, Rejected, errors_body, json_answer, page
from sandbox.door import read_form
from sandbox.world import World

NOT_ALLOWED = "The usage of API clients is not allowed for the company"
_SECRETS = ("client_id", "client_secret", "code", "refresh_token", "api_key", "grant_type")
_OAUTH_WORDS = {400: "invalid_grant", 401: "invalid_client", 403: "access_denied"}


class Tokens:
    """Handlers of `/logout` and, under every version, of `/oauth/token` and `/oauth/key`."""

    def __init__(self, world: World) -> None:
        self._world = world

    async def token(self, request: web.Request) -> web.Response:
        form = await self._token_form(request)
        self._check_client(form)
        match form.get("grant_type"):
            case "authorization_code":
                return self._by_code(form)
            case "refresh_token":
                return self._by_refresh(form)
            case "client_credentials":
                return self._by_key(form)
        raise Rejected(400, "Unsupported grant type", field="grant_type")

    async def key(self, request: web.Request) -> web.Response:
        form = await self._token_form(request)
        self._check_client(form)
        if form.get("grant_type") != "authorization_code":
            raise Rejected(400, "Unsupported grant type", field="grant_type")
        code = self._redeemed(form, CodeKind.KEY)
        company = self._world.company(code.company)
        company.api_key = self._world.access.key_for(company, code.user)
        return json_answer({"api_key": company.api_key})

    async def logout(self, request: web.Request) -> web.Response:
        if not self._world.switches.logout_lives:
            return page(MISSING_PAGE, 404)
        self._world.access.revoke(bearer_of(request), "access")
        return web.Response(status=204)

    def refuse_token(self, rejected: Rejected) -> web.Response:
        """The body of a refused token request, in either of the shapes that clients have met."""
        if self._world.switches.token_errors == "text":
            return web.Response(text=rejected.message, status=rejected.status)
        if self._world.switches.token_errors == "oauth":
            word = _OAUTH_WORDS.get(rejected.status, "invalid_request")
            return json_answer({"error": word, "error_description": rejected.message}, rejected.status)
        return json_answer(errors_body(rejected), rejected.status)

    async def _token_form(self, request: web.Request) -> dict[str, str]:
        if any(name in request.query for name in _SECRETS):
            raise Rejected(400, "Credentials are not accepted in the URL")
        written = request.headers.get("Content-Type", "")
        if written.strip().lower() != "application/x-www-form-urlencoded":
            raise Rejected(400, f"Unsupported content type {written!r}")
        return await read_form(request)

    def _check_client(self, form: Mapping[str, str]) -> None:
        access = self._world.access
        right = (access.client_id + access.client_secret).encode()
        given = (form.get("client_id", "") + form.get("client_secret", "")).encode()
        if not hmac.compare_digest(right, given):
            raise Rejected(401, "Invalid client credentials")

    def _redeemed(self, form: Mapping[str, str], kind: CodeKind) -> Code:
        target = form.get("redirect_uri", "")
        code = self._world.access.redeem(form.get("code", ""), kind, redirect_uri=target)
        if code is None:
            raise Rejected(400, "Invalid or expired code", field="code")
        return code

    def _by_code(self, form: Mapping[str, str]) -> web.Response:
        code = self._redeemed(form, CodeKind.LOGIN)
        answer = self._token_answer(code.company, code.user, "personal")
        answer["refresh_token"] = self._world.access.refresh_token(code.company, code.user)
        return json_answer(answer)

    def _by_refresh(self, form: Mapping[str, str]) -> web.Response:
        token = form.get("refresh_token", "")
        grant = self._valid(token, "refresh")
        if grant is None:
            raise Rejected(self._world.switches.bad_grant_status, "Invalid refresh token", field="refresh_token")
        answer = self._token_answer(grant.company, grant.user, "personal")
        if self._world.switches.rotate_refresh:
            answer["refresh_token"] = self._world.access.refresh_token(grant.company, grant.user)
            if self._world.switches.old_refresh_dies:
                self._world.access.revoke(token, "refresh")
        return json_answer(answer)

    def _by_key(self, form: Mapping[str, str]) -> web.Response:
        if self._world.switches.key_grant_needs_redirect and not form.get("redirect_uri"):
            raise Rejected(400, "NOT_NULL", field="redirect_uri")
        grant = self._valid(form.get("api_key", ""), "key")
        if grant is None:
            raise Rejected(self._world.switches.bad_grant_status, "Invalid API key", field="api_key")
        return json_answer(self._token_answer(grant.company, grant.user, "m2m"))

    def _valid(self, token: str, kind: str) -> Grant | None:
        """As long as its user is valid in the company."""
        grant = self._world.access.open(token, kind)
        if grant is None or grant.company not in self._world.companies:
            return None
        company = self._world.company(grant.company)
        return None if grant.user == company.user.id and not company.user_valid else grant

    def _token_answer(self, company: int, user: int, scope: str) -> dict[str, object]:
        switches = self._world.switches
        if not self._world.company(company).api_enabled and switches.api_off_at != "call":
            raise Rejected(switches.api_off_status, NOT_ALLOWED)
        seconds = switches.access_token_seconds
        token = self._world.access.access_token(company, user, seconds=seconds, scope=scope)
        return {"access_token": token, "expires_in": seconds}


def bearer_of(request: web.Request) -> str:
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""
