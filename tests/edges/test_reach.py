"""What time it is at a service, by its Date header."""

from __future__ import annotations

from datetime import UTC, datetime

from table import each
from worker.adapters.reach import ahead

NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)


@each(
    ("said", "seconds"),
    [
        ("Mon, 02 Mar 2026 12:00:10 GMT", 10.5),
        ("Mon, 02 Mar 2026 14:00:00 +0200", 0.5),
        ("Mon, 02 Mar 2026 11:00:00 GMT", -3599.5),
        ("Fri, 31 Dec 9999 23:59:59 -2359", None),
        ("Mon, 30 Feb 2026 12:00:00 GMT", None),
        ("soon", None),
        ("", None),
        (None, None),
    ],
)
def test_a_clock_is_ahead_or_says_nothing(said: str | None, seconds: float | None) -> None:
    assert ahead(said, NOW) == seconds
