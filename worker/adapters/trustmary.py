"""Trustmary's API: contacts, lists, surveys and automations of one organization per key."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import orjson

from events.errors import Refused, Unavailable
from events.jsonable import shallow
from worker.adapters import bodies
from worker.adapters.departure import Departure, departing
from worker.adapters.retry_after import retry_after
from worker.adapters.web import Lazily, Session

if TYPE_CHECKING:
    import aiohttp
else:
    aiohttp = Lazily("aiohttp")

PAGE = 1000
PAGES = 100
"""Nobody has so many lists, and pages without an end would fill a worker's memory."""
LARGEST = 4 << 20
KEPT = 16 << 10
"""An answer larger than this is not worth keeping in an event."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Organization:
    """Whose key it is."""

    id: str
    name: str
    key_name: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """A list, survey or automation that may be picked as a destination."""

    id: str
    name: str
    status: str | None = None
    """`active` or `draft`, for an automation."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What came back with a status of 200–299; an empty body where it was no JSON object."""

    status: int
    body: Mapping[str, Any] = field(default_factory=dict)


@asynccontextmanager
async def open_session(*, proxies: bool = False) -> AsyncIterator[aiohttp.ClientSession]:
    """`session.make_session`, closed in the end."""
    from worker.adapters.session import make_session  # noqa: PLC0415 - loads aiohttp

    async with make_session(proxies=proxies) as session:
        yield session


class Trustmary:
    """Every method takes the organization's key first and raises Unavailable or Refused.

    Refused reasons: `invalid` (400, 422), `credentials` (401, 403), `not_found` (404, 410), `unreadable`, `refused`.
    """

    def __init__(
        self,
        session: aiohttp.ClientSession | Session,
        *,
        url: str,
        scheme: str = "Apikey",
        list_key: str = "addToLists",
        timeout: float = 10,
    ) -> None:
        self._session = session
        self._url = url.rstrip("/")
        self._scheme = scheme
        self._list_key = list_key
        self._timeout = timeout

    async def test(self, key: str) -> Organization:
        """Whose key it is. One that names no organization is no key, whatever the status: the vendor does the same."""
        body = await self._get(key, "test")
        id, name = (body.get("organization_id"), body.get("organization_name")) if isinstance(body, dict) else ("", "")
        if not id or not name:
            raise Refused(
                "Trustmary's answer to /test names no organization: the key is not valid.", reason="credentials"
            )
        key_name = body.get("api_key_name")
        return Organization(id=str(id), name=str(name), key_name=str(key_name) if key_name else None)

    async def contact(self, key: str, email: str, *, timeout: float | None = None) -> Mapping[str, Any] | None:
        """The contact with that address, deleted ones too (`deleted_at`); None where there is none."""
        try:
            body = await self._get(key, "contacts", {"email": email, "includeAll": "true"}, timeout=timeout)
        except Refused as refused:
            if refused.reason == "not_found":
                return None
            if refused.reason == "unreadable":
                raise Unavailable(str(refused), status=refused.status) from refused
            raise
        named = (
            row for row in _rows(body, "contacts") if str(row.get("email") or email).casefold() == email.casefold()
        )
        return next(named, None)

    async def add(
        self,
        key: str,
        contact: Mapping[str, str],
        *,
        lists: tuple[str, ...] = (),
        guard: Callable[[], None] | None = None,
        timeout: float | None = None,
    ) -> Answer:
        """Create or update the contact, and add it to *lists*. *guard* is asked just before the request leaves."""
        body = {**contact, **({self._list_key: list(lists)} if lists else {})}
        return await self._post(key, "contacts", body, guard=guard, timeout=timeout)

    async def remove(
        self,
        key: str,
        email: str,
        *,
        lists: tuple[str, ...],
        guard: Callable[[], None] | None = None,
        timeout: float | None = None,
    ) -> Answer:
        """Take the contact off *lists*. Whether one that is not there would be made is not known: look first."""
        body = {"email": email, "removeFromLists": list(lists)}
        return await self._post(key, "contacts", body, guard=guard, timeout=timeout)

    async def trigger(
        self,
        key: str,
        automation: str,
        contact: Mapping[str, str],
        *,
        guard: Callable[[], None] | None = None,
        timeout: float | None = None,
    ) -> Answer:
        """Start *automation* for a contact that is there already; only its address and custom fields are sent."""
        body = {name: value for name, value in contact.items() if name == "email" or name.startswith("field_")}
        return await self._post(key, f"automations/{automation}/trigger", body, guard=guard, timeout=timeout)

    async def lists(self, key: str) -> list[Target]:
        """Lists that a contact can be added to: neither deleted nor smart ones, which fill themselves."""
        return [_target(row) async for row in self._pages(key, "lists") if row.get("source") != "smart"]

    async def surveys(self, key: str) -> list[Target]:
        return [_target(row) async for row in self._pages(key, "surveys")]

    async def automations(self, key: str) -> list[Target]:
        rows = _rows(await self._get(key, "automations"), "automations")
        return [_target(row) for row in rows if row.get("id") and not row.get("deleted_at")]

    async def _pages(self, key: str, name: str) -> AsyncIterator[dict[str, Any]]:
        """Ends, too, where a page brings nothing new: then the offset is read from somewhere else than the query."""
        offset, met = 0, set[str]()
        while offset < PAGE * PAGES:
            rows = _rows(await self._get(key, name, {"offset": str(offset)}), name)
            fresh = {str(row["id"]): row for row in rows if row.get("id") and str(row["id"]) not in met}
            for row in fresh.values():
                if not row.get("deleted_at"):
                    yield row
            if len(rows) < PAGE or not fresh:
                return
            met |= fresh.keys()
            offset += PAGE
        raise Refused(f"Trustmary lists more than {PAGES} pages of {name}.", reason="unreadable")

    async def _get(
        self, key: str, path: str, query: Mapping[str, str] | None = None, *, timeout: float | None = None
    ) -> Any:
        status, raw = await self._call("GET", key, path, query=query, timeout=timeout)
        try:
            body = bodies.read(raw)
        except orjson.JSONDecodeError as error:
            message = f"Trustmary answered {status} to GET /{path}, but not in JSON."
            raise Refused(message, reason="unreadable", status=status) from error
        if not shallow(body):
            raise Refused(f"Trustmary's answer to GET /{path} is nested without end.", reason="unreadable")
        return body

    async def _post(
        self,
        key: str,
        path: str,
        body: Mapping[str, Any],
        *,
        guard: Callable[[], None] | None,
        timeout: float | None,
    ) -> Answer:
        status, raw = await self._call("POST", key, path, body=body, guard=guard, timeout=timeout)
        return Answer(status=status, body=_object(raw))

    async def _call(
        self,
        method: str,
        key: str,
        path: str,
        *,
        query: Mapping[str, str] | None = None,
        body: Mapping[str, Any] | None = None,
        guard: Callable[[], None] | None = None,
        timeout: float | None = None,
    ) -> tuple[int, bytes]:
        headers = {"Authorization": f"{self._scheme} {key}", "Accept": "application/json"}
        if body is not None:
            headers["Content-Type"] = "application/json"
        departure = Departure(guard=guard)
        try:
            with departing(departure):
                async with self._session.request(
                    method,
                    f"{self._url}/{path}",
                    params=query,
                    data=None if body is None else orjson.dumps(body),
                    headers=headers,
                    allow_redirects=False,
                    timeout=aiohttp.ClientTimeout(total=timeout or self._timeout),
                ) as response:
                    raw = await _read(response)
                    judge(response.status, response.headers, raw, call=f"{method} /{path.partition('/')[0]}")
                    return response.status, raw
        except (aiohttp.ClientError, TimeoutError, OSError, ValueError) as error:
            raise translate(error, left=departure.left) from error


