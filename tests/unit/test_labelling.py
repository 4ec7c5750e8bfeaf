"""Labels are the same whatever their case and spacing."""

from __future__ import annotations

import pytest

from events.errors import Misconfigured
from events.labelling import alike, tidy
from table import each


def test_each_is_there_once_in_one_order() -> None:
    assert tidy(["pilotti", " Ryhmä  A", "PILOTTI", "b"]) == ("b", "pilotti", "Ryhmä A")
    assert alike("Ryhmä A", " ryhmä  a ")


@each("label", ["", "  ", "a,b", "x" * 41, "a\x00b"])
def test_what_is_no_label_is_refused(label: str) -> None:
    with pytest.raises(Misconfigured, match="is no label"):
        tidy(["a", label])
