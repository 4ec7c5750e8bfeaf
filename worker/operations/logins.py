"""Logins in a browser: begun by an operator, answered at any worker's callback, taken once by whoever began it."""

from __future__ import annotations

import asyncio
import hashlib
import json
import secrets
import time
from dataclasses import dataclass
from enum import StrEnum
from urllib.parse import parse_qs, urlsplit

from events.errors import Misconfigured, Refused, Unavailable
from worker.adapters.postgres import Pool, translating
from worker.adapters.vault import Vault
from worker.operations.context import SQL, Context

LIFE = 600.0
"""Seconds within which the login page has to be answered."""
LOOK_EVERY = 0.3


class LoginKind(StrEnum):
    """What Procountor gives for it."""

    KEY = "key"
    """An API key, which has no end of its own."""
    CODE = "code"
    """A refresh token, which ends after six months."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PendingLogin:
    kind: LoginKind
    state: str
    """Random, told to nobody but the browser; the database has its SHA-256."""
    url: str
    """Procountor's login page, to be opened in a browser."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Callback:
    """What the browser brought back."""

    state: str
    code: str | None
    failure: str | None


class Outcome(StrEnum):
    TAKEN = "taken"
    UNKNOWN = "unknown"
    USED = "used"
    EXPIRED = "expired"


async def begin(context: Context, kind: LoginKind = LoginKind.KEY) -> PendingLogin:
    state = secrets.token_urlsafe(32)
    url = context.procountor.login_url(kind.value, state)
    with translating():
        await context.pool.execute(SQL["begin_login"], digest(state), kind.value, LIFE)
    return PendingLogin(kind=kind, state=state, url=url)


async def answer(pool: Pool, vault: Vault, callback: Callback) -> Outcome:
    """Keeps the code of *callback*, sealed, for whoever began the login: once, and in time."""
    key = digest(callback.state)
    sealed = None if callback.code is None else vault.seal_text(callback.code, about=about(key))
    with translating():
        if await pool.fetchval(SQL["answer_login"], key, sealed, callback.failure) is not None:
            return Outcome.TAKEN
        row = await pool.fetchrow(SQL["look_up_login"], key)
    if row is None:
        return Outcome.UNKNOWN
    return Outcome.USED if row["answered_at"] else Outcome.EXPIRED


async def wait_for_code(context: Context, login: PendingLogin, *, within: float = LIFE) -> str:
    """The code, as soon as some worker's callback has it. Raises `Refused` where Procountor sent a failure instead."""
    until = time.monotonic() + within
    while (code := await take(context, login)) is None:
        if time.monotonic() > until:
            raise Unavailable("Nobody came back from Procountor's login page in time: begin again.")
        await asyncio.sleep(LOOK_EVERY)
    return code


async def take(context: Context, login: PendingLogin) -> str | None:
    key = digest(login.state)
    with translating():
        row = await context.pool.fetchrow(SQL["take_login"], key)
    if row is None:
        return None
    if row["code"] is None:
        raise Refused(f"Procountor's login page answered: {row['failure']}.", reason="login")
    return context.vault.open_text(row["code"], about=about(key))


async def paste(context: Context, login: PendingLogin, address: str) -> str:
    """The code out of the address that the browser landed on, where it cannot reach a worker's callback."""
    callback = parse(address)
    if callback is None:
        raise Misconfigured("That is not the address of the page after the login: it ends in ?code=…&state=….")
    if not secrets.compare_digest(callback.state, login.state):
        raise Refused("That address belongs to another login: begin again and use the newest link.", reason="login")
    await answer(context.pool, context.vault, callback)
    code = await take(context, login)
    if code is None:
        raise Refused("That login was used already, or is too old: begin again.", reason="login")
    return code


def parse(address: str) -> Callback | None:
    """What a callback's address says; None for any other address."""
    return from_query({name: values[0] for name, values in parse_qs(urlsplit(address.strip()).query).items()})


def from_query(query: dict[str, str]) -> Callback | None:
    state, code = query.get("state"), query.get("code")
    failure = (query.get("error_description") or query.get("error") or "").replace("\0", "\N{REPLACEMENT CHARACTER}")
    if not state or not (code or failure):
        return None
    return Callback(state=state, code=code, failure=None if code else failure[:200])


async def tell_page(context: Context, login: PendingLogin, *, company: str | None, failure: str | None = None) -> None:
    """Lets the page that still waits in the browser name the company, or say what went wrong."""
    key = digest(login.state)
    sealed = None if company is None else context.vault.seal_text(json.dumps(company), about=about(key))
    with translating():
        await context.pool.execute(SQL["name_login"], key, sealed, failure)


async def told(pool: Pool, vault: Vault, state: str) -> tuple[str | None, str | None]:
    """(company, failure) as far as whoever began the login has said."""
    key = digest(state)
    with translating():
        row = await pool.fetchrow(SQL["read_login"], key)
    if row is None or row["company"] is None:
        return None, row["failure"] if row else None
    return json.loads(vault.open_text(row["company"], about=about(key))), None


def digest(state: str) -> bytes:
    return hashlib.sha256(state.encode()).digest()


def about(key: bytes) -> str:
    return f"login/{key.hex()}"
