"""HTTP that is loaded with its first request: who only looks at the database makes none, and starts without it."""

from __future__ import annotations

import importlib
from contextlib import AbstractAsyncContextManager
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import aiohttp


class Lazily:
    """A module that is read when something of it is first used."""

    def __init__(self, name: str) -> None:
        self._name = name

    def __getattr__(self, wanted: str) -> Any:
        return getattr(importlib.import_module(self._name), wanted)


class Session:
    """Opened by its first request."""

    def __init__(self) -> None:
        self._made: aiohttp.ClientSession | None = None

    def request(self, method: str, url: str, **options: Any) -> AbstractAsyncContextManager[aiohttp.ClientResponse]:
        if self._made is None:
            from worker.adapters.session import make_session  # noqa: PLC0415 - see above

            self._made = make_session()
        return self._made.request(method, url, **options)

    async def __aenter__(self) -> Session:
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._made is not None:
            await self._made.close()
