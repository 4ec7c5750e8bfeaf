"""Concerns of every kind, as attention groups them."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

from events.attention import SHARED, Cause, Concern
from events.contact import Skip
from events.unsent import UNUSABLE

ONE, TWO = UUID(int=1), UUID(int=2)
START = datetime(2026, 3, 1, tzinfo=UTC)
KEYS: dict[Cause, list[str]] = {
    Cause.PARKED: ["unavailable:trustmary:503", "corrupt:log:-", "rights:trustmary:403"],
    Cause.UNKNOWN: ["unknown:trustmary:no_answer"],
    Cause.REFUSED: ["invalid, 400"],
    Cause.BROKEN: ["trustmary:credentials"],
    Cause.UNSENT: [*sorted(UNUSABLE), SHARED],
    Cause.UNASKED: sorted(UNUSABLE),
}


def concern(number: int, **facts: object) -> Concern:
    plain = Concern(
        cause=Cause.UNASKED,
        key=Skip.NO_EMAIL,
        integration=ONE,
        subject=f"customer {number}",
        label=f"Asiakas {number}",
        since=START + timedelta(minutes=number),
        invoices=(number,),
    )
    return replace(plain, **facts)  # type: ignore[arg-type] # facts are named after the fields they replace


KINDS = [(cause, key) for cause in Cause for key in KEYS.get(cause, [""])]
"""Each cause, with each key that it may have."""
