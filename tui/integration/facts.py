"""An integration as lines of label and value: how it stands, how it is let in, what moves, what holds for all."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from events import brake
from events.integration import OFF, USUAL, Braked, Settings, Trigger
from events.words import Words
from tui.making import whole as triggers
from tui.making.review import USUAL as UNREMARKABLE
from tui.making.wording import Entry
from tui.screens.integration_line import stands
from tui.widgets.spark import spark
from worker.operations.integrations import Integration, State
from worker.operations.whole import Whole


@dataclass(frozen=True, slots=True)
class Fact:
    label: str
    value: str
    tone: str = ""


def title(text: str) -> Fact:
    return Fact("", text, "title")


def standing(known: Whole, say: Words, now: datetime) -> Iterator[Fact]:
    one = known.integration
    says, tone = stands(one.standing, say)
    last = known.acts[-1]
    changed = say("version {n}, {actor} {at}", n=one.version, actor=last.actor, at=say.moment(last.at, now))
    yield Fact(say("State"), f"{says} · {changed}", tone)
    if one.rules.braked:
        yield Fact(say("Brake"), braked(one.rules.braked, say), "warning")
    yield Fact(say("Company"), " · ".join(filter(None, (one.company, one.names.get("business_id")))))
    yield Fact(say("Organization"), one.organization_name)
    yield Fact(say("Labels"), ", ".join(one.rules.labels) or say("none yet"))
    if one.rules.recipients:
        yield Fact(say("Alerts to"), ", ".join(each.says for each in one.rules.recipients))


def braked(found: Braked, say: Words) -> str:
    return say(
        "{n} contacts within 24 hours, the limit is {limit}; the busiest day before had {usual}",
        n=say.number(found.contacts),
        limit=say.number(found.limit),
        usual=say.number(found.usual),
    )


def moving(known: Whole, say: Words, now: datetime) -> Iterator[Fact]:
    one, figures = known.integration, known.figures
    yield title(say("Figures"))
    yield Fact(say("Last invoice"), ago(figures.seen_at, say, now))
    yield Fact(say("Last contact"), ago(figures.added_at, say, now))
    yield Fact(say("Waiting"), say.number(one.waiting + one.attempting))
    yield Fact(say("Parked"), say.number(one.parked), "bad" if one.parked else "")
    yield Fact(say("Last 24 hours"), f"{spark(figures.hours)} {say.number(sum(figures.hours))}")
    if known.reconciled and known.reconciled.ended_at:
        failed = known.reconciled.failure
        said = f" · ✖ {say.told(failed)}" if failed else ""
        yield Fact(say("Reconciled"), ago(known.reconciled.ended_at, say, now) + said, "warning" if failed else "")


def ago(at: datetime | None, say: Words, now: datetime) -> str:
    return say("never") if at is None else say("{time} ago", time=say.ago(at, now))


def in_force(settings: Settings, say: Words) -> list[Entry]:
    """What holds for all triggers, as it is compared and shown."""
    days, oldest = settings.cool_down_days, settings.oldest_invoice
    cooled = say("once per contact in {n} days", n=days) if days else say("no limit")
    aged = say("{n} days, older ones are left out", n=oldest) if oldest else say("however old")
    return [
        Entry(id="cool_down_days", label=say("Cool-down"), value=cooled, raw=days),
        Entry(id="role_addresses", label=say("Shared mailboxes"), value=through(settings, say),
              raw=settings.role_addresses),
        Entry(id="brake", label=say("Brake"), value=limit(settings.brake, say), raw=settings.brake),
        Entry(id="oldest_invoice", label=say("Oldest invoice"), value=aged, raw=oldest),
    ]  # fmt: skip


def through(settings: Settings, say: Words) -> str:
    return say("let through") if settings.role_addresses else say("left out")


def limit(wanted: int | str, say: Words) -> str:
    if wanted == OFF:
        return say("off")
    if wanted == USUAL:
        return say("at {n} in 24 hours, or {times} times the busiest day", n=brake.FLOOR, times=brake.TIMES)
    return say("at {n} in 24 hours", n=wanted)


def settings(known: Whole, say: Words) -> Iterator[Fact]:
    yield title(say("Settings"))
    for entry in in_force(known.integration.rules.settings, say):
        yield Fact(entry.label, entry.value)
    yield Fact(say("Block list"), say.count(len(known.blocked), "{n} entry", "{n} entries"))


def state(one: Integration, trigger: Trigger, say: Words) -> tuple[str, str, str]:
    """Glyph, words and tone."""
    if trigger.live:
        return ("‖", say("live, but paused"), "warning") if one.state is State.PAUSED else ("●", say("live"), "good")
    beside = one.rules.triggers.get(trigger.draft_of) if trigger.draft_of else None
    if beside:
        return "◌", say("draft in the shadow of {name}", name=beside.name), "quiet"
    return "○", say("draft: sends nothing"), "quiet"


def of_trigger(one: Integration, trigger: Trigger, say: Words) -> Iterator[Fact]:
    glyph, word, tone = state(one, trigger, say)
    yield Fact(f"{glyph} {trigger.name}", word, tone)
    for entry in triggers.everything(trigger, say):
        if entry.id != "name" and entry.raw not in UNREMARKABLE:
            yield Fact(f"  {entry.label}", entry.value)


def of_triggers(known: Whole, say: Words) -> Iterator[Fact]:
    one = known.integration
    yield title(say("Triggers"))
    if not one.rules.triggers:
        yield Fact("", say("No trigger: nothing is sent. N makes one."), "warning")
    for trigger in one.rules.triggers.values():
        yield from of_trigger(one, trigger, say)
