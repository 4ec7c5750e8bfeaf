"""What is written of a window: times, days, positions, numbers; each as it is asked for, and as it is read."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime
from functools import partial
from zoneinfo import ZoneInfo

from events import moments
from events.errors import Misconfigured
from events.words import Words
from tui.replay.wish import listed
from worker.operations.backfilling import MOST
from worker.operations.replay_lines import LAST


def question(id: str, say: Words) -> str:
    return {
        "since": say("Recorded in the log since when? 30d, 12h, or 2026-11-01 with or without a time; empty: ever."),
        "until": say("Recorded in the log before when? 1d, 2h, or 2026-11-01 with or without a time; empty: now."),
        "dated_from": say("Dated in Procountor from which day on? 2026-11-01; empty: any."),
        "dated_to": say("Dated in Procountor up to which day? 2026-11-30; empty: any."),
        "after": say("Behind which position of the log? Empty: from the first."),
        "upto": say("Up to which position of the log? Empty: all that is decided."),
        "customers": say("Which customers? Their ids in Procountor, separated by commas; empty: all."),
        "invoices": say("Which invoices? Their numbers, or Procountor's ids, separated by commas; empty: all."),
    }[id]


def moment(text: str, *, zone: ZoneInfo, now: datetime) -> datetime | None:
    return moments.moment(text, zone, now, flag="") if text else None


def day(text: str, **_: object) -> date | None:
    return moments.day(text, flag="") if text else None


def days(text: str) -> int:
    if not text:
        return 0
    if not text.isdecimal() or not int(text) <= MOST:
        raise Misconfigured(f"{text} is no number of days: write 1 to {MOST}, or nothing.")
    return int(text)


def position(text: str, *, nothing: int, **_: object) -> int:
    if not text:
        return nothing
    if not text.isdecimal() or not 0 < int(text) < LAST:
        raise Misconfigured(f"{text} is no position: give a number.")
    return int(text)


def numbers(text: str, **_: object) -> frozenset[int]:
    parts = [part.strip() for part in text.split(",") if part.strip()]
    if wrong := [part for part in parts if not part.isdecimal() or int(part) >= LAST]:
        raise Misconfigured(f"{wrong[0]} is no number: write numbers, separated by commas.")
    return frozenset(map(int, parts))


READ: Mapping[str, Callable[..., object]] = {
    "since": moment,
    "until": moment,
    "dated_from": day,
    "dated_to": day,
    "after": partial(position, nothing=0),
    "upto": partial(position, nothing=LAST),
    "customers": numbers,
    "invoices": numbers,
}


def written(value: object) -> str:
    """As it would be written once more."""
    match value:
        case frozenset():
            return listed(value)
        case datetime() | date():
            return value.isoformat()
        case int() if value not in (0, LAST):
            return str(value)
        case _:
            return ""
