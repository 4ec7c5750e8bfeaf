"""The life of an invoice, step by step: events, calls, where each delivery stands, and why nothing was decided."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from textual.content import Content

from events import reasons
from events.contact import ContactSkipped, ContactUnlisted, ContactWithdrawn, Decision, Outcome
from events.reconcile import ContactChecked
from events.words import Words
from tui import told
from tui.screens import event_fields
from tui.screens.event_fields import field
from tui.screens.invoice_step import Step, of_call, of_delivery, of_today, undecided
from worker.operations.browse import Entry
from worker.operations.deliveries import OPEN
from worker.operations.related import Known, Related
from worker.operations.why import Life


def story(life: Life, say: Words, typed: Callable[[str], str]) -> list[Step]:
    known = known_of(life)
    steps = [of_entry(one, life, known, say) if isinstance(one, Entry) else of_call(*one, say) for one in life.timeline]
    steps += [of_delivery(call, say, typed) for call in life.deliveries if call.state in OPEN]
    steps += [of_today(each, say) for each in life.today]
    return [*steps, *undecided(life, say)]


def known_of(life: Life) -> Known:
    off = frozenset(entry.record.row.id for entry in life.entries if isinstance(entry.event, ContactUnlisted))
    numbers = {(life.integration.id, life.invoice): life.number} if life.number else {}
    return Known(companies={life.integration.id: life.integration.company}, numbers=numbers, taken_off=off)


def of_entry(entry: Entry, life: Life, known: Known, say: Words) -> Step:
    event = entry.event
    off = isinstance(event, Outcome) and event.decision in known.taken_off
    explained = explanation(entry)
    return Step(
        key=entry.record.row.id,
        at=entry.record.at,
        title=told.title(event, taken_off=off),
        text=told.text(event, say),
        entry=entry,
        remedy=explained.remedy if explained else "",
        detail=tuple(in_full(entry, life, known, say)),
    )


TOLD = frozenset({"trigger", "rules_version", "cause", "detail", "reason", "partner", "decision", "asked_by"})
"""Told in words, or of no use beside the rest."""


def in_full(entry: Entry, life: Life, known: Known, say: Words) -> Iterator[Content]:
    event, record = entry.event, entry.record
    yield Content.styled(f"{told.TITLES[event.type].glyph} {told.text(event, say)}", "bold")
    place = f"{record.partition}:{record.position}"
    yield Content.styled(f"{say.exact(record.at)} · {place} · {record.row.actor}", "$foreground 72%")
    if explained := explanation(entry):
        yield Content(f"→ {say(explained.remedy)}")
    yield from event_fields.trace(getattr(event, "trace", ()), say)
    yield Content("")
    if isinstance(event, Decision):
        yield from decided(event, life, say)
    yield from event_fields.facts(event, say, besides=TOLD)
    yield from event_fields.pictures(event, say)
    yield from event_fields.kin(related(entry, life), known, say, keys=False)


def explanation(entry: Entry) -> reasons.Explained | None:
    match entry.event:
        case ContactSkipped(reason=skip):
            return reasons.SKIPS[skip]
        case ContactWithdrawn(reason=withdrawal):
            return reasons.WITHDRAWALS[withdrawal]
        case ContactChecked(state=state):
            return reasons.CHECKED[state]
        case _:
            return None


def decided(event: Decision, life: Life, say: Words) -> Iterator[Content]:
    """Which rules said so, as they were then, and whose word they were."""
    known, version = life.trigger(event), life.versions.get(event.rules_version)
    detail = getattr(event, "detail", None)
    if detail:
        yield field(say("at fault"), say.told(detail))
    if since := life.added_since.get(event.id):
        yield field(say("added since"), f"{say('Invoice {number}', number=since.invoice)} · {say.exact(since.at)}")
    yield field(say("trigger"), known.name if known else str(event.trigger))
    yield field(say("version of the rules"), str(event.rules_version))
    if version:
        yield field("", f"{say(told.TITLES[version.event].name)} · {say.exact(version.at)} · {version.actor}")
        if version.reason:
            yield field("", version.reason)
    if event.asked_by and not event.replay:
        yield field("", say("decided again since an operator asked for it"))


def related(entry: Entry, life: Life) -> Related:
    """Within the invoice's own life."""
    id, cause = entry.record.row.id, entry.record.row.cause
    return Related(
        of=id,
        cause=next((one for one in life.entries if one.record.row.id == cause), None),
        effects=tuple(one for one in life.entries if one.record.row.cause == id),
    )


def telling(steps: list[Step]) -> Step | None:
    """The one that says most of why: how the last decision ended, else the last decision, else why there is none."""
    for wanted in (lambda one: one.entry is None and one.at is None, is_decision, lambda one: True):
        found = [one for one in steps if wanted(one)]
        if found:
            return found[-1]
    return None


def is_decision(one: Step) -> bool:
    return one.entry is not None and isinstance(one.entry.event, Decision)


def verdict(steps: list[Step]) -> Step | None:
    """How it stands: the newest decision or its end, else why there is none."""
    found = [one for one in steps if one.at is None or (one.entry and isinstance(one.entry.event, Decision | Outcome))]
    return found[-1] if found else None
