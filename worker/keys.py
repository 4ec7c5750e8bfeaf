"""The organizations' API keys, opened for a minute at a time."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable
from uuid import UUID

from events.errors import Corrupt, Misconfigured, PtmError

SECONDS = 60.0


class Keys:
    def __init__(self, secret: Callable[[UUID], Awaitable[bytes]], clock: Callable[[], float]) -> None:
        self._secret = secret
        self._clock = clock
        self._known: dict[UUID, tuple[str, float]] = {}

    async def of(self, secrets: Iterable[UUID | None]) -> dict[UUID | None, str | PtmError | None]:
        """The key of each secret, or why it cannot be had; None of None. Raises Unavailable."""
        found: dict[UUID | None, str | PtmError | None] = {None: None}
        for secret in secrets:
            if secret is not None:
                found[secret] = await self._one(secret)
        return found

    def drop(self, secret: UUID | None) -> None:
        """It was refused: another may have been put in its place."""
        if secret is not None:
            self._known.pop(secret, None)

    async def _one(self, secret: UUID) -> str | PtmError:
        key, until = self._known.get(secret, ("", 0.0))
        if not key or until < self._clock():
            try:
                key = (await self._secret(secret)).decode().strip()
            except (Corrupt, Misconfigured) as error:
                return error
            self._known[secret] = (key, self._clock() + SECONDS)
        return key
