"""Lines of a plan as people name them: written in ranges, read back the same."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from events.errors import Misconfigured
from events.numbering import read, written


@given(st.frozensets(st.integers(1, 500), min_size=1))
def test_what_is_written_is_read_back(numbers: frozenset[int]) -> None:
    assert read(written(numbers)) == numbers


def test_runs_are_written_as_ranges() -> None:
    assert written({5, 1, 2, 3, 9, 10}) == "1-3,5,9-10"
    assert read("1 - 3, 7") == {1, 2, 3, 7}


@pytest.mark.parametrize("text", ["", "a", "3-1", "1,,2", "1-", "-4", "1-999999999"])
def test_what_names_no_lines_is_refused(text: str) -> None:
    with pytest.raises(Misconfigured, match="names no lines"):
        read(text)
