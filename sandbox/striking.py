"""What a fault does to one request: refused, cut, held, slowed, or answered with what nobody can read."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from random import Random

import orjson
from aiohttp import web

from sandbox.answers import page

HOLD_SECONDS = 120.0
_LOOK_SECONDS = 0.1
_DRIPS = 20

Handler = Callable[[], Awaitable[web.StreamResponse]]
Spoils = Callable[[web.Request, "Strike", web.Response, asyncio.Event], Awaitable[web.StreamResponse]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Strike:
    kind: str
    number: float
    rng: Random


async def strike(request: web.Request, struck: Strike, handler: Handler, stopping: asyncio.Event) -> web.StreamResponse:
    """*handler* is asked only where the fault lets the effect happen."""
    if struck.kind == "drop":
        return _cut(request)
    if struck.kind == "garbage":
        noise = struck.rng.randbytes(struck.rng.randrange(1, 400))
        return web.Response(body=noise, content_type="application/json")
    if struck.kind in _SPOILED:
        answered = await handler()
        if not isinstance(answered, web.Response) or not isinstance(answered.body, bytes):
            return answered
        return await _SPOILED[struck.kind](request, struck, answered, stopping)
    return await handler() if struck.kind == "revoked" else _refusal(struck)


def _refusal(struck: Strike) -> web.Response:
    match struck.kind:
        case "page" | "maintenance":
            notice = "<html><head><title>Service notice</title></head><body>Huoltokatko</body></html>"
            return page(notice, int(struck.number))
        case "no_connection":
            return _errors(int(struck.number), "UNABLE_TO_GET_CONNECTION")
        case "429":
            return _errors(429, headers={"Retry-After": "1"})
        case "429_bare":
            return _errors(429)
        case "5xx":
            return _errors(struck.rng.choice((500, 502, 503)))
    return _errors(int(struck.kind))


async def _late(request: web.Request, _: Strike, __: web.Response, stopping: asyncio.Event) -> web.StreamResponse:
    await hold(request, stopping)
    return _cut(request)


async def _lost(request: web.Request, *_: object) -> web.StreamResponse:
    return _cut(request)


async def _truncated(_: web.Request, struck: Strike, answered: web.Response, __: asyncio.Event) -> web.StreamResponse:
    body = _body(answered)
    cut = struck.rng.randrange(1, len(body)) if len(body) > 1 else 0
    return web.Response(body=body[:cut], status=answered.status, content_type=answered.content_type)


async def _half_closed(
    request: web.Request, struck: Strike, answered: web.Response, stopping: asyncio.Event
) -> web.StreamResponse:
    """Some of the body, then the end of what this side has to say; the other side stays open."""
    body = _body(answered)
    stream = await _begun(request, answered)
    await stream.write(body[: struck.rng.randrange(len(body) + 1) // 2])
    if request.transport is not None and request.transport.can_write_eof():
        request.transport.write_eof()
    await hold(request, stopping)
    _cut(request)
    return stream


async def _dripped(
    request: web.Request, struck: Strike, answered: web.Response, _: asyncio.Event
) -> web.StreamResponse:
    """All of the body, in drops over so many milliseconds."""
    body = _body(answered)
    stream = await _begun(request, answered)
    size = len(body) // _DRIPS + 1
    for start in range(0, len(body), size):
        await asyncio.sleep(struck.number / 1000 / _DRIPS)
        await stream.write(body[start : start + size])
    await stream.write_eof()
    return stream


_SPOILED: dict[str, Spoils] = {
    "timeout_after_effect": _late,
    "drop_after_effect": _lost,
    "truncated": _truncated,
    "half_close": _half_closed,
    "drip": _dripped,
}


async def hold(request: web.Request, stopping: asyncio.Event) -> None:
    """Keep the caller waiting until it gives up, the sandbox stops, or two minutes have passed."""
    deadline = asyncio.get_running_loop().time() + HOLD_SECONDS
    while request.transport is not None and asyncio.get_running_loop().time() < deadline:
        try:
            await asyncio.wait_for(stopping.wait(), _LOOK_SECONDS)
        except TimeoutError:
            continue
        return


async def _begun(request: web.Request, answered: web.Response) -> web.StreamResponse:
    stream = web.StreamResponse(status=answered.status)
    stream.content_type, stream.content_length = answered.content_type, len(_body(answered))
    await stream.prepare(request)
    return stream


def _body(answered: web.Response) -> bytes:
    return answered.body if isinstance(answered.body, bytes) else b""


def _cut(request: web.Request) -> web.Response:
    if request.transport is not None:
        request.transport.abort()
    return web.Response()


def _errors(status: int, message: str = "", headers: dict[str, str] | None = None) -> web.Response:
    body = orjson.dumps({"errors": [{"status": status, "message": message or f"Sandbox fault {status}"}]})
    return web.Response(body=body, status=status, headers=headers, content_type="application/json")
