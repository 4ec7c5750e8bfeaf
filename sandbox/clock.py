"""The sandbox's time: aware UTC inside, local (to Helsinki, most likely) without a zone on the wire."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, tzinfo
from zoneinfo import ZoneInfo

Clock = Callable[[], datetime]

HELSINKI = ZoneInfo("Europe/Helsinki")


def system_clock() -> datetime:
    return datetime.now(UTC)


def local_stamp(at: datetime, zone: tzinfo = HELSINKI) -> str:
    """*at* as Procountor writes it: whole seconds, no offset; such stamps sort as text."""
    return at.astimezone(zone).strftime("%Y-%m-%dT%H:%M:%S")


def zulu(at: datetime) -> str:
    """*at* as Trustmary writes it: milliseconds and a Z."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.") + f"{at.microsecond // 1000:03d}Z"
