"""The past of one integration, as replays and tests of drafts read it: its invoices' events, in order, opened."""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from events.invoice import Order, happened, leaping
from events.proof import Met
from worker.adapters.postgres import translating
from worker.operations.context import SQL, Context
from worker.operations.integrations import Integration


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """A part of an integration's past; *until* and *upto* are its end, one of which may be left to the other."""

    upto: int
    """The last position."""
    after: int = 0
    """The position before the first."""
    since: datetime | None = None
    """Recorded then or later."""
    until: datetime | None = None
    """Recorded before then."""

    @property
    def halves(self) -> tuple[Window, Window]:
        """To be asked for side by side: what each change says is read, which keeps one core of the database busy."""
        middle = (self.after + self.upto) // 2
        return replace(self, upto=middle), replace(self, after=middle)


async def decided_upto(context: Context, integration: Integration) -> int:
    """How far the projector has come: what lies beyond has no decision to be compared with yet."""
    with translating():
        position: int = await context.pool.fetchval(SQL["read_checkpoint"], integration.partition)
    return position


async def places(
    context: Context,
    integration: Integration,
    window: Window,
    types: Sequence[str] | None = None,
    *,
    reaching: frozenset[str] | None = None,
) -> list[int]:
    """The positions of the integration's invoice events in *window*, in order; of *types*, or of any.

    *reaching*: only changes that may pass one of these statuses. Opening one takes a hundred times as long as asking.
    """
    with translating():
        rows = await context.pool.fetch(
            SQL["find_past"],
            integration.partition,
            *bounds(integration),
            window.after,
            window.upto,
            types,
            window.since,
            window.until,
            None if reaching is None else sorted(reaching),
            None if reaching is None else sorted(leaping(reaching)),
        )
    return [row["position"] for row in rows]


async def causes(context: Context, integration: Integration, upto: int) -> dict[UUID, Order]:
    """Change → where it belongs among others, of those that led to contacts."""
    with translating():
        rows = await context.pool.fetch(SQL["read_causes"], integration.partition, *bounds(integration), upto)
        replayed = await context.pool.fetch(SQL["read_replayed_causes"], integration.id)
    seen = {row["id"]: (row["at"].timestamp(), row["position"]) for row in rows}
    return seen | {
        row["id"]: happened(
            row["at"],
            row["position"],
            kind=row["kind"],
            old=row["old"],
            before=row["before"],
            created=row["created"],
            version=row["version"],
        )
        for row in replayed
    }


async def read(context: Context, integration: Integration, positions: Sequence[int]) -> AsyncIterator[list[Met]]:
    """The events at *positions*, opened, a chunk at a time."""
    async for chunk in stream(context, integration, positions):
        yield list(chunk)


def stream(context: Context, integration: Integration, positions: Sequence[int]) -> AsyncIterator[Iterator[Met]]:
    """As `read`, each event opened when it is taken: so a picture lies where the processor still has the one before."""
    return context.log.stream(integration.partition, positions)


async def numbers(context: Context, integration: Integration, invoices: Collection[int]) -> dict[int, int]:
    """Procountor's id → the number that people know an invoice by, where it has one."""
    with translating():
        rows = await context.pool.fetch(SQL["read_numbers"], integration.id, list(invoices))
    return {row["invoice"]: row["number"] for row in rows}


def bounds(integration: Integration) -> tuple[str, str]:
    """The first name that a stream of the integration's invoices may have, and the first that it may not."""
    prefix = f"invoice/{integration.id}"
    return f"{prefix}/", f"{prefix}0"  # "0" follows "/" in the order of the index
