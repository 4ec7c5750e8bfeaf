"""Whether every event was decided as the rules of its position say: the projector's work, done again in memory."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import get_args
from uuid import UUID

from events import address, replay, rules, unlisting
from events.codec import Event
from events.contact import ContactAdded, ContactRefused, ContactSkipped, ContactUnlisted, ContactWithdrawn, Skip
from events.customer import CustomerRead
from events.integration import (
    AddressBlocked,
    AddressUnblocked,
    Braked,
    Configuration,
    IntegrationPaused,
    IntegrationResumed,
    Rules,
    fold,
)
from events.invoice import InvoiceStatusChanged
from events.replay import ReplayAsked, ReplayEnded, ReplayStarted
from events.rules import Candidate, Ledger
from events.unlisting import Fate

Decided = ContactAdded | ContactSkipped
Answer = Decided | ContactUnlisted
"""Whatever the projector says."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """Something in the log that must not be."""

    position: int
    says: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Met:
    """An event at its place, opened."""

    position: int
    at: datetime
    event: Event
    id: UUID | None = None
    """As recorded, where it is at hand: making it again from the facts takes longer than reading it."""
    erased: bool = False
    """The person's key is destroyed: what was decided then cannot be decided again."""


def plain_key(organization: str, email: str) -> bytes:
    return f"{organization}\n{address.same(email)}".encode()


def used(candidate: Candidate, added: ContactAdded) -> tuple[tuple[UUID, int, UUID], set[tuple[UUID, int, bytes, str]]]:
    """What *added* uses up: its trigger for the invoice, and each target for the contact."""
    key = plain_key(candidate.rules.organization, added.contact["email"])
    reached = {(added.integration, added.invoice_id, key, target) for target in added.targets}
    return (added.integration, added.invoice_id, added.trigger), reached


def hangs_on_others(*decisions: Answer) -> bool:
    """Whether one of them is what it is because of who was added before."""
    reasons = {one.reason for one in decisions if isinstance(one, ContactSkipped)}
    return not reasons.isdisjoint({Skip.MOVED, Skip.COOL_DOWN})


DOUBTFUL = frozenset({Skip.MOVED, Skip.COOL_DOWN, Skip.OLD_INVOICE})
"""Reasons that the log may know better: somebody is erased by now, or nobody asked for the age yet."""


def from_before_ages(wanted: Answer, decision: Answer) -> bool:
    """Whether a release decided it that did not ask for the invoice's age yet; its trace says what was asked for."""
    too_old = isinstance(wanted, ContactSkipped) and wanted.reason is Skip.OLD_INVOICE
    return too_old and all(noted.get("check") != rules.AGE for noted in decision.trace)


def compared(decision: Answer) -> Answer:
    """Without its trace, and of an address that is not valid without the sentence: releases word that differently."""
    bare = replace(decision, trace=())
    if isinstance(bare, ContactSkipped) and bare.reason is Skip.INVALID_EMAIL and bare.detail:
        return replace(bare, detail=bare.detail.partition(": ")[0])
    return bare


