"""Whatever Procountor and Trustmary answer, it is read, or refused in our words: nothing else ever comes of it."""

from __future__ import annotations

import copy
import os
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from functools import partial
from typing import Any
from uuid import UUID

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from events import rules
from events.codec import decode, encode
from events.contact import ContactAdded, ContactSkipped
from events.errors import PtmError
from events.integration import Condition, FieldMapping, Rules, Trigger
from events.invoice import Status
from events.observe import complete, observe, partner_of, see
from events.rules import Ledger
from worker.adapters.answers import Answer, accept, words
from worker.adapters.procountor_facts import activation_of, company_of, granted, keys_of, page_of, rights_of, session_of
from worker.adapters.retry_after import LONGEST, retry_after

EXAMPLES = int(os.environ.get("PTM_TEST_EXAMPLES", "400"))
ODD = ["", "\0", "a\0b", "1", "1.2.3", "²", "-1", "0001-01-01", "9999-12-31T23:59:60", "131052-308T", True, 2**63, -1]
JSON = st.sampled_from(ODD) | st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**64 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=12),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=6,
)
SESSION = {"companyId": 1, "name": "A Oy", "userId": 2, "userName": "a.b.1"}
COMPANY = {"id": 1, "name": "A Oy", "operationType": "PRODUCTION", "businessIdentifier": {"code": "1234567-1"}}
RIGHTS = {
    "role": "SUPER_USER",
    "rights": {
        "sales": {
            "salesInvoiceSearch": "ALL_RIGHTS",
            "customerRegister": "ALL_RIGHTS",
            "personalSalesInvoicesOnly": False,
        }
    },
}
ACTIVATION = {
    "integrationId": 4,
    "expires": "2026-03-16T09:00:00",
    "initiator": {"email": "m@b.fi", "userFullName": "Maija"},
    "companiesToIntegrate": [
        {"companyId": 1, "extraInfo": {"companyName": "A Oy", "businessIdentifier": {"code": "1234567-1"}}}
    ],
}
KEYS = {"integrationId": 4, "companiesIntegrated": [{"companyId": 1, "apiKey": "k"}]}
TOKEN = {"access_token": "a", "expires_in": 3600, "refresh_token": "r"}
ROW = {
    "id": 7,
    "partnerId": 9,
    "invoiceNumber": 10007,
    "status": "SENT",
    "type": "SALES_INVOICE",
    "version": "2026-03-02T09:00:00",
    "created": "2026-03-02T08:00:00",
    "date": "2026-03-02",
}
PAGE = {"results": [ROW], "meta": {"pageNumber": 0, "pageSize": 200, "resultCount": 1, "totalCount": 1}}
DETAIL = {
    **ROW,
    "invoiceChannel": "EMAIL",
    "language": "FINNISH",
    "counterParty": {"counterPartyAddress": {"name": "B Oy"}, "contactPersonName": "Maija", "email": "m@b.fi"},
    "invoiceSumInfo": [{"currency": "EUR", "invoiceSumTotal": 12.5}],
    "paymentInfo": {"currency": "EUR", "dueDate": "2026-03-16"},
    "invoicingInfo": {"contactPerson": "Maija", "email": "m@b.fi"},
}
CUSTOMER = {
    "id": 9,
    "name": "B Oy",
    "version": "2026-03-01T09:00:00",
    "invoicingInfo": {"contactPerson": "Maija Meikäläinen", "email": "m@b.fi", "invoiceChannel": "EMAIL"},
    "contactPersons": [{"id": 1, "firstName": "Maija", "lastName": "Meikäläinen", "email": "m@b.fi", "phone": "1"}],
    "registryInfo": {"active": True, "partnerGroups": [{"id": 1, "name": "G", "active": True}]},
}


