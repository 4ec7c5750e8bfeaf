"""The brake: how many contacts an integration wants, held against what is usual for it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from itertools import dropwhile

import orjson

from events.errors import Misconfigured
from events.integration import OFF, USUAL, Braked, Settings
from events.words import Say, english

FLOOR = 100
"""Contacts within 24 hours that are never too many, where nobody has set a number."""
TIMES = 3
"""So many times the busiest day is far more than usual."""
HOURS = 24
DAYS = 47
"""Today, yesterday, and the 45 days that say what is usual: who invoices once a month is among them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """Contacts that live changes have led to, counted by when the changes were recorded."""

    hour: int = 0
    """The newest hour that is counted in, since 1970."""
    hours: tuple[int, ...] = ()
    """By the hour, newest first: since a person last resumed sending."""
    days: tuple[int, ...] = ()
    """By the day (UTC), newest first."""
    shown: tuple[int, ...] = ()
    """As *hours*, whoever has resumed meanwhile: for screens, and for no judgement."""


def hour_of(at: datetime) -> int:
    return int(at.timestamp()) // 3600


def counted(tally: Tally, hour: int, contacts: int) -> Tally:
    """With *contacts* more; an hour before the newest counts as that one."""
    newest = max(hour, tally.hour)
    return Tally(
        hour=newest,
        hours=more(tally.hours, newest - tally.hour, HOURS, contacts),
        shown=more(tally.shown, newest - tally.hour, HOURS, contacts),
        days=more(tally.days, newest // 24 - tally.hour // 24, DAYS, contacts),
    )


def more(counts: tuple[int, ...], later: int, most: int, contacts: int) -> tuple[int, ...]:
    """*counts* moved on by *later* places, with *contacts* in the first; without the zeros at the end."""
    first, *rest = ((0,) * min(later, most) + counts)[:most] or (0,)
    return tuple(reversed([*dropwhile(lambda count: not count, reversed(rest)), first + contacts]))


def released(tally: Tally) -> Tally:
    """A person resumes sending: counting begins anew."""
    return replace(tally, hours=())


def corrected(tally: Tally, hour: int, contacts: int) -> Tally:
    """With *contacts* more on the day of *hour*, or fewer: what is taken back has not been usual."""
    ago = tally.hour // 24 - hour // 24
    days = [max(0, count + contacts) if place == ago else count for place, count in enumerate(tally.days)]
    return replace(tally, days=tuple(days))


def usual(tally: Tally) -> int:
    """On the busiest day, but for today and yesterday: what is to be judged does not make itself usual."""
    return max(tally.days[2:], default=0)


def limit(settings: Settings, tally: Tally) -> int | None:
    """The most contacts within 24 hours; None: no limit."""
    if isinstance(settings.brake, int):
        return settings.brake
    return None if settings.brake == OFF else max(FLOOR, TIMES * usual(tally))


def beyond(settings: Settings, tally: Tally) -> Braked | None:
    """The figures, where there are more than the limit."""
    contacts, most = sum(tally.hours), limit(settings, tally)
    return None if most is None or contacts <= most else Braked(contacts=contacts, limit=most, usual=usual(tally))


def written(text: str) -> int | str:
    """A limit as people write it. Raises `Misconfigured` for what is none."""
    if text in (USUAL, OFF):
        return text
    if text.isascii() and text.isdecimal():
        return int(text)
    raise Misconfigured(f"{text} is no limit: use a number of contacts within 24 hours, usual, or off.")


def said(braked: Braked, say: Say = english) -> str:
    return say(
        "{n} contacts within 24 hours, the limit is {limit}; the busiest day before had {usual}",
        n=braked.contacts,
        limit=braked.limit,
        usual=braked.usual,
    )


def to_json(tally: Tally) -> str:
    return orjson.dumps([tally.hour, tally.hours, tally.days, tally.shown]).decode()


def from_json(text: str) -> Tally:
    """One that was written before there was anything to show shows what is judged."""
    hour, hours, days, *shown = orjson.loads(text)
    return Tally(hour=hour, hours=tuple(hours), days=tuple(days), shown=tuple(shown[0] if shown else hours))
