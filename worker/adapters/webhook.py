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
from worker.adapters.web import Lazily

if TYPE_CHECKING:
    import aiohttp
else:
    aiohttp = Lazily("aiohttp")

WHOLE = 10.0
"""Seconds for one call."""
LATER = frozenset({408, 425, 429})


async def post(session: aiohttp.ClientSession, url: str, said: Mapping[str, Any]) -> None:
    """Returns once it was answered with 200–299; an address that leads elsewhere is not followed.

    Raises `Refused` where the other side says no for good, `Misconfigured` and `Unavailable`.
    """
    host = recipient.host(url)
    try:
        async with session.post(
            url,
            data=jsonable.as_text(said).encode(),
            headers={"Content-Type": "application/json"},
            allow_redirects=False,
            timeout=aiohttp.ClientTimeout(total=WHOLE),
        ) as answer:
            status, asked = answer.status, retry_after(answer.headers)
    except aiohttp.InvalidURL as error:
        raise Misconfigured(f"The webhook at {host} cannot be called.") from error
    except (aiohttp.ClientError, TimeoutError, OSError) as error:
        raise Unavailable(f"The webhook at {host} does not answer: {type(error).__name__}.") from error
    if status in LATER or status >= 500:
        raise Unavailable(f"The webhook at {host} answers {status}.", retry_after=asked, status=status)
    if not 200 <= status < 300:
        raise Refused(f"The webhook at {host} turned the alert down ({status}).", reason="webhook", status=status)


@dataclass(frozen=True, slots=True, kw_only=True)
class Post:
    """Both ways out."""

    mail_server: Mail
    session: aiohttp.ClientSession

    async def mail(self, to: str, letter: Letter, *, id: UUID) -> None:
        await self.mail_server.send(to, letter, id=id)

    async def post(self, url: str, said: Mapping[str, Any]) -> None:
        await post(self.session, url, said)
