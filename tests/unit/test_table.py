"""A table of cases hides no row that fails."""

from __future__ import annotations

import pytest

from table import each


def test_every_row_that_fails_is_raised_with_its_values() -> None:
    @each(("number", "kind"), [(1, int), (2, int), (3, str), (4, str)])
    def even(number: int, kind: type) -> None:
        assert number % 2 == 0, "odd"

    with pytest.RaisesGroup(AssertionError, AssertionError) as caught:
        even()
    assert [failure.__notes__ for failure in caught.value.exceptions] == [
        ["row: number=1, kind=int"],
        ["row: number=3, kind=str"],
    ]


def test_what_was_to_be_raised_and_was_not_is_a_failure_too() -> None:
    @each("text", ["1", "x"])
    def refused(text: str) -> None:
        with pytest.raises(ValueError):
            int(text)

    with pytest.RaisesGroup(pytest.fail.Exception):
        refused()


def test_a_table_without_rows_is_no_table() -> None:
    with pytest.raises(AssertionError):
        each("number", [])
