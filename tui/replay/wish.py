"""Which of the past is to be decided again: a line for each thing that can be said of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime

from events import reasons
from events.contact import Skip
from events.integration import Trigger
from events.plan import Wanted
from events.words import Words
from tui.making.wording import Entry, codes
from worker.operations.integrations import Integration
from worker.operations.replay_lines import LAST


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    integration: Integration | None = None
    """None: not chosen yet."""
    wanted: Wanted = field(default_factory=lambda: Wanted(upto=LAST))
    backfill: int = 0
    """Days back from now of which Procountor is asked what lay there before connecting; 0: it is not asked."""


def entries(wish: Wish, say: Words) -> Iterator[Entry]:
    wanted, seen = wish.wanted, wish.integration
    yield Entry(id="integration", label=say("Integration"), value=seen.name if seen else say("not said yet"),
                raw=seen.id if seen else None, tone="strong" if seen else "warning")  # fmt: skip
    yield Entry(id="triggers", label=say("Triggers"), value=named(wish, say), raw=wanted.triggers)
    yield from window(wanted, say)
    statuses = codes(wanted.statuses, say, nothing="those of the triggers")
    yield Entry(id="statuses", label=say("Reached status"), value=statuses, raw=wanted.statuses)
    for id, label, numbers in (
        ("customers", say("Customers"), wanted.customers),
        ("invoices", say("Invoices"), wanted.invoices),
    ):
        yield Entry(id=id, label=label, value=listed(numbers) or say("all"), raw=numbers)
    skips = " ".join(say(reasons.SKIPS[Skip(one)].says) for one in sorted(wanted.skips))
    yield Entry(id="skips", label=say("Only what was skipped"), value=skips or say("no: everything"), raw=wanted.skips)
    latest = say("as they are now: read again from Procountor") if wanted.latest else say("as they were seen then")
    yield Entry(id="latest", label=say("Customers' data"), value=latest, raw=wanted.latest)
    days = wish.backfill
    past = say("what the last {n} days have is read from Procountor first", n=days) if days else say("not read")
    yield Entry(id="backfill", label=say("From before connecting"), value=past, raw=days)


def window(wanted: Wanted, say: Words) -> Iterator[Entry]:
    """Which time is meant is said: when it was recorded, or the invoice's own date; or by position."""
    for id, label, at in (
        ("since", say("Recorded since"), wanted.since),
        ("until", say("Recorded before"), wanted.until),
    ):
        yield Entry(id=id, label=label, value=moment(at, say), raw=at, tone="" if at else "quiet")
    for id, label, on in (
        ("dated_from", say("Invoice date from"), wanted.dated_from),
        ("dated_to", say("Invoice date up to"), wanted.dated_to),
    ):
        yield Entry(id=id, label=label, value=day(on, say), raw=on, tone="" if on else "quiet")
    for id, label, position in (
        ("after", say("Behind position"), wanted.after),
        ("upto", say("Up to position"), wanted.upto),
    ):
        said = say("no limit") if position in (0, LAST) else str(position)
        yield Entry(id=id, label=label, value=said, raw=position, tone="quiet" if position in (0, LAST) else "")


def named(wish: Wish, say: Words) -> str:
    if not wish.wanted.triggers or wish.integration is None:
        return say("all live ones")
    known = wish.integration.rules.triggers
    return ", ".join(called(known[id], say) for id in sorted(wish.wanted.triggers) if id in known)


def called(trigger: Trigger, say: Words) -> str:
    return trigger.name if trigger.live else f"{trigger.name} ({say('draft')})"


def moment(at: datetime | None, say: Words) -> str:
    return say.exact(at) if at else say("no limit")


def day(on: date | None, say: Words) -> str:
    return on.isoformat() if on else say("no limit")


def listed(numbers: Iterable[int]) -> str:
    return ", ".join(map(str, sorted(numbers)))
