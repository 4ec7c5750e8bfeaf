"""The wire is a contract: every event round-trips, and one committed example of each type reads and writes the same."""

from __future__ import annotations

from dataclasses import fields, replace
from decimal import Decimal
from pathlib import Path
from typing import Any, get_args
from uuid import UUID

import orjson
import pytest

from events.codec import BLANK, PERSONAL, TYPES, Event, decode, encode, rules_from_json, rules_to_json
from events.connection import BackupRestored, ConnectionBroken, ConnectionRestored, LoginEnding, SendingReleased
from events.contact import (
    ContactAdded,
    ContactDelivered,
    ContactRefused,
    ContactSkipped,
    ContactUnlisted,
    ContactWithdrawn,
    Withdrawal,
)
from events.customer import CustomerRead
from events.errors import Corrupt
from events.integration import (
    AddressBlocked,
    AddressUnblocked,
    Braked,
    Condition,
    Destination,
    DestinationKind,
    FieldMapping,
    IntegrationConnected,
    IntegrationPaused,
    IntegrationReconnected,
    IntegrationRemoved,
    IntegrationResumed,
    LabelsSaved,
    PersonRule,
    RecipientsSaved,
    Rules,
    Service,
    Settings,
    SettingsSaved,
    StartsSurveys,
    Trigger,
    TriggerRemoved,
    TriggerSaved,
    Waiting,
)
from events.recipient import Channel, Recipient
from events.reconcile import ContactChecked, State
from events.replay import Ask, Reach, ReplayAsked, ReplayEnded, ReplayStarted
from events.trial import TrialAnswered, TrialOutcome, TrialSent
from events.words import Language
from facts import INTEGRATION, OTHER, TRIGGER, again, changed, customer, decided, in_force, invoice, to_lists
from table import each

