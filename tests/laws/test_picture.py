"""Of any answer at all: it is split without loss, nobody stands open, and keeping settles at once."""

from __future__ import annotations

import string
from typing import Any

import orjson
from hypothesis import given, settings
from hypothesis import strategies as st

from events.codec import decode, encode
from events.picture import CHANGE, CUSTOMER, INVOICE, join, keep, split
from facts import changed

PLANTED = ("Päivi Mäkelä", "paivi.makela@kirjakauppa.fi", "131052-308T", "Kotikatu 1 A", "+358 40 123", "päivi")
VALUE = (
    st.none()
    | st.booleans()
    | st.integers(-(2**53), 2**53)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.sampled_from((*PLANTED, "", "EUR", "SENT", "EMAIL", "FINNISH", "2026-03-02", "SALES_INVOICE"))
    | st.text(string.ascii_letters + "äö@-_ 0", max_size=6)
)
KEYS = st.sampled_from(sorted({*INVOICE, *CUSTOMER, "currency", "invoiceSumTotal", "active", "name", "email", "x"}))
JSON = st.recursive(
    VALUE, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=4), max_leaves=12
)
PICTURE = st.dictionaries(KEYS, JSON, max_size=6)


@settings(max_examples=80, deadline=None)
@given(PICTURE, st.sampled_from([INVOICE, CUSTOMER, CHANGE, {}]))
def test_what_is_split_joins_to_the_same(value: dict[str, Any], shape: dict[str, Any]) -> None:
    opened, sealed = split(value, shape)
    assert join(opened, sealed) == value
    assert join(orjson.loads(orjson.dumps(opened)), orjson.loads(orjson.dumps(sealed))) == value


def texts(value: Any) -> list[str]:
    match value:
        case dict():
            return [text for key, item in value.items() for text in (key, *texts(item))]
        case list():
            return [text for item in value for text in texts(item)]
        case str():
            return [value]
        case _:
            return []


@settings(max_examples=80, deadline=None)
@given(
    PICTURE,
    PICTURE,
    st.dictionaries(st.sampled_from(["before", "after", "version", "created"]), st.sampled_from(PLANTED)),
)
def test_no_planted_person_ever_stands_open(one: dict[str, Any], other: dict[str, Any], odd: dict[str, Any]) -> None:
    event = changed(invoice=one, customer=other, missing={"invoice": PLANTED[0]}, **odd)
    encoded = encode(event)
    opened = texts(orjson.loads(encoded.data))
    assert not [text for text in opened if text in PLANTED or "@" in text or any(ord(letter) > 127 for letter in text)]
    assert decode(encoded.type, encoded.schema, encoded.data, encoded.personal) == event


@settings(max_examples=60, deadline=None)
@given(PICTURE)
def test_keeping_what_is_kept_changes_nothing(answer: dict[str, Any]) -> None:
    assert keep(keep(answer)) == keep(answer)
