"""What an integration has really sent: contact by contact and invoice by invoice, followed from the first event."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from events import address
from events.contact import (
    ContactAdded,
    ContactDelivered,
    ContactRefused,
    ContactSkipped,
    ContactUnlisted,
    ContactWithdrawn,
    Skip,
    Withdrawal,
)
from events.invoice import Order
from events.proof import Met
from events.reconcile import ContactChecked, Found, State

BARRED = frozenset({Withdrawal.DELETED_THERE, Withdrawal.NOT_ACTIVE})
"""How Trustmary's own word about a contact ends a delivery."""
THERE = {State.DELETED: Withdrawal.DELETED_THERE, State.NOT_ACTIVE: Withdrawal.NOT_ACTIVE}
Place = tuple[int, UUID]
"""(invoice, trigger)"""


@dataclass(slots=True)
class Sent:
    """A decision to add a contact, until its outcome is known."""

    place: Place
    partner: int | None
    contact: Mapping[str, str]
    targets: frozenset[str]
    order: Order
    """Of the change that was decided; of the decision, where that is not known."""


@dataclass(frozen=True, slots=True)
class Leaving:
    """A decision to take a contact off lists, until its outcome is known."""

    email: str
    held: Mapping[str, frozenset[UUID]]
    """List → the decisions that had put it there by then."""


@dataclass(frozen=True, slots=True)
class Kept:
    """What deliveries have made of a contact, before Trustmary was found to have it otherwise."""

    fields: Mapping[str, str]
    by_trigger: Mapping[UUID, Mapping[str, str]]
    targets: set[str]


@dataclass(slots=True)
class Contact:
    """What is known of one address: what was delivered, and what Trustmary said."""

    fields: Mapping[str, str] = field(default_factory=dict)
    """As they were delivered last, by whichever trigger."""
    by_trigger: dict[UUID, Mapping[str, str]] = field(default_factory=dict)
    """As each trigger delivered them last: two triggers may map differently, and each is right."""
    partner: int | None = None
    """Whose invoice it was delivered for last."""
    newest: Order = (0.0, 0)
    """Of the changes that something was delivered for."""
    targets: set[str] = field(default_factory=set)
    holders: dict[str, dict[UUID, Place]] = field(default_factory=dict)
    """List → the decisions that put the contact there, or may have, and that nothing has taken back; in their order."""
    added_at: dict[UUID, datetime] = field(default_factory=dict)
    """Decisions that count, neither refused nor withdrawn, in the order in which they were made."""
    waiting: set[UUID] = field(default_factory=set)
    barred: Withdrawal | None = None
    uncertain: bool = False
    """An unanswered call was given up: it may have arrived."""
    arrived: UUID | None = None
    """The decision that was delivered last."""
    as_sent: Kept | None = None
    """What was known by what was sent, where Trustmary was found to have it otherwise since."""

    def stands(self, found: Found) -> None:
        """Trustmary has it so: what is gone there is as good as never delivered."""
        self.as_sent = was = self.as_sent or Kept(self.fields, self.by_trigger, self.targets)
        self.barred = THERE.get(found.state)
        if found.state is State.MISSING:
            self.fields, self.by_trigger, self.targets, self.uncertain = {}, {}, set(), False
            return
        self.fields = {**was.fields, **found.theirs}
        # A trigger whose value another one has replaced since was right all the same.
        self.by_trigger = {
            trigger: {name: self.fields[name] if value == was.fields[name] else value for name, value in sent.items()}
            for trigger, sent in was.by_trigger.items()
        }
        self.targets = set(was.targets)

    def on(self, targets: Collection[str]) -> None:
        for known in self.known_targets:
            known.update(targets)

    def off(self, target: str) -> None:
        for known in self.known_targets:
            known.discard(target)

    @property
    def known_targets(self) -> Iterator[set[str]]:
        yield self.targets
        if self.as_sent:
            yield self.as_sent.targets

    @property
    def against(self) -> Iterator[str]:
        """Why nothing more must be sent to it as things stand."""
        if self.barred:
            yield self.barred.value
        if self.waiting:
            yield "waiting"
        if self.uncertain:
            yield "outcome_unknown"

    @property
    def last(self) -> UUID | None:
        return next(reversed(self.added_at), None)


