"""What waits for a person is told by cause: few groups, whatever the number of items."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest

from concerned import KINDS, ONE, START, TWO, concern
from events.attention import UNITS, Cause, Concern, commands, counted, grouped, words
from events.contact import Skip
from events.finnish import FINNISH
from events.integration import Condition, Rules, Settings, Trigger
from events.invoice import InvoiceStatusChanged, Kind
from events.reasons import IN_REGISTER
from events.unsent import Prospect, prospects, shared
from events.words import Language, Words, english

FINNISH_WORDS = Words(Language.FINNISH, ZoneInfo("Europe/Helsinki"))


def test_ten_thousand_failures_are_three_causes() -> None:
    reasons = (Skip.NO_EMAIL, Skip.INVALID_EMAIL, Skip.ROLE_ADDRESS)
    found = grouped(concern(number, key=reasons[number % 3]) for number in range(10_000))
    assert [one.key for one in found] == list(reasons)
    assert [(one.count, one.invoices) for one in found] == [(3334, 3334), (3333, 3333), (3333, 3333)]
    assert [sample.label for sample in found[0].samples] == [f"Asiakas {number}" for number in (0, 3, 6, 9, 12)]
    assert found[0].oldest == START


def test_a_customer_with_three_invoices_is_one_customer_and_three_invoices() -> None:
    [group] = grouped(concern(number, subject="customer 7", label="Malli Oy") for number in (3, 1, 2))
    assert (group.count, group.invoices, group.samples[0].invoices) == (1, 3, (1, 2, 3))
    assert group.samples[0].since == START + timedelta(minutes=1)


def test_how_much_is_told_in_words() -> None:
    [group] = grouped([concern(1), concern(2), concern(7, integration=TWO)])
    assert counted(group) == "3 customers, 3 invoices, 2 companies"
    [group] = grouped([concern(1, cause=Cause.PARKED, key="x", count=1200)])
    assert counted(group) == "1200 deliveries"
    [group] = grouped([concern(1, cause=Cause.PAUSED, key="")])
    assert counted(group) == "1 company"
    [group] = grouped([Concern(cause=Cause.NO_WORKER)])
    assert counted(group) == ""


def test_the_same_customer_number_in_two_companies_is_two_customers() -> None:
    [group] = grouped([concern(7), concern(7, integration=TWO)])
    assert (group.count, group.invoices, group.integrations) == (2, 2, 2)


def test_the_gravest_comes_first_and_what_has_time_last() -> None:
    found = grouped(
        [
            concern(1, cause=Cause.DRAFT, key="", urgent=False),
            concern(2, cause=Cause.READING, key="", urgent=False),
            concern(3),
            concern(4, cause=Cause.BROKEN, key="trustmary:credentials"),
        ]
    )
    assert [one.cause for one in found] == [Cause.BROKEN, Cause.UNASKED, Cause.READING, Cause.DRAFT]


@pytest.mark.parametrize(("cause", "key"), KINDS)
def test_every_cause_has_words_and_a_remedy(cause: Cause, key: str) -> None:
    for sentence in words(cause, key):
        assert sentence[0].isupper()
        assert sentence.endswith(".")


@pytest.mark.parametrize(("cause", "key"), KINDS)
def test_every_cause_has_its_finnish(cause: Cause, key: str) -> None:
    said: list[str] = []

    def hears(sentence: str, **values: object) -> str:
        said.append(sentence)
        return english(sentence, **values)

    assert words(cause, key, hears) == words(cause, key)
    assert said
    assert set(said) <= set(FINNISH)


def test_how_much_is_told_in_finnish_too() -> None:
    [group] = grouped([concern(1), concern(2), concern(7, integration=TWO)], say=FINNISH_WORDS)
    assert group.says == "Keneltäkään ei kysytty: yhteyshenkilöllä ei ole sähköpostiosoitetta."
    assert counted(group, FINNISH_WORDS) == "3 asiakasta, 3 laskua, 2 yritystä"
    assert {said for pair in UNITS.values() for said in pair} <= set(FINNISH)


def test_commands_name_what_they_act_on_safely_and_stay_within_what_was_asked_for() -> None:
    draft = concern(1, cause=Cause.DRAFT, label="Maijan 'oma'; rm")
    assert commands(draft) == ("""ptm trigger promote 00000000 'Maijan '"'"'oma'"'"'; rm'""",)
    parked = concern(1, cause=Cause.PARKED, key="x:y:1")
    assert commands(parked)[0] == "ptm delivery retry --fingerprint x:y:1"
    assert commands(parked, "--label pilot")[0] == "ptm delivery retry --fingerprint x:y:1 --label pilot"


@pytest.mark.parametrize("skip", sorted(IN_REGISTER))
def test_what_was_sent_while_the_register_was_wrong_is_planned_with_the_register_as_it_is_now(skip: Skip) -> None:
    one = concern(1, key=skip)
    assert commands(one)[-1] == f"ptm replay plan 00000000 --last 30 --skipped {skip} --customers latest"
    assert commands(one, "--integration 00000000", days=7)[-1].startswith("ptm replay plan 00000000 --last 7 ")
    both = grouped([one, concern(2, key=skip, integration=TWO)], of="--label pilot")[0].commands
    assert [command for command in both if command.startswith("ptm replay")] == [
        f"ptm replay plan --label pilot --last 30 --skipped {skip} --customers latest"
    ]
    assert not any("replay" in command for command in commands(concern(1, cause=Cause.UNSENT, key=skip)))


def not_sent(**facts: object) -> InvoiceStatusChanged:
    plain = InvoiceStatusChanged(
        integration=ONE,
        invoice_id=5,
        change=1,
        before=None,
        after="NOT_SENT",
        kind=Kind.BASELINE,
        invoice={
            "invoiceNumber": 10_005,
            "type": "SALES_INVOICE",
            "partnerId": 7,
            "invoiceSumInfo": [{"invoiceSumTotal": 10.0}],
        },
        customer={"id": 7, "name": "Malli Oy", "contactPersons": [{"name": "Maija", "email": "maija@asiakas.fi"}]},
    )
    return replace(plain, **facts)  # type: ignore[arg-type] # facts are named after the fields they replace


def rules(**facts: object) -> Rules:
    trigger = replace(Trigger(id=UUID(int=9), name="Lähetetty"), **facts)  # type: ignore[arg-type] # as above
    return Rules(integration=ONE, version=1, triggers={trigger.id: trigger})


def person(email: str | None) -> dict[str, object]:
    return {"id": 7, "name": "Malli Oy", "contactPersons": [{"name": "Maija", "email": email}]}


@pytest.mark.parametrize(
    ("customer", "skip"),
    [
        (person("maija@asiakas.fi"), None),
        (person(None), Skip.NO_EMAIL),
        ({"id": 7}, Skip.NO_CONTACT_PERSON),
        (person("maija@@asiakas.fi"), Skip.INVALID_EMAIL),
        (person("laskutus@asiakas.fi"), Skip.ROLE_ADDRESS),
    ],
)
def test_an_unsent_invoice_is_judged_as_if_it_were_sent_as_it_is(
    customer: dict[str, object], skip: Skip | None
) -> None:
    [found] = prospects(rules(), not_sent(customer=customer), START)
    assert (found.skip, found.number, found.subject) == (skip, 10_005, "customer 7")
    assert found.email == ("maija@asiakas.fi" if skip is None else None)


def test_an_unreadable_register_is_told_before_sending_too() -> None:
    [found] = prospects(rules(), not_sent(customer=None, missing={"customer": "rights"}), START)
    assert found.skip is Skip.CUSTOMER_UNREADABLE


@pytest.mark.parametrize(
    ("event", "in_force"),
    [
        (not_sent(customer=person(None), old=True), rules()),
        (not_sent(customer=person(None)), rules(live=False)),
        (not_sent(customer=person(None)), rules(condition=Condition(minimum=100))),  # type: ignore[arg-type] # compares
        (not_sent(customer=person(None)), rules(condition=Condition(statuses=frozenset({"NOT_SENT"})))),
        (not_sent(customer=person(None), after="DELETED"), rules()),
    ],
)
def test_what_no_live_trigger_will_ask_about_is_nobodys_concern(event: InvoiceStatusChanged, in_force: Rules) -> None:
    assert list(prospects(in_force, event, START)) == []


def test_shared_mailboxes_that_are_let_through_are_no_concern() -> None:
    in_force = replace(rules(), settings=Settings(role_addresses=True))
    [found] = prospects(in_force, not_sent(customer=person("laskutus@asiakas.fi")), START)
    assert found.skip is None


def prospect(partner: int, email: str, *, integration: UUID = ONE) -> Prospect:
    return Prospect(
        integration=integration,
        invoice=partner,
        number=None,
        partner=partner,
        customer=None,
        seen=START,
        email=email,
        skip=None,
        detail=None,
    )


def test_one_address_of_three_customers_is_shared_and_of_two_it_is_not() -> None:
    mail = "tilitoimisto@tili.fi"
    two = [prospect(1, mail), prospect(2, mail.upper()), prospect(2, mail), prospect(3, mail, integration=TWO)]
    assert shared(two) == {}
    assert shared([*two, prospect(3, mail)]) == {(ONE, mail): frozenset({"customer 1", "customer 2", "customer 3"})}
