"""The block list of an integration: addresses and domains that are never added."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import uuid4

from events import address
from events.errors import Misconfigured, Refused
from events.integration import AddressBlocked, AddressUnblocked
from events.versions import Told
from worker.operations.context import Context
from worker.operations.integrations import Integration
from worker.operations.saving import saving


@dataclass(frozen=True, slots=True, kw_only=True)
class Blocked:
    address: str
    """An address, a domain as `@example.fi`, or empty where the integration was erased."""
    at: datetime
    actor: str
    reason: str | None


async def read(context: Context, seen: Integration, *, until: datetime | None = None) -> list[Blocked]:
    """As operators have said by *until* (None: by now), whether the projector has come that far or not."""
    stream = await context.log.read_stream(f"integration/{seen.id}")
    records = [record for record in stream if until is None or record.at <= until]
    return after(zip(records, await context.log.open(records), strict=True))


def after(told: Told) -> list[Blocked]:
    """What is blocked after all that was *told* of an integration."""
    found: dict[str, Blocked] = {}
    for record, event in told:
        if isinstance(event, AddressBlocked):
            found[address.same(event.address)] = Blocked(
                address=event.address, at=record.at, actor=record.row.actor, reason=event.reason
            )
        elif isinstance(event, AddressUnblocked):
            found.pop(address.same(event.address), None)
    return list(found.values())


async def add(context: Context, seen: Integration, blocked: str, *, reason: str | None = None) -> str:
    """Blocks an address, or a domain written `@example.fi`; answers how it was understood.

    What was decided before and waits is withheld when its turn comes.
    """
    known = valid(blocked)
    async with saving(context, seen, AddressBlocked(integration=seen.id, id=uuid4(), address=known, reason=reason)):
        return known


async def remove(context: Context, seen: Integration, blocked: str, *, reason: str | None = None) -> str:
    known = valid(blocked)
    if address.same(known) not in {address.same(one.address) for one in await read(context, seen)}:
        raise Misconfigured(f"{known} is not on the block list of {seen.name}.")
    async with saving(context, seen, AddressUnblocked(integration=seen.id, id=uuid4(), address=known, reason=reason)):
        return known


def valid(blocked: str) -> str:
    text = blocked.strip()
    try:
        return (
            address.valid(f"somebody{text}").removeprefix("somebody") if text.startswith("@") else address.valid(text)
        )
    except Refused as refused:
        raise Misconfigured(f"{text} is neither an address nor a domain such as @example.fi: {refused}") from refused
