"""`ptm events`: the log."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import Annotated
from zoneinfo import ZoneInfo

import orjson
import typer
from rich.text import Text

from events import moments
from events.codec import Event
from events.contact import (
    ContactAdded,
    ContactDelivered,
    ContactRefused,
    ContactSkipped,
    ContactUnlisted,
    ContactWithdrawn,
)
from events.invoice import InvoiceStatusChanged
from events.reconcile import ContactChecked
from events.trial import TrialAnswered, TrialSent
from worker.cli.many import Label, among
from worker.cli.output import Json, clock, out, show_json
from worker.cli.running import with_context
from worker.operations import browse
from worker.operations.browse import Entry, Filter
from worker.operations.context import Context


def events(
    *,
    follow: Annotated[bool, typer.Option("--follow", "-f", help="Go on as they come.")] = False,
    type: Annotated[list[str] | None, typer.Option(help="Only this type; may be repeated.")] = None,
    integration: Annotated[str | None, typer.Option(help="Only of this one.")] = None,
    label: Label = None,
    since: Annotated[str | None, typer.Option(help="Recorded since: 2h, 3d, or 2026-03-01T12:00.")] = None,
    limit: Annotated[int, typer.Option(min=1, help="The newest so many.")] = 50,
    people: Annotated[bool, typer.Option("--people", help="With names and addresses.")] = False,
    json: Json = False,
) -> None:
    """The log, oldest first; with --json one object a line."""

    async def run(context: Context) -> None:
        zone = context.settings.timezone
        wanted = Filter(
            types=browse.check(type or ()),
            among=await among(context, integration, label),
            since=moment(since, zone, flag="--since") if since else None,
        )
        heads = await browse.heads(context)
        for entry in await browse.latest(context, wanted, limit=limit):
            show_entry(entry, zone, people=people, json=json)
        if follow:
            async for entry in browse.follow(context, wanted, heads):
                show_entry(entry, zone, people=people, json=json)

    try:
        with_context(run)
    except (KeyboardInterrupt, asyncio.CancelledError):
        raise typer.Exit(0 if follow else 130) from None


def moment(text: str, zone: str, *, flag: str) -> datetime:
    """A time, in the zone that the settings show, or so long ago."""
    return moments.moment(text, ZoneInfo(zone), datetime.now(UTC), flag=flag)


def show_entry(entry: Entry, zone: str, *, people: bool, json: bool) -> None:
    record = entry.record
    if json:
        show_json(entry_json(entry, people=people))
        return
    place = f"{record.partition}:{record.position}"
    said = describe(entry.event, people=people)
    out().print(Text(f"{clock(record.at, zone)}  {place:>9}  {record.row.type:<22} {said}"))


def entry_json(entry: Entry, *, people: bool) -> dict[str, object]:
    record, row = entry.record, entry.record.row
    found: dict[str, object] = {
        "partition": record.partition,
        "position": record.position,
        "at": record.at,
        "stream": row.stream,
        "type": row.type,
        "schema": row.schema,
        "id": row.id,
        "cause": row.cause,
        "actor": row.actor,
        "data": orjson.loads(row.data),
    }
    return {**found, "event": entry.event} if people else found


def describe(event: Event, *, people: bool) -> str:
    """What happened, in a few words; names nobody unless asked to."""
    match event:
        case InvoiceStatusChanged():
            number = event.invoice.get("invoiceNumber")
            number = f"{event.invoice_id} (number {number})" if number else event.invoice_id
            kind = "" if event.kind == "live" else f" ({event.kind})"
            old = " (old)" if event.old else ""
            return f"invoice {number}: {event.before or 'new'} → {event.after}{kind}{old}"
        case ContactAdded() | ContactUnlisted() | ContactSkipped():
            return decided(event, people=people)
        case ContactDelivered():
            return f"invoice {event.invoice_id}: delivered, step {event.step}, attempts {event.attempts}"
        case ContactRefused():
            return f"invoice {event.invoice_id}: refused by Trustmary ({event.status}, {event.reason})"
        case ContactWithdrawn():
            detail = f" ({event.detail})" if people and event.detail else ""
            return f"invoice {event.invoice_id}: not sent, {event.reason}{detail}"
        case TrialSent() | TrialAnswered() | ContactChecked():
            return beside(event, people=people)
        case _:
            return event.stream


def decided(event: ContactAdded | ContactUnlisted | ContactSkipped, *, people: bool) -> str:
    match event:
        case ContactAdded():
            who = f" {event.contact.get('email', 'erased')}" if people else ""
            return f"invoice {event.invoice_id}: to be added{who} to {event.kind}"
        case ContactUnlisted():
            who = f", {event.contact.get('email', 'erased')}" if people else ""
            return f"invoice {event.invoice_id}: to be taken off lists {', '.join(event.lists)}{who}"
        case ContactSkipped():
            detail = f" ({event.detail})" if people and event.detail else ""
            return f"invoice {event.invoice_id}: skipped, {event.reason}{detail}"


def beside(event: TrialSent | TrialAnswered | ContactChecked, *, people: bool) -> str:
    """What is no delivery, and yet was asked of Trustmary."""
    if isinstance(event, ContactChecked):
        who = f" {event.email or 'erased'}" if people else ""
        return f"invoice {event.invoice_id}: looked up{who} in Trustmary, {event.state.replace('_', ' ')}"
    if isinstance(event, TrialAnswered):
        return f"invoice {event.invoice_id}: trial {event.outcome}, step {event.step}"
    who = f" as {event.contact.get('email', 'erased')}" if people else ""
    return f"invoice {event.invoice_id}: its contact tried out{who}, to {event.kind}"
