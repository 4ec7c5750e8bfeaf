"""What a Retry-After header says."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

LONGEST = timedelta(days=1)
"""What asks for more is asked again after a day: nothing is to wait for years because of one answer."""


def retry_after(headers: Mapping[str, str], *, now: datetime | None = None) -> timedelta | None:
    """Seconds or a date (RFC 9110 §10.2.3), a day at most; None without one, or with one that says nothing."""
    text = headers.get("Retry-After", "").strip()
    if text.isdecimal():
        return timedelta(seconds=min(int(text[:9]), LONGEST.total_seconds()))
    try:
        until = parsedate_to_datetime(text)
    except ValueError:
        return None
    until = until.replace(tzinfo=until.tzinfo or UTC)
    return min(max(timedelta(), until - (now or datetime.now(UTC))), LONGEST)
