"""Whether a web address answers at all, over TLS, and what time it is there."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING

from events.errors import Misconfigured, PtmError, Unavailable
from worker.adapters.web import Lazily, Session

if TYPE_CHECKING:
    import aiohttp
else:
    aiohttp = Lazily("aiohttp")


@dataclass(frozen=True, slots=True, kw_only=True)
class Reached:
    status: int
    ahead: float | None
    """Seconds that its clock, as its Date header says, is ahead of ours; None where it says no time."""


async def reach(session: aiohttp.ClientSession | Session, url: str, *, timeout: float) -> Reached:
    """One GET without credentials. Raises Unavailable, or Misconfigured where its certificate is not trusted."""
    limits = aiohttp.ClientTimeout(total=timeout)
    try:
        async with session.request("GET", url, timeout=limits, allow_redirects=False) as response:
            return Reached(status=response.status, ahead=ahead(response.headers.get("Date"), datetime.now(UTC)))
    except (aiohttp.ClientError, TimeoutError, OSError, ValueError) as error:
        raise translate(error, url) from error


def ahead(said: str | None, now: datetime) -> float | None:
    """The header has whole seconds: its second may be half over."""
    try:
        at = parsedate_to_datetime(said or "").astimezone(UTC)
    except (ValueError, OverflowError):
        return None
    return (at - now).total_seconds() + 0.5


def translate(error: Exception, url: str) -> PtmError:
    match error:
        case aiohttp.ClientConnectorCertificateError() | aiohttp.ClientSSLError():
            return Misconfigured(f"{url} shows a certificate that is not trusted here: {error}")
        case aiohttp.InvalidURL():
            return Misconfigured(f"{url} is no address that can be called.")
        case _:
            return Unavailable(f"{url} does not answer: {str(error) or type(error).__name__}")