def judge(status: int, headers: Mapping[str, str], raw: bytes, *, call: str) -> None:
    """Raises what *status* means; returns for 200–299.

    A gateway's 502, 504 or redirection says nothing about what became of the request: for a POST that is no answer. Nor
    is a page: the API answers in JSON (api/trustmary.md), so somebody else spoke, before it or in its place, who knows
    neither the key nor the list; but what a 401 looks like is not known.
    """
    message = f"Trustmary answered {status} to {call}."
    posted, elsewhere = call.startswith("POST"), 300 <= status < 400
    match status:
        case _ if status in (408, 425, 429) or status >= 500 or elsewhere:
            unknown = posted and (status in (502, 504) or elsewhere)
            raise Unavailable(message, retry_after=retry_after(headers), unanswered=unknown, status=status)
        case _ if status != 401 and headers.get("Content-Type", "").lower().startswith("text/html"):
            raise Unavailable(
                f"Trustmary answered {status} to {call} with an HTML page.", unanswered=posted, status=status
            )
        case _ if 200 <= status < 300:
            return
        case 400 | 422:
            reason = "invalid"
        case 401 | 403:
            reason = "credentials"
        case 404 | 410:
            reason = "not_found"
        case _:
            reason = "refused"
    raise Refused(message, reason=reason, status=status, answer=_object(raw))


def translate(error: Exception, *, left: bool) -> Exception:
    """What a failure below HTTP means. *left*: the request may have reached Trustmary and taken effect."""
    match error:
        case aiohttp.InvalidURL():
            return Refused(f"PTM_TRUSTMARY_URL is not an address: {error}", reason="unreadable")
        case ValueError():
            return Refused("The key holds characters that no key has.", reason="credentials")
        case aiohttp.ClientConnectorError() | aiohttp.ConnectionTimeoutError() | aiohttp.ClientProxyConnectionError():
            return Unavailable(f"Trustmary cannot be reached: {error}")
        case _:
            # In its own words it may repeat the address asked for, or what came of an answer: both name a person.
            said = type(error).__name__
            tried = f"Trustmary did not answer: {said}" if left else f"Trustmary cannot be reached: {said}"
            return Unavailable(tried, unanswered=left)


async def _read(response: aiohttp.ClientResponse) -> bytes:
    """The body; a POST's answer is in its status, so losing the rest of it, or all of one too large, loses nothing."""
    raw = bytearray()
    try:
        async for part in response.content.iter_any():
            raw += part
            if len(raw) > LARGEST and response.method == "POST":
                return b""
            if len(raw) > LARGEST:
                raise Refused("Trustmary's answer is too large to be one.", reason="unreadable", status=response.status)
    except (aiohttp.ClientError, TimeoutError, OSError):
        if response.method != "POST":
            raise
        return b""
    return bytes(raw)


def _object(raw: bytes) -> Mapping[str, Any]:
    if len(raw) > KEPT:
        return {}
    try:
        body = bodies.read(raw)
    except orjson.JSONDecodeError:
        return {}
    return body if isinstance(body, dict) and shallow(body) else {}


def _rows(body: Any, name: str) -> list[dict[str, Any]]:
    """Bare or wrapped: Trustmary's pages show both."""
    rows = body.get(name) if isinstance(body, dict) else body
    if not isinstance(rows, list):
        raise Refused(f"Trustmary's answer holds no {name}.", reason="unreadable")
    return [row for row in rows if isinstance(row, dict)]


def _target(row: Mapping[str, Any]) -> Target:
    status = row.get("status")
    return Target(id=str(row["id"]), name=str(row.get("name") or row["id"]), status=str(status) if status else None)
