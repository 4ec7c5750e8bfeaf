"""`ptm events`: the log."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import Annotated
from zoneinfo import ZoneInfo

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
from events.errors import Misconfigured
from events.invoice import InvoiceStatusChanged
from events.reconcile import ContactChecked
from events.trial import TrialAnswered, TrialSent
from worker.cli.many import Label, among
from worker.cli.output import Json, clock, out, show_json
from worker.cli.running import with_context
from worker.operations import browse, narrowing, tail
from worker.operations.browse import Entry
from worker.operations.context import Context
from worker.operations.narrowing import Terms


def events(  # noqa: PLR0913 - each is a flag of its own
    *,
    follow: Annotated[bool, typer.Option("--follow", "-f", help="Go on as they come.")] = False,
    type: Annotated[list[str] | None, typer.Option(help="Only this type, or a part of its name.")] = None,
    integration: Annotated[str | None, typer.Option(help="Only of this one.")] = None,
    label: Label = None,
    invoice: Annotated[list[str] | None, typer.Option(help="Only of this number, or Procountor's id.")] = None,
    customer: Annotated[list[int] | None, typer.Option(help="Only of this number in the register.")] = None,
    email: Annotated[list[str] | None, typer.Option(help="Only of invoices that were to add this address.")] = None,
    since: Annotated[str | None, typer.Option(help="Recorded since: 2h, 3d, or 2026-03-01T12:00.")] = None,
    until: Annotated[str | None, typer.Option(help="Recorded before then.")] = None,
    limit: Annotated[int, typer.Option(min=1, help="The newest so many.")] = 50,
    people: Annotated[bool, typer.Option("--people", help="With names and addresses.")] = False,
    json: Json = False,
) -> None:
    """The log, oldest first; with --json one object a line."""

    async def run(context: Context) -> None:
        if follow and until:
            raise Misconfigured("--until ends the log and --follow goes on with it: give one.")
        zone = context.settings.timezone
        meant = await among(context, integration, label)
        terms = Terms(
            types=tuple(type or ()),
            integrations=tuple(str(one.id) for one in meant or ()),
            invoices=tuple(invoice or ()),
            customers=tuple(customer or ()),
            emails=tuple(email or ()),
            since=moment(since, zone, flag="--since") if since else None,
            until=moments.past(until, ZoneInfo(zone), datetime.now(UTC), flag="--until") if until else None,
        )
        heads = await tail.heads(context)
        for entry in await browse.latest(context, await narrowing.resolve(context, terms), limit=limit):
            show_entry(entry, zone, people=people, json=json)
        if follow:
            async for entry in tail.follow(context, terms, heads):
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
    return entry.told if people else {name: value for name, value in entry.told.items() if name != "event"}


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
