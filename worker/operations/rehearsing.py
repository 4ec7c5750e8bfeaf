"""`ptm trigger test`: a trigger, live or draft, decides the past, and nothing comes of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from events.integration import Trigger
from events.invoice import InvoiceStatusChanged
from events.rehearsal import Rehearsal, blocking
from worker.operations import blocks, past
from worker.operations.context import Context
from worker.operations.integrations import Integration
from worker.operations.past import Window

CHANGES = (InvoiceStatusChanged.type,)


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """Recorded in [*since*, *until*); None: without a limit."""

    since: datetime | None = None
    until: datetime | None = None


async def rehearse(context: Context, seen: Integration, trigger: Trigger, span: Span | None = None) -> Rehearsal:
    """What *trigger* says to every change of *span*, under today's settings and block list. Reads, writes nothing.

    As if it were alone and the past before *span* had never been: what others added is not looked at.
    """
    window = await window_of(context, seen, span or Span())
    refused = [one.address for one in await blocks.read(context, seen) if one.address]
    rehearsal = Rehearsal(
        rules=seen.rules,
        trigger=trigger,
        zone=ZoneInfo(context.settings.timezone),
        ledger=blocking(seen.id, refused),
    )
    async for chunk in past.stream(context, seen, await past.places(context, seen, window, CHANGES)):
        for met in chunk:
            rehearsal.follow(met)
    return rehearsal


async def window_of(context: Context, seen: Integration, span: Span) -> Window:
    """The part of the log that is written now."""
    head = (await context.log.heads())[seen.partition].position
    return Window(upto=head, since=span.since, until=span.until)
