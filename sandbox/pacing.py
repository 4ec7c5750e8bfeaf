"""How much one API client may ask for: Procountor says how many a second, and little of what follows beyond it."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable

from aiohttp import web

from sandbox.answers import Rejected
from sandbox.door import Handler
from sandbox.switches import Switches


class Pacing:
    """All companies' requests together, since the limit is the client's; *now* is in seconds."""

    def __init__(self, switches: Switches, now: Callable[[], float]) -> None:
        self._switches = switches
        self._now = now
        self._recent: dict[float, deque[float]] = {1.0: deque(), 60.0: deque()}
        self._excess = 0
        self.suspended_until = 0.0

    def paced(self, handler: Handler) -> Handler:
        async def enter(request: web.Request) -> web.StreamResponse:
            if self._switches.requests_per_second or self._switches.requests_per_minute:
                self._arrive(self._now())
            return await handler(request)

        return enter

    def _arrive(self, at: float) -> None:
        switches = self._switches
        if at < self.suspended_until:
            raise Rejected(switches.suspended_status, "The API client is suspended")
        limits = ((1.0, switches.requests_per_second), (60.0, switches.requests_per_minute))
        if all(self._has_room(at, seconds, limit) for seconds, limit in limits):
            for recent in self._recent.values():
                recent.append(at)
            return
        self._excess += 1
        if switches.suspended_after and self._excess >= switches.suspended_after:
            self._excess, self.suspended_until = 0, at + switches.suspended_seconds
        wait = {"Retry-After": "1"} if switches.over_limit_retry_after else {}
        raise Rejected(switches.over_limit_status, "Too many requests", headers=wait)

    def _has_room(self, at: float, seconds: float, limit: int) -> bool:
        recent = self._recent[seconds]
        while recent and at - recent[0] >= seconds:
            recent.popleft()
        return not limit or len(recent) < limit
