"""`ptm events` and `ptm why`: the log, and the life of one invoice."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any
from zoneinfo import ZoneInfo

import orjson
import typer
from rich.text import Text

from events import reasons
from events.codec import Event
from events.contact import ContactAdded, ContactDelivered, ContactRefused, ContactSkipped, ContactWithdrawn
from events.errors import Misconfigured
from events.invoice import InvoiceStatusChanged
from events.trial import TrialAnswered, TrialSent
from worker.cli.output import Json, NeedsPerson, clock, out, show_json, table
from worker.cli.running import with_context
from worker.operations import browse, integrations
from worker.operations import why as explaining
from worker.operations.browse import Entry, Filter
from worker.operations.context import Context
from worker.operations.deliveries import Delivery
from worker.operations.why import Life

UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400}


def events(
    *,
    follow: Annotated[bool, typer.Option("--follow", "-f", help="Go on as they come.")] = False,
    type: Annotated[list[str] | None, typer.Option(help="Only this type; may be repeated.")] = None,
    integration: Annotated[str | None, typer.Option(help="Only of this one.")] = None,
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
            integration=await integrations.find(context, integration, removed=True) if integration else None,
            since=moment(since, zone) if since else None,
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


def moment(text: str, zone: str) -> datetime:
    """A time, in the zone that the settings show, or so long ago."""
    if text[:-1].isdecimal() and text[-1] in UNITS:
        return datetime.now(UTC) - timedelta(seconds=int(text[:-1]) * UNITS[text[-1]])
    try:
        at = datetime.fromisoformat(text)
    except ValueError as error:
        raise Misconfigured(f"{text} is no time: write 30m, 2h, 3d, or a time such as 2026-03-01T12:00.") from error
    return at if at.tzinfo else at.replace(tzinfo=ZoneInfo(zone))


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
        case ContactAdded():
            who = f" {event.contact.get('email', 'erased')}" if people else ""
            return f"invoice {event.invoice_id}: to be added{who} to {event.kind}"
        case ContactSkipped():
            detail = f" ({event.detail})" if people and event.detail else ""
            return f"invoice {event.invoice_id}: skipped, {event.reason}{detail}"
        case ContactDelivered():
            return f"invoice {event.invoice_id}: added, step {event.step}, attempts {event.attempts}"
        case ContactRefused():
            return f"invoice {event.invoice_id}: refused by Trustmary ({event.status}, {event.reason})"
        case ContactWithdrawn():
            detail = f" ({event.detail})" if people and event.detail else ""
            return f"invoice {event.invoice_id}: not sent, {event.reason}{detail}"
        case TrialSent() | TrialAnswered():
            return tried(event, people=people)
        case _:
            return event.stream


def tried(event: TrialSent | TrialAnswered, *, people: bool) -> str:
    if isinstance(event, TrialAnswered):
        return f"invoice {event.invoice_id}: trial {event.outcome}, step {event.step}"
    who = f" as {event.contact.get('email', 'erased')}" if people else ""
    return f"invoice {event.invoice_id}: its contact tried out{who}, to {event.kind}"


def why(
    invoice: Annotated[str, typer.Argument(help="Its number, or Procountor's id.")],
    integration: Annotated[str | None, typer.Option(help="Only of this one.")] = None,
    json: Json = False,
) -> None:
    """Why an invoice led to a contact, or why not: its whole life, condition by condition."""

    async def run(context: Context) -> tuple[list[Life], str]:
        of = await integrations.find(context, integration, removed=True) if integration else None
        return await explaining.why(context, invoice, integration=of), context.settings.timezone

    lives, zone = with_context(run)
    if json:
        show_json([life_json(life) for life in lives])
        return
    for life in lives:
        show_life(life, zone)
    if any(call.state == "parked" for life in lives for call in life.deliveries):
        raise NeedsPerson("a delivery is parked: ptm delivery retry or discard")


def life_json(life: Life) -> dict[str, object]:
    return {
        "integration": life.integration.id,
        "company": life.integration.company,
        "invoice": life.invoice,
        "number": life.number,
        "status": life.status,
        "changed_at": life.changed_at,
        "events": [entry_json(entry, people=True) for entry in life.entries],
        "deliveries": life.deliveries,
        "undecided": life.undecided,
        "today": [
            {"trigger": one.trigger.name, "says": one.says, "remedy": one.remedy, "skip": one.skip, "trace": one.trace}
            for one in life.today
        ],
    }


def show_life(life: Life, zone: str) -> None:
    out().print(
        Text(f"Invoice {life.number or life.invoice} of {life.integration.company}: {life.status}", style="bold")
    )
    if not life.entries:
        out().print("It waited to be sent when the company was connected, and was not read since: is a worker running?")
    for entry in life.entries:
        record = entry.record
        out().print(Text(f"{clock(record.at, zone)}  {record.row.type:<22} {describe(entry.event, people=True)}"))
        show_decision(entry.event, life)
    for call in life.deliveries:
        show_call(call, zone)
    for one in life.today:
        out().print(Text(f"Why not, by trigger {one.trigger.name}: {one.says} {one.remedy}"))
        show_trace(one.trace)
    if life.undecided:
        out().print(f"{len(life.undecided)} changes are not decided yet: is a worker running? ptm status.")
    out().print()


def show_decision(event: Event, life: Life) -> None:
    if isinstance(event, ContactWithdrawn):
        told = reasons.WITHDRAWALS[event.reason]
        out().print(Text(f"    {told.says} {told.remedy}"))
    if not isinstance(event, ContactAdded | ContactSkipped):
        return
    known = life.integration.rules.triggers.get(event.trigger)
    name = known.name if known else f"{event.trigger} (removed)"
    out().print(Text(f"    by trigger {name}, rules of version {event.rules_version}"))
    if isinstance(event, ContactSkipped):
        told = reasons.SKIPS[event.reason]
        out().print(Text(f"    {told.says} {told.remedy}"))
    show_trace(event.trace)


def show_trace(trace: tuple[Mapping[str, Any], ...]) -> None:
    for step in trace:
        mark = "✓" if step.get("ok") else "✗"
        wanted = f", wanted {brief(step['wanted'])}" if step.get("wanted") not in (None, True, False, [], "") else ""
        seen = "" if step.get("ok") and step.get("seen") is None else f": {brief(step.get('seen'))}"
        out().print(Text(f"    {mark} {step.get('check')}{seen}{wanted}"))


def brief(value: object) -> str:
    match value:
        case Mapping():
            return ", ".join(f"{name} {brief(item)}" for name, item in value.items() if item not in (None, {}, []))
        case list() | tuple():
            return ", ".join(map(brief, value)) or "none"
        case None:
            return "none"
        case bool():
            return "yes" if value else "no"
        case _:
            return str(value)


def show_call(call: Delivery, zone: str) -> None:
    cause = f" ({call.fingerprint or call.failure})" if call.fingerprint or call.failure else ""
    out().print(Text(f"Delivery {call.id}, step {call.step}, {call.call}: {call.state}{cause}"))
    rows = [
        ("", one.number, clock(one.started_at, zone), clock(one.finished_at, zone), one.outcome, one.status)
        for one in call.attempts
    ]
    if rows:
        out().print(table(["   ", "#attempt", "left", "answered", "outcome", "#status"], rows))
