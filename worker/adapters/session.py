"""HTTP sessions whose requests note their departure."""

from __future__ import annotations

from math import inf
from typing import Any

import aiohttp

from events.errors import PtmError
from worker.adapters.departure import DEPARTURE


def make_session(*, proxies: bool = False) -> aiohttp.ClientSession:
    """A session that knows whether a request has left; without it every unanswered call counts as having left.

    *proxies*: obey HTTPS_PROXY and .netrc, which aiohttp reads anew, in a thread, for every call.
    """
    connector = aiohttp.TCPConnector(limit=0, keepalive_timeout=10, ttl_dns_cache=30)
    return aiohttp.ClientSession(
        connector=connector, cookie_jar=aiohttp.DummyCookieJar(), request_class=Request, trust_env=proxies
    )


class Request(aiohttp.ClientRequest):
    """A request that notes its departure.

    Waiting for a connection can take as long as anything, so that a lease checked before it, or a slice of the budget,
    may be over after it: the last look is here, where nothing but the write is left to do. A body is written by a task
    of its own, and the headers with it, which a busy or frozen process may come to much later: it looks once more.
    """

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._departure = DEPARTURE.get()
        self._leave = inf
        if self._departure is not None:
            self._departure.begin()

    async def send(self, conn: Any) -> aiohttp.ClientResponse:
        departure = self._departure
        if departure is not None:
            self._leave = await departure.check(departure.spend())
            departure.left = True
        return await super().send(conn)

    async def write_bytes(self, writer: Any, conn: Any, content_length: int | None = None) -> None:
        departure = self._departure
        try:
            if departure is not None:
                self._leave = await departure.check(self._leave)
        except PtmError as refused:
            assert departure is not None, "it was asked"
            departure.left = False
            conn.protocol.set_exception(refused)
            conn.close()
            return
        await super().write_bytes(writer, conn, content_length)