@dataclass(slots=True)
class Proof:
    """Follows one partition from its first event."""

    taken_back: Mapping[UUID, Sequence[UUID]]
    """Configuration event → the decisions that it had decided again."""
    checkpoint: int
    """How far the projector has come: what lies beyond need not be decided yet."""
    recalled: Collection[UUID] = frozenset()
    """Changes that a replay has decided again, the register entries that it looked at, and what it has taken back."""
    rules: dict[UUID, Rules] = field(default_factory=dict)
    ledger: Ledger = field(default_factory=lambda: Ledger(key=plain_key))
    expected: dict[UUID, tuple[int, Answer]] = field(default_factory=dict)
    """Decision that is still to come → position of what asks for it, and what it must say."""
    settled: dict[UUID, tuple[Candidate, ContactAdded]] = field(default_factory=dict)
    doubtful: dict[UUID, tuple[InvoiceStatusChanged, Candidate]] = field(default_factory=dict)
    """Decision that is still to come, and that the log may know better → what it is about."""
    changes: dict[UUID, InvoiceStatusChanged] = field(default_factory=dict)
    """Changes that a contact was to be added for, or that a replay asks for: they may be decided again."""
    customers: dict[UUID, CustomerRead] = field(default_factory=dict)
    """Register entries that replays look at."""
    fates: dict[UUID, Fate] = field(default_factory=dict)
    """Decisions whose lists replays take back."""
    unlisted: dict[UUID, Fate] = field(default_factory=dict)
    """Decision to take off → the fate of what it takes back."""
    held: Counter[tuple[object, ...]] = field(default_factory=Counter)
    """What is used up → by how many decisions: a replay may use it once more."""
    orders: dict[UUID, ReplayStarted] = field(default_factory=dict)
    """Replays under way."""
    blurred: set[UUID] = field(default_factory=set)
    """Integrations that have added somebody who is erased: who else has that address cannot be known any more."""
    wanted: Counter[UUID] = field(default_factory=Counter)
    """Integration → live contacts to be added since a resumption was last met: the brake cannot have counted more."""
    resumed: dict[UUID, list[int]] = field(default_factory=dict)
    """Integration → where sending was resumed, until a decision shows that the projector has met that."""
    erased: set[UUID] = field(default_factory=set)
    """Changes that cannot be decided again, since their person is erased."""
    decisions: int = 0
    unprovable: int = 0

    def follow(self, met: Met) -> Iterator[Problem]:
        """Yields what is wrong about the next event."""
        match met.event:
            case InvoiceStatusChanged() as change:
                self.decide(met, change)
            case ContactAdded() | ContactSkipped() | ContactUnlisted() as decision:
                yield from self.compare(met, decision)
            case ContactRefused(step=1) | ContactWithdrawn(step=1) as outcome:
                self.end(outcome)
            case AddressBlocked() | AddressUnblocked() as block:
                self.block(block)
            case CustomerRead() | ReplayStarted() | ReplayAsked() | ReplayEnded() as step:
                yield from self.replayed(met, step)
            case _:
                pass
        if isinstance(met.event, IntegrationPaused) and met.event.braked:
            yield from self.brake(met, met.event.integration, met.event.braked)
        if isinstance(met.event, get_args(Configuration)):
            self.configure(met, met.event)

    def end(self, outcome: ContactRefused | ContactWithdrawn) -> None:
        self.free(outcome.decision)
        if fate := self.fates.get(outcome.decision) or self.unlisted.get(outcome.decision):
            fate.meet(outcome)

    def missing(self) -> Iterator[Problem]:
        """After the last event: what should have been decided and was not."""
        due = (entry for entry in self.expected.values() if entry[0] <= self.checkpoint)
        for position, decision in due:
            yield Problem(position=position, says=f"not decided: it should have said {describe(decision)}")

    def decide(self, met: Met, change: InvoiceStatusChanged) -> None:
        if change.id in self.recalled:
            self.changes[change.id] = change
        if met.erased:
            self.erased.add(change.id)
        elif in_force := self.rules.get(change.integration):
            self.settle(met.position, change, rules.consider(in_force, change, met.at))

    def settle(self, position: int, change: InvoiceStatusChanged, candidates: Iterable[Candidate]) -> None:
        for candidate in candidates:
            self.expect(position, change, candidate, rules.settle(candidate, self.ledger))

    def replayed(self, met: Met, step: CustomerRead | ReplayStarted | ReplayAsked | ReplayEnded) -> Iterator[Problem]:
        match step:
            case CustomerRead() if step.id in self.recalled:
                self.customers[step.id] = step
            case ReplayStarted():
                self.orders[step.replay] = step
            case ReplayEnded():
                self.orders.pop(step.replay, None)
            case ReplayAsked():
                yield from self.replay(met, step)
            case _:
                pass

    def replay(self, met: Met, asked: ReplayAsked) -> Iterator[Problem]:
        """What the projector decides again on an operator's word, done again here."""
        order = self.orders.get(asked.replay)
        if order is None or order.reach is not asked.reach:
            said = "nobody has ordered it" if order is None else f"the order was {order.reach}"
            yield Problem(position=met.position, says=f"replay {asked.replay} goes as far as {asked.reach}: {said}")
        elif not ordered(order, asked):
            yield Problem(position=met.position, says=f"replay {asked.replay} takes off lists: nobody has ordered it")
        if (in_force := self.rules.get(asked.integration)) is None:
            return
        for ask in asked.items:
            if ask.takes_back and (fate := self.fates.get(ask.takes_back)):
                off = unlisting.unlist(ask, fate, asked, in_force=in_force, ledger=self.ledger)
                self.take_off(met.position, off, fate)
        for ask, candidate in replay.candidates(asked, in_force, self.changes, met.at, customers=self.customers):
            if ask.cause not in self.erased:
                decision = replay.answer(candidate, ask, asked, self.ledger)
                self.expect(met.position, self.changes[ask.cause], candidate, decision)

    def take_off(self, position: int, decision: ContactUnlisted | ContactSkipped | None, fate: Fate) -> None:
        if decision is not None:
            self.expected[decision.id] = (position, decision)
            self.unlisted[decision.id] = fate

    def expect(self, position: int, change: InvoiceStatusChanged, candidate: Candidate, decision: Decided) -> None:
        self.expected[decision.id] = (position, decision)
        if isinstance(decision, ContactAdded):
            self.keep(change, candidate, decision)
        elif decision.reason in DOUBTFUL:
            self.doubtful[decision.id] = (change, candidate)

    def keep(self, change: InvoiceStatusChanged, candidate: Candidate, decision: ContactAdded) -> None:
        self.settled[decision.id] = (candidate, decision)
        self.changes[decision.cause] = change
        place, reached = used(candidate, decision)
        self.held.update([place, *reached])

    def compare(self, met: Met, decision: Answer) -> Iterator[Problem]:
        self.decisions += 1
        if decision.id in self.recalled and isinstance(decision, ContactAdded):
            self.fates[decision.id] = Fate(decision)
        asked, wanted = self.expected.pop(decision.id, (0, None))
        doubtful = self.doubtful.pop(decision.id, None)
        if isinstance(decision, ContactAdded) and decision.asked_by is None:
            self.count(decision.integration, asked)
        if decision.cause in self.erased or met.erased:
            self.unprovable += 1
            self.blurred.add(decision.integration)
            self.erased.add(decision.id)
            return
        if wanted is None:
            yield Problem(position=met.position, says=f"a decision that nothing asks for: {describe(decision)}")
        elif compared(wanted) != compared(decision):
            blurred = decision.integration in self.blurred and hangs_on_others(wanted, decision)
            if blurred or from_before_ages(wanted, decision):
                self.unprovable += 1
                self.follow_log(met, decision, doubtful)
                return
            yield Problem(
                position=met.position,
                says=f"wrong decision: the log says {describe(decision)}, the rules in force say {describe(wanted)}",
            )

    def follow_log(self, met: Met, decision: Answer, doubtful: tuple[InvoiceStatusChanged, Candidate] | None) -> None:
        """What was decided in the light of what is erased now counts as the log has it."""
        if isinstance(decision, ContactAdded):
            key = plain_key(self.rules[decision.integration].organization, decision.contact["email"])
            self.ledger.note(decision, key=key, at=doubtful[1].at if doubtful else met.at)
            if doubtful:
                self.keep(*doubtful, decision)
        elif fate := self.unlisted.get(decision.id):
            fate.off.pop(decision.id, None)
            fate.meet(decision)
        elif decision.id in self.settled:
            self.give_back(*self.settled.pop(decision.id))

    def count(self, integration: UUID, asked: int) -> None:
        """One more, for the change at *asked*: a resumption before that has been met by then, and no later one."""
        resumed = self.resumed.get(integration, [])
        later = [position for position in resumed if position > asked]
        if len(later) < len(resumed):
            self.wanted[integration], self.resumed[integration] = 0, later
        self.wanted[integration] += 1

    def brake(self, met: Met, integration: UUID, braked: Braked) -> Iterator[Problem]:
        """A pause by the brake needs as many contacts as it says, and more than it says are allowed."""
        if not braked.limit < braked.contacts <= self.wanted[integration]:
            said = f"{braked.contacts} contacts with a limit of {braked.limit}"
            yield Problem(
                position=met.position,
                says=f"the brake paused for {said}: {self.wanted[integration]} were to be added since sending resumed",
            )

    def configure(self, met: Met, event: Configuration) -> None:
        """Folds the event; what it took back is decided again here, where the projector did it."""
        if isinstance(event, IntegrationResumed):
            self.resumed.setdefault(event.integration, []).append(met.position)
        self.rules[event.integration] = now = fold(self.rules.get(event.integration), event, met.position)
        back = [self.settled[decision] for decision in self.taken_back.get(event.id, ()) if decision in self.settled]
        for candidate, decision in back:
            self.give_back(candidate, decision)
        for candidate, decision in back:
            change = self.changes[decision.cause]
            again = rules.consider(now, change, candidate.at, asked_by=event.id)
            self.settle(met.position, change, (each for each in again if each.trigger.id == decision.trigger))

    def give_back(self, candidate: Candidate, decision: ContactAdded) -> None:
        """What a decision alone used up is free again, as if it had never been."""
        place, reached = used(candidate, decision)
        self.held.subtract([place, *reached])
        if not self.held[place]:
            self.ledger.fired.discard(place)
        self.ledger.reached -= {one for one in reached if not self.held[one]}
        self.free(decision.id)

    def free(self, decision: UUID) -> None:
        """A contact refused or withdrawn does not count for the cool-down."""
        if decision in self.settled:
            candidate, added = self.settled[decision]
            key = plain_key(candidate.rules.organization, added.contact["email"])
            self.ledger.added_at.get((added.integration, key), {}).pop(decision, None)

    def block(self, event: AddressBlocked | AddressUnblocked) -> None:
        whole = event.address.startswith("@")
        key = address.same(event.address) if whole else plain_key(str(event.integration), event.address)
        entry = (event.integration, key)
        if isinstance(event, AddressBlocked):
            self.ledger.blocked.add(entry)
        else:
            self.ledger.blocked.discard(entry)


def ordered(order: ReplayStarted, asked: ReplayAsked) -> bool:
    """Whether the operator's word covers what is taken off."""
    takes = any(ask.takes_back for ask in asked.items)
    return order.undoes == asked.undoes and (not takes or order.undoes is not None or order.remove_old)


def describe(decision: Answer) -> str:
    """A decision in ids and words, without the person."""
    if isinstance(decision, ContactUnlisted):
        return f"to be taken off {', '.join(decision.lists)}, where {decision.cause} has put it"
    if isinstance(decision, ContactSkipped):
        return f"skipped ({decision.reason}) by trigger {decision.trigger}"
    return f"to be added to {decision.kind} {', '.join(decision.lists)} by trigger {decision.trigger}".replace(
        "  ", " "
    )
