"""A decision and its outcome in words: because of what, by which rules, where to, and what Trustmary answered."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rich.text import Text

from events import reasons, traces
from events.codec import Event
from events.contact import (
    ContactAdded,
    ContactDelivered,
    ContactRefused,
    ContactSkipped,
    ContactUnlisted,
    ContactWithdrawn,
    Decision,
)
from events.invoice import InvoiceStatusChanged
from events.reconcile import ContactChecked
from events.traces import brief
from events.words import Words
from worker.cli.output import clock, out, short
from worker.operations.why import Life


def show_decision(event: ContactAdded | ContactSkipped, life: Life, zone: str, say: Words) -> None:
    known, version = life.trigger(event), life.versions.get(event.rules_version)
    saved = f" ({version.event} {clock(version.at, zone)} by {version.actor})" if version else ""
    out().print(Text(f"    because of {cause(event, life, zone)}"))
    out().print(
        Text(f"    by trigger {known.name if known else event.trigger}, rules of version {event.rules_version}{saved}")
    )
    if isinstance(event, ContactSkipped):
        told = reasons.SKIPS[event.reason]
        out().print(Text(f"    {say(told.says)} {say(told.remedy)}"))
    if since := life.added_since.get(event.id):
        out().print(Text(f"    added since by invoice {since.invoice}, {clock(since.at, zone)}"))
    show_trace(event.trace, say)


def show_unlisted(event: ContactUnlisted, life: Life, zone: str) -> None:
    known = life.trigger(event)
    names = known.destination.names if known else {}
    lists = ", ".join(names.get(id, id) for id in event.lists)
    by = f" by replay {short(event.replay)}" if event.replay else ""
    out().print(Text(f"    to be taken off {lists}{by}"))
    out().print(Text(f"    where {cause(event, life, zone)} has put it"))


def cause(event: Decision, life: Life, zone: str) -> str:
    again = ", decided again since an operator asked for it" if event.asked_by else ""
    if event.replay:
        again = f", by replay {short(event.replay)}"
    found = next((entry for entry in life.entries if entry.record.row.id == event.cause), None)
    match found.event if found else None:
        case InvoiceStatusChanged() as change:
            return f"change {change.change}, to {change.after}{again}"
        case ContactAdded() as added if found:
            by = f" by replay {short(added.replay)}" if added.replay else ""
            return f"the decision of {clock(found.record.at, zone)}{by}"
        case _:
            return f"event {event.cause}{again}"


def show_outcome(event: Event, say: Words) -> None:
    """What Trustmary answered, or why it was not asked."""
    match event:
        case ContactWithdrawn():
            told = reasons.WITHDRAWALS[event.reason]
            out().print(Text(f"    {say(told.says)} {say(told.remedy)}"))
        case ContactChecked():
            told = reasons.CHECKED[event.state]
            theirs = "; ".join(f"{name} there: {value or '–'}" for name, value in event.theirs.items())
            known = "; ".join(part for part in (event.status, theirs) if part)
            out().print(Text(f"    {say(told.says)} {say(told.remedy)}{f' ({known})' if known else ''}"))
        case ContactRefused():
            out().print(Text(f"    Trustmary answered {event.status}: {brief(event.answer) or 'nothing more'}"))
        case ContactDelivered() if event.status is None:
            out().print(Text("    The call had no answer; the contact was looked up and had arrived."))
        case ContactDelivered():
            out().print(Text(f"    Trustmary answered {event.status}: {brief(event.answer) or 'nothing more'}"))
        case _:
            pass


def show_trace(trace: tuple[Mapping[str, Any], ...], say: Words) -> None:
    for step in traces.steps(trace, say.figure):
        wanted = f", wanted {step.wanted}" if step.wanted is not None else ""
        seen = f": {step.seen}" if step.seen is not None else ""
        out().print(Text(f"    {'✓' if step.ok else '✗'} {step.check}{seen}{wanted}"))
