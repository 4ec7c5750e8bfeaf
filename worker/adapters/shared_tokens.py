"""Access tokens that all workers share, and the lease by which one of them at a time asks for the next one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from events.errors import Corrupt, Misconfigured
from worker.adapters import queries
from worker.adapters.postgres import Pool, translating
from worker.adapters.sealing import MasterKey


@dataclass(frozen=True, slots=True, kw_only=True)
class Shared:
    """What is there of one secret's token."""

    value: str | None
    seconds_left: float
    """Until it is not to be used any more."""
    fence: int
    """Says, to who wants the next one, that it is still this one."""


NONE = Shared(value=None, seconds_left=0, fence=0)


class SharedTokens:
    """Raises Unavailable. No connection is held between two calls."""

    def __init__(self, pool: Pool, master: MasterKey) -> None:
        self._pool = pool
        self._master = master

    async def read(self, secret: UUID) -> Shared:
        with translating():
            row = await self._pool.fetchrow(queries.load("vault")["read_token"], secret)
        if row is None:
            return NONE
        value = None if row["sealed"] is None else self._opened(row["sealed"], secret)
        return Shared(value=value, seconds_left=row["seconds_left"] or 0, fence=row["fence"])

    async def lease(self, secret: UUID, fence: int, seconds: float) -> int | None:
        """A new fence for who may ask for the next token; None where somebody does, or has since *fence* was read."""
        with translating():
            query = queries.load("vault")["lease_token"]
            taken: int | None = await self._pool.fetchval(query, secret, fence, timedelta(seconds=seconds))
        return taken

    async def renew(self, secret: UUID, fence: int, seconds: float) -> bool:
        """Whether it still holds."""
        with translating():
            query = queries.load("vault")["renew_token_lease"]
            return await self._pool.fetchval(query, secret, fence, timedelta(seconds=seconds)) is not None

    async def keep(self, secret: UUID, fence: int, value: str, seconds: float) -> None:
        """For *seconds*, and for everybody; ends the lease. Where it was lost nothing is written."""
        with translating():
            sealed = self._master.seal(value.encode(), about=about(secret))
            query = queries.load("vault")["keep_token"]
            await self._pool.execute(query, secret, fence, sealed, timedelta(seconds=seconds))

    async def give_back(self, secret: UUID, fence: int) -> None:
        """The lease, with nothing to show for it."""
        with translating():
            await self._pool.execute(queries.load("vault")["give_token_back"], secret, fence)

    def _opened(self, sealed: bytes, secret: UUID) -> str | None:
        """None for one that does not open, of another master key for example: there is another where it came from."""
        try:
            return self._master.open(sealed, about=about(secret)).decode()
        except (Corrupt, Misconfigured):
            return None


def about(secret: UUID) -> bytes:
    """Not what the credentials are bound to: neither passes for the other."""
    return b"token/" + secret.bytes
