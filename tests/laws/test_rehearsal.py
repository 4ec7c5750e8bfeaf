"""A rehearsal's counts add up, whatever the past was and however it is read."""

from __future__ import annotations

from datetime import UTC, timedelta
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from events.contact import Skip
from events.integration import Condition, Settings
from events.invoice import InvoiceStatusChanged, Kind
from events.proof import Met
from events.rehearsal import CONDITIONS, SAMPLES, Rehearsal, blocking
from facts import INTEGRATION, NOW, changed, contact, customer, in_force, invoice

EMAILS = st.sampled_from(["aino@a.fi", "Aino@a.fi", "eino@b.fi", "laskutus@a.fi", "eino@@a.fi", ""])


@st.composite
def mets(draw: st.DrawFn) -> list[Met]:
    found, at = [], NOW
    for position in range(1, draw(st.integers(0, 12)) + 1):
        at += timedelta(hours=draw(st.integers(0, 400)))
        found.append(Met(position=position, at=at, event=event(draw, position), erased=draw(st.integers(0, 9)) == 0))
    return found


def event(draw: st.DrawFn, position: int) -> InvoiceStatusChanged:
    after = draw(st.sampled_from(["SENT", "PAID", "INVALIDATED"]))
    facts: dict[str, Any] = {
        "change": position,
        "after": after,
        "kind": draw(st.sampled_from(Kind)),
        "old": draw(st.booleans()),
        "invoice": invoice(type=draw(st.sampled_from(["SALES_INVOICE", "SALES_ORDER"]))),
        "customer": customer(contactPersons=[{"name": "Aino", "email": draw(EMAILS)}], invoicingInfo={}),
    }
    return changed(draw(st.integers(1, 4)), **facts)


def rehearsed(past: list[Met], *, days: int) -> Rehearsal:
    found = Rehearsal(
        rules=in_force(settings=Settings(cool_down_days=days)),
        trigger=contact(condition=Condition(statuses=frozenset({"SENT", "PAID"}))),
        zone=UTC,
        ledger=blocking(INTEGRATION, ["@b.fi"]),
    )
    for met in past:
        found.follow(met)
    return found


@settings(max_examples=100, deadline=None)
@given(mets(), st.sampled_from([0, 7]))
def test_the_counts_add_up(past: list[Met], days: int) -> None:
    found = rehearsed(past, days=days)
    assert found.events == len(past) == found.erased + found.unfired + found.unmet + found.met
    outside = sum(count for reason, count in found.skipped.items() if reason in CONDITIONS)
    assert found.matches == found.met - outside
    assert found.filled["email"] == found.matches - found.skipped[Skip.NO_EMAIL] - found.skipped[Skip.NO_CONTACT_PERSON]
    assert found.invalid == found.skipped[Skip.INVALID_EMAIL]
    assert found.roles == found.skipped[Skip.ROLE_ADDRESS]
    assert sum(count for _, count in found.weeks) == found.matches
    assert len(found.latest) == min(SAMPLES, found.contacts)
    people, shared, most = found.sharing
    assert 2 * people <= shared <= sum(map(len, found.invoices.values())) <= found.matches
    assert most <= shared


@settings(max_examples=60, deadline=None)
@given(mets(), st.integers(0, 12))
def test_a_past_that_is_read_in_parts_counts_as_one(past: list[Met], cut: int) -> None:
    whole, parts = rehearsed(past, days=0), rehearsed(past[:cut], days=0)
    for met in past[cut:]:
        parts.follow(met)
    assert parts == whole


@settings(max_examples=60, deadline=None)
@given(mets())
def test_nobody_is_added_twice_for_an_invoice_nor_within_the_cool_down(past: list[Met]) -> None:
    """Of four invoices, each once: every contact is among the samples."""
    found = rehearsed(past, days=7)
    added = [(one.invoice, one.contact["email"].casefold(), one.at) for one in found.latest]
    assert len({invoice for invoice, _, _ in added}) == len(added)
    for one in added:
        later = [at for _, email, at in added if email == one[1] and at > one[2]]
        assert all(at - one[2] >= timedelta(days=7) for at in later)
