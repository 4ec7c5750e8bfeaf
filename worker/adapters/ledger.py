"""What has been used up, read for a batch of candidates and written with its decisions."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from uuid import UUID

import asyncpg

from events import address
from events.contact import ContactAdded
from events.integration import AddressBlocked, AddressUnblocked, DestinationKind
from events.rules import Candidate, Ledger
from worker.adapters import queries
from worker.adapters.postgres import Connection

SQL = queries.load("project")
Keyer = Callable[[str, str], bytes]


@dataclass(frozen=True, slots=True, kw_only=True)
class Placed:
    """A contact to be added, at its place in the log."""

    added: ContactAdded
    candidate: Candidate
    id: UUID
    partition: int
    position: int


async def read(connection: Connection, candidates: Sequence[Candidate], key: Keyer) -> Ledger:
    """Everything that `events.rules.settle` may ask about *candidates*."""
    ledger = Ledger(key=key)
    wanting = [found for found in candidates if not found.skip]
    if not wanting:
        return ledger
    integrations = [found.integration for found in wanting]
    invoices = [found.invoice_id for found in wanting]
    keys = [key(found.rules.organization, found.contact["email"]) for found in wanting]
    blocked = [key(str(found.integration), found.contact["email"]) for found in wanting]
    cooled = any(found.rules.settings.cool_down_days for found in wanting)
    for row in await connection.fetch(SQL["read_used"], integrations, invoices, keys, blocked, cooled):
        keep(ledger, row)
    return ledger


def keep(ledger: Ledger, row: asyncpg.Record) -> None:
    what, integration, invoice, id, contact, word, at = row
    match what:
        case "fired":
            ledger.fired.add((integration, invoice, id))
        case "reached":
            ledger.reached.add((integration, invoice, contact, word))
        case "added":
            ledger.added_at.setdefault((integration, contact), {})[id] = at
        case _:
            ledger.blocked.add((integration, contact or word))


async def write(connection: Connection, placed: Sequence[Placed], key: Keyer) -> None:
    """The deliveries of *placed*, and what they use up."""
    if not placed:
        return
    keys = [key(one.candidate.rules.organization, one.added.contact["email"]) for one in placed]
    calls = [
        (
            one.added.integration,
            one.candidate.rules.organization,
            one.partition,
            one.position,
            one.id,
            one.added.cause,
            one.added.trigger,
            one.added.invoice_id,
            step,
            contact,
            call,
            one.added.starts_surveys,
        )
        for one, contact in zip(placed, keys, strict=True)
        for step, call in enumerate(calls_of(one.added), start=1)
    ]
    targets = [
        (one.added.integration, one.added.invoice_id, contact, target, one.id)
        for one, contact in zip(placed, keys, strict=True)
        for target in one.added.targets
    ]
    times = [
        (one.added.integration, contact, one.candidate.at, one.id) for one, contact in zip(placed, keys, strict=True)
    ]
    columns = (list(column) for rows in (calls, targets, times) for column in zip(*rows, strict=True))
    await connection.execute(SQL["write_deliveries"], *columns)


def calls_of(added: ContactAdded) -> tuple[str, ...]:
    """The calls to Trustmary that carry it, in order."""
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
