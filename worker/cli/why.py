"""`ptm why`: the life of an invoice, or of an address, now or as of a moment."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated
from zoneinfo import ZoneInfo

import typer
from rich.text import Text

from events import moments
from events.contact import (
    ContactAdded,
    ContactDelivered,
    ContactRefused,
    ContactSkipped,
    ContactUnlisted,
    ContactWithdrawn,
)
from events.errors import Misconfigured
from events.reconcile import ContactChecked
from events.words import Words
from worker.cli.decided import show_decision, show_outcome, show_trace, show_unlisted
from worker.cli.log import describe, entry_json
from worker.cli.many import Label, among
from worker.cli.output import Json, NeedsPerson, clock, out, show_json
from worker.cli.running import with_context
from worker.operations import about as addresses
from worker.operations import why as explaining
from worker.operations.about import About
from worker.operations.browse import Entry
from worker.operations.context import Context
from worker.operations.deliveries import Attempt, Delivery
from worker.operations.why import Life

NOT_FOUND_SO = (
    "What was skipped for an address (invalid, a shared mailbox, blocked, added already or too recently) is not found "
    "by it: it is sealed, and only what was to be added has a key. Look by the invoice's number, or read what was "
    "skipped: ptm events --type ContactSkipped --people --since 30d --limit 10000."
)


def why(
    invoice: Annotated[str | None, typer.Argument(help="Its number, or Procountor's id.")] = None,
    *,
    email: Annotated[str | None, typer.Option(help="Every invoice that was to add this address.")] = None,
    integration: Annotated[str | None, typer.Option(help="Only of this one.")] = None,
    label: Label = None,
    as_of: Annotated[
        str | None,
        typer.Option(help="What was known and in force then: 2h, 2026-03-01T12:00, or a date for the end of that day."),
    ] = None,
    json: Json = False,
) -> None:
    """Why an invoice led to a contact, or why not: its whole life, condition by condition."""

    async def run(context: Context) -> tuple[list[Life] | About, Words]:
        say, zone = context.settings.words, context.settings.timezone
        then = end(as_of, zone) if as_of else None
        of = await among(context, integration, label)
        if invoice is not None and email is None:
            return await explaining.why(context, invoice, among=of, as_of=then), say
        if email is not None and invoice is None:
            return await addresses.about(context, email, among=of, as_of=then), say
        raise Misconfigured("Say which: an invoice's number or id, or --email for all that an address was added for.")

    found, say = with_context(run)
    zone = say.zone.key
    lives = list(found.lives) if isinstance(found, About) else found
    if json:
        show_json(about_json(found) if isinstance(found, About) else [life_json(life) for life in lives])
    else:
        for life in lives:
            show_life(life, zone, say)
        if isinstance(found, About):
            show_about(found, zone)
    if as_of is None and any(call.state == "parked" for life in lives for call in life.deliveries):
        raise NeedsPerson("a delivery is parked: ptm delivery retry or discard")


def end(text: str, zone: str) -> datetime:
    return moments.end(text, ZoneInfo(zone), datetime.now(UTC), flag="--as-of")


def life_json(life: Life) -> dict[str, object]:
    return {
        "integration": life.integration.id,
        "company": life.integration.company,
        "invoice": life.invoice,
        "number": life.number,
        "status": life.status,
        "changed_at": life.changed_at,
        "as_of": life.as_of,
        "events": [entry_json(entry, people=True) for entry in life.entries],
        "rules": {
            str(position): {"at": one.at, "actor": one.actor, "event": one.event, "reason": one.reason}
            for position, one in life.versions.items()
        },
        "deliveries": life.deliveries,
        "undecided": life.undecided,
        "asked_after_all": life.asked_after_all,
        "today": [
            {"trigger": one.trigger.name, "says": one.says, "remedy": one.remedy, "skip": one.skip, "trace": one.trace}
            for one in life.today
        ],
    }


def about_json(found: About) -> dict[str, object]:
    return {
        "email": found.email,
        "invoices": [life_json(life) for life in found.lives],
        "more": found.more,
        "blocked": [
            {"integration": one.integration.id, "company": one.integration.company, "entry": one.entry}
            for one in found.blocked
        ],
        "not_found_so": NOT_FOUND_SO,
    }


def show_about(found: About, zone: str) -> None:
    if not found.lives:
        out().print(Text(f"No invoice was to add {found.email}."))
    if found.more:
        out().print(
            Text(f"Only the newest {len(found.lives)} invoices are shown: narrow it with --integration or --label.")
        )
    for one in found.blocked:
        entry = one.entry
        reason = f": {entry.reason}" if entry.reason else ""
        out().print(
            Text(
                f"Blocked in {one.integration.company} by {entry.address} since {clock(entry.at, zone)}, "
                f"by {entry.actor}{reason}. ptm block remove {one.integration.company_id} {entry.address}"
            )
        )
    if not found.blocked:
        out().print(Text(f"{found.email} is on no block list."))
    out().print(Text(NOT_FOUND_SO))


def show_life(life: Life, zone: str, say: Words) -> None:
    then = f", as of {clock(life.as_of, zone)}" if life.as_of else ""
    number, company = life.number or life.invoice, life.integration.company
    out().print(Text(f"Invoice {number} of {company}: {life.status or 'not seen yet'}{then}", style="bold"))
    if not life.entries and life.as_of:
        out().print("Nothing was known of it then.")
    elif not life.entries:
        out().print("It waited to be sent when the company was connected, and was not read since: is a worker running?")
    for one in life.timeline:
        if isinstance(one, Entry):
            show_entry(one, life, zone, say)
        else:
            show_attempt(*one, zone)
    for call in life.deliveries:
        show_call(call, zone)
    show_rest(life, say)
    out().print()


def show_rest(life: Life, say: Words) -> None:
    """Why nothing was decided, and what is left to do."""
    for each in life.today:
        why_not = say("Why not, by trigger {name}:", name=each.trigger.name)
        out().print(Text(f"{why_not} {say(each.says)} {say(each.remedy)}"))
        show_trace(each.trace, say)
    if life.asked_after_all:
        out().print(Text(f"Once the register is right: {life.asked_after_all}"), soft_wrap=True)
    if life.undecided:
        hint = "not decided by then." if life.as_of else "not decided yet: is a worker running? ptm status."
        out().print(f"{len(life.undecided)} changes {hint}")


def show_entry(entry: Entry, life: Life, zone: str, say: Words) -> None:
    record = entry.record
    out().print(Text(f"{clock(record.at, zone)}  {record.row.type:<22} {describe(entry.event, people=True)}"))
    match entry.event:
        case ContactAdded() | ContactSkipped():
            show_decision(entry.event, life, zone, say)
        case ContactUnlisted():
            show_unlisted(entry.event, life, zone)
        case ContactDelivered() | ContactRefused() | ContactWithdrawn() | ContactChecked():
            show_outcome(entry.event, say)
        case _:
            pass


def show_attempt(call: Delivery, one: Attempt, zone: str) -> None:
    status = f" {one.status}" if one.status else ""
    answered = f", {clock(one.finished_at, zone)}" if one.finished_at else ""
    said = f"delivery {call.id}, step {call.step}, {call.call}: {one.outcome or 'no answer yet'}{status}{answered}"
    out().print(Text(f"{clock(one.started_at, zone)}  {f'call {one.number}':<22} {said}"))


def show_call(call: Delivery, zone: str) -> None:
    """Where it stands; what has ended stands in the log."""
    failure = f" ({'; '.join(word for word in (call.fingerprint, call.failure) if word)})" if call.failure else ""
    due = f", next call {clock(call.next_at, zone)}" if call.state == "waiting" and call.next_at else ""
    out().print(Text(f"Delivery {call.id}, step {call.step}, {call.call}: {call.state}{failure}{due}"))
    if call.state == "parked":
        out().print(Text(f"    Look at the cause, then: ptm delivery retry {call.id}, or discard {call.id}"))
