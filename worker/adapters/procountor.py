"""Procountor's API: login, tokens, invoices and the customer register of one company per credentials."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Mapping, Sequence
from copy import copy
from functools import partial
from typing import TYPE_CHECKING, Any, Literal, Protocol
from urllib.parse import urlencode

import orjson

from events.errors import Misconfigured, Refused, Unavailable
from events.observe import identifier
from worker.adapters import web
from worker.adapters.answers import Answer, accept, exchange, parse, refusal
from worker.adapters.credentials import CredentialKind, Credentials
from worker.adapters.procountor_facts import (
    Activation,
    Company,
    Json,
    Page,
    Rights,
    Session,
    activation_of,
    company_of,
    granted,
    keys_of,
    mapping,
    page_of,
    rights_of,
    session_of,
    word,
)
from worker.adapters.tokens import Access, Granted, Secrets, Tokens

if TYPE_CHECKING:
    import aiohttp

__all__ = ["Activation", "Company", "Page", "Procountor", "Rights", "Session"]

PAGE = 200
"""Rows of a list page, and ids of a batch, at most."""
FORM = "application/x-www-form-urlencoded"
"""Exactly so: with a charset behind it the token request is refused."""

LoginKind = Literal["key", "code"]


class Draws(Protocol):
    """What is asked of the budget: leave for one request, until a moment of the event loop's clock."""

    async def draw(self, *, live: bool = True) -> float: ...


