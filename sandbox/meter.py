"""How many requests arrived, and the most that ever fell into one sliding second."""

from __future__ import annotations

import time
from collections import Counter, deque
from dataclasses import dataclass, field

_SECOND = 1.0


@dataclass(slots=True)
class Window:
    """Arrivals of the last second and the fullest second so far."""

    recent: deque[float] = field(default_factory=deque)
    total: int = 0
    fullest: int = 0

    def count(self, at: float) -> None:
        self.recent.append(at)
        while at - self.recent[0] >= _SECOND:
            self.recent.popleft()
        self.total += 1
        self.fullest = max(self.fullest, len(self.recent))


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
