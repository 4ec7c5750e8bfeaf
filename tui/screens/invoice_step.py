"""One step in the life of an invoice: an event, or what is none: a call, an open delivery, a verdict."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from textual.content import Content

from events.words import Words
from tui import told
from tui.screens import event_fields
from tui.screens.event_fields import field
from worker.operations.browse import Entry
from worker.operations.deliveries import Attempt, Delivery
from worker.operations.why import Life, Today


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    key: Hashable
    at: datetime | None
    title: told.Title
    text: str
    detail: tuple[Content, ...]
    entry: Entry | None = None
    remedy: str = ""
    """What to do, where there is something."""


CALL = told.Title("→", "call")
OUTCOMES: Mapping[str, str] = {
    "delivered": "good",
    "refused": "bad",
    "parked": "bad",
    "failed": "warning",
    "credentials": "warning",
}


def of_call(call: Delivery, one: Attempt, say: Words) -> Step:
    outcome = say(one.outcome) if one.outcome else say("no answer yet")
    status = f" {one.status}" if one.status else ""
    lines = [
        Content.styled(say("call {n} of delivery {id}", n=one.number, id=call.id), "bold"),
        field(say("sent"), say.exact(one.started_at)),
        field(say("answered"), say.exact(one.finished_at) if one.finished_at else "–"),
        field(say("outcome"), outcome + status),
        field(say("to"), say(call.call)),
        field(say("step"), str(call.step)),
    ]
    return Step(
        key=(call.id, one.number),
        at=one.started_at,
        title=told.Title(CALL.glyph, CALL.name, OUTCOMES.get(one.outcome or "", "")),
        text=f"{one.number}: {outcome}{status} · {say(call.call)}",
        detail=tuple(lines),
    )


STATES: Mapping[str, told.Title] = {
    "waiting": told.Title("◷", "waits to be sent"),
    "attempting": told.Title("→", "under way"),
    "parked": told.Title("✖", "parked", "bad"),
}


def of_delivery(call: Delivery, say: Words, typed: Callable[[str], str]) -> Step:
    """*typed*: a command as it works in another terminal."""
    due = say("next call {at}", at=say.exact(call.next_at)) if call.state == "waiting" and call.next_at else ""
    failure = "; ".join(word for word in (call.fingerprint, say.told(call.failure or "")) if word)
    parked = call.state == "parked"
    remedy = "Look at the cause, then send it again or give it up (Attention)." if parked else ""
    lines = [
        Content.styled(say("delivery {id}", id=call.id), "bold"),
        field(say("state"), say(STATES[call.state].name)),
        *([field(say("failure"), failure)] if failure else []),
        *([Content(due)] if due else []),
        *([Content.styled(f"→ {say(remedy)}", "bold"), Content(f"  {typed(f'ptm delivery retry {call.id}')}"),
           Content(f"  {typed(f'ptm delivery discard {call.id}')}")] if parked else []),
    ]  # fmt: skip
    return Step(
        key=("delivery", call.id),
        at=None,
        title=STATES[call.state],
        text=due or failure,
        detail=tuple(lines),
        remedy=remedy,
    )


def of_today(each: Today, say: Words) -> Step:
    lines = [
        Content.styled(say("why not, by trigger {name}", name=each.trigger.name), "bold"),
        Content(say(each.says)),
        Content.styled(f"→ {say(each.remedy)}", "bold"),
        *event_fields.trace(each.trace, say),
    ]
    return Step(
        key=("today", each.trigger.id),
        at=None,
        title=told.Title("○", "not added", "warning"),
        text=f"{each.trigger.name}: {say(each.says)}",
        detail=tuple(lines),
        remedy=each.remedy,
    )


def undecided(life: Life, say: Words) -> Iterator[Step]:
    if life.undecided:
        hint = "It had not been decided by then." if life.as_of else "It is not decided yet: is a worker running?"
        title = told.Title("◷", "undecided", "warning")
        yield Step(key="undecided", at=None, title=title, text=say(hint), detail=(Content(say(hint)),))
