"""How replays read: states, classes of a plan, what became of a contact; glyph, word and tone."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from math import ceil

from events import reasons
from events.plan import Class
from events.replay import Reach
from events.words import Words
from worker.operations.replays import Cost, Replay

CLASSES: Mapping[Class, tuple[str, str, str]] = {
    Class.NEW: ("+", "new", "good"),
    Class.CHANGED: ("~", "changed", "warning"),
    Class.OTHER_ADDRESS: ("→", "other address", "warning"),
    Class.TAKE_OFF: ("−", "take off", "warning"),
    Class.SAME: ("=", "same", "quiet"),
    Class.NO_LONGER_MATCHED: ("○", "no longer matched", "quiet"),
    Class.BLOCKED: ("■", "blocked", "bad"),
}
STATES: Mapping[str, tuple[str, str, str]] = {
    "planned": ("○", "planned", ""),
    "running": ("▶", "running", "good"),
    "paused": ("‖", "paused", "warning"),
    "done": ("✔", "done", "quiet"),
    "cancelled": ("✖", "cancelled", "quiet"),
}
RESULTS: Mapping[str, tuple[str, str, str]] = {
    "decided": ("○", "to be added", ""),
    "waiting": ("○", "to be added", ""),
    "attempting": ("▶", "on its way", ""),
    "delivered": ("✔", "added", "good"),
    "refused": ("✖", "refused", "bad"),
    "withdrawn": ("■", "withheld", "warning"),
    "parked": ("✖", "parked", "bad"),
}
OFF: Mapping[str, str] = {"to be added": "to be taken off", "added": "taken off"}
"""What is said instead of a contact that is taken off lists."""
REACHES: Mapping[Reach, str] = {
    Reach.RECORD: "record: it is decided and recorded, and nothing is sent",
    Reach.CONTACT: "contact: the contact is added or updated, on no list",
    Reach.LIST: "list: lists and automations too, where they start no surveys",
    Reach.SURVEY: "survey: everything, surveys and automations included",
}


def class_of(kind: Class, say: Words) -> str:
    glyph, word, _ = CLASSES[kind]
    return f"{glyph} {say(word)}"


def state_of(replay: Replay, say: Words) -> str:
    glyph, word, _ = STATES[replay.state]
    return f"{glyph} {say(word)}"


def result(name: str, say: Words, *, off: bool = False) -> str:
    """How far it has come, or why it was left out."""
    if name not in RESULTS:
        return "○ " + say("left out: {why}", why=say(reasons.said(name)))
    glyph, word, _ = RESULTS[name]
    return f"{glyph} {say(OFF.get(word, word) if off else word)}"


def price(cost: Cost, say: Words) -> str:
    """Contacts, calls and the time they take, and for how many a survey may start."""
    said = [
        say.count(cost.contacts, "{n} contact", "{n} contacts"),
        say.count(cost.calls, "{n} call to Trustmary", "{n} calls to Trustmary"),
    ]
    if cost.off:
        said.insert(1, say("{n} of them taken off lists", n=say.number(cost.off)))
    if cost.seconds:
        said.append(say("{time} at its pace", time=timedelta(seconds=ceil(cost.seconds))))
    said.append(surveys(cost, say))
    return " · ".join(said)


def surveys(cost: Cost, say: Words) -> str:
    if not cost.surveys:
        return say("no survey starts")
    return "▲ " + say("{n} may start a survey", n=say.number(cost.surveys))


def bar(done: int, whole: int, width: int = 24) -> str:
    filled = min(width, width * done // whole) if whole else 0
    return "█" * filled + "░" * (width - filled)
