"""What follows from a look-up, an answer, a failure or silence."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from events.contact import ContactAdded, ContactDelivered, ContactRefused, ContactWithdrawn, Withdrawal
from events.delivery import (
    UNKNOWN,
    Again,
    Broken,
    Call,
    Delivered,
    Delivery,
    Parked,
    Proof,
    Rejected,
    Seen,
    Unanswered,
    Withheld,
    after_failure,
    after_look_up,
    after_refusal,
    carries,
    outcome,
    prove,
    repeatable,
    second_step,
    withheld,
    withheld_as_blocked,
)
from events.errors import Refused, Unavailable
from facts import to_take_off
from table import each

AT = datetime(2026, 11, 23, 12, 0, 0, tzinfo=UTC)
ID = UUID(int=7)


def added(**changes: Any) -> ContactAdded:
    facts: dict[str, Any] = {
        "integration": ID,
        "invoice_id": 45,
        "partner": 7,
        "cause": ID,
        "trigger": ID,
        "rules_version": 1,
        "contact": {"email": "maija@asiakas.fi", "name": "Maija Meikäläinen"},
        "kind": "lists",
        "lists": ("a",),
    }
    return ContactAdded(**(facts | changes))


def delivery(**changes: Any) -> Delivery:
    facts: dict[str, Any] = {
        "id": 1,
        "integration": ID,
        "organization": "esimerkki",
        "partition": 3,
        "position": 9,
        "decision": added().id,
        "invoice": 45,
        "step": 1,
        "call": Call.LISTS,
        "attempts": 1,
        "attempted_at": AT,
        "secret": ID,
    }
    return Delivery(**(facts | changes))


def contact(seconds: float = 0, **fields: Any) -> dict[str, Any]:
    """As Trustmary shows it, updated so many seconds after the attempt."""
    at = (AT + timedelta(seconds=seconds)).isoformat().replace("+00:00", "Z")
    return {"id": "k9", "status": "active", "updated_at": at, "deleted_at": None, "name": "Maija Meikäläinen"} | fields


@each(
    ("shown", "reason"),
    [
        (None, None),
        (contact(), None),
        (contact(status=None), None),
        (contact(deleted_at="2026-01-01T00:00:00Z"), Withdrawal.DELETED_THERE),
        (contact(status="unsubscribed"), Withdrawal.NOT_ACTIVE),
        (contact(status="bounce"), Withdrawal.NOT_ACTIVE),
        (contact(status="a word we do not know"), Withdrawal.NOT_ACTIVE),
    ],
)
def test_only_an_active_contact_is_touched(shown: dict[str, Any] | None, reason: Withdrawal | None) -> None:
    found = withheld(shown, added())
    assert (found.reason if found else None) is reason


def test_a_known_contact_may_be_left_alone_but_its_automation_is_started() -> None:
    leave = added(existing="leave")
    assert withheld(contact(), leave, step=1) == Withheld(reason=Withdrawal.EXISTS)
    assert withheld(None, leave, step=1) is None
    assert withheld(contact(), leave, step=2) is None


@each(
    ("now", "before", "proof"),
    [
        (None, None, Proof.NOT_ARRIVED),
        (None, Seen(contact=None), Proof.NOT_ARRIVED),
        (contact(+0.1), Seen(contact=None), Proof.ARRIVED),
        (contact(+0.1, name="Joku Muu"), Seen(contact=None), Proof.OPEN),
        (contact(+0.1), Seen(contact=contact(-900)), Proof.ARRIVED),
        (contact(+0.1, name="Joku Muu"), Seen(contact=contact(-900)), Proof.OPEN),
        (contact(-900), Seen(contact=contact(-900)), Proof.NOT_ARRIVED),
        (contact(-0.5), Seen(contact=contact(-0.5)), Proof.OPEN),
        (contact(+0.1), Seen(contact=contact(updated_at=None)), Proof.OPEN),
        (contact(+0.1), None, Proof.ARRIVED),
        (contact(-1.9), None, Proof.ARRIVED),
        (contact(-2.1), None, Proof.NOT_ARRIVED),
        (contact(+0.1, name="Joku Muu"), None, Proof.OPEN),
        (contact(updated_at=None), None, Proof.OPEN),
        (contact(updated_at="yesterday"), None, Proof.OPEN),
        (contact(updated_at="2026-11-23T12:00:01"), None, Proof.OPEN),
    ],
)
def test_an_unanswered_call_is_proved_by_the_contact(
    now: dict[str, Any] | None, before: Seen | None, proof: Proof
) -> None:
    assert prove(now, delivery(), added(), before=before) is proof


@each(
    ("shown", "wanted", "ours"),
    [
        ({"name": "maija  meikäläinen"}, {"email": "m@a.fi", "name": "Maija Meikäläinen"}, True),
        ({"phone": "+358 40 123"}, {"email": "m@a.fi", "phone": "+35840123"}, True),
        ({"email": "M@a.fi"}, {"email": "m@a.fi"}, True),
        ({}, {"email": "m@a.fi"}, True),
        ({"email": "m@a.fi"}, {"email": "m@a.fi", "name": "Maija"}, False),
        ({"name": "Maija", "field_invoice": "44"}, {"email": "m@a.fi", "name": "Maija", "field_invoice": "45"}, False),
    ],
)
def test_our_fields_are_known_again(shown: dict[str, str], wanted: dict[str, str], ours: bool) -> None:
    assert carries(shown, wanted) is ours


def test_what_arrived_is_delivered_without_a_status() -> None:
    assert after_look_up(Proof.ARRIVED, delivery()) == Delivered(status=None)


def test_what_did_not_arrive_is_sent_again_until_enough_was_tried() -> None:
    assert isinstance(after_look_up(Proof.NOT_ARRIVED, delivery()), Again)
    assert isinstance(after_look_up(Proof.NOT_ARRIVED, delivery(attempts=12)), Parked)


def test_the_unknown_asks_a_person_unless_told_otherwise() -> None:
    held = after_look_up(Proof.OPEN, delivery())
    assert isinstance(held, Parked)
    assert held.fingerprint == UNKNOWN
    assert isinstance(after_look_up(Proof.OPEN, delivery(), rule=Unanswered.RESEND), Again)


@each("proof", [Proof.NOT_ARRIVED, Proof.OPEN])
def test_nothing_is_sent_again_for_a_removed_integration(proof: Proof) -> None:
    verdict = after_look_up(proof, delivery(removed=True), rule=Unanswered.RESEND)
    assert isinstance(verdict, Withheld)
    assert verdict.reason is Withdrawal.REMOVED


@each(
    ("call", "existing", "may"),
    [
        (Call.CONTACT, "update", True),
        (Call.CONTACT, "leave", False),
        (Call.LISTS, "update", False),
        (Call.AUTOMATION, "update", False),
    ],
)
def test_only_a_mere_update_may_be_repeated(call: Call, existing: str, may: bool) -> None:
    assert repeatable(delivery(call=call), added(existing=existing)) is may


def test_taking_off_may_be_repeated_and_makes_nobody() -> None:
    off = to_take_off(added())
    assert repeatable(delivery(call=Call.UNLIST), off)
    assert withheld(None, off) == Withheld(reason=Withdrawal.NOT_THERE)
    assert withheld({"status": "active"}, off) is None
    assert withheld(None, added()) is None


def test_a_failure_waits_at_least_as_long_as_it_was_asked_to() -> None:
    asked = timedelta(seconds=90)
    verdict = after_failure(Unavailable("429", retry_after=asked, status=429), delivery(), jitter=0)
    assert isinstance(verdict, Again)
    assert verdict.wait >= asked
    assert (verdict.asked, verdict.ailing) == (asked, True)


def test_a_failure_too_many_is_parked_under_its_cause() -> None:
    verdict = after_failure(Unavailable("503", status=503), delivery(attempts=12), jitter=0)
    assert isinstance(verdict, Parked)
    assert verdict.fingerprint == "unavailable:trustmary:503"


@each(
    ("reason", "status", "kind"),
    [
        ("invalid", 422, Rejected),
        ("credentials", 401, Broken),
        ("not_found", 404, Parked),
        ("refused", 409, Parked),
        ("refused", 402, Broken),
    ],
)
def test_each_refusal_has_its_consequence(reason: str, status: int, kind: type[object]) -> None:
    assert isinstance(after_refusal(Refused("no", reason=reason, status=status)), kind)


def test_the_outcome_is_the_decisions_and_its_steps_own() -> None:
    one = delivery(attempts=3)
    told = [
        outcome(one, 7, Delivered(status=201, answer={"action": "IMPORT_CREATE"})),
        outcome(one, 7, Rejected(status=422, reason="invalid")),
        outcome(one, 7, Withheld(reason=Withdrawal.NOT_ACTIVE, detail="bounce")),
        second_step(one, 7),
    ]
    assert [type(event) for event in told] == [ContactDelivered, ContactRefused, ContactWithdrawn, ContactWithdrawn]
    assert len({event.id for event in told}) == len(told)
    assert {(event.decision, event.stream, event.subject) for event in told} == {
        (one.decision, f"invoice/{ID}/45", f"{ID}/partner/7")
    }
    assert [(event.step, event.attempts) for event in told] == [(1, 3), (1, 3), (1, 3), (2, 0)]
    assert outcome(delivery(decision=uuid4()), 7, Delivered()).id != told[0].id


@each(
    ("kind", "call", "attempts", "doubt"),
    [("contact", Call.CONTACT, 1, False), ("contact", Call.CONTACT, 2, True), ("lists", Call.LISTS, 2, False)],
)
def test_who_is_blocked_is_withheld_and_what_may_have_arrived_unseen_is_said(
    kind: str, call: Call, attempts: int, doubt: bool
) -> None:
    verdict = withheld_as_blocked(delivery(call=call, attempts=attempts), added(kind=kind))
    assert verdict.reason is Withdrawal.BLOCKED
    assert (verdict.detail is not None) == doubt
