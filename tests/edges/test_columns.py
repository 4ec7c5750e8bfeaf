"""What stands in a column that is too narrow for it."""

from __future__ import annotations

import pytest

from tui.widgets.columns import called, fit

COMPANY, ORGANIZATION = "Laaksonen Kinnunen Oy", " → Saarela"


@pytest.mark.parametrize(
    ("width", "shown"),
    [
        (40, "Laaksonen Kinnunen Oy → Saarela         "),
        (31, "Laaksonen Kinnunen Oy → Saarela"),
        (26, "Laaksonen Kinnu… → Saarela"),
        (20, "Laaksonen… → Saarela"),
        (12, "Laaks… → Sa…"),
        (0, ""),
    ],
)
def test_where_there_is_little_room_something_of_both_stays(width: int, shown: str) -> None:
    cell = called(COMPANY + ORGANIZATION)
    assert fit(cell.text, width, right=False, end=cell.end) == shown


def test_a_short_company_leaves_its_room_to_the_organization() -> None:
    cell = called("Kokko → Hartikainen Paananen Ky")
    assert fit(cell.text, 24, right=False, end=cell.end) == "Kokko → Hartikainen Paa…"


def test_a_company_alone_is_cut_as_ever() -> None:
    cell = called(COMPANY)
    assert fit(cell.text, 10, right=False, end=cell.end) == "Laaksonen…"
    assert fit("a\nb", 3, right=True, end="") == "a b"
