"""Faults by seed: which route goes wrong, how, how often and how many times, from a spec string or set live."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from random import Random

import orjson
from aiohttp import web

_HOLD_SECONDS = 120.0
_LOOK_SECONDS = 0.1


@dataclass(slots=True, kw_only=True)
class Fault:
    target: str
    """Service or service.route or service.route.method; it covers everything below."""
    kind: str
    """`5xx`, `429`, `429_bare` (no Retry-After), any status, `timeout_after_effect`, `drop`, `latency`."""
    probability: float = 1.0
    milliseconds: float = 0.0
    left: int | None = None
    """How many times more; None is without end."""
    tenant: str = ""
    """Company or organization id; empty is every one."""

    def covers(self, route: str, tenant: str) -> bool:
        if self.left == 0 or (self.tenant and self.tenant != tenant):
            return False
        return route == self.target or route.startswith(self.target + ".")


KINDS = ("5xx", "429", "429_bare", "timeout_after_effect", "drop", "latency")


def parse_faults(spec: str) -> list[Fault]:
    """`target[@tenant]=kind[:ms][:probability[xCOUNT]]`, separated by commas."""
    return [_parse(part.strip()) for part in spec.split(",") if part.strip()]


def _parse(part: str) -> Fault:
    target, equals, recipe = part.partition("=")
    kind, *rest = recipe.split(":")
    if not equals or not target or not (kind in KINDS or (kind.isdigit() and len(kind) == 3)):
        raise ValueError(f"fault {part!r} is not target=kind[:probability]; kinds: {', '.join(KINDS)} or a status")
    try:
        milliseconds = float(rest.pop(0)) if kind == "latency" else 0.0
        probability, _, count = (rest.pop(0) if rest else "1").partition("x")
        odds, left = float(probability), int(count) if count else None
    except (IndexError, ValueError) as error:
        raise ValueError(f"fault {part!r}: {error}") from error
    name, _, tenant = target.partition("@")
    return Fault(target=name, kind=kind, probability=odds, milliseconds=milliseconds, left=left, tenant=tenant)


class Faults:
    """The faults in force, drawn by a seeded RNG of their own."""

    def __init__(self, spec: str = "", *, seed: int = 0) -> None:
        self._rng = Random(f"faults {seed}")
        self.active = parse_faults(spec)
        self.stopping = asyncio.Event()

    def add(self, spec: str) -> None:
        self.active += parse_faults(spec)

    def replace(self, spec: str) -> None:
        self.active = parse_faults(spec)

    def clear(self) -> None:
        self.active = []

    def draw(self, route: str, tenant: str) -> list[Fault]:
        """The faults that strike this request: any delays, then at most one other."""
        struck: list[Fault] = []
        for fault in self.active:
            if not fault.covers(route, tenant) or self._rng.random() >= fault.probability:
                continue
            fault.left = None if fault.left is None else fault.left - 1
            struck.append(fault)
            if fault.kind != "latency":
                break
        return struck

    async def answer(
        self, request: web.Request, struck: list[Fault], handler: Callable[[], Awaitable[web.StreamResponse]]
    ) -> web.StreamResponse:
        for fault in struck:
            if fault.kind == "latency":
                await asyncio.sleep(fault.milliseconds / 1000)
            else:
                return await self._strike(request, fault.kind, handler)
        return await handler()

    async def _strike(
        self, request: web.Request, kind: str, handler: Callable[[], Awaitable[web.StreamResponse]]
    ) -> web.StreamResponse:
        match kind:
            case "drop":
                return _cut(request)
            case "timeout_after_effect":
                await handler()
                await self._hold(request)
                return _cut(request)
            case "429":
                return _refusal(429, {"Retry-After": "1"})
            case "429_bare":
                return _refusal(429)
            case "5xx":
                return _refusal(self._rng.choice((500, 502, 503)))
            case _:
                return _refusal(int(kind))

    async def _hold(self, request: web.Request) -> None:
        """Keep the caller waiting until it gives up, the sandbox stops, or two minutes have passed."""
        deadline = asyncio.get_running_loop().time() + _HOLD_SECONDS
        while request.transport is not None and asyncio.get_running_loop().time() < deadline:
            try:
                await asyncio.wait_for(self.stopping.wait(), _LOOK_SECONDS)
            except TimeoutError:
                continue
            return


def _cut(request: web.Request) -> web.Response:
    if request.transport is not None:
        request.transport.abort()
    return web.Response()


def _refusal(status: int, headers: dict[str, str] | None = None) -> web.Response:
    body = orjson.dumps({"errors": [{"status": status, "message": f"Sandbox fault {status}"}]})
    return web.Response(body=body, status=status, headers=headers, content_type="application/json")
