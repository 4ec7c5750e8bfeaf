"""Access tokens for Procountor: one per company, fetched by one caller at a time, thrown away before they end."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Protocol
from uuid import UUID

from events.errors import Misconfigured, Refused
from worker.adapters.credentials import CredentialKind, Credentials, from_secret, to_secret

MARGIN = 60.0
"""Seconds before its end that a token is not used any more, or a tenth of its life if that is less."""

Access = UUID | Credentials
"""The id of a secret in the vault, or credentials that are not saved yet."""


class Secrets(Protocol):
    """What is asked of the vault."""

    async def secret(self, id: UUID) -> bytes: ...

    async def replace_secret(self, id: UUID, value: bytes) -> None: ...


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
            return await self._fetch(access)

    def keep(self, access: Access, granted: Granted, *, asked_at: float) -> str:
        life = max(granted.expires_in - min(MARGIN, granted.expires_in / 10), 0)
        self._held[access] = Token(value=granted.access_token, until=asked_at + life)
        return granted.access_token

    def latest(self, credentials: Credentials) -> Credentials:
        """*credentials*, or what Procountor has put in their place since: to be asked for before they are saved."""
        return self._newer.get(credentials, credentials)

    async def _fetch(self, access: Access) -> str:
        asked_at = asyncio.get_running_loop().time()
        used = await self._credentials(access)
        try:
            granted = await self._grant(used)
        except Refused:
            # Another worker may have used the refresh token up, and saved the one it got for it.
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
        if used.kind is not CredentialKind.REFRESH_TOKEN or granted.refresh_token in (None, used.value):
            return
        newer = Credentials(kind=used.kind, value=str(granted.refresh_token))
        if isinstance(access, Credentials):
            self._newer[access] = newer
        elif self._secrets is not None:
            await self._secrets.replace_secret(access, to_secret(newer))
