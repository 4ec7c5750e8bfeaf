"""Whatever an event holds, it is read as it was written."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from events.codec import PERSONAL, Event, decode, encode
from events.contact import ContactAdded, ContactSkipped, ContactUnlisted, ContactWithdrawn, Skip, Withdrawal
from events.customer import CustomerRead
from events.integration import (
    OFF,
    USUAL,
    Braked,
    Condition,
    Destination,
    DestinationKind,
    FieldMapping,
    PersonRule,
    Service,
    Settings,
    StartsSurveys,
    Trigger,
    TriggerSaved,
    Waiting,
)
from events.invoice import InvoiceStatusChanged, Kind
from events.recipient import Channel, Recipient
from events.reconcile import ContactChecked, State
from events.replay import Ask, Reach, ReplayAsked
from events.trial import TrialOutcome
from events.words import Language
from facts import again

WORDS = st.text(max_size=8)
IDS = st.uuids()
NUMBERS = st.integers(1, 2**53)
FACTS = st.dictionaries(WORDS, st.none() | st.booleans() | NUMBERS | WORDS | st.lists(WORDS, max_size=2), max_size=3)
TRIGGERS = st.builds(
    Trigger,
    id=IDS,
    name=WORDS,
    condition=st.builds(
        Condition,
        statuses=st.frozensets(WORDS, max_size=3),
        types=st.frozensets(WORDS, max_size=2),
        offers=st.booleans(),
        not_positive=st.booleans(),
        channels=st.frozensets(WORDS, max_size=2),
        languages=st.frozensets(WORDS, max_size=2),
        customer_groups=st.frozensets(NUMBERS, max_size=2),
        customers=st.frozensets(NUMBERS, max_size=2),
        minimum=st.none() | st.decimals(allow_nan=False, allow_infinity=False),
        maximum=st.none() | st.decimals(allow_nan=False, allow_infinity=False),
    ),
    mapping=st.builds(
        FieldMapping,
        person=st.lists(st.sampled_from(PersonRule), max_size=3).map(tuple),
        fields=st.dictionaries(WORDS, WORDS, max_size=3),
    ),
    destination=st.builds(
        Destination,
        kind=st.sampled_from(DestinationKind),
        lists=st.lists(WORDS, max_size=2).map(tuple),
        survey=st.none() | WORDS,
        automation=st.none() | WORDS,
        starts_surveys=st.sampled_from(StartsSurveys),
        names=st.dictionaries(WORDS, WORDS, max_size=2),
    ),
    live=st.booleans(),
    existing=st.sampled_from(["update", "leave"]),
    draft_of=st.none() | IDS,
)
ASKS = st.builds(
    Ask,
    number=NUMBERS,
    cause=IDS,
    trigger=IDS,
    targets=st.lists(WORDS, max_size=2).map(tuple),
    resend=st.booleans(),
    customer=st.none() | IDS,
    last=st.none() | IDS,
    takes_back=st.none() | IDS,
)
ANY: dict[str, st.SearchStrategy[Any]] = {
    "integration": IDS, "id": IDS, "cause": IDS, "decision": IDS, "procountor_secret": IDS, "trustmary_secret": IDS,
    "invoice_id": NUMBERS, "change": NUMBERS, "rules_version": NUMBERS, "step": NUMBERS, "attempts": NUMBERS,
    "company_id": NUMBERS, "partner": st.none() | NUMBERS, "asked_by": st.none() | IDS, "by": st.none() | IDS,
    "before": st.none() | WORDS, "after": WORDS, "kind": WORDS, "version": st.none() | WORDS,
    "created": st.none() | WORDS, "invoice": FACTS, "customer": st.none() | FACTS, "answer": FACTS,
    "missing": st.dictionaries(st.sampled_from(["invoice", "customer"]), WORDS, max_size=2),
    "old": st.booleans(), "erased": st.booleans(), "starts_surveys": st.booleans(),
    "contact": st.dictionaries(WORDS, WORDS, max_size=3), "names": st.dictionaries(WORDS, WORDS, max_size=3),
    "trace": st.lists(FACTS, max_size=3).map(tuple), "lists": st.lists(WORDS, max_size=3).map(tuple),
    "automation": st.none() | WORDS, "existing": WORDS, "detail": st.none() | WORDS, "reason": WORDS,
    "status": NUMBERS, "baseline": st.none() | WORDS, "organization": WORDS, "address": WORDS,
    "settings": st.builds(
        Settings,
        cool_down_days=NUMBERS,
        role_addresses=st.booleans(),
        brake=NUMBERS | st.sampled_from([USUAL, OFF]),
        oldest_invoice=NUMBERS,
    ),
    "braked": st.none() | st.builds(Braked, contacts=NUMBERS, limit=NUMBERS, usual=NUMBERS),
    "waiting": st.sampled_from(Waiting), "service": st.sampled_from(Service), "trigger": IDS,
    "replay": IDS, "reading": IDS, "resend": st.booleans(), "cancelled": st.booleans(), "uncertain": st.booleans(),
    "reach": st.sampled_from(Reach), "undoes": st.none() | IDS, "remove_old": st.booleans(),
    "name": WORDS, "plan": WORDS, "rules": WORDS, "upto": NUMBERS, "triggers": st.lists(IDS, max_size=2).map(tuple),
    "items": NUMBERS, "labels": st.lists(WORDS, max_size=2).map(tuple),
    "recipients": st.lists(
        st.builds(
            Recipient, id=IDS, channel=st.sampled_from(Channel), to=WORDS, language=st.sampled_from(Language)
        ),
        max_size=2,
    ).map(tuple),
    "email": WORDS, "theirs": st.dictionaries(WORDS, WORDS, max_size=2), "reconciliation": IDS,
    "state": st.sampled_from(State), "ends_at": WORDS, "taken_at": WORDS, "days": NUMBERS,
    "trial": IDS, "outcome": st.sampled_from(TrialOutcome), "failure": st.none() | WORDS,
}  # fmt: skip
SPECIAL: dict[tuple[type, str], st.SearchStrategy[Any]] = {
    (InvoiceStatusChanged, "kind"): st.sampled_from(Kind),
    (ContactSkipped, "reason"): st.sampled_from(Skip),
    (ContactWithdrawn, "reason"): st.sampled_from(Withdrawal),
    (TriggerSaved, "trigger"): TRIGGERS,
    (ContactAdded, "replay"): st.none() | IDS,
    (ContactSkipped, "replay"): st.none() | IDS,
    (ContactUnlisted, "replay"): st.none() | IDS,
    (ContactChecked, "status"): st.none() | WORDS,
    (CustomerRead, "partner"): NUMBERS,
    (CustomerRead, "customer"): FACTS,
    (ReplayAsked, "items"): st.lists(ASKS, min_size=1, max_size=3).map(tuple),
}


def any_of(kind: type[Event]) -> st.SearchStrategy[Event]:
    return st.builds(
        kind, **{field.name: SPECIAL.get((kind, field.name), ANY[field.name]) for field in fields(kind) if field.init}
    )


@pytest.mark.parametrize("kind", PERSONAL, ids=lambda kind: kind.type)
def test_every_event_round_trips(kind: type[Event]) -> None:
    @settings(max_examples=25, deadline=None)
    @given(any_of(kind))
    def round_trips(event: Event) -> None:
        assert again(event) == event
        assert again(event).id == event.id
        assert encode(again(event)) == encode(event)
        encoded = encode(event)
        decode(encoded.type, encoded.schema, encoded.data, None)

    round_trips()
