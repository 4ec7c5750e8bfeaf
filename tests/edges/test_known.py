"""What the console remembers of a log that it follows for days."""

from __future__ import annotations

from uuid import uuid4

from worker.operations.related import REMEMBERED, Known

COMPANY = uuid4()


def numbers(*invoices: int) -> Known:
    return Known(companies={COMPANY: "Oy"}, numbers={(COMPANY, invoice): 10_000 + invoice for invoice in invoices})


def test_what_is_remembered_is_bounded_and_what_is_needed_again_is_kept() -> None:
    known = numbers(0, 1)
    for first in range(2, 3 * REMEMBERED, 100):
        known = known.joined(numbers(0, *range(first, first + 100)))
    assert len(known.numbers) == REMEMBERED
    assert (COMPANY, 0) in known.numbers
    assert (COMPANY, 1) not in known.numbers
    assert known.companies == {COMPANY: "Oy"}
