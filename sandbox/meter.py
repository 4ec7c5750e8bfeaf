"""How many requests arrived, and the most that ever fell into one sliding second."""

from __future__ import annotations

import socket
import struct
import sys
import time
from bisect import bisect_left, bisect_right
from collections import Counter
from dataclasses import dataclass, field

from aiohttp import web

_SECOND = 1.0
_LATE = 10.0
"""Seconds within which a request is read; one that is read later still may miss those that arrived with it."""
_LAST_DATA_RECEIVED = 52
"""Where `tcpi_last_data_recv`, milliseconds, stands in Linux' `struct tcp_info` (linux/tcp.h)."""


def arrived(request: web.Request) -> float:
    """When the kernel had the whole of *request*, on the monotonic clock; elsewhere than on Linux, now.

    A busy process reads requests late and many at once, as if they had come so.
    """
    now = time.monotonic()
    connection = request.transport.get_extra_info("socket") if request.transport else None
    if sys.platform != "linux" or connection is None:
        return now
    facts = connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, _LAST_DATA_RECEIVED + 4)
    return now - float(struct.unpack_from("I", facts, _LAST_DATA_RECEIVED)[0]) / 1000


@dataclass(slots=True)
class Window:
    """Arrivals of late, in order of time, and the fullest second so far."""

    recent: list[float] = field(default_factory=list)
    total: int = 0
    fullest: int = 0

    def count(self, at: float) -> None:
        place = bisect_right(self.recent, at)
        self.recent.insert(place, at)
        self.total += 1
        for last in range(place, bisect_left(self.recent, at + _SECOND)):
            self.fullest = max(self.fullest, last + 1 - bisect_right(self.recent, self.recent[last] - _SECOND))
        del self.recent[: bisect_left(self.recent, self.recent[-1] - _LATE)]


class Meter:
    """Arrivals of one service, in all, per tenant (company or organization) and per route."""

    def __init__(self) -> None:
        self._all = Window()
        self._tenants: dict[str, Window] = {}
        self._routes: Counter[str] = Counter()

    @property
    def total(self) -> int:
        return self._all.total

    def arrive(self, route: str, tenant: str = "", at: float | None = None) -> None:
        moment = time.monotonic() if at is None else at
        self._all.count(moment)
        self._routes[route] += 1
        if tenant:
            self._tenants.setdefault(tenant, Window()).count(moment)

    def max_in_any_second(self, tenant: object = None) -> int:
        """The fullest sliding second since the start or the last reset; of one *tenant* if given."""
        window = self._all if tenant is None else self._tenants.get(str(tenant), Window())
        return window.fullest

    def reset(self) -> None:
        self._all = Window()
        self._tenants.clear()
        self._routes.clear()

    def report(self) -> dict[str, object]:
        return {
            "total": self._all.total,
            "max_in_any_second": self._all.fullest,
            "routes": dict(self._routes),
            "tenants": {
                name: {"total": window.total, "max_in_any_second": window.fullest}
                for name, window in self._tenants.items()
            },
        }
