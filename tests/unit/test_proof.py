"""The proof agrees with a projector on any history, and finds a changed, a missing and an extra decision."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

from events.contact import ContactAdded, ContactSkipped, Skip
from events.integration import (
    AddressBlocked,
    Braked,
    IntegrationPaused,
    Settings,
    SettingsSaved,
)
from events.invoice import InvoiceStatusChanged
from events.proof import Met, Proof
from events.rules import AGE
from facts import INTEGRATION, NOW, OTHER, to_lists
from story import Story, problems, save, told


def simple() -> Story:
    story = told()
    story.change(1, "aino@a.fi")
    return story


def test_a_contact_added_where_the_rules_say_skip_is_a_wrong_decision_and_names_nobody() -> None:
    story = simple()
    met = story.log[-1]
    assert isinstance(met.event, ContactAdded)
    for forged in (replace(met.event, contact={"email": "eino@a.fi"}), replace(met.event, lists=("a",))):
        (problem,) = problems(story, [*story.log[:-1], replace(met, event=forged)])
        assert problem.position == met.position
        assert "aino" not in problem.says
    facts = {name: getattr(met.event, name) for name in ("integration", "invoice_id", "partner", "cause", "trigger")}
    skipped = ContactSkipped(**facts, rules_version=met.event.rules_version, reason=Skip.BLOCKED)
    assert len(problems(story, [*story.log[:-1], replace(met, event=skipped)])) == 1


def test_the_same_decision_twice_is_one_too_many() -> None:
    story = simple()
    assert len(problems(story, [*story.log, story.log[-1]])) == 1


def test_what_lies_beyond_the_checkpoint_may_be_decided_or_not() -> None:
    story = simple()
    assert problems(story, story.log[:-1], checkpoint=2) == []
    assert problems(story, checkpoint=2) == []
    assert len(problems(story, story.log[:-1], checkpoint=3)) == 1


def test_an_erased_person_cannot_be_proved_and_is_counted_so() -> None:
    story = simple()
    proof = Proof(taken_back={}, checkpoint=10)
    for met in story.log:
        personal = isinstance(met.event, InvoiceStatusChanged | ContactAdded)
        assert list(proof.follow(replace(met, erased=personal))) == []
    assert list(proof.missing()) == []
    assert (proof.decisions, proof.unprovable) == (1, 1)


def test_another_release_may_say_otherwise_what_is_wrong_with_an_address_but_not_of_another_one() -> None:
    story = told()
    story.change(1, "aino")
    met = story.log[-1]
    assert isinstance(met.event, ContactSkipped) and met.event.detail == "aino: It has no @."
    for detail, wrong in (("aino: An email address must have an @-sign.", 0), ("eino: It has no @.", 1)):
        assert len(problems(story, [*story.log[:-1], replace(met, event=replace(met.event, detail=detail))])) == wrong


def test_a_block_before_any_rules_is_no_crash() -> None:
    proof = Proof(taken_back={}, checkpoint=10)
    event = AddressBlocked(integration=INTEGRATION, id=UUID(int=5), address="aino@a.fi")
    assert list(proof.follow(Met(position=1, at=NOW, event=event))) == []


def test_what_a_decision_shared_with_an_earlier_one_is_not_given_back_with_it() -> None:
    """Overlapping lists: only the second trigger's own list is free again."""
    story = told()
    story.change(1, "aino@a.fi")
    story.refuse(0)
    save(story, to_lists("b", "c", id=OTHER))
    story.change(1, "aino@a.fi")
    story.resume()
    assert [met.event.lists for met in story.log if isinstance(met.event, ContactAdded)] == [("a", "b"), ("c",), ("c",)]
    assert problems(story) == []


def test_a_pause_by_the_brake_needs_as_many_contacts_as_it_says() -> None:
    story = simple()
    last = story.log[-1].position

    def paused(contacts: int, limit: int) -> list[str]:
        braked = Braked(contacts=contacts, limit=limit, usual=0)
        event = IntegrationPaused(integration=INTEGRATION, id=OTHER, braked=braked)
        pause = Met(position=last + 1, at=NOW, event=event)
        return [problem.says for problem in problems(story, [*story.log, pause])]

    assert paused(1, 0) == []
    assert len(paused(2, 0)) == len(paused(1, 1)) == 1


def test_what_follows_from_a_decision_of_before_the_age_is_no_wrong_decision_either() -> None:
    """Taken back and decided again, or refused so that the cool-down is free."""

    def begun() -> Story:
        story = told()
        saved = SettingsSaved(integration=INTEGRATION, id=OTHER, settings=Settings(cool_down_days=30, oldest_invoice=0))
        story.configure(saved)
        story.change(1, "aino@a.fi")
        change, decision = story.log[-2:]
        assert isinstance(change.event, InvoiceStatusChanged)
        assert isinstance(decision.event, ContactAdded)
        dated = replace(change.event, invoice={**change.event.invoice, "date": "2001-01-01"})
        story.log[-2] = replace(change, event=dated)
        story.changes[dated.id] = dated
        story.log[-3] = replace(story.log[-3], event=replace(saved, settings=Settings(cool_down_days=30)))
        assert story.rules
        story.rules = replace(story.rules, settings=Settings(cool_down_days=30))
        return story

    story = begun()
    story.resume()
    assert isinstance(story.log[-1].event, ContactSkipped)
    assert problems(story) == []
    story = begun()
    story.refuse(0)
    story.change(2, "aino@a.fi")
    assert isinstance(story.log[-1].event, ContactAdded)
    assert problems(story) == []


def test_what_was_decided_before_anybody_asked_for_the_age_is_no_wrong_decision() -> None:
    story = simple()
    change, decision = story.log[-2:]
    assert isinstance(change.event, InvoiceStatusChanged)
    assert isinstance(decision.event, ContactAdded)
    dated = replace(change, event=replace(change.event, invoice={**change.event.invoice, "date": "2001-01-01"}))
    before = [note for note in decision.event.trace if note["check"] != AGE]
    early = replace(decision, event=replace(decision.event, trace=tuple(before)))
    asked = replace(decision, event=replace(decision.event, trace=(*before, {"check": AGE, "ok": True})))
    assert problems(story, [*story.log[:-2], dated, early]) == []
    assert len(problems(story, [*story.log[:-2], dated, asked])) == 1