def places(value: Any, at: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [at, *(place for key, item in inner for place in places(item, (*at, key)))]


@st.composite
def spoiled(draw: st.DrawFn, sound: Any) -> Any:
    """*sound* with something else in one to three of its places, or with nothing there."""
    found = copy.deepcopy(sound)
    for _ in range(draw(st.integers(1, 3))):
        place = draw(st.sampled_from(places(found)))
        if not place:
            return draw(JSON)
        inside = found
        for key in place[:-1]:
            inside = inside[key]
        if draw(st.booleans()):
            inside[place[-1]] = draw(JSON)
        else:
            inside.pop(place[-1])
    return found


def without_end() -> Any:
    """As deep as JSON is read."""
    inner: Any = "x"
    for _ in range(1000):
        inner = [inner]
    return inner


def put(sound: Any, place: tuple[Any, ...], odd: Any) -> Any:
    """*sound* with *odd* in *place*."""
    if not place:
        return odd
    found = copy.deepcopy(sound)
    inside = found
    for key in place[:-1]:
        inside = inside[key]
    inside[place[-1]] = odd
    return found


answers = pytest.mark.parametrize(
    ("read", "sound"),
    [
        (session_of, SESSION),
        (company_of, COMPANY),
        (rights_of, RIGHTS),
        (granted, TOKEN),
        (lambda body: page_of(body, 200), PAGE),
        (partial(activation_of, 4), ACTIVATION),
        (keys_of, KEYS),
    ],
    ids=["session", "company", "rights", "token", "page", "activation", "keys"],
)


@answers
def test_what_is_nested_without_end_is_read_or_refused(read: Callable[[Any], Any], sound: Any) -> None:
    for place in places(sound):
        with suppress(PtmError):
            read(put(sound, place, without_end()))


@answers
def test_an_answer_is_read_or_refused(read: Callable[[Any], Any], sound: Any) -> None:
    read(sound)

    @settings(max_examples=EXAMPLES)
    @given(spoiled(sound))
    def holds(body: Any) -> None:
        try:
            found = read(body)
        except PtmError:
            return
        told = {name: getattr(found, name) for name in found.__slots__} if hasattr(found, "__slots__") else found
        assert "\\x00" not in repr([value for name, value in told.items() if name != "items"]), "no database takes it"

    holds()


@settings(max_examples=EXAMPLES)
@given(st.integers(100, 599), st.binary(max_size=60) | JSON.map(orjson.dumps), st.booleans(), st.booleans())
def test_any_status_and_body_is_read_or_refused(status: int, body: bytes, json: bool, html: bool) -> None:
    answer = Answer(status=status, body=body, json=json, html=html, retry_after=None, what="GET /x")
    assert "\0" not in words(answer)
    try:
        accept(answer)
    except PtmError as error:
        assert "GET /x" in str(error)


@settings(max_examples=EXAMPLES)
@given(st.text(max_size=40) | st.integers().map(str) | st.datetimes().map(lambda at: f"{at:%a, %d %b %Y %H:%M:%S} GMT"))
def test_no_header_makes_us_wait_for_longer_than_a_day(text: str) -> None:
    waits = retry_after({"Retry-After": text})
    assert waits is None or 0 <= waits.total_seconds() <= LONGEST.total_seconds()


TRIGGER = Trigger(
    id=UUID(int=2),
    name="Sent",
    condition=Condition(statuses=frozenset(Status)),
    mapping=FieldMapping(fields={"email": "person.email", "name": "person.name", "phone": "customer.name"}),
)
RULES = Rules(integration=UUID(int=1), version=1, triggers={TRIGGER.id: TRIGGER})
NOW = datetime(2026, 3, 2, 10, tzinfo=UTC)


@settings(max_examples=EXAMPLES, deadline=None)
@given(st.just(ROW) | spoiled(ROW), st.none() | spoiled(DETAIL), st.none() | spoiled(CUSTOMER))
def test_an_invoice_is_decided_whatever_is_in_it(row: Any, detail: Any, customer: Any) -> None:
    decided(row, detail, customer)


def test_an_invoice_is_decided_though_some_of_it_is_nested_without_end() -> None:
    for place in places(ROW):
        decided(put(ROW, place, without_end()), DETAIL, CUSTOMER)
    for place in places(DETAIL):
        decided(ROW, put(DETAIL, place, without_end()), CUSTOMER)
    for place in places(CUSTOMER):
        decided(ROW, DETAIL, put(CUSTOMER, place, without_end()))


def decided(row: Any, detail: Any, customer: Any) -> None:
    """From the list to the decision, and back from the log's bytes."""
    seen = see(row)
    if seen is None:
        return
    assert seen.invoice is not True
    assert isinstance(seen.type, str)
    change = observe(None, seen, integration=RULES.integration, baseline="2026-01-01T00:00:00")
    if change is None:
        return
    detail, customer = (one if isinstance(one, dict) else None for one in (detail, customer))
    partner_of(seen, detail)
    change = complete(change, seen, detail=detail, customer=customer, missing={})
    told = encode(change)
    heard = decode(change.type, change.schema, told.data, told.personal)
    assert heard == change
    for found in rules.consider(RULES, change, NOW):
        decision = rules.settle(found, Ledger(key=lambda organization, email: f"{organization}/{email}".encode()))
        assert isinstance(decision, ContactAdded | ContactSkipped)
        encode(decision)
