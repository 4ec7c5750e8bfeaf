"""Access tokens for Procountor: one per company, shared by all workers, of which one at a time asks for the next."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import Protocol
from uuid import UUID

from events.errors import Misconfigured, PtmError, Refused
from worker.adapters.credentials import CredentialKind, Credentials, from_secret, to_secret
from worker.adapters.shared_tokens import Shared

MARGIN = 60.0
"""Seconds before its end that a token is not used any more, or a tenth of its life if that is less."""
LEASE = 6.0
"""Seconds until a worker that asks for a token, and says no more that it is alive, is not waited for any longer."""
GLANCE = 0.1
"""Seconds from one look at whether another worker has got the token to the next."""

Access = UUID | Credentials
"""The id of a secret in the vault, or credentials that are not saved yet."""


class Shares(Protocol):
    """The newest token of each secret, for all workers, and a lease for who asks for the next one."""

    async def read(self, secret: UUID) -> Shared: ...
    async def lease(self, secret: UUID, fence: int, seconds: float) -> int | None: ...
    async def renew(self, secret: UUID, fence: int, seconds: float) -> bool: ...
    async def keep(self, secret: UUID, fence: int, value: str, seconds: float) -> None: ...
    async def give_back(self, secret: UUID, fence: int) -> None: ...


class Secrets(Protocol):
    """What is asked of the vault."""

    @property
    def tokens(self) -> Shares: ...
    async def secret(self, id: UUID) -> bytes: ...
    async def replace_secret(self, id: UUID, value: bytes, *, instead_of: bytes | None = ...) -> None: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Granted:
    """Procountor's answer to a token request."""

    access_token: str
    expires_in: float
    refresh_token: str | None = None
    """A new one in place of the one that was used, if Procountor rotates them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Token:
    value: str
    until: float
    anothers: bool = False
    """Another worker has got it; since when it is there nobody knows."""


class Tokens:
    """*grant* asks Procountor; *secrets* holds what was saved."""

    def __init__(self, grant: Callable[[Credentials], Awaitable[Granted]], secrets: Secrets | None) -> None:
        self._grant = grant
        self._secrets = secrets
        self._held: dict[Access, Token] = {}
        self._newer: dict[Credentials, Credentials] = {}
        self._locks: defaultdict[Access, asyncio.Lock] = defaultdict(asyncio.Lock)

    async def of(self, access: Access, *, instead_of: str | None = None) -> str:
        """A token that works for a while; *instead_of* names one that was refused. Raises Refused(`credentials`)."""
        async with self._locks[access]:
            held = self._held.get(access)
            if held and held.value != instead_of and held.until > asyncio.get_running_loop().time():
                return held.value
            return await self._fetch(access, instead_of)

    def is_anothers(self, access: Access, token: str) -> bool:
        """Whether *token* is one that another worker got: refused, it says nothing about the credentials."""
        held = self._held.get(access)
        return held is not None and held.value == token and held.anothers

    async def anew(self, access: Access) -> str:
        """One that Procountor has granted just now, whatever there is: it lets the credentials in still."""
        async with self._locks[access]:
            if isinstance(access, Credentials) or self._secrets is None:
                return await self._ask(access)
            return await self._fetch(access, (await self._secrets.tokens.read(access)).value)

    def keep(self, access: Access, granted: Granted, *, asked_at: float) -> str:
        life = max(granted.expires_in - min(MARGIN, granted.expires_in / 10), 0)
        self._held[access] = Token(value=granted.access_token, until=asked_at + life)
        return granted.access_token

    def latest(self, credentials: Credentials) -> Credentials:
        """*credentials*, or what Procountor has put in their place since: to be asked for before they are saved."""
        return self._newer.get(credentials, credentials)

    async def _fetch(self, access: Access, instead_of: str | None) -> str:
        """What another worker has got lately, or a new one, which others wait for."""
        if isinstance(access, Credentials) or self._secrets is None:
            return await self._ask(access)
        shares = self._secrets.tokens
        await self._credentials(access)  # says so where there are none
        while True:
            read_at = asyncio.get_running_loop().time()
            shared = await shares.read(access)
            if shared.value not in (None, instead_of) and shared.seconds_left > 0:
                self._held[access] = Token(value=shared.value, until=read_at + shared.seconds_left, anothers=True)
                return shared.value
            fence = await shares.lease(access, shared.fence, LEASE)
            if fence is not None:
                break
            await asyncio.sleep(GLANCE)
        async with leased(shares, access, fence):
            value = await self._ask(access)
            left = self._held[access].until - asyncio.get_running_loop().time()
            await shares.keep(access, fence, value, left)
        return value

    async def _ask(self, access: Access) -> str:
        asked_at = asyncio.get_running_loop().time()
        used = await self._credentials(access)
        try:
            granted = await self._grant(used)
        except Refused:
            # A worker that was not waited for may have used the refresh token up, and saved the one it got for it.
            if (saved := await self._credentials(access)) == used:
                raise
            used, granted = saved, await self._grant(saved)
        await self._rotate(access, used, granted)
        return self.keep(access, granted, asked_at=asked_at)

    async def _credentials(self, access: Access) -> Credentials:
        if isinstance(access, Credentials):
            return self.latest(access)
        if self._secrets is None:
            raise Misconfigured("no vault is open to read the credentials for Procountor from")
        return from_secret(await self._secrets.secret(access))

    async def _rotate(self, access: Access, used: Credentials, granted: Granted) -> None:
        """Only what was used is replaced: a worker that was not waited for has an older one to show."""
        if used.kind is not CredentialKind.REFRESH_TOKEN or granted.refresh_token in (None, used.value):
            return
        newer = Credentials(kind=used.kind, value=str(granted.refresh_token))
        if isinstance(access, Credentials):
            self._newer[access] = newer
        elif self._secrets is not None:
            await self._secrets.replace_secret(access, to_secret(newer), instead_of=to_secret(used))


@asynccontextmanager
async def leased(shares: Shares, secret: UUID, fence: int) -> AsyncIterator[None]:
    """The lease goes on for as long as the work takes, and no connection is held for it; it ends with it."""

    async def renew() -> None:
        kept = True
        while kept:
            await asyncio.sleep(LEASE / 3)
            with suppress(PtmError):
                kept = await shares.renew(secret, fence, LEASE)

    renewing = asyncio.create_task(renew())
    try:
        yield
    except BaseException:
        with suppress(PtmError):
            await shares.give_back(secret, fence)
        raise
    finally:
        renewing.cancel()
        await asyncio.gather(renewing, return_exceptions=True)