@dataclass(slots=True)
class History:
    """Meets decisions and outcomes in the order of the log."""

    causes: Mapping[UUID, Order] = field(default_factory=dict)
    """Change → where it belongs among others, of those that led to contacts."""
    contacts: dict[str, Contact] = field(default_factory=dict)
    """Address, in the form in which spellings are equal → contact."""
    sent: dict[UUID, Sent] = field(default_factory=dict)
    leaving: dict[UUID, Leaving] = field(default_factory=dict)
    delivered: dict[Place, Mapping[str, str]] = field(default_factory=dict)
    """Place → the contact that was delivered last."""
    fired: set[Place] = field(default_factory=set)
    decided: dict[int, dict[UUID, Skip | None]] = field(default_factory=dict)
    """Invoice → trigger → why its last decision added nobody, or None where it did; replays only count if they add."""

    def contact(self, email: str) -> Contact:
        return self.contacts.get(address.same(email), Contact())

    def skipped_for(self, place: Place) -> frozenset[Skip]:
        """Why nobody was added: by this trigger or, where it has decided nothing about the invoice, by the others."""
        by = self.decided.get(place[0], {})
        said = [by[place[1]]] if place[1] in by else by.values()
        return frozenset(reason for reason in said if reason)

    def skip(self, skipped: ContactSkipped) -> None:
        if not skipped.replay:
            self.decided.setdefault(skipped.invoice_id, {})[skipped.trigger] = skipped.reason

    def add(self, met: Met, added: ContactAdded) -> None:
        place = (added.invoice_id, added.trigger)
        self.decided.setdefault(added.invoice_id, {})[added.trigger] = None
        self.fired.add(place)
        if not added.contact:
            return  # the person is erased
        contact = self.contacts.setdefault(address.same(added.contact["email"]), Contact())
        contact.added_at[added.id] = met.at
        contact.waiting.add(added.id)
        for one in added.lists:
            contact.holders.setdefault(f"list:{one}", {})[added.id] = place
        self.sent[added.id] = Sent(
            place=place,
            partner=added.partner,
            contact=added.contact,
            targets=frozenset(added.targets),
            order=self.causes.get(added.cause, (met.at.timestamp(), met.position)),
        )

    def take_off(self, unlisted: ContactUnlisted) -> None:
        if not unlisted.contact:
            return  # the person is erased
        email = unlisted.contact["email"]
        contact = self.contacts.setdefault(address.same(email), Contact())
        contact.waiting.add(unlisted.id)
        wanted = [f"list:{one}" for one in unlisted.lists]
        self.leaving[unlisted.id] = Leaving(email, {one: frozenset(contact.holders.get(one, ())) for one in wanted})

    def end(self, outcome: ContactDelivered | ContactRefused | ContactWithdrawn) -> None:
        """The first step carries the contact and its lists, a second one the automation."""
        if leaving := self.leaving.pop(outcome.decision, None):
            self.leave(leaving, outcome)
            return
        if (sent := self.sent.get(outcome.decision)) is None:
            return
        contact = self.contacts[address.same(sent.contact["email"])]
        started = frozenset(one for one in sent.targets if one.startswith("automation:"))
        if isinstance(outcome, ContactDelivered):
            if outcome.step == 1:
                self.arrive(sent, contact)
                contact.arrived, contact.as_sent = outcome.decision, None
            contact.on({"contact", *(started if outcome.step == 2 else sent.targets - started)})
            over = not started or outcome.step == 2
        else:
            fail(contact, outcome)
            over = True
        if over:
            contact.waiting.discard(outcome.decision)
            del self.sent[outcome.decision]

    def leave(self, leaving: Leaving, outcome: ContactDelivered | ContactRefused | ContactWithdrawn) -> None:
        """Is off, as far as nothing newer has put it on: what is not in Trustmary is on no list either."""
        contact = self.contacts[address.same(leaving.email)]
        contact.waiting.discard(outcome.decision)
        not_there = isinstance(outcome, ContactWithdrawn) and outcome.reason is Withdrawal.NOT_THERE
        if not isinstance(outcome, ContactDelivered) and not not_there:
            return
        for target, held in leaving.held.items():
            holders = contact.holders.get(target, {})
            for decision in held:
                holders.pop(decision, None)
            if not holders:
                contact.off(target)

    def check(self, checked: ContactChecked) -> None:
        """What was found, unless something was delivered since, or the person is erased."""
        contact = self.contacts.get(address.same(checked.email))
        if contact is not None and contact.arrived == checked.decision:
            contact.stands(checked.found)

    def arrive(self, sent: Sent, contact: Contact) -> None:
        contact.fields = {**contact.fields, **sent.contact}
        contact.by_trigger[sent.place[1]] = sent.contact
        contact.partner = sent.partner
        contact.newest = max(contact.newest, sent.order)
        contact.barred, contact.uncertain = None, False
        self.delivered[sent.place] = sent.contact


def fail(contact: Contact, outcome: ContactRefused | ContactWithdrawn) -> None:
    """What was not added counts no more; what may have arrived all the same still holds its lists."""
    uncertain = isinstance(outcome, ContactWithdrawn) and outcome.uncertain
    if outcome.step == 1:
        contact.added_at.pop(outcome.decision, None)
        for holders in contact.holders.values() if not uncertain else ():
            holders.pop(outcome.decision, None)
    if isinstance(outcome, ContactWithdrawn):
        contact.barred = outcome.reason if outcome.reason in BARRED else contact.barred
        contact.uncertain |= outcome.uncertain
