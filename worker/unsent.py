"""What is not sent yet when a company is connected: listed before anything is saved, and noted with it.

A worker reads these invoices with all that belongs to them, whenever it starts. One that is sent before that is known
by its note: its sending counts.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from uuid import UUID

from events.cursor import Place, following
from events.observe import Seen, see
from worker.adapters.postgres import Connection
from worker.operations.access import Company
from worker.operations.context import SQL, Context
from worker.reading import NOT_SENT_YET


async def read(
    context: Context, company: Company, types: Collection[str], progress: Callable[[int], None]
) -> Sequence[Seen]:
    """Without details: a request for 200, drawn from the budget like every other."""
    found: dict[int, Seen] = {}
    place: Place | None = Place(since=None)
    while place is not None:
        page = await context.procountor.invoices(
            company.credentials, types=types, statuses=NOT_SENT_YET, by="id", previous=place.after
        )
        rows = [brief(seen) for item in page.items if (seen := see(item))]
        fresh = {seen.invoice: seen for seen in rows if seen.invoice not in found}
        found |= fresh
        progress(len(found))
        place = following(place, rows, full=page.full and bool(fresh))
    return list(found.values())


def brief(seen: Seen) -> Seen:
    """Of the row only the number that people know: there may be many thousand."""
    return replace(seen, row={"invoiceNumber": seen.number})


async def note(connection: Connection, integration: UUID, waiting: Sequence[Seen]) -> None:
    columns = [(one.invoice, one.number, one.partner, one.status, one.version, one.created) for one in waiting]
    if columns:
        await connection.execute(SQL["note_unsent"], integration, *map(list, zip(*columns, strict=True)))
