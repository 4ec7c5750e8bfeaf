"""The way in to either service: every request is metered, may meet a fault, and is refused in the service's words."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

import orjson
from aiohttp import web

from sandbox.answers import Rejected
from sandbox.faults import Faults
from sandbox.meter import Meter, arrived

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
Witness = Callable[[web.Request, web.StreamResponse], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Door:
    meter: Meter
    faults: Faults
    tenant: Callable[[web.Request], str]
    """Company or organization of a request as far as its credentials tell; empty if they do not."""
    refuse: Callable[[Rejected], web.Response]
    witness: Witness | None = None
    """Shown every answer before a fault gets hold of it."""

    def guard(self, route: str, handler: Handler) -> Handler:
        """*handler* behind this door; *route* is its name in meters and faults."""

        async def answer(request: web.Request) -> web.StreamResponse:
            tenant = self.tenant(request)
            self.meter.arrive(route, tenant, arrived(request))
            struck = self.faults.draw(route, tenant) if self.faults.active else []
            if not struck:
                return await attempt(request)
            return await self.faults.answer(request, struck, lambda: attempt(request))

        async def attempt(request: web.Request) -> web.StreamResponse:
            try:
                answered = await handler(request)
            except web.RequestPayloadError:
                answered = self.refuse(Rejected(400, "The body cannot be read"))
            except Rejected as rejected:
                answered = self.refuse(rejected)
                answered.headers.update(rejected.headers)
            if self.witness is not None:
                self.witness(request, answered)
            return answered

        return answer


async def read_object(request: web.Request) -> dict[str, Any]:
    """The request's JSON object; an empty body is an empty one."""
    raw = await request.read()
    try:
        body = orjson.loads(raw) if raw else {}
    except orjson.JSONDecodeError:
        raise Rejected(400, "The body is not valid JSON") from None
    if not isinstance(body, dict):
        raise Rejected(400, "The body must be a JSON object")
    return body


async def read_form(request: web.Request) -> dict[str, str]:
    try:
        return {name: str(value) for name, value in (await request.post()).items()}
    except (LookupError, ValueError):
        raise Rejected(400, "The body is not a form") from None
