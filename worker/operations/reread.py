"""Customers as they are in Procountor's register now, for a plan with the latest data; in the log before it is used."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID, uuid4

from events import picture
from events.customer import CustomerRead
from events.errors import Misconfigured, Refused
from worker.adapters.log import Draft
from worker.adapters.postgres import translating
from worker.adapters.procountor import PAGE
from worker.adapters.procountor_facts import Json
from worker.operations.context import Context
from worker.operations.integrations import Integration


@dataclass(frozen=True, slots=True, kw_only=True)
class Reread:
    customers: Mapping[int, CustomerRead]
    calls: int
    """To Procountor."""
    unread: int
    """Customers who are not in the register any more: of them holds what was seen."""


async def read_again(context: Context, seen: Integration, partners: Sequence[int]) -> Reread:
    """Within the request budget. Raises `Misconfigured` where Procountor does not let the register be read."""
    if seen.procountor_secret is None:
        raise Misconfigured(f"{seen.name} has no Procountor credentials any more: reconnect it, or plan without them.")
    reading, found = uuid4(), dict[int, CustomerRead]()
    for first in range(0, len(partners), PAGE):
        entries = await asked(context, seen, seen.procountor_secret, partners[first : first + PAGE])
        events = [
            CustomerRead(integration=seen.id, partner=partner, reading=reading, customer=picture.keep(entry))
            for partner, entry in sorted(entries.items())
        ]
        rows = await context.log.prepare([Draft(event=event, actor=context.actor) for event in events])
        with translating():
            async with context.pool.acquire() as connection, connection.transaction():
                await context.log.append(connection, seen.partition, rows)
        found |= {event.partner: event for event in events}
    context.ringer.ring("ptm_log", str(seen.partition))
    return Reread(customers=found, calls=-(-len(partners) // PAGE), unread=len(partners) - len(found))


async def asked(context: Context, seen: Integration, secret: UUID, partners: Sequence[int]) -> Mapping[int, Json]:
    """Behind what is read live. A missing right may show as a register without anybody: then it is asked for."""
    procountor = context.procountor.behind_live()
    try:
        entries = await procountor.customers(secret, partners)
        if entries or (await procountor.rights(secret)).sees_customers:
            return entries
    except Refused as refused:
        if refused.reason != "rights":
            raise Misconfigured(
                f"Procountor refuses what is asked of {seen.name} ({refused}): ptm integration show says what to do; "
                "or plan with the customers as they were seen."
            ) from refused
    raise Misconfigured(
        f"Procountor does not let {seen.name} read the customer register: give its user viewing rights there, or plan "
        "with the customers as they were seen."
    )