class Procountor:
    """Every call draws from *budget* first, and raises Unavailable, Refused or Misconfigured.

    Methods take *access*: the id of a secret in the vault, or Credentials that are being checked before they are saved.
    Refused reasons: `credentials`, `rights`, `not_found`, `invalid`, `unreadable`, `other_company`.
    """

    def __init__(
        self,
        session: aiohttp.ClientSession | web.Session,
        *,
        url: str,
        client_id: str,
        client_secret: str,
        budget: Draws,
        secrets: Secrets | None = None,
        api_path: str = "/api",
        redirect_uri: str | None = None,
        timeout: float = 60,
        live: bool = True,
    ) -> None:
        self._session = session
        self._host = url.rstrip("/")
        self._base = f"{self._host}/{api_path.strip('/')}"
        self._client = {"client_id": client_id, "client_secret": client_secret}
        self._budget = budget
        self._redirect_uri = redirect_uri
        self._timeout = timeout
        self._live = live
        self._tokens = Tokens(self._grant, secrets)
        self._meant: dict[Access, int] = {}
        self._checked: dict[Access, str] = {}

    def behind_live(self) -> Procountor:
        """The same, with the same budget, for what has time: live reading goes first."""
        other = copy(self)
        other._live = False
        return other

    def mean(self, access: Access, company: int) -> None:
        """From now on each new token has to open *company* before anything is read by it: Refused(`other_company`)."""
        self._meant[access] = company

    # Coming in

    def login_url(self, kind: LoginKind, state: str) -> str:
        """Where a browser is sent: `key` ends in an API key, `code` in a refresh token."""
        page = {"key": "keylogin", "code": "login"}[kind]
        asked = {"response_type": "code", "client_id": self._client["client_id"], "redirect_uri": self._redirect()}
        return f"{self._host}/{page}?{urlencode({**asked, 'state': state})}"

    async def exchange_code(self, kind: LoginKind, code: str) -> Credentials:
        """The credentials for the code that the login brought back; it works once, for five minutes."""
        form = {"grant_type": "authorization_code", "code": code, "redirect_uri": self._redirect()}
        if kind == "key":
            key = mapping(await self._post("/oauth/key", form)).get("api_key")
            return Credentials(kind=CredentialKind.API_KEY, value=word(key, "api_key"))
        asked_at = asyncio.get_running_loop().time()
        answer = granted(await self._post("/oauth/token", form))
        credentials = Credentials(kind=CredentialKind.REFRESH_TOKEN, value=word(answer.refresh_token, "refresh_token"))
        self._tokens.keep(credentials, answer, asked_at=asked_at)
        return credentials

    def latest(self, credentials: Credentials) -> Credentials:
        """What to save: *credentials*, or the refresh token that has taken their place while they were checked."""
        return self._tokens.latest(credentials)

    async def log_in(self, access: Access) -> None:
        """Asks for a new token although one may be there: whether the credentials are let in still."""
        await self._tokens.anew(access)

    async def session(self, access: Access) -> Session:
        return session_of(await self._get(access, "/sessioninfo"))

    async def company(self, access: Access) -> Company | None:
        """None where the user may not see it: not needed for anything but showing it."""
        try:
            return company_of(await self._get(access, "/company"))
        except Refused as refused:
            if refused.reason in ("rights", "not_found"):
                return None
            raise

    async def rights(self, access: Access) -> Rights:
        return rights_of(await self._get(access, "/users/rights"))

    # Activation links; *access* is our own company's, which has the API Integrator tool

    async def activation(self, access: Access, request: int) -> Activation:
        """What a customer has accepted. Refused(`not_found`): answered already, expired, or none."""
        answer = await self._ask(access, f"/integrations/{request}", what="GET /integrations/{request}")
        return activation_of(request, accept(answer))

    async def answer_activation(
        self, access: Access, request: int, *, approve: Sequence[int], reject: Mapping[int, str]
    ) -> dict[int, str]:
        """Company → API key of those approved. Every company has to be answered for; the keys are told this once."""
        refused = [{"companyId": company, "reason": reason} for company, reason in reject.items()]
        body = {"approve": list(approve), "reject": refused}
        answer = await self._ask(access, f"/integrations/{request}", what="PUT /integrations/{request}", body=body)
        return keys_of(accept(answer))

    # Reading

    async def invoices(
        self,
        access: Access,
        *,
        types: Collection[str],
        version_start: str | None = None,
        version_end: str | None = None,
        statuses: Collection[str] = (),
        by: Literal["version", "id"] = "version",
        order: Literal["ASC", "DESC"] = "ASC",
        previous: int | None = None,
        page: int = 0,
        size: int = PAGE,
    ) -> Page:
        """List rows; *previous* is the last id read, for going on *by* id. Versions are local times without a zone."""
        asked = {
            "types": ",".join(sorted(types)),
            "status": ",".join(sorted(statuses)),
            "versionStartDate": version_start,
            "versionEndDate": version_end,
            {"version": "orderByVersion", "id": "orderById"}[by]: order,
            "previousId": previous,
            "size": size,
            "page": page or None,
        }
        try:
            return page_of(await self._get(access, "/invoices", _given(asked)), size)
        except Refused as refused:
            if refused.reason == "not_found":
                return Page(items=(), full=False, total=0)
            raise

    async def invoice_details(self, access: Access, ids: Sequence[int]) -> dict[int, Json]:
        """At most 200; those that Procountor does not find are not in the answer."""
        return await self._batch(access, "/invoices", ids)

    async def customers(self, access: Access, ids: Sequence[int]) -> dict[int, Json]:
        """Entries of the customer register, as `invoice_details`; inactive ones are found by id."""
        return await self._batch(access, "/businesspartners", ids)

    async def _batch(self, access: Access, path: str, ids: Sequence[int]) -> dict[int, Json]:
        if len(ids) > PAGE:
            raise ValueError(f"{len(ids)} ids in one request; Procountor takes {PAGE}")
        if not ids:
            return {}
        try:
            answer = await self._ask(access, f"{path}/{','.join(map(str, ids))}", what=f"GET {path}/{{ids}}")
            body = accept(answer)
        except Refused as refused:
            if refused.reason == "not_found":
                return {}
            raise
        found = body if isinstance(body, list) else [body]
        named = {identifier(one.get("id")): one for one in found if isinstance(one, dict)}
        if None in named or not all(isinstance(one, dict) for one in found):
            raise Refused(f"{answer.what}: the answer has entries without an id", reason="unreadable")
        return {id: one for id, one in named.items() if id}

    # Underneath

    async def _get(self, access: Access, path: str, query: Mapping[str, str] | None = None) -> Any:
        return accept(await self._ask(access, path, what=f"GET {path}", query=query))

    async def _ask(
        self,
        access: Access,
        path: str,
        *,
        what: str,
        query: Mapping[str, str] | None = None,
        body: Mapping[str, object] | None = None,
        instead_of: str | None = None,
    ) -> Answer:
        """One request, and another with a fresh token where the first was not let in; a PUT where there is a *body*."""
        token = await self._tokens.of(access, instead_of=instead_of)
        answer = await self._astray(access, token) or await self._send(path, token, what, query=query, body=body)
        if answer.status != 401 or (instead_of is not None and not self._tokens.is_anothers(access, token)):
            return answer
        return await self._ask(access, path, what=what, query=query, body=body, instead_of=token)

    async def _astray(self, access: Access, token: str) -> Answer | None:
        """None where *token* opens the company that is meant; the answer where it is not let in at all."""
        meant = self._meant.get(access)
        if meant is None or self._checked.get(access) == token:
            return None
        answer = await self._send("/sessioninfo", token, "GET /sessioninfo")
        if answer.status == 401:
            return answer
        if answer.status in (404, 410):
            # Of the path asked for this would mean that there is nothing.
            raise Unavailable(f"{answer.what}: Procountor answers {answer.status}", status=answer.status)
        opens = session_of(accept(answer)).company_id
        if opens != meant:
            raise Refused(f"The login opens company {opens}, not {meant}: nothing is read.", reason="other_company")
        self._checked[access] = token
        return None

    async def _send(
        self,
        path: str,
        token: str,
        what: str,
        *,
        query: Mapping[str, str] | None = None,
        body: Mapping[str, object] | None = None,
    ) -> Answer:
        """Only a PUT has a body: the gateway in front refuses a GET that has one."""
        written = {} if body is None else {"Content-Type": "application/json"}
        return await exchange(
            self._session,
            "GET" if body is None else "PUT",
            self._base + path,
            what=what,
            timeout=self._timeout,
            draw=partial(self._budget.draw, live=self._live),
            params=query,
            data=None if body is None else orjson.dumps(body),
            headers={"Authorization": f"Bearer {token}", "Accept": "application/json", **written},
        )

    async def _grant(self, credentials: Credentials) -> Granted:
        grant = {CredentialKind.API_KEY: "client_credentials", CredentialKind.REFRESH_TOKEN: "refresh_token"}
        form = {"grant_type": grant[credentials.kind], credentials.kind.value: credentials.value}
        if self._redirect_uri and credentials.kind is CredentialKind.API_KEY:
            form["redirect_uri"] = self._redirect_uri
        return granted(await self._post("/oauth/token", form))

    async def _post(self, path: str, form: Mapping[str, str]) -> Any:
        """A token request: credentials in the body only, and every no is a no to the credentials."""
        answer = await exchange(
            self._session,
            "POST",
            self._base + path,
            what=f"POST {path}",
            timeout=self._timeout,
            draw=partial(self._budget.draw, live=self._live),
            data=urlencode({**form, **self._client}).encode(),
            headers={"Content-Type": FORM, "Accept": "application/json"},
        )
        if 200 <= answer.status < 300:
            return parse(answer)
        raise _unlet(refusal(answer), answer)

    def _redirect(self) -> str:
        if not self._redirect_uri:
            raise Misconfigured("PTM_PUBLIC_URL is not set: Procountor's login has nowhere to come back to.")
        return self._redirect_uri


def _unlet(error: Exception, answer: Answer) -> Exception:
    if answer.status == 404:
        return Misconfigured(f"{answer.what}: not there; PTM_PROCOUNTOR_API_PATH names no version of the API.")
    if not isinstance(error, Refused) or error.reason == "unreadable":
        return error
    told = Refused(
        f"{answer.what}: Procountor answers {answer.status}: it knows the credentials no more, or the company does not"
        " allow API clients (Management > Company info > Usage settings > Integration settings)",
        reason="credentials",
        status=answer.status,
    )
    for note in getattr(error, "__notes__", ()):
        told.add_note(note)
    return told


def _given(query: Mapping[str, object]) -> dict[str, str]:
    return {name: str(value) for name, value in query.items() if value not in (None, "")}
