"""A file is read as what it says, and nothing else is made of it."""

from __future__ import annotations

from typing import Any

import pytest

from events.errors import Misconfigured
from table import each
from worker.adapters.documents import dump, load


@each(
    ("text", "value"),
    [
        ("a: yes", "yes"),
        ("a: Off", "Off"),
        ("a: 2026-03-02", "2026-03-02"),
        ("a: 12:30", "12:30"),
        ("a: 0123", "0123"),
        ("a: +358401234567", "+358401234567"),
        ("a: 1_000", "1_000"),
        ("a: .inf", ".inf"),
        ("a: true", True),
        ("a: null", None),
        ("a:", None),
        ("a: ''", ""),
        ("a: '12'", "12"),
        ("a: -12", -12),
        ("a: 1.5e3", 1500.0),
        ("a: &x [1, 2]", [1, 2]),
        ('{"a": {"b": [1.0, "x"]}}', {"b": [1.0, "x"]}),
        ("a: !!str 12", "12"),
    ],
)
def test_scalars_mean_what_they_mean_in_json(text: str, value: Any) -> None:
    found = load(text, "x.yaml")["a"]
    assert (found, type(found)) == (value, type(value))


@each(
    ("text", "says"),
    [
        ("a: 1\nb: 2\na: 3", "x.yaml, line 3: a stands twice."),
        ("a:\n  b: 1\n  'b': 2", "x.yaml, line 3: b stands twice."),
        ("a: !!python/object/apply:os.system ['true']", "is not read here"),
        ("a: !secret b", "is not read here"),
        ("a: !!int x", "is not read here"),
        ("a: !!binary eHg=", "is not read here"),
        ("1: a", "x.yaml, line 1: a name is a text; put it in quotes."),
        ("a: &x\n  b: *x", "is an alias of what it stands in"),
        ("a: [1", "x.yaml, line 1 is no YAML"),
        ("a: 1\n---\na: 2", "x.yaml, line 2 is no YAML"),
        ("a: *x", "x.yaml, line 1 is no YAML"),
        ("\x00", "x.yaml is no YAML"),
        ("", "x.yaml is empty."),
        ("a: " + "9" * 5000, "digits is not read here"),
        ("[" * 3000, "x.yaml goes too deep."),
    ],
)
def test_what_it_does_not_read_is_refused_with_the_line(text: str, says: str) -> None:
    with pytest.raises(Misconfigured) as met:
        load(text, "x.yaml")
    assert says in str(met.value)
    assert "\n" not in str(met.value)


def test_many_aliases_of_one_thing_are_one_thing() -> None:
    bomb = "a: &a [x]\n" + "".join(f"b{n}: &b{n} [{', '.join([f'*b{n - 1}' if n else '*a'] * 9)}]\n" for n in range(30))
    assert load(bomb, "x.yaml")["b0"] == [["x"]] * 9


def test_it_is_written_in_one_order_without_aliases() -> None:
    same = ["x"]
    assert dump({"b": same, "a": same, "c": "yes", "d": "Ääkköset"}) == "b:\n- x\na:\n- x\nc: 'yes'\nd: Ääkköset\n"
