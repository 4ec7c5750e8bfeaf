"""What has been used up, read for a batch of candidates and written with its decisions."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from uuid import UUID

import asyncpg

from events import address, brake
from events.brake import Tally
from events.contact import Carried, ContactAdded, ContactUnlisted
from events.envelope import Row
from events.integration import AddressBlocked, AddressUnblocked, DestinationKind
from events.rules import Candidate, Ledger
from worker.adapters import queries
from worker.adapters.log import batch_columns
from worker.adapters.postgres import Connection

SQL = queries.load("project")
Keyer = Callable[[str, str], bytes]


async def read(connection: Connection, candidates: Sequence[Candidate], key: Keyer, *, last: bool = False) -> Ledger:
    """Everything that `events.rules.settle` may ask about *candidates*; and *last*, who added a contact last."""
    ledger = Ledger(key=key)
    wanting = [found for found in candidates if not found.skip]
    if not wanting:
        return ledger
    integrations = [found.integration for found in wanting]
    invoices = [found.invoice_id for found in wanting]
    keys = [key(found.rules.organization, found.contact["email"]) for found in wanting]
    blocked = [key(str(found.integration), found.contact["email"]) for found in wanting]
    cooled = last or any(found.rules.settings.cool_down_days for found in wanting)
    rows = await connection.fetch(SQL["read_used"], integrations, invoices, keys, blocked, cooled)
    for row in sorted(rows, key=lambda row: row["position"] or 0) if last else rows:
        keep(ledger, row)
    return ledger


def keep(ledger: Ledger, row: asyncpg.Record) -> None:
    what, integration, invoice, id, contact, word, at, replay, _ = row
    match what:
        case "fired":
            ledger.fired.add((integration, invoice, id))
        case "reached":
            ledger.reached.add((integration, invoice, contact, word))
        case "added":
            ledger.added_at.setdefault((integration, contact), {})[id] = at
            if replay:
                ledger.replays[id] = replay
        case "tally":
            ledger.tallies[integration] = brake.from_json(word)
        case _:
            ledger.blocked.add((integration, contact or word))


async def write(
    connection: Connection,
    batches: Mapping[int, Sequence[Row]],
    added: Sequence[tuple[Candidate, ContactAdded]],
    key: Keyer,
    *,
    tallies: Mapping[UUID, Tally],
) -> dict[int, int]:
    """Appends *batches*, the decisions by partition; of them *added* become deliveries, and use up what they use.

    *tallies*: those that have changed. Answers how many of a partition's are new.
    """
    rows = [
        made_row(
            made,
            organization=found.rules.organization,
            key=key,
            targets=made.targets,
            resend=made.replay if made.resend else None,
            at=found.at,
        )
        for found, made in added
    ]
    tallied = [(integration, brake.to_json(tally)) for integration, tally in tallies.items()]
    return await put(connection, batches, rows, tallied)


async def write_off(
    connection: Connection,
    batch: Mapping[int, Sequence[Row]],
    unlisted: Sequence[ContactUnlisted],
    key: Keyer,
    *,
    organization: str,
) -> dict[int, int]:
    """Appends decisions to take off; of them *unlisted* become deliveries. They use nothing up."""
    rows = [made_row(made, organization=organization, key=key, resend=made.replay) for made in unlisted]
    return await put(connection, batch, rows)


def made_row(
    made: Carried,
    *,
    organization: str,
    key: Keyer,
    resend: UUID | None,
    targets: Sequence[str] = (),
    at: datetime | None = None,
) -> tuple[object, ...]:
    """A decision that leads to calls; *targets* and *at* are what it uses up."""
    whose = (made.id, made.integration, organization, made.cause, made.trigger, made.invoice_id)
    what = (key(organization, made.contact["email"]), "\n".join(calls_of(made)), "\n".join(targets))
    surveys = isinstance(made, ContactAdded) and made.starts_surveys
    return (*whose, *what, surveys, resend, made.replay, at)


async def put(
    connection: Connection,
    batches: Mapping[int, Sequence[Row]],
    made: Sequence[tuple[object, ...]],
    tallies: Sequence[tuple[object, ...]] = (),
) -> dict[int, int]:
    columns = (*columns_of(made, 13), *columns_of(tallies, 2))
    rows = await connection.fetch(SQL["write_decisions"], *batch_columns(batches), *columns)
    return {partition: new for partition, new in rows}


def columns_of(rows: Sequence[tuple[object, ...]], width: int) -> list[list[object]]:
    return [list(column) for column in zip(*rows, strict=True)] if rows else [[] for _ in range(width)]


def calls_of(added: Carried) -> tuple[str, ...]:
    """The calls to Trustmary that carry it, in order."""
    if isinstance(added, ContactUnlisted):
        return ("unlist",)
    match added.kind:
        case DestinationKind.AUTOMATION:
            return ("contact", "automation")
        case DestinationKind.CONTACT:
            return ("contact",)
        case _:
            return ("lists",)


async def change_block_list(connection: Connection, event: AddressBlocked | AddressUnblocked, key: Keyer) -> None:
    """An erased address is gone from the event; its key, of integration and address, stays blocked."""
    if not event.address:
        return
    whole = event.address.startswith("@")
    contact = None if whole else key(str(event.integration), event.address)
    domain = address.same(event.address) if whole else None
    if isinstance(event, AddressBlocked):
        await connection.execute(SQL["write_block"], event.integration, contact, domain, event.id)
    else:
        await connection.execute(SQL["remove_block"], event.integration, contact, domain)
