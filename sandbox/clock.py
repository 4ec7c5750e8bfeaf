"""The sandbox's time: aware UTC inside, Helsinki local without a zone on the wire."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

Clock = Callable[[], datetime]

HELSINKI = ZoneInfo("Europe/Helsinki")


def system_clock() -> datetime:
    return datetime.now(UTC)


def local_stamp(at: datetime) -> str:
    """*at* as Procountor writes it: whole seconds, no offset; such stamps sort as text."""
    return at.astimezone(HELSINKI).strftime("%Y-%m-%dT%H:%M:%S")


def zulu(at: datetime) -> str:
    """*at* as Trustmary writes it: milliseconds and a Z."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.") + f"{at.microsecond // 1000:03d}Z"
