"""Once per invoice, rarely per contact, never for the blocked."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from events.contact import ContactAdded
from events.integration import Destination, DestinationKind, Rules, Settings
from events.rules import Ledger, settle
from facts import (
    INTEGRATION,
    NOW,
    OTHER,
    TRIGGER,
    changed,
    considered,
    contact,
    customer,
    decided,
    in_force,
    key,
    said,
    to_lists,
)

EMAIL = "paivi.makela@kirjakauppa.fi"
DAY = timedelta(days=1)


@pytest.fixture
def ledger() -> Ledger:
    return Ledger(key=key)


def lists_of(rules: Rules, ledger: Ledger, **changes: Any) -> list[tuple[str, ...] | str]:
    decisions = decided(rules, changed(**changes), ledger=ledger)
    return [one.lists if isinstance(one, ContactAdded) else one.reason.value for one in decisions]


def test_a_trigger_adds_once_per_invoice_even_if_the_contact_has_changed(ledger: Ledger) -> None:
    assert lists_of(in_force(to_lists("a")), ledger) == [("a",)]
    other = customer(contactPersons=[{"email": "aino@a.fi"}], invoicingInfo={})
    assert lists_of(in_force(to_lists("a")), ledger, change=4, customer=other) == ["already_added"]
    assert lists_of(in_force(to_lists("a")), ledger, invoice_id=2) == [("a",)]


def test_a_skip_uses_nothing_up(ledger: Ledger) -> None:
    assert lists_of(in_force(to_lists("a")), ledger, customer=customer(contactPersons=[], invoicingInfo={})) == [
        "no_contact_person"
    ]
    assert lists_of(in_force(to_lists("a")), ledger, change=4) == [("a",)]


def test_a_recreated_trigger_does_not_add_to_the_same_list_again(ledger: Ledger) -> None:
    assert lists_of(in_force(to_lists("a")), ledger) == [("a",)]
    assert lists_of(in_force(to_lists("a", id=OTHER)), ledger, change=4) == ["already_added"]


def test_of_overlapping_lists_only_the_fresh_ones_are_added(ledger: Ledger) -> None:
    rules = in_force(to_lists("a", "b"), to_lists("b", "c", id=OTHER), to_lists("a", "c", id=UUID(int=9)))
    assert lists_of(rules, ledger) == [("a", "b"), ("c",), "already_added"]


def test_another_contact_of_the_same_invoice_is_another(ledger: Ledger) -> None:
    other = customer(contactPersons=[{"email": "aino@a.fi"}], invoicingInfo={})
    assert lists_of(in_force(to_lists("a")), ledger) == [("a",)]
    assert lists_of(in_force(to_lists("a", id=OTHER)), ledger, change=4, customer=other) == [("a",)]


def test_a_contact_a_list_and_an_automation_are_three_destinations(ledger: Ledger) -> None:
    automation = Destination(kind=DestinationKind.AUTOMATION, automation="x")
    rules = in_force(contact(), to_lists("a", id=OTHER), contact(UUID(int=9), destination=automation))
    assert said(decided(rules, changed(), ledger=ledger)) == ["added"] * 3
    again = in_force(contact(UUID(int=10)), contact(UUID(int=11), destination=automation))
    assert said(decided(again, changed(change=4), ledger=ledger)) == ["already_added"] * 2


def cooling(days: int = 30) -> Rules:
    return in_force(to_lists("a"), settings=Settings(cool_down_days=days))


def test_the_cool_down_is_rolling_and_ends_to_the_microsecond(ledger: Ledger) -> None:
    assert said(decided(cooling(), changed(1), ledger=ledger)) == ["added"]
    nearly = NOW + 30 * DAY - timedelta(microseconds=1)
    assert said(decided(cooling(), changed(2), ledger=ledger, at=nearly)) == ["cool_down"]
    assert said(decided(cooling(), changed(3), ledger=ledger, at=NOW + 30 * DAY)) == ["added"]
    assert said(decided(cooling(), changed(4), ledger=ledger, at=NOW + 59 * DAY)) == ["cool_down"]
    assert said(decided(cooling(), changed(5), ledger=ledger, at=NOW + 60 * DAY)) == ["added"]


def test_a_skip_does_not_prolong_the_cool_down(ledger: Ledger) -> None:
    days = (0, 29, 30)
    words = [said(decided(cooling(), changed(day + 1), ledger=ledger, at=NOW + day * DAY)) for day in days]
    assert words == [["added"], ["cool_down"], ["added"]]


def test_a_refusal_frees_the_cool_down(ledger: Ledger) -> None:
    (first,) = decided(cooling(), changed(1), ledger=ledger)
    assert said(decided(cooling(), changed(2), ledger=ledger)) == ["cool_down"]
    ledger.free(first.id)
    assert said(decided(cooling(), changed(2, change=3), ledger=ledger)) == ["added"]


def test_a_refusal_frees_only_its_own_part_of_the_cool_down(ledger: Ledger) -> None:
    (first,) = decided(in_force(to_lists("a")), changed(1), ledger=ledger)
    decided(in_force(to_lists("a")), changed(2), ledger=ledger)
    ledger.free(first.id)
    assert said(decided(cooling(), changed(3), ledger=ledger)) == ["cool_down"]


@pytest.mark.parametrize("days", [0, -1])
def test_without_a_cool_down_every_invoice_adds(ledger: Ledger, days: int) -> None:
    assert [said(decided(cooling(days), changed(one), ledger=ledger)) for one in (1, 2)] == [["added"]] * 2


def test_a_cool_down_of_a_million_years_is_only_long(ledger: Ledger) -> None:
    words = [said(decided(cooling(365_000_000), changed(one), ledger=ledger)) for one in (1, 2)]
    assert words == [["added"], ["cool_down"]]


def test_the_cool_down_is_the_integrations_own(ledger: Ledger) -> None:
    decided(cooling(), changed(1), ledger=ledger)
    elsewhere = replace(cooling(), integration=OTHER)
    assert said(decided(elsewhere, changed(1, integration=OTHER), ledger=ledger)) == ["added"]


@pytest.mark.parametrize("entry", [key(str(INTEGRATION), EMAIL), "@kirjakauppa.fi"])
def test_a_blocked_address_or_domain_is_never_added(ledger: Ledger, entry: bytes | str) -> None:
    ledger.blocked.add((INTEGRATION, entry))
    (skip,) = decided(in_force(), changed(), ledger=ledger)
    assert said([skip]) == ["blocked"]
    assert skip.trace[-1] == {"check": "blocked", "seen": EMAIL, "ok": False}
    ledger.blocked.clear()
    assert said(decided(in_force(), changed(change=4), ledger=ledger)) == ["added"]


def test_a_block_is_the_integrations_own_and_of_no_sub_domain(ledger: Ledger) -> None:
    ledger.blocked |= {(OTHER, key(str(OTHER), EMAIL)), (OTHER, "@kirjakauppa.fi"), (INTEGRATION, "@fi")}
    assert said(decided(in_force(), changed(), ledger=ledger)) == ["added"]


def test_blocked_comes_before_added_and_added_before_cool_down(ledger: Ledger) -> None:
    decided(cooling(), changed(), ledger=ledger)
    assert said(decided(cooling(), changed(change=4), ledger=ledger)) == ["already_added"]
    ledger.blocked.add((INTEGRATION, "@kirjakauppa.fi"))
    assert said(decided(cooling(), changed(change=4), ledger=ledger)) == ["blocked"]


def test_settling_writes_down_exactly_what_it_used(ledger: Ledger) -> None:
    (found,) = considered(in_force(to_lists("a", "b")), changed())
    added = settle(found, ledger)
    contact_key = key("acme", EMAIL)
    assert ledger.fired == {(INTEGRATION, 8464298, TRIGGER)}
    assert ledger.reached == {(INTEGRATION, 8464298, contact_key, target) for target in ("list:a", "list:b")}
    assert ledger.added_at == {(INTEGRATION, contact_key): {added.id: NOW}}
