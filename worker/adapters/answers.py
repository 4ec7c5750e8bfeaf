"""One HTTP exchange with Procountor: sent, read within limits, and what went wrong in our words."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import orjson

from events.errors import Misconfigured, PtmError, Refused, Unavailable
from events.picture import impersonal
from worker.adapters import bodies
from worker.adapters.departure import Departure, departing
from worker.adapters.procountor_facts import plainly
from worker.adapters.retry_after import retry_after
from worker.adapters.web import Lazily, Session

if TYPE_CHECKING:
    import aiohttp
else:
    aiohttp = Lazily("aiohttp")

LARGEST = 16 << 20
"""200 invoices with a hundred rows each are less than half of it; a worker reads two dozen companies at once."""
NO_CONNECTION = "UNABLE_TO_GET_CONNECTION"
"""Procountor's word for an overloaded moment, whatever the status beside it."""
TEMPORARY = frozenset({408, 425, 429})


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    status: int
    body: bytes
    json: bool
    """Whether it says of itself that it is JSON."""
    html: bool
    """Whether it is a page: a gateway in front answers so, and whatever serves no such path."""
    retry_after: timedelta | None
    what: str
    """The request in words: method and path, without ids."""


async def exchange(
    session: aiohttp.ClientSession | Session,
    method: str,
    url: str,
    *,
    what: str,
    timeout: float,
    draw: Callable[[], Awaitable[float]],
    **options: Any,
) -> Answer:
    """Draws first, and again for a repetition or where the slice was over before the request could leave.

    Raises Unavailable where no whole answer came, Refused(`unreadable`) for one that is too large.
    """
    until = await draw()
    limits = aiohttp.ClientTimeout(total=timeout, sock_connect=min(10, timeout))
    departure = Departure(draw=draw, until=until)
    try:
        with departing(departure):
            async with session.request(method, url, timeout=limits, allow_redirects=False, **options) as response:
                kind = response.headers.get("Content-Type", "").lower()
                return Answer(
                    status=response.status,
                    body=await _read(response, what),
                    json="json" in kind,
                    html="html" in kind,
                    retry_after=retry_after(response.headers),
                    what=what,
                )
    except (aiohttp.ClientError, TimeoutError, OSError) as error:
        if departure.waits and not departure.left:
            late = f"{what}: did not leave within {timeout:g} s: no room in the request budget, or too busy a machine"
            raise Unavailable(late) from error
        raise translate(error, what, left=departure.left) from error


async def _read(response: aiohttp.ClientResponse, what: str) -> bytes:
    raw = bytearray()
    async for part in response.content.iter_chunked(1 << 16):
        raw += part
        if len(raw) > LARGEST:
            raise Refused(f"{what}: the answer is larger than {LARGEST >> 20} MB", reason="unreadable")
    return bytes(raw)


def translate(error: BaseException, what: str, *, left: bool) -> PtmError:
    """An address that cannot be one is a setting; everything else on the way may be over the next time.

    *left*: the request may have reached Procountor and taken effect.
    """
    name = type(error).__name__
    if isinstance(error, aiohttp.InvalidURL):
        return Misconfigured(f"{what}: PTM_PROCOUNTOR_URL is no address that can be called ({name})")
    if isinstance(error, aiohttp.TooManyRedirects):
        return Refused(f"{what}: Procountor sends us in circles", reason="unreadable")
    if isinstance(error, aiohttp.ClientError | asyncio.TimeoutError | OSError):
        return Unavailable(f"{what}: Procountor does not answer ({name})", unanswered=left)
    raise TypeError(f"{name} does not come from an HTTP exchange") from error


def accept(answer: Answer) -> Any:
    """The JSON of a good answer.

    Raises Unavailable, or Refused: `credentials` (401), `rights` (403), `not_found` (404, 410), `invalid` (any other
    4xx), `unreadable`. What Procountor said stands in the error's notes: it may name people, so it is not logged.
    """
    if 200 <= answer.status < 300:
        return parse(answer)
    raise refusal(answer)


def refusal(answer: Answer) -> PtmError:
    said = words(answer)
    # A redirection is no answer of the API's: somebody before it sends everybody elsewhere for a while.
    busy = answer.status >= 500 or answer.status < 400 or answer.status in TEMPORARY or NO_CONNECTION in said
    # That an invoice is not there is said in JSON: a page says that the path is not, and nothing about invoices.
    page = (answer.status == 403 and answer.html) or (answer.status == 404 and not answer.json)
    error: PtmError
    if busy or page:
        error = Unavailable(
            f"{answer.what}: Procountor answers {answer.status}", retry_after=answer.retry_after, status=answer.status
        )
    else:
        error = Refused(
            f"{answer.what}: Procountor answers {answer.status}", reason=reason(answer.status), status=answer.status
        )
    if said:
        error.add_note(said)
    return error


def reason(status: int) -> str:
    known = {401: "credentials", 403: "rights", 404: "not_found", 410: "not_found"}
    return known.get(status, "invalid")


def parse(answer: Answer) -> Any:
    if bodies.crowded(answer.body):
        raise Refused(f"{answer.what}: the answer holds more than {bodies.MOST} values", reason="unreadable")
    try:
        return bodies.read(answer.body)
    except orjson.JSONDecodeError as error:
        if not answer.json:
            # A gateway's page, of maintenance for example: it says nothing about what was asked for.
            raise Unavailable(f"{answer.what}: Procountor answers {answer.status}, but not in JSON") from error
        raise Refused(f"{answer.what}: the answer is not JSON", reason="unreadable", status=answer.status) from error


def words(answer: Answer) -> str:
    """What an error body says, in any of the shapes that clients have met; empty for any other."""
    try:
        body = bodies.read(answer.body)
    except orjson.JSONDecodeError:
        return ""
    if not isinstance(body, dict):
        return ""
    for name, part in (("errors", "message"), ("constraintViolations", "errorCode")):
        if isinstance(errors := body.get(name), list):
            return impersonal("; ".join(plainly(one.get(part)) for one in errors if isinstance(one, Mapping)))[:500]
    return impersonal(": ".join(said for key in ("error", "error_description") if (said := plainly(body.get(key)))))[
        :500
    ]
