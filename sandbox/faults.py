"""Faults by seed: which route goes wrong, how, how often and how many times, from a spec string or set live."""

from __future__ import annotations

import asyncio
import re
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from random import Random

from aiohttp import web

from sandbox.striking import Strike, strike

KINDS = (
    *("5xx", "429", "429_bare", "timeout_after_effect", "drop", "drop_after_effect", "half_close", "garbage"),
    *("truncated", "revoked"),
)
ARGUED = ("latency", "drip", "page", "no_connection", "maintenance")
"""With a number behind it: milliseconds, milliseconds, a status, a status, seconds."""
_WITH_STATUS = ("page", "no_connection")
_STATUS = re.compile("[2-5][0-9][0-9]")


@dataclass(slots=True, kw_only=True)
class Fault:
    target: str
    """Service or service.route or service.route.method; it covers everything below."""
    kind: str
    """Of KINDS or ARGUED, or any status. `429_bare` has no Retry-After; `revoked` ends the caller's key for good."""
    number: float = 0.0
    probability: float = 1.0
    count: int | None = None
    """How many times it strikes each tenant, or a maintenance window closes for all; None is without end."""
    tenant: str = ""
    """Company or organization id; empty is every one."""
    struck: Counter[str] = field(default_factory=Counter)
    """By whom it struck."""

    def covers(self, route: str, tenant: str) -> bool:
        if (self.tenant and self.tenant != tenant) or (self.kind == "revoked" and not tenant):
            return False
        return reaches(self.target, route) and (self.count is None or self.struck[self.whose(tenant)] < self.count)

    def whose(self, tenant: str) -> str:
        return "" if self.kind == "maintenance" else tenant


def reaches(target: str, route: str) -> bool:
    return route == target or route.startswith(target + ".")


def parse_faults(spec: str) -> list[Fault]:
    """`target[@tenant]=kind[:number][:probability[xCOUNT]]`, separated by commas."""
    return [_parse(part.strip()) for part in spec.split(",") if part.strip()]


def _parse(part: str) -> Fault:
    target, equals, recipe = part.partition("=")
    kind, *rest = recipe.split(":")
    if not equals or not target or not (kind in KINDS + ARGUED or _STATUS.fullmatch(kind)):
        kinds = ", ".join(KINDS + tuple(f"{each}:NUMBER" for each in ARGUED))
        raise ValueError(f"fault {part!r} is not target=kind[:probability]; kinds: {kinds} or a status")
    try:
        number = float(rest.pop(0)) if kind in ARGUED else 0.0
        if not (200 <= number < 600 if kind in _WITH_STATUS else 0 <= number < 1e9):
            raise ValueError(f"{number:g} is none of its numbers")
        probability, _, count = (rest.pop(0) if rest else "1").partition("x")
        odds, times = float(probability), int(count) if count else None
    except (IndexError, ValueError) as error:
        raise ValueError(f"fault {part!r}: {error}") from error
    name, _, tenant = target.partition("@")
    return Fault(target=name, kind=kind, number=number, probability=odds, count=times, tenant=tenant)


class Faults:
    """The faults in force.

    What strikes the nth request of a tenant on a route depends on the seed and on nothing else: not on what others
    asked for meanwhile, so that the same seed gives the same run however its requests fall between each other. Only a
    maintenance window closes for all, whoever met it first.
    *revoke* ends a tenant's key at a service; *now* is in seconds, for windows, and *closed* their status.
    """

    def __init__(
        self,
        spec: str = "",
        *,
        seed: int = 0,
        revoke: Callable[[str, str], None] = lambda service, tenant: None,
        now: Callable[[], float] = time.time,
        closed: Callable[[], int] = lambda: 503,
    ) -> None:
        self._seed = seed
        self._revoke = revoke
        self._now = now
        self._closed = closed
        self._met: Counter[tuple[str, str, str]] = Counter()
        self._windows: dict[str, float] = {}
        self.active = parse_faults(spec)
        self.stopping = asyncio.Event()

    def add(self, spec: str) -> None:
        self.active += parse_faults(spec)

    def replace(self, spec: str) -> None:
        self.clear()
        self.active = parse_faults(spec)

    def clear(self) -> None:
        self.active = []
        self._windows.clear()

    def draw(self, route: str, tenant: str) -> list[Strike]:
        """What strikes this request: any delays, then at most one other."""
        if any(reaches(target, route) and self._now() < until for target, until in self._windows.items()):
            return [Strike(kind="maintenance", number=self._closed(), rng=Random(0))]
        struck: list[Strike] = []
        for fault in self.active:
            if not fault.covers(route, tenant):
                continue
            rng = self._chance(fault, route, tenant)
            if rng.random() >= fault.probability:
                continue
            struck.append(self._struck(fault, route, tenant, rng))
            if fault.kind != "latency":
                break
        return struck

    async def answer(
        self, request: web.Request, struck: list[Strike], handler: Callable[[], Awaitable[web.StreamResponse]]
    ) -> web.StreamResponse:
        for each in struck:
            if each.kind == "latency":
                await asyncio.sleep(each.number / 1000)
            else:
                return await strike(request, each, handler, self.stopping)
        return await handler()

    def _chance(self, fault: Fault, route: str, tenant: str) -> Random:
        met = (f"{fault.target}={fault.kind}", route, tenant)
        self._met[met] += 1
        return Random(f"faults {self._seed} {met} {self._met[met]}")

    def _struck(self, fault: Fault, route: str, tenant: str, rng: Random) -> Strike:
        fault.struck[fault.whose(tenant)] += 1
        number = fault.number
        if fault.kind == "maintenance":
            self._windows[fault.target], number = self._now() + number, self._closed()
        if fault.kind == "revoked":
            self._revoke(route.partition(".")[0], tenant)
        return Strike(kind=fault.kind, number=number, rng=rng)