WIRE = Path(__file__).parent / "wire"
ID, SECRET, KEY = (UUID(int=number) for number in (77, 78, 79))
SAID: dict[str, Any] = {"integration": INTEGRATION, "id": ID, "reason": "pyysi Päivi"}
OUTCOME: dict[str, Any] = {"integration": INTEGRATION, "invoice_id": 8464298, "partner": 51234, "decision": OTHER}
REPLAY: dict[str, Any] = {"integration": INTEGRATION, "replay": SECRET}
CONNECTION: dict[str, Any] = {
    "company_id": 7,
    "organization": "acme",
    "procountor_secret": SECRET,
    "trustmary_secret": KEY,
    "names": {"company": "Kirjakauppa Oy", "user": "Päivi Mäkelä"},
}
RICH = Trigger(
    id=TRIGGER,
    name="Päivin asiakkaat",
    condition=Condition(
        statuses=frozenset({"SENT", "APPROVED"}),
        types=frozenset({"SALES_INVOICE", "SALES_ORDER"}),
        offers=True,
        not_positive=True,
        channels=frozenset({"EMAIL", "NO_SENDING"}),
        languages=frozenset({"FINNISH"}),
        customer_groups=frozenset({7, 8}),
        customers=frozenset({51234}),
        minimum=Decimal("10.50"),
        maximum=Decimal(1000),
    ),
    mapping=FieldMapping(
        person=(PersonRule.FIRST_CONTACT, PersonRule.COUNTERPARTY),
        fields={"email": "person.email", "field_sum": "invoice.invoiceSumInfo.0.invoiceSumTotal"},
    ),
    destination=Destination(
        kind=DestinationKind.SURVEY,
        lists=("l1",),
        survey="s1",
        starts_surveys=StartsSurveys.YES,
        names={"l1": "Päivin lista", "s1": "Kysely"},
    ),
    live=False,
    existing="leave",
    draft_of=OTHER,
)
ADDED, SKIPPED = (
    decided(in_force(to_lists("l1", "l2")), changed(change=change, invoice=invoice(type=kind)))[0]
    for change, kind in ((2, "SALES_INVOICE"), (3, "PURCHASE_INVOICE"))
)
EXAMPLES: tuple[Event, ...] = (
    changed(),
    ADDED,
    SKIPPED,
    ContactUnlisted(
        integration=INTEGRATION,
        invoice_id=8464298,
        partner=51234,
        cause=OTHER,
        trigger=TRIGGER,
        rules_version=12,
        asked_by=ID,
        replay=SECRET,
        contact={"email": "paivi@kirjakauppa.fi"},
        lists=("l1", "l2"),
    ),
    ContactDelivered(**OUTCOME, attempts=2, status=200, answer={"id": "c1", "email": "paivi@a.fi"}),
    ContactRefused(**OUTCOME, attempts=1, status=422, reason="invalid", answer={"message": "paivi@a.fi is invalid"}),
    ContactWithdrawn(**OUTCOME, step=2, reason=Withdrawal.NOT_ACTIVE, by=ID, detail="paivi@a.fi unsubscribed"),
    TrialSent(
        integration=INTEGRATION,
        id=ID,
        invoice_id=8464298,
        partner=51234,
        trigger=TRIGGER,
        rules_version=12,
        contact={"email": "paivi@toimisto.fi", "name": "Aino Ääri"},
        kind="lists",
        lists=("l1",),
        reason="pyysi Päivi",
    ),
    TrialAnswered(
        integration=INTEGRATION,
        invoice_id=8464298,
        partner=51234,
        trial=ID,
        outcome=TrialOutcome.REFUSED,
        status=422,
        failure="paivi@toimisto.fi is invalid",
        answer={"message": "paivi@toimisto.fi is invalid"},
    ),
    ContactChecked(
        **OUTCOME | {"decision": ID},
        reconciliation=SECRET,
        state=State.DRIFTED,
        email="paivi@toimisto.fi",
        theirs={"name": "Päivi M."},
    ),
    ConnectionBroken(
        integration=INTEGRATION, id=ID, service=Service.TRUSTMARY, reason="credentials", detail="Päivi removed the key"
    ),
    ConnectionRestored(integration=INTEGRATION, id=ID, service=Service.PROCOUNTOR),
    LoginEnding(
        integration=INTEGRATION, id=ID, service=Service.PROCOUNTOR, ends_at="2026-09-01T09:00:00+00:00", days=30
    ),
    BackupRestored(integration=INTEGRATION, id=ID, taken_at="2026-09-01T09:00:00+00:00"),
    SendingReleased(integration=INTEGRATION, id=ID),
    IntegrationConnected(**SAID, **CONNECTION, baseline="2026-03-01T08:00:00"),
    IntegrationReconnected(**SAID, **CONNECTION),
    SettingsSaved(**SAID, settings=Settings(cool_down_days=30, role_addresses=True, brake=500), waiting=Waiting.DROP),
    TriggerSaved(**SAID, trigger=RICH, waiting=Waiting.DECIDE_AGAIN),
    TriggerRemoved(**SAID, trigger=TRIGGER),
    IntegrationPaused(**SAID, braked=Braked(contacts=412, limit=100, usual=30)),
    IntegrationResumed(**SAID, waiting=Waiting.SEND),
    IntegrationRemoved(**SAID, erased=True),
    AddressBlocked(**SAID, address="paivi@kirjakauppa.fi"),
    AddressUnblocked(**SAID, address="@kirjakauppa.fi"),
    LabelsSaved(**SAID, labels=("Kirjakauppa-asiakkaat", "pilotti")),
    RecipientsSaved(
        **SAID,
        recipients=(
            Recipient(id=KEY, channel=Channel.EMAIL, to="paivi@toimittaja.fi", language=Language.FINNISH),
            Recipient(id=SECRET, channel=Channel.WEBHOOK, to="hooks.example.com"),
        ),
    ),
    CustomerRead(integration=INTEGRATION, partner=51234, reading=SECRET, customer=customer()),
    ReplayStarted(
        **REPLAY,
        name="Päivin korjaus",
        reason="pyysi Päivi",
        reach=Reach.LIST,
        plan="ab" * 32,
        items=2,
        upto=1234,
        undoes=KEY,
        remove_old=True,
    ),
    ReplayAsked(
        **REPLAY,
        reach=Reach.LIST,
        triggers=(TRIGGER,),
        rules="cd" * 32,
        items=(
            Ask(number=1, cause=KEY, trigger=TRIGGER, targets=("list:l1", "list:l2")),
            Ask(number=2, cause=ID, trigger=TRIGGER, targets=("contact",), resend=True, customer=SECRET, last=OTHER),
            Ask(number=3, cause=ID, trigger=TRIGGER, targets=("list:l1",), last=OTHER, takes_back=KEY),
        ),
        undoes=KEY,
    ),
    ReplayEnded(**REPLAY, cancelled=True, reason="pyysi Päivi"),
)
PLANTED = ("Päivi", "päivi", "paivi", "Mäkelä", "Kirjakauppa", "kirjakauppa", "@")


