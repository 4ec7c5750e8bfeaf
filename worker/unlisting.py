"""What the projector writes of a replay's items that take off: decisions about lists, and the calls that follow."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from uuid import UUID

from events import unlisting
from events.contact import ContactAdded, ContactSkipped, ContactUnlisted
from events.envelope import Recorded
from events.integration import Rules
from events.replay import Ask, ReplayAsked
from events.rules import Ledger
from events.unlisting import Fate
from worker.adapters import ledger, queries
from worker.adapters.log import Draft, Log
from worker.adapters.postgres import Connection

SQL = queries.load("project")
Keyer = Callable[[str, str], bytes]
Made = list[tuple[Ask, ContactUnlisted | ContactSkipped]]


async def take_off(
    connection: Connection, log: Log, key: Keyer, *, record: Recorded, asked: ReplayAsked, in_force: Rules
) -> tuple[int, Made]:
    """Decides the items of *asked* that take off, and writes what follows: how many events, and which decisions.

    *record* is where *asked* stands in the log.
    """
    asks = {ask.takes_back: ask for ask in asked.items if ask.takes_back}
    if not asks:
        return 0, []
    fates = await fates_of(connection, log, record, list(asks))
    used = await added_to(connection, in_force, [fate.added for fate in fates], key)
    made: Made = []
    for fate in fates:
        ask = asks[fate.added.id]
        decision = unlisting.unlist(ask, fate, asked, in_force=in_force, ledger=used)
        if decision is not None:
            made.append((ask, decision))
    rows = await log.prepare([Draft(event=decision, cause=decision.cause) for _, decision in made])
    if not rows:
        return 0, []
    off = [decision for _, decision in made if isinstance(decision, ContactUnlisted)]
    batch = {record.partition: rows}
    written = await ledger.write_off(connection, batch, off, key, organization=in_force.organization)
    return written[record.partition], made


async def fates_of(connection: Connection, log: Log, record: Recorded, decisions: Sequence[UUID]) -> list[Fate]:
    """What has become of *decisions* by the position of *record*; later outcomes are not known there yet.

    What was decided by earlier items counts wherever it stands: the projector has made it before.
    """
    found = await log.find(decisions)
    opened = [event for event in await log.open(found) if isinstance(event, ContactAdded)]
    fates = {event.id: Fate(event) for event in opened}
    streams = list({event.stream for event in opened})
    rows = await connection.fetch(SQL["read_fates"], record.partition, streams, record.position, unlisting.TELLING)
    said = await log.open(await log.read_at([(record.partition, row["position"]) for row in rows]))
    for event, fate in ((event, fate) for event in said for fate in fates.values()):
        fate.meet(event)
    return [fates[id] for id in decisions if id in fates]


async def added_to(connection: Connection, in_force: Rules, added: Iterable[ContactAdded], key: Keyer) -> Ledger:
    """Who was added when, and by which replay: of the contacts of *added*."""
    keys = {key(in_force.organization, email) for one in added if (email := one.contact.get("email"))}
    used = Ledger(key=key)
    for row in await connection.fetch(SQL["read_added"], in_force.integration, list(keys)):
        used.added_at.setdefault((in_force.integration, row["contact_key"]), {})[row["decision"]] = row["at"]
        if row["replay"]:
            used.replays[row["decision"]] = row["replay"]
    return used
