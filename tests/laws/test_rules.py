"""Rules decide about any answer, and say the same twice."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import orjson
from hypothesis import given, settings
from hypothesis import strategies as st

from events import codec
from events.contact import ContactAdded
from events.integration import Condition
from events.invoice import InvoiceType, Kind, Status
from events.rules import concerned, consider
from facts import NOW, changed, contact, customer, decided, in_force, invoice

JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=5), inner, max_size=2),
    max_leaves=4,
)
FIELDS = ("type", "isOffer", "invoiceChannel", "language", "partnerId", "counterParty", "invoiceSumInfo", "invoiceRows")
EVERYTHING = Condition(
    statuses=frozenset(Status),
    types=frozenset(InvoiceType),
    channels=frozenset({"EMAIL"}),
    languages=frozenset({"FINNISH"}),
    customers=frozenset({51234}),
    customer_groups=frozenset({7}),
    minimum=Decimal(1),
    maximum=Decimal(1000),
)


@settings(max_examples=80, deadline=None)
@given(
    st.dictionaries(st.sampled_from(FIELDS), JSON, max_size=4),
    st.dictionaries(st.sampled_from(("contactPersons", "invoicingInfo", "registryInfo")), JSON, max_size=3),
    st.sampled_from([Condition(), EVERYTHING]),
    st.sampled_from(list(Status)),
)
def test_no_answer_is_odd_enough_to_stop_deciding(odd: Any, oddly: Any, condition: Condition, after: Status) -> None:
    event = changed(after=after.value, invoice=invoice(**odd), customer=customer(**oddly))
    rules = in_force(contact(condition=condition))
    first, again = decided(rules, event), decided(rules, event)
    assert first == again
    assert [one.id for one in first] == [one.id for one in again]
    for one in first:
        assert [line["ok"] for line in one.trace[:-1]] == [True] * (len(one.trace) - 1)
        assert one.trace[-1]["ok"] is isinstance(one, ContactAdded)


@settings(max_examples=200, deadline=None)
@given(
    st.sampled_from([None, Status.UNFINISHED, Status.NOT_SENT, Status.SENT]) | st.text(max_size=5),
    st.sampled_from([Status.SENT, Status.APPROVED, Status.PAID]) | st.text(max_size=5),
    st.sampled_from(["EMAIL", "NO_SENDING", None]) | JSON,
    st.sampled_from(list(Kind)),
    st.frozensets(st.sampled_from([Status.NOT_SENT, Status.SENT, Status.APPROVED, Status.PAID]), max_size=2),
)
def test_what_stands_open_of_a_change_says_whether_its_picture_is_needed(
    before: Any, after: str, channel: Any, kind: Kind, statuses: frozenset[Status]
) -> None:
    event = changed(before=before, after=after, kind=kind, invoice=invoice(invoiceChannel=channel))
    rules = in_force(contact(condition=Condition(statuses=frozenset(statuses))))
    opened = orjson.loads(codec.encode(event).data)
    needed = concerned(rules, opened)
    candidates = list(consider(rules, event, NOW))
    assert needed or not candidates
    if {before, after} <= {None, *Status}:
        assert needed == bool(candidates)