def wire(event: Event) -> dict[str, Any]:
    encoded = encode(event)
    personal = orjson.loads(encoded.personal) if encoded.personal else None
    return {"id": str(event.id), "schema": encoded.schema, "data": orjson.loads(encoded.data), "personal": personal}


def test_every_type_has_an_example_here_and_one_file_and_no_file_is_left_over() -> None:
    assert set(TYPES.values()) == set(PERSONAL) == {type(event) for event in EXAMPLES} == set(get_args(Event))
    assert sorted(path.name for path in WIRE.iterdir()) == sorted(f"{name}.json" for name in TYPES)


@each("event", EXAMPLES)
def test_the_committed_example_is_what_is_written_and_reads_as_the_event(event: Event) -> None:
    committed = orjson.loads((WIRE / f"{event.type}.json").read_bytes())
    assert wire(event) == committed
    encoded = encode(event)
    assert encoded.data == orjson.dumps(committed["data"])
    assert (encoded.personal or b"null") == orjson.dumps(committed["personal"])
    personal = orjson.dumps(committed["personal"]) if committed["personal"] else None
    assert decode(event.type, committed["schema"], orjson.dumps(committed["data"]), personal) == event


@each("event", EXAMPLES)
def test_no_person_of_an_example_stands_open(event: Event) -> None:
    opened = encode(event).data.decode()
    assert not [name for name in PLANTED if name in opened]


@each("event", EXAMPLES)
def test_an_erased_example_still_reads_and_keeps_its_place(event: Event) -> None:
    encoded = encode(event)
    erased = decode(encoded.type, encoded.schema, encoded.data, None)
    assert (type(erased), erased.id, erased.stream) == (type(event), event.id, event.stream)
    assert erased.integration == INTEGRATION
    assert erased.subject == event.subject
    assert encode(erased).data == encoded.data


def test_every_personal_field_without_a_default_has_something_that_stands_for_it() -> None:
    for kind, paths in PERSONAL.items():
        for path in paths:
            owner: Any = kind if "." not in path else type(RICH) if path == "trigger.name" else type(RICH.destination)
            (found,) = [field for field in fields(owner) if field.name == path.rpartition(".")[2]]
            optional = found.default is None or found.default == () or callable(found.default_factory)
            assert optional or (owner, found.name) in BLANK, path


@each(
    ("type", "schema", "data", "personal"),
    [
        ("ContactDreamt", 1, b"{}", None),
        ("IntegrationPaused", 2, b"{}", None),
        ("IntegrationPaused", 0, b"{}", None),
        ("IntegrationPaused", 1, b"{}", None),
        ("IntegrationPaused", 1, b"[]", None),
        ("IntegrationPaused", 1, b"7", None),
        ("IntegrationPaused", 1, b"{", None),
        ("IntegrationPaused", 1, b"", None),
        ("IntegrationPaused", 1, b'{"integration": 7, "id": 8}', None),
        ("IntegrationPaused", 1, b'{"integration": "x", "id": "y"}', None),
        ("InvoiceStatusChanged", 1, b'{"kind": "dead"}', None),
        ("TriggerSaved", 1, b'{"trigger": {"condition": {"minimum": "many"}}}', None),
        ("TriggerSaved", 1, b'{"trigger": 7}', None),
    ],
)
def test_what_does_not_read_is_corrupt_and_named(type: str, schema: int, data: bytes, personal: bytes | None) -> None:
    with pytest.raises(Corrupt, match=type):
        decode(type, schema, data, personal)


