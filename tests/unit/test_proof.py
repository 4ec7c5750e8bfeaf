"""The proof agrees with a projector on any history, and finds a changed, a missing and an extra decision."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import timedelta
from uuid import UUID

from hypothesis import given, settings
from hypothesis import strategies as st

from events.codec import Event
from events.contact import ContactAdded, ContactRefused, ContactSkipped, ContactWithdrawn, Skip, Withdrawal
from events.integration import (
    AddressBlocked,
    AddressUnblocked,
    Configuration,
    IntegrationConnected,
    IntegrationResumed,
    Rules,
    Settings,
    SettingsSaved,
    Trigger,
    TriggerRemoved,
    TriggerSaved,
    fold,
)
from events.invoice import InvoiceStatusChanged
from events.proof import Met, Problem, Proof, plain_key
from events.rules import Candidate, Ledger, consider, settle
from facts import INTEGRATION, NOW, OTHER, TRIGGER, changed, contact, customer, to_lists

EMAILS = ("aino@a.fi", "eino@a.fi", "laskutus@b.fi", "?")


@dataclass
class Story:
    """A partition and its projector, which keeps what each decision used up by decision, as the tables do."""

    log: list[Met] = field(default_factory=list)
    taken_back: dict[UUID, list[UUID]] = field(default_factory=dict)
    rules: Rules | None = None
    used: dict[tuple[int, bytes, str], UUID] = field(default_factory=dict)
    added: dict[UUID, tuple[Candidate, ContactAdded]] = field(default_factory=dict)
    changes: dict[UUID, InvoiceStatusChanged] = field(default_factory=dict)
    superseded: set[UUID] = field(default_factory=set)
    freed: set[UUID] = field(default_factory=set)
    blocked: set[tuple[UUID, bytes | str]] = field(default_factory=set)

    def append(self, event: Event) -> Met:
        position = len(self.log) + 1
        met = Met(position=position, at=NOW + timedelta(hours=7 * position), event=event)
        self.log.append(met)
        return met

    def ledger(self) -> Ledger:
        kept = Ledger(key=plain_key, blocked=set(self.blocked))
        kept.reached = {(INTEGRATION, invoice, key, target) for invoice, key, target in self.used}
        for decision, (candidate, added) in self.added.items():
            if decision not in self.superseded:
                kept.fired.add((INTEGRATION, added.invoice_id, added.trigger))
            if decision not in self.freed:
                key = plain_key(candidate.rules.organization, added.contact["email"])
                kept.added_at.setdefault((INTEGRATION, key), {})[decision] = candidate.at
        return kept

    def decide(self, candidates: list[Candidate]) -> None:
        for found in candidates:
            decision = settle(found, self.ledger())
            self.append(decision)
            if isinstance(decision, ContactAdded):
                self.added[decision.id] = (found, decision)
                key = plain_key(found.rules.organization, decision.contact["email"])
                for target in found.trigger.destination.targets:
                    self.used.setdefault((decision.invoice_id, key, target), decision.id)

    def change(self, invoice: int, email: str) -> None:
        who = customer(contactPersons=[{"name": "Aino", "email": email}], invoicingInfo={})
        met = self.append(changed(invoice, change=len(self.log), customer=who))
        assert isinstance(met.event, InvoiceStatusChanged)
        self.changes[met.event.id] = met.event
        self.decide(list(consider(self.rules, met.event, met.at)) if self.rules else [])

    def configure(self, event: Configuration) -> None:
        met = self.append(event)
        self.rules = fold(self.rules, event, met.position)
        if isinstance(event, AddressBlocked | AddressUnblocked):
            whole = event.address.startswith("@")
            entry = event.address if whole else plain_key(str(INTEGRATION), event.address)
            (self.blocked.add if isinstance(event, AddressBlocked) else self.blocked.discard)((INTEGRATION, entry))

    def refuse(self, which: int) -> None:
        open_ones = [decision for decision in self.added if decision not in self.freed]
        if open_ones:
            decision = open_ones[which % len(open_ones)]
            self.freed.add(decision)
            _, added = self.added[decision]
            self.append(
                ContactRefused(
                    integration=INTEGRATION,
                    invoice_id=added.invoice_id,
                    partner=added.partner,
                    decision=decision,
                    status=422,
                    reason="invalid",
                )
            )

    def resume(self) -> None:
        """Everything that is not refused waits, and is decided again."""
        event = IntegrationResumed(integration=INTEGRATION, id=UUID(int=len(self.log)))
        self.configure(event)
        back = [decision for decision in self.added if decision not in self.freed]
        self.taken_back[event.id] = back
        self.superseded.update(back)
        self.freed.update(back)
        self.used = {place: decision for place, decision in self.used.items() if decision not in back}
        for decision in back:
            _, added = self.added[decision]
            self.append(
                ContactWithdrawn(
                    integration=INTEGRATION,
                    invoice_id=added.invoice_id,
                    partner=added.partner,
                    decision=decision,
                    reason=Withdrawal.DECIDED_AGAIN,
                    by=event.id,
                )
            )
        assert self.rules
        for decision in back:
            candidate, added = self.added[decision]
            again = consider(self.rules, self.changes[added.cause], candidate.at, asked_by=event.id)
            self.decide([found for found in again if found.trigger.id == added.trigger])


def told() -> Story:
    story = Story()
    story.configure(
        IntegrationConnected(
            integration=INTEGRATION,
            id=UUID(int=1),
            company_id=1,
            organization="acme",
            procountor_secret=UUID(int=2),
            trustmary_secret=UUID(int=3),
            baseline=None,
        )
    )
    save(story, to_lists("a", "b"))
    return story


def save(story: Story, trigger: Trigger) -> None:
    story.configure(TriggerSaved(integration=INTEGRATION, id=UUID(int=len(story.log)), trigger=trigger))


def problems(story: Story, log: list[Met] | None = None, checkpoint: int = 10**6) -> list[Problem]:
    proof = Proof(taken_back=story.taken_back, checkpoint=checkpoint)
    found = [problem for met in (story.log if log is None else log) for problem in proof.follow(met)]
    return found + list(proof.missing())


TRIGGERS = (
    to_lists("a", "b"),
    to_lists("b", "c", id=OTHER),
    to_lists("c", id=OTHER),
    contact(OTHER),
    contact(UUID(int=9), live=False),
)
STEPS = st.one_of(
    st.tuples(st.just("change"), st.integers(1, 4), st.sampled_from(EMAILS)),
    st.tuples(st.just("save"), st.sampled_from(TRIGGERS)),
    st.tuples(st.just("remove"), st.sampled_from([TRIGGER, OTHER])),
    st.tuples(st.just("cool"), st.sampled_from([0, 1, 30]), st.booleans()),
    st.tuples(st.just("block"), st.sampled_from(["aino@a.fi", "@a.fi", "@b.fi"])),
    st.tuples(st.just("unblock"), st.sampled_from(["aino@a.fi", "@a.fi", "@b.fi"])),
    st.tuples(st.just("refuse"), st.integers(0, 5)),
    st.tuples(st.just("resume")),
)


def play(steps: list[tuple[object, ...]]) -> Story:
    story = told()
    for step in steps:
        match step:
            case ("change", int(invoice), str(email)):
                story.change(invoice, email)
            case ("refuse", int(which)):
                story.refuse(which)
            case ("resume",):
                story.resume()
            case _:
                story.configure(spoken(step, UUID(int=1000 + len(story.log))))
    return story


def spoken(step: tuple[object, ...], id: UUID) -> Configuration:
    match step:
        case ("save", Trigger() as trigger):
            return TriggerSaved(integration=INTEGRATION, id=id, trigger=trigger)
        case ("remove", UUID() as gone):
            return TriggerRemoved(integration=INTEGRATION, id=id, trigger=gone)
        case ("cool", int(days), bool(roles)):
            wanted = Settings(cool_down_days=days, role_addresses=roles)
            return SettingsSaved(integration=INTEGRATION, id=id, settings=wanted)
        case ("block", str(address)):
            return AddressBlocked(integration=INTEGRATION, id=id, address=address)
        case ("unblock", str(address)):
            return AddressUnblocked(integration=INTEGRATION, id=id, address=address)
        case _:
            raise AssertionError(step)


@settings(max_examples=60, deadline=None)
@given(st.lists(STEPS, max_size=14))
def test_the_proof_agrees_with_the_projector_on_any_history(steps: list[tuple[object, ...]]) -> None:
    story = play(steps)
    assert problems(story) == []


@settings(max_examples=25, deadline=None)
@given(st.lists(STEPS, max_size=10))
def test_replaying_any_prefix_twice_yields_the_same_commands(steps: list[tuple[object, ...]]) -> None:
    whole = play(steps).log
    for end in range(len(steps) + 1):
        prefix = play(steps[:end]).log
        assert prefix == play(steps[:end]).log == whole[: len(prefix)]


@settings(max_examples=40, deadline=None)
@given(st.lists(STEPS, max_size=10), st.integers(0, 100), st.sampled_from(["changed", "missing", "extra"]))
def test_one_decision_tampered_with_is_found(steps: list[tuple[object, ...]], which: int, how: str) -> None:
    story = play([*steps, ("change", 99, "uusi@c.fi"), ("save", to_lists("z")), ("change", 98, "toinen@c.fi")])
    places = [at for at, met in enumerate(story.log) if isinstance(met.event, ContactAdded | ContactSkipped)]
    if not places:
        return
    at = places[which % len(places)]
    met, log = story.log[at], list(story.log)
    assert isinstance(met.event, ContactAdded | ContactSkipped)
    if how == "changed":
        log[at] = replace(met, event=replace(met.event, rules_version=999))
    elif how == "missing":
        del log[at]
    else:
        log.insert(at, replace(met, event=replace(met.event, trigger=UUID(int=12345))))
    found = problems(story, log)
    assert len(found) == 1
    assert {"changed": "wrong decision", "missing": "not decided", "extra": "nothing asks for"}[how] in found[0].says
    assert "@" not in found[0].says


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
