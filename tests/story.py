"""A partition's history with a projector of its own: what the proof is held against."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import UUID

from events import address, replay
from events.codec import Event
from events.contact import (
    ContactAdded,
    ContactDelivered,
    ContactRefused,
    ContactSkipped,
    ContactUnlisted,
    ContactWithdrawn,
    Withdrawal,
)
from events.integration import (
    AddressBlocked,
    AddressUnblocked,
    Configuration,
    IntegrationConnected,
    IntegrationResumed,
    Rules,
    Trigger,
    TriggerSaved,
    fold,
)
from events.invoice import InvoiceStatusChanged, Kind
from events.proof import Met, Problem, Proof, plain_key
from events.reconcile import ContactChecked, State
from events.replay import ReplayAsked
from events.rules import Candidate, Ledger, consider, settle
from events.unlisting import Fate, unlist
from facts import INTEGRATION, NOW, changed, customer, to_lists

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
    delivered: set[UUID] = field(default_factory=set)
    blocked: set[tuple[UUID, bytes | str]] = field(default_factory=set)
    asked: list[ReplayAsked] = field(default_factory=list)
    fates: dict[UUID, Fate] = field(default_factory=dict)
    unlisted: dict[UUID, ContactUnlisted] = field(default_factory=dict)
    """Taking off that is under way."""
    on: dict[str, set[str]] = field(default_factory=dict)
    """Address → the lists that it is on in Trustmary."""

    def append(self, event: Event) -> Met:
        for fate in self.fates.values():
            fate.meet(event)
        if isinstance(event, ContactAdded):
            self.fates[event.id] = Fate(event)
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
                if added.replay:
                    kept.replays[decision] = added.replay
        return kept

    def decide(self, candidates: list[Candidate]) -> None:
        for found in candidates:
            self.note(found, settle(found, self.ledger()))

    def note(self, found: Candidate, decision: ContactAdded | ContactSkipped) -> None:
        self.append(decision)
        if isinstance(decision, ContactAdded):
            self.added[decision.id] = (found, decision)
            key = plain_key(found.rules.organization, decision.contact["email"])
            for target in decision.targets if decision.replay else found.trigger.destination.targets:
                self.used.setdefault((decision.invoice_id, key, target), decision.id)

    def ask(self, asked: ReplayAsked) -> list[ContactAdded | ContactSkipped]:
        """The projector meets the items of a replay that are to be added; answers what it decides."""
        assert self.rules
        met = self.append(asked)
        self.asked.append(asked)
        decided = []
        for ask, found in replay.candidates(asked, self.rules, self.changes, met.at, customers={}):
            decision = replay.answer(found, ask, asked, self.ledger())
            self.note(found, decision)
            decided.append(decision)
        return decided

    def take_off(self, asked: ReplayAsked) -> list[ContactUnlisted | ContactSkipped]:
        """The projector meets the items of a replay that are to be taken off."""
        assert self.rules
        self.append(asked)
        self.asked.append(asked)
        decided = []
        for ask in asked.items:
            assert ask.takes_back
            fate = self.fates[ask.takes_back]
            decision = unlist(ask, fate, asked, in_force=self.rules, ledger=self.ledger())
            assert decision is not None
            self.append(decision)
            decided.append(decision)
            if isinstance(decision, ContactUnlisted):
                self.unlisted[decision.id] = decision
        return decided

    def unlist(self) -> None:
        """Whoever is to be taken off is, but for those whom something newer has put on."""
        for id, one in list(self.unlisted.items()):
            del self.unlisted[id]
            facts = {"integration": INTEGRATION, "invoice_id": one.invoice_id, "partner": one.partner, "decision": id}
            if self.overtaken(one):
                self.append(ContactWithdrawn(**facts, reason=Withdrawal.PUT_ON_AGAIN))  # type: ignore[arg-type]
            else:
                self.on.get(address.same(one.contact["email"]), set()).difference_update(one.lists)
                self.append(ContactDelivered(**facts, status=200))  # type: ignore[arg-type]

    def overtaken(self, one: ContactUnlisted) -> bool:
        """As `read_overtaken` says it."""
        events = [met.event for met in self.log]
        return any(
            isinstance(event, ContactAdded)
            and event.id not in self.freed
            and address.same(event.contact["email"]) == address.same(one.contact["email"])
            and set(event.lists) & set(one.lists)
            for event in events[events.index(one) :]
        )

    def drop(self, replay: UUID) -> None:
        """What of *replay* is under way is never sent."""
        for decision, (_, added) in self.added.items():
            if added.replay == replay and decision not in self.freed and decision not in self.delivered:
                self.freed.add(decision)
                self.append(
                    ContactWithdrawn(
                        integration=INTEGRATION,
                        invoice_id=added.invoice_id,
                        partner=added.partner,
                        decision=decision,
                        reason=Withdrawal.DISCARDED,
                    )
                )

    def deliver(self, which: int | None = None) -> None:
        """One of what is under way arrives, or all of it."""
        open_ones = [one for one in self.added if one not in self.freed and one not in self.delivered]
        chosen = open_ones if which is None else open_ones[which % len(open_ones) :][:1] if open_ones else []
        for decision in chosen:
            _, added = self.added[decision]
            self.delivered.add(decision)
            self.on.setdefault(address.same(added.contact["email"]), set()).update(added.lists)
            for step in range(1, 3 if added.automation else 2):
                self.append(
                    ContactDelivered(
                        integration=INTEGRATION,
                        invoice_id=added.invoice_id,
                        partner=added.partner,
                        decision=decision,
                        step=step,
                        status=200,
                    )
                )

    def check(self, which: int, state: State) -> None:
        """Something that was delivered, though it may not be the newest, is looked up."""
        arrived = [one for one in self.added if one in self.delivered]
        if not arrived:
            return
        _, added = self.added[arrived[which % len(arrived)]]
        drift = {name: "Toinen" for name in added.contact if name != "email"} if state is State.DRIFTED else {}
        self.append(
            ContactChecked(
                integration=INTEGRATION,
                invoice_id=added.invoice_id,
                partner=added.partner,
                decision=added.id,
                reconciliation=UUID(int=9000 + len(self.log)),
                state=state,
                email=added.contact["email"],
                theirs=drift,
            )
        )

    def change(self, invoice: int, email: str, **facts: Any) -> None:
        who = customer(contactPersons=[{"name": "Aino", "email": email}], invoicingInfo={})
        met = self.append(changed(invoice, **{"change": len(self.log), "customer": who} | facts))
        assert isinstance(met.event, InvoiceStatusChanged)
        self.changes[met.event.id] = met.event
        self.decide(list(consider(self.rules, met.event, met.at)) if self.rules else [])

    def read_of_the_past(self, days: int, email: str) -> None:
        """Made so many days before everything else, and one of its own, read once: 100 for a day, 99 for two."""
        made = (NOW - timedelta(days=days)).strftime("%Y-%m-%dT08:00:00")
        facts = {"change": 1, "before": None, "kind": Kind.BACKFILL, "old": True, "created": made, "version": made}
        if all(each.invoice_id != 101 - days for each in self.changes.values()):
            self.change(101 - days, email, **facts)

    def configure(self, event: Configuration) -> None:
        met = self.append(event)
        self.rules = fold(self.rules, event, met.position)
        if isinstance(event, AddressBlocked | AddressUnblocked):
            whole = event.address.startswith("@")
            entry = event.address if whole else plain_key(str(INTEGRATION), event.address)
            (self.blocked.add if isinstance(event, AddressBlocked) else self.blocked.discard)((INTEGRATION, entry))

    def refuse(self, which: int) -> None:
        open_ones = [one for one in self.added if one not in self.freed and one not in self.delivered]
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
        """Everything that is under way waits, and is decided again."""
        event = IntegrationResumed(integration=INTEGRATION, id=UUID(int=len(self.log)))
        self.configure(event)
        open_ones = [one for one in self.added if one not in self.freed and one not in self.delivered]
        back = [one for one in open_ones if self.added[one][1].replay is None]
        self.taken_back[event.id] = back
        self.superseded.update(back)
        self.freed.update(back)
        self.used = {place: decision for place, decision in self.used.items() if decision not in back}
        for decision in open_ones:
            _, added = self.added[decision]
            self.freed.add(decision)
            self.append(
                ContactWithdrawn(
                    integration=INTEGRATION,
                    invoice_id=added.invoice_id,
                    partner=added.partner,
                    decision=decision,
                    reason=Withdrawal.DROPPED if added.replay else Withdrawal.DECIDED_AGAIN,
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
    asks = [ask for asked in story.asked for ask in asked.items]
    recalled = {id for ask in asks for id in (ask.cause, ask.takes_back) if id}
    proof = Proof(taken_back=story.taken_back, checkpoint=checkpoint, recalled=recalled)
    found = [problem for met in (story.log if log is None else log) for problem in proof.follow(met)]
    return found + list(proof.missing())