def test_a_field_that_a_newer_release_added_is_passed_over() -> None:
    event = IntegrationPaused(**SAID)
    data = orjson.dumps({**orjson.loads(encode(event).data), "mood": "new"})
    assert decode(event.type, 1, data, encode(event).personal) == event


def test_a_trigger_from_before_there_were_drafts_of_others_is_none() -> None:
    encoded = encode(TriggerSaved(**SAID, trigger=RICH))
    facts = orjson.loads(encoded.data)
    del facts["trigger"]["draft_of"]
    old = decode("TriggerSaved", 1, orjson.dumps(facts), encoded.personal)
    assert isinstance(old, TriggerSaved)
    assert old.trigger == replace(RICH, draft_of=None)


def test_a_replay_from_before_there_was_undoing_undoes_nothing() -> None:
    started, asked = (event for event in EXAMPLES if isinstance(event, ReplayStarted | ReplayAsked))
    for event, newer in ((started, ("undoes", "remove_old")), (asked, ("undoes",))):
        encoded = encode(event)
        facts = orjson.loads(encoded.data)
        for name in newer:
            del facts[name]
        for item in facts.get("items", ()) if isinstance(event, ReplayAsked) else ():
            del item["takes_back"]
        old = decode(event.type, 1, orjson.dumps(facts), encoded.personal)
        assert isinstance(old, ReplayStarted | ReplayAsked)
        assert old.undoes is None
        assert not (isinstance(old, ReplayStarted) and old.remove_old)
        assert not (isinstance(old, ReplayAsked) and any(ask.takes_back for ask in old.items))


def test_an_unknown_status_stands_open_only_as_a_word_in_capitals() -> None:
    assert wire(changed(after="SENT_TWICE"))["data"]["after"] == "SENT_TWICE"
    assert "after" not in wire(changed(after="Päivi"))["data"]
    assert again(changed(after="Päivi")) == changed(after="Päivi")


def test_what_cannot_be_written_raises_and_is_not_guessed() -> None:
    with pytest.raises(TypeError):
        encode(ContactDelivered(**OUTCOME, answer={"at": object()}))
    with pytest.raises(TypeError):
        encode(replace(changed(), invoice={"x": b"bytes"}))


def test_examples_are_what_they_say() -> None:
    assert isinstance(ADDED, ContactAdded)
    assert isinstance(SKIPPED, ContactSkipped)


def test_a_drivers_own_kind_of_uuid_is_written_like_any() -> None:
    class DriversUUID(UUID):
        """As asyncpg returns them."""

    event = replace(changed(), integration=DriversUUID(int=INTEGRATION.int))
    assert encode(event) == encode(changed())


def test_of_a_mapping_only_plain_paths_stand_open() -> None:
    plain = {"email": "person.email", "field_sum": "invoice.invoiceSumInfo.0.invoiceSumTotal"}
    sealed = {"name": 'default(person.name, "Päivi")', "eid": "customer.customFields.päivin_tunnus"}
    event = TriggerSaved(**SAID, trigger=Trigger(id=TRIGGER, name="x", mapping=FieldMapping(fields=plain | sealed)))
    written = wire(event)
    assert written["data"]["trigger"]["mapping"]["fields"] == plain
    assert written["personal"]["trigger"]["mapping"] == {"fields": sealed}
    assert again(event) == event
    encoded = encode(event)
    erased = decode(encoded.type, encoded.schema, encoded.data, None)
    assert isinstance(erased, TriggerSaved)
    assert erased.trigger.mapping.fields == plain


def test_what_is_alike_in_the_rules_of_many_integrations_is_kept_once() -> None:
    one, two = (
        rules_from_json(rules_to_json(Rules(integration=id, version=1, triggers={id: Trigger(id=id, name="Sent")})))
        for id in (INTEGRATION, OTHER)
    )
    [trigger], [other] = one.triggers.values(), two.triggers.values()
    assert one.settings is two.settings
    assert trigger.mapping is other.mapping
    assert trigger != other
