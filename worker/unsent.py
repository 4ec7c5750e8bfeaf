"""What is not sent yet when a company is connected, or a type of document first named: listed, and noted with that.

A worker reads these invoices with all that belongs to them, whenever it starts. One that is sent before that is known
by its note: its sending counts.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from typing import Literal, Protocol, TypeVar

from events.cursor import Place, following, newest
from events.errors import Refused
from events.invoice import BEFORE_SENDING, Status
from events.observe import Seen, see
from worker.adapters.procountor import Page

NOT_SENT_YET = BEFORE_SENDING | {Status.APPROVED}
"""What is read when an integration is connected, so that what follows is understood."""

MOST = 200_000
"""No company has so many, and a list without an end would fill a worker's memory."""

Access_contra = TypeVar("Access_contra", contravariant=True)


class Lists(Protocol[Access_contra]):
    async def invoices(
        self,
        access: Access_contra,
        *,
        types: Collection[str],
        statuses: Collection[str] = ...,
        by: Literal["version", "id"] = ...,
        previous: int | None = ...,
    ) -> Page: ...


async def read(
    procountor: Lists[Access_contra],
    access: Access_contra,
    types: Collection[str],
    progress: Callable[[int], None] = lambda found: None,
) -> Sequence[Seen]:
    """Without details: a request for 200, drawn from the budget like every other."""
    found: dict[int, Seen] = {}
    place: Place | None = Place(since=None)
    while place is not None:
        page = await procountor.invoices(access, types=types, statuses=NOT_SENT_YET, by="id", previous=place.after)
        rows = [brief(seen) for item in page.items if (seen := see(item))]
        fresh = {seen.invoice: seen for seen in rows if seen.invoice not in found}
        found |= fresh
        if len(found) > MOST:
            raise Refused(f"Procountor lists more than {MOST} invoices that are not sent yet.", reason="unreadable")
        progress(len(found))
        place = following(place, rows, full=page.full and bool(fresh))
    return list(found.values())


def past(page: Page, *, now: str) -> str:
    """Where the past ends; empty where there is no invoice. Raises `Refused` where there are some that do not say: all
    of them would seem new.
    """
    version = newest([seen for item in page.items if (seen := see(item))], now=now)
    if page.items and not version:
        raise Refused("Procountor's newest invoice does not say when it was changed.", reason="unreadable")
    return version


def brief(seen: Seen) -> Seen:
    """Of the row only the number that people know: there may be many thousand."""
    return replace(seen, row={"invoiceNumber": seen.number})
