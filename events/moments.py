"""Times as people write them: `30m`, `2h`, `3d` ago, or a date with or without a time, in their own zone."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from events.errors import Misconfigured

UNITS: Mapping[str, int] = {"s": 1, "m": 60, "h": 3600, "d": 86400}
DATE = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)


def moment(text: str, zone: ZoneInfo, now: datetime, *, flag: str) -> datetime:
    """A time, in *zone* where it names none, or so long before *now*. Raises `Misconfigured`, naming *flag*."""
    if text[:-1].isdecimal() and text[-1] in UNITS:
        return now - timedelta(seconds=int(text[:-1]) * UNITS[text[-1]])
    try:
        at = datetime.fromisoformat(text)
    except ValueError as error:
        said = f"{flag} {text}".strip()
        raise Misconfigured(f"{said}: write 30m, 2h, 3d, or a time such as 2026-03-01T12:00.") from error
    return at if at.tzinfo else at.replace(tzinfo=zone)


def past(text: str, zone: ZoneInfo, now: datetime, *, flag: str) -> datetime:
    """A moment. Raises `Misconfigured` for one that is still to come."""
    at = moment(text, zone, now, flag=flag)
    if at > now:
        raise Misconfigured(f"{flag} {text} is still to come: give a moment that has passed.")
    return at


def end(text: str, zone: ZoneInfo, now: datetime, *, flag: str) -> datetime:
    """A moment that has passed; of a date alone the end of that day."""
    at = past(text, zone, now, flag=flag)
    if not DATE.fullmatch(text):
        return at
    return min(now, moment((date.fromisoformat(text) + timedelta(days=1)).isoformat(), zone, now, flag=flag))


def day(text: str, *, flag: str) -> date:
    """Raises `Misconfigured`, naming *flag*."""
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        said = f"{flag} {text}".strip()
        raise Misconfigured(f"{said} is no day: write 2026-11-01.") from error


def clock(at: datetime | None, zone: str) -> str:
    """In the zone that the settings show times in; "" for never."""
    return "" if at is None else at.astimezone(ZoneInfo(zone)).strftime("%Y-%m-%d %H:%M:%S")
