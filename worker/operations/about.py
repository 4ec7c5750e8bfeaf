"""Why, by address: every invoice that was to add a contact, and who keeps it from being added."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID

from events import address
from events.errors import Misconfigured, Refused
from events.integration import AddressBlocked
from worker.adapters.postgres import translating
from worker.operations import blocks, finding, integrations, why
from worker.operations.blocks import Blocked
from worker.operations.context import SQL, Context
from worker.operations.finding import Found, as_found
from worker.operations.integrations import Integration
from worker.operations.why import Life

MOST = 100
"""Invoices that are shown, newest first."""


class Named(Protocol):
    """An integration, as far as people have to know which."""

    @property
    def id(self) -> UUID: ...
    @property
    def company_id(self) -> int: ...
    @property
    def company(self) -> str: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class BlockedBy:
    integration: Named
    entry: Blocked


@dataclass(frozen=True, slots=True, kw_only=True)
class About:
    """What is known of one address."""

    email: str
    lives: tuple[Life, ...]
    """Newest first; whole lives, so that other contacts of the same invoices are in them too."""
    more: bool
    """There are older ones than `MOST`."""
    blocked: tuple[BlockedBy, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Traces:
    """The invoices that an address, or a number, leads to."""

    email: str
    """Empty: it was looked for by number."""
    invoices: tuple[Found, ...]
    """Newest first."""
    more: bool


async def about(
    context: Context,
    email: str,
    *,
    among: Sequence[Integration] | None = None,
    as_of: datetime | None = None,
    most: int = MOST,
) -> About:
    """By contact key, as the addresses themselves are sealed; in removed integrations too.

    What was skipped has no contact key, and is not found so. Raises `Misconfigured` for what is no address.
    """
    every = await integrations.read_all(context, removed=True) if among is None else among
    found = await find(context, email, among=[one.id for one in every], most=most)
    lives = await why.lives(context, found.invoices, as_of=as_of)
    return About(
        email=found.email,
        lives=tuple(life for life in lives if as_of is None or life.entries),
        more=found.more,
        blocked=await (
            blocked(context, every, found.email) if as_of is None else blocked_then(context, every, found.email, as_of)
        ),
    )


async def find(context: Context, email: str, *, among: Sequence[UUID] | None = None, most: int = MOST) -> Traces:
    """The same without their lives; *among*: integrations, None for all."""
    known = valid(email)
    key = await context.vault.contact_key()
    with translating():
        every = await context.pool.fetch(SQL["read_organizations"], among)
        ids, keys = [row["id"] for row in every], [key(row["organization"], known) for row in every]
        rows = await context.pool.fetch(SQL["find_by_contact"], ids, keys, most + 1)
    return Traces(email=known, invoices=tuple(map(as_found, rows[:most])), more=len(rows) > most)


async def look_for(context: Context, wanted: str) -> Traces:
    """Whatever somebody names: an invoice's number, Procountor's id, or an address, for which there may be none.

    Raises `Misconfigured` for what is neither, and for an invoice that was never seen.
    """
    if "@" in wanted:
        return await find(context, wanted)
    return Traces(email="", invoices=tuple(await finding.seen(context, wanted)), more=False)


def valid(email: str) -> str:
    try:
        return address.valid(email.strip())
    except Refused as refused:
        raise Misconfigured(
            f"{email} is no valid address ({refused}), and only valid ones are ever added: look for what was skipped "
            "for it by the invoice's number, ptm why NUMBER."
        ) from refused


async def blocked(context: Context, every: Sequence[Named], email: str) -> tuple[BlockedBy, ...]:
    """By the block list that the projector has come to."""
    key = await context.vault.contact_key()
    by_id = {one.id: one for one in every}
    keys = [key(str(id), email) for id in by_id]
    with translating():
        rows = await context.pool.fetch(SQL["find_blocks"], list(by_id), keys, address.domain(email))
    whose: dict[UUID, UUID] = {row["event"]: row["integration"] for row in rows}
    records = await context.log.find(list(whose))
    return tuple(
        BlockedBy(
            integration=by_id[whose[record.row.id]],
            entry=Blocked(address=event.address, at=record.at, actor=record.row.actor, reason=event.reason),
        )
        for record, event in zip(records, await context.log.open(records), strict=True)
        if isinstance(event, AddressBlocked)
    )


async def blocked_then(
    context: Context, every: Sequence[Integration], email: str, at: datetime
) -> tuple[BlockedBy, ...]:
    """By what operators had said by *at*."""
    wanted = {address.same(email), address.domain(email)}
    listed = [(one, entry) for one in every for entry in await blocks.read(context, one, until=at)]
    return tuple(
        BlockedBy(integration=one, entry=entry) for one, entry in listed if address.same(entry.address) in wanted
    )
