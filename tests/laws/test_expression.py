"""Expressions: what is written reads as the same, and filling raises nothing, whatever was seen."""

from __future__ import annotations

import string
from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from events import mapping
from events.errors import Misconfigured
from events.expression import Call, Expression, Path, Text, Word, as_text, look_up, paths, render, value
from events.grammar import PERSON, parse, read
from events.integration import FieldMapping
from events.person import Person

KEYS = st.sampled_from(["name", "email", "customFields", "0", "1", "counterParty", "määrä", "own_key-2"])
PATHS = st.sampled_from(sorted(PERSON)) | st.builds(
    lambda root, steps: ".".join((root, *steps)),
    st.sampled_from(["invoice", "customer"]),
    st.lists(KEYS, min_size=1, max_size=3),
)
PRINTABLE = st.text(max_size=8).filter(str.isprintable) | st.text('"\\(), a', max_size=8)


def called(inner: st.SearchStrategy[Expression]) -> st.SearchStrategy[Expression]:
    """A transformation of any kind over *inner*."""

    def call(word: Word, *arguments: st.SearchStrategy[Expression]) -> st.SearchStrategy[Expression]:
        return st.tuples(*arguments).map(lambda given: Call(word, given))

    several = st.lists(inner, min_size=2, max_size=3).map(tuple)
    return st.one_of(
        call(Word.TRIM, inner),
        call(Word.LOWER, inner),
        several.map(lambda given: Call(Word.FIRST, given)),
        st.tuples(TEXTS, several).map(lambda given: Call(Word.JOIN, (given[0], *given[1]))),
        call(Word.DEFAULT, inner, TEXTS),
        call(Word.ONLY_IF, PLAIN, TEXTS, inner),
    )


PLAIN = PATHS.map(Path)
TEXTS = PRINTABLE.map(Text)
EXPRESSION: st.SearchStrategy[Expression] = st.recursive(PLAIN | TEXTS, called, max_leaves=6)

JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**64 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=6)
    | st.just(" Maija  Meikäläinen\n"),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=4),
    max_leaves=10,
)
PICTURE = st.dictionaries(KEYS, JSON, max_size=4)
SOMEBODY = st.none() | st.builds(Person, email=st.none() | st.text(max_size=5), name=st.none() | st.text(max_size=5))


@settings(max_examples=300, deadline=None)
@given(EXPRESSION)
def test_what_is_rendered_parses_to_the_same(expression: Expression) -> None:
    assert parse(render(expression)) == expression
    assert read(render(expression)) == expression


@settings(max_examples=200, deadline=None)
@given(EXPRESSION)
def test_blanks_between_signs_mean_nothing(expression: Expression) -> None:
    match expression:
        case Call(word, arguments):
            spaced = f" {word} ( {' , '.join(map(render, arguments))}  ) "
            assert parse(spaced) == expression
        case _:
            assert parse(f"  {render(expression)} ") == expression


@settings(max_examples=300, deadline=None)
@given(EXPRESSION, SOMEBODY, PICTURE, st.none() | PICTURE)
def test_filling_raises_nothing_and_sends_nothing_empty_or_unprintable(
    expression: Expression, person: Person | None, invoice: Mapping[str, Any], customer: Mapping[str, Any] | None
) -> None:
    filled = mapping.fill(FieldMapping(fields={"name": render(expression)}), person, invoice, customer)
    assert set(filled) <= {"name"}
    for sent in filled.values():
        assert sent == sent.strip() != ""
        assert sent.isprintable()


@settings(max_examples=200, deadline=None)
@given(PATHS | st.text(string.ascii_letters + '.0("),', max_size=12), PICTURE, PICTURE)
def test_a_path_means_what_it_meant_and_what_does_not_read_leads_nowhere_or_where_it_did(
    written: str, invoice: Mapping[str, Any], customer: Mapping[str, Any]
) -> None:
    pictures = {"person": {}, "invoice": invoice, "customer": customer}
    try:
        transforms = not isinstance(parse(written), Path)
    except Misconfigured:
        transforms = False
    if not transforms:
        assert value(read(written), pictures) == as_text(look_up(pictures, written))


@settings(max_examples=300, deadline=None)
@given(st.text('"\\(), .x' + string.ascii_lowercase, max_size=20) | st.text(max_size=10))
def test_anything_that_is_written_reads_or_is_refused_with_its_place(written: str) -> None:
    try:
        parse(written)
    except Misconfigured as refused:
        at = int(str(refused).removeprefix("at character ").partition(":")[0])
        assert 1 <= at <= len(written) + 1


@settings(max_examples=100, deadline=None)
@given(EXPRESSION, PICTURE, PICTURE)
def test_only_the_paths_that_an_expression_names_change_what_it_gives(
    expression: Expression, invoice: Mapping[str, Any], customer: Mapping[str, Any]
) -> None:
    named = set(paths(expression))
    whole = value(expression, {"invoice": invoice, "customer": customer, "person": {}})
    seen = {
        "invoice": invoice if any(path.startswith("invoice.") for path in named) else {},
        "customer": customer if any(path.startswith("customer.") for path in named) else {},
    }
    assert value(expression, seen) == whole


def test_a_thousand_transformations_inside_each_other_are_refused_and_do_no_harm() -> None:
    with pytest.raises(Misconfigured, match="at most 10"):
        parse("trim(" * 1000 + "customer.name" + ")" * 1000)
