"""Alerts by webhook: one POST of JSON. What goes wrong is told by host: the rest of the address may let others in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from uuid import UUID

from events import jsonable, recipient
from events.alert import Letter
from events.errors import Misconfigured, Refused, Unavailable
from worker.adapters.mail import Mail
from worker.adapters.retry_after import retry_after
from worker.adapters.web import Lazily, Session

if TYPE_CHECKING:
    import aiohttp
else:
    aiohttp = Lazily("aiohttp")

WHOLE = 10.0
"""Seconds for one call."""
LATER = frozenset({408, 425, 429})


async def post(session: aiohttp.ClientSession | Session, url: str, said: Mapping[str, Any]) -> str:
    """The answer's status, of 200–299; an address that leads elsewhere is not followed.

    Raises `Refused` where the other side says no for good, `Misconfigured` and `Unavailable`.
    """
    host = recipient.host(url)
    try:
        async with session.request(
            "POST",
            url,
            data=jsonable.as_text(said).encode(),
            headers={"Content-Type": "application/json"},
            allow_redirects=False,
            timeout=aiohttp.ClientTimeout(total=WHOLE),
        ) as answer:
            status, asked = answer.status, retry_after(answer.headers)
            words = f"{status} {answer.reason or ''}".strip()
    except aiohttp.InvalidURL as error:
        raise Misconfigured(f"The webhook at {host} cannot be called.") from error
    except (aiohttp.ClientError, TimeoutError, OSError) as error:
        raise unheard(host, error) from error
    if status in LATER or status >= 500:
        raise Unavailable(f"The webhook at {host} answers {status}.", retry_after=asked, status=status)
    if not 200 <= status < 300:
        raise Refused(f"The webhook at {host} turned the alert down ({status}).", reason="webhook", status=status)
    return words


def unheard(host: str, error: Exception) -> Unavailable:
    """It may be its name, its certificate, or that nobody is there."""
    match error:
        case aiohttp.ClientConnectorDNSError():
            return Unavailable(f"Nobody knows the webhook's host {host}: see its address, and the name service.")
        case aiohttp.ClientSSLError():
            return Unavailable(f"The webhook at {host} shows no certificate that is trusted here.")
        case aiohttp.ClientConnectorError():
            return Unavailable(f"Nothing listens at the webhook's host {host}.")
        case _:
            return Unavailable(f"The webhook at {host} does not answer: {type(error).__name__}.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Post:
    """Both ways out."""

    mail_server: Mail
    session: aiohttp.ClientSession | Session

    async def mail(self, to: str, letter: Letter, *, id: UUID) -> str:
        return await self.mail_server.send(to, letter, id=id)

    async def post(self, url: str, said: Mapping[str, Any]) -> str:
        return await post(self.session, url, said)
