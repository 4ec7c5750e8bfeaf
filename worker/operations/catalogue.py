"""The fields that can be mapped, with what a company's invoices have in them; and whether a mapping's paths exist."""

from __future__ import annotations

from collections.abc import AsyncIterator

from events import catalogue
from events.catalogue import Offered, Sightings
from events.integration import FieldMapping, Trigger
from events.invoice import InvoiceStatusChanged
from events.mapping import used
from worker.adapters.log import CHUNK
from worker.adapters.tokens import Access
from worker.operations import past, preview
from worker.operations.context import Context
from worker.operations.integrations import Integration

LATEST = 200
"""Recorded changes that examples and fill rates are taken from."""
FURTHEST = 2000
"""Recorded changes that a path is looked for in."""
SHOWN = 20
"""Invoices that are read from a company that has no log yet."""


async def fields(context: Context, *every: Integration, last: int = LATEST) -> list[Offered]:
    """Every field, the useful ones first, with how many of the *last* changes of each had it and an example of one.

    Examples are people's data: for an operator's eyes, and for no log.
    """
    sightings = Sightings()
    for seen in every:
        async for changes in newest(context, seen, last):
            sightings.add(changes)
    return catalogue.offered(sightings)


async def check(context: Context, seen: Integration, mapping: FieldMapping) -> None:
    """Raises `Misconfigured` for a path that neither Procountor's schema nor the company's latest changes have.

    What a trigger in force looks at already may stay: it was seen when it was saved.
    """
    standing = frozenset().union(*(used(trigger.mapping) for trigger in seen.rules.triggers.values()))
    sightings = Sightings()
    if not catalogue.unknown(mapping, standing):
        return
    async for changes in newest(context, seen, FURTHEST):
        sightings.add(changes)
        if not catalogue.unknown(mapping, standing | sightings.fields.keys()):
            return
    catalogue.check(mapping, standing | sightings.fields.keys())


async def check_new(context: Context, access: Access, trigger: Trigger) -> None:
    """Like `check`, for a company without a log: its latest invoices are read where the schema does not settle it."""
    if catalogue.unknown(trigger.mapping):
        catalogue.check(trigger.mapping, (await look(context, access, trigger)).fields)


async def look(context: Context, access: Access, trigger: Trigger) -> Sightings:
    """What the company's latest invoices of the trigger's types have; reads three times, writes nothing."""
    sightings = Sightings()
    sightings.add(await preview.latest(context, access, trigger, count=SHOWN))
    return sightings


async def newest(context: Context, seen: Integration, count: int) -> AsyncIterator[list[InvoiceStatusChanged]]:
    """The latest *count* changes recorded, without those of erased persons, newest first, in chunks."""
    head = (await context.log.heads())[seen.partition].position
    places = await past.places(context, seen, past.Window(upto=head), [InvoiceStatusChanged.type])
    left = places[-count:]
    while left:
        left, chunk = left[:-CHUNK], left[-CHUNK:]
        async for met in past.read(context, seen, chunk):
            opened = [one.event for one in reversed(met) if not one.erased]
            yield [event for event in opened if isinstance(event, InvoiceStatusChanged)]
