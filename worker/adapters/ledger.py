"""What has been used up, read for a batch of candidates and written with its decisions."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from uuid import UUID

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
    integrations = [found.event.integration for found in wanting]
    invoices = [found.event.invoice_id for found in wanting]
    keys = [key(found.rules.organization, found.contact["email"]) for found in wanting]
    ledger.fired = {tuple(row) for row in await connection.fetch(SQL["read_fired"], integrations, invoices)}
    ledger.reached = {tuple(row) for row in await connection.fetch(SQL["read_reached"], integrations, invoices)}
    if any(found.rules.settings.cool_down_days for found in wanting):
        for row in await connection.fetch(SQL["read_added_at"], integrations, keys):
            ledger.added_at.setdefault((row["integration"], row["contact_key"]), {})[row["decision"]] = row["at"]
    blocked = [key(str(found.event.integration), found.contact["email"]) for found in wanting]
    for row in await connection.fetch(SQL["read_blocked"], list(set(integrations)), blocked):
        ledger.blocked.add((row["integration"], row["contact_key"] or row["domain"]))
    return ledger


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
    await connection.execute(SQL["insert_deliveries"], *map(list, zip(*calls, strict=True)))
    targets = [
        (one.added.integration, one.added.invoice_id, contact, target, one.id)
        for one, contact in zip(placed, keys, strict=True)
        for target in one.added.targets
    ]
    await connection.execute(SQL["insert_added"], *map(list, zip(*targets, strict=True)))
    times = [
        (one.added.integration, contact, one.candidate.at, one.id) for one, contact in zip(placed, keys, strict=True)
    ]
    await connection.execute(SQL["insert_cooldown"], *map(list, zip(*times, strict=True)))


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
