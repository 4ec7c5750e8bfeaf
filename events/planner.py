"""Decides the past by today's rules, and compares with what was really delivered: what a replay would come to."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from uuid import UUID

from events import address, replay
from events.contact import (
    ContactAdded,
    ContactDelivered,
    ContactRefused,
    ContactSkipped,
    ContactWithdrawn,
    Skip,
    Withdrawal,
)
from events.customer import CustomerRead, as_now
from events.integration import Rules, Trigger
from events.invoice import InvoiceStatusChanged
from events.plan import SENDABLE, Class, Item, Plan, Wanted
from events.proof import Met

CONDITIONS = frozenset({Skip.TYPE, Skip.OFFER, Skip.NOT_POSITIVE, Skip.FILTERED})
"""Skips that say that the invoice is not meant, rather than that its contact cannot be had."""
BARRED = frozenset({Withdrawal.DELETED_THERE, Withdrawal.NOT_ACTIVE})
"""How Trustmary's own word about a contact ends a delivery."""


@dataclass(slots=True)
class Sent:
    """A decision to add a contact, until its outcome is known."""

    invoice: int
    trigger: UUID
    contact: Mapping[str, str]
    targets: frozenset[str]


@dataclass(slots=True)
class Contact:
    """What is known of one address: what was delivered, and what Trustmary said."""

    fields: Mapping[str, str] = field(default_factory=dict)
    targets: set[str] = field(default_factory=set)
    added_at: dict[UUID, datetime] = field(default_factory=dict)
    """Decisions that count, neither refused nor withdrawn, in the order in which they were made."""
    waiting: set[UUID] = field(default_factory=set)
    barred: Withdrawal | None = None

    @property
    def last(self) -> UUID | None:
        return next(reversed(self.added_at), None)


Place = tuple[int, UUID]
"""(invoice, trigger)"""


@dataclass(slots=True)
class Found:
    """What one change would come to."""

    cause: UUID
    partner: int | None
    customer: UUID | None
    trigger: Trigger
    contact: Mapping[str, str]
    skip: Skip | None
    erased: bool


@dataclass(slots=True)
class Planner:
    """Meets an integration's invoice events in order, from the first; then says what a replay would come to."""

    in_force: Rules
    triggers: tuple[Trigger, ...]
    wanted: Wanted
    now: datetime
    """When the last event of the log was recorded: the cool-down is counted to here."""
    blocked: Callable[[str], bool]
    """Whether an address is on the integration's block list."""
    customers: Mapping[int, CustomerRead] = field(default_factory=dict)
    """Partner → its register entry, where it was read again."""
    void: Collection[int] = frozenset()
    """Invoices that have been invalidated, deleted or overridden by now: nobody is asked about them any more."""
    found: dict[Place, Found] = field(default_factory=dict)
    contacts: dict[str, Contact] = field(default_factory=dict)
    sent: dict[UUID, Sent] = field(default_factory=dict)
    delivered: dict[Place, Mapping[str, str]] = field(default_factory=dict)
    """Place → the contact that was delivered last."""
    fired: set[Place] = field(default_factory=set)
    skips: dict[int, Skip] = field(default_factory=dict)
    """Invoice → the reason of its last decision, where that was a skip."""
    looked_at: int = 0

    def meet(self, met: Met) -> None:
        match met.event:
            case InvoiceStatusChanged() as change:
                if self.wanted.lets_through(met, change):
                    self.consider(met, change)
            case ContactAdded() as added:
                self.add(met, added)
            case ContactSkipped(invoice_id=invoice, reason=reason):
                self.skips[invoice] = reason
            case ContactDelivered() | ContactRefused() | ContactWithdrawn() as outcome:
                self.end(outcome)
            case _:
                pass

    def consider(self, met: Met, change: InvoiceStatusChanged) -> None:
        passed = change.passed
        read = self.customers.get(change.partner) if change.partner is not None else None
        now, cause = as_now(change, read), met.id or change.id
        for trigger in self.triggers:
            statuses = trigger.condition.statuses
            if not passed & (statuses & self.wanted.statuses if self.wanted.statuses else statuses):
                continue
            self.looked_at += 1
            candidate = replay.reconsider(self.in_force, trigger, now, self.now, cause=cause)
            # What a draft of a live trigger would do is held against what that one did.
            self.found[change.invoice_id, trigger.draft_of or trigger.id] = Found(
                cause=cause,
                partner=change.partner,
                customer=read.id if read else None,
                trigger=trigger,
                contact=candidate.contact,
                skip=candidate.skip[0] if candidate.skip else None,
                erased=met.erased,
            )

    def add(self, met: Met, added: ContactAdded) -> None:
        self.skips.pop(added.invoice_id, None)
        place = (added.invoice_id, added.trigger)
        self.fired.add(place)
        if not added.contact:
            return  # the person is erased
        email = address.same(added.contact["email"])
        contact = self.contacts.setdefault(email, Contact())
        contact.added_at[added.id] = met.at
        contact.waiting.add(added.id)
        self.sent[added.id] = Sent(
            invoice=added.invoice_id,
            trigger=added.trigger,
            contact=added.contact,
            targets=frozenset(added.targets),
        )

    def end(self, outcome: ContactDelivered | ContactRefused | ContactWithdrawn) -> None:
        """The first step carries the contact and its lists, a second one the automation."""
        if (sent := self.sent.get(outcome.decision)) is None:
            return
        contact = self.contacts[address.same(sent.contact["email"])]
        started = frozenset(one for one in sent.targets if one.startswith("automation:"))
        if isinstance(outcome, ContactDelivered):
            if outcome.step == 1:
                self.delivered[sent.invoice, sent.trigger] = contact.fields = {**contact.fields, **sent.contact}
                contact.barred = None
            contact.targets |= {"contact", *(started if outcome.step == 2 else sent.targets - started)}
            over = not started or outcome.step == 2
        else:
            if outcome.step == 1:
                contact.added_at.pop(outcome.decision, None)
                if isinstance(outcome, ContactWithdrawn) and outcome.reason in BARRED:
                    contact.barred = outcome.reason
            over = True
        if over:
            contact.waiting.discard(outcome.decision)
            del self.sent[outcome.decision]

    def plan(self) -> Plan:
        """After the last event."""
        groups: dict[tuple[UUID, str], list[Place]] = {}
        items: list[Item] = []
        skipped: Counter[str] = Counter()
        for place, found in self.found.items():
            if not self.meant(place):
                continue
            if place[0] in self.void:
                skipped["void"] += 1
            elif found.skip is None and not found.erased:
                groups.setdefault((place[1], address.same(found.contact["email"])), []).append(place)
            elif delivered := self.delivered.get(place):
                items.append(self.gone(place, found, delivered))
            else:
                skipped["erased" if found.erased else str(found.skip)] += 1
        sending: set[str] = set()
        for (_, email), places in groups.items():
            item = self.item(email, places, sending)
            if item.kind in SENDABLE:
                sending.add(email)
            items.append(item)
        items.sort(key=in_order)
        triggers = tuple(trigger.id for trigger in self.triggers)
        return Plan(
            integration=self.in_force.integration,
            triggers=triggers,
            pin=replay.pin(self.in_force, triggers),
            wanted=self.wanted,
            looked_at=self.looked_at,
            items=tuple(replace(item, number=number) for number, item in enumerate(items, start=1)),
            skipped=dict(sorted(skipped.items())),
        )

    def meant(self, place: Place) -> bool:
        return not self.wanted.skips or self.skips.get(place[0]) in self.wanted.skips

    @property
    def partners(self) -> frozenset[int]:
        """The customers of all that is decided: whose entries a plan with the latest data reads again."""
        return frozenset(
            found.partner for place, found in self.found.items() if found.partner is not None and self.meant(place)
        )

    def gone(self, place: Place, found: Found, delivered: Mapping[str, str]) -> Item:
        """Was delivered, and would not be now: by the rules, or since its contact cannot be had any more."""
        kind = Class.NO_LONGER_MATCHED if found.skip in CONDITIONS else Class.BLOCKED
        return Item(
            number=0,
            kind=kind,
            reason="erased" if found.erased else str(found.skip),
            trigger=found.trigger.id,
            invoice=place[0],
            partner=found.partner,
            cause=found.cause,
            invoices=1,
            email=delivered["email"],
            before=delivered,
            after={},
            targets=(),
            resend=False,
            customer=None,
            last=None,
            starts_surveys=False,
        )

    def item(self, email: str, places: list[Place], sending: set[str]) -> Item:
        """What becomes of one contact of one trigger, carried by the newest of its invoices."""
        place = places[-1]
        found, contact = self.found[place], self.contacts.get(email, Contact())
        destination = found.trigger.destination
        missing = tuple(one for one in destination.targets if one not in contact.targets)
        old = next((self.delivered[one] for one in reversed(places) if one in self.delivered), None)
        moved_away = old is not None and address.same(old["email"]) != email and not contact.fields
        before = old if moved_away and old is not None else contact.fields
        changed = any(before.get(name) != value for name, value in found.contact.items())
        if (reason := self.against(email, found, contact, sending)) is not None:
            kind = Class.BLOCKED
        elif moved_away:
            kind = Class.OTHER_ADDRESS
        elif not contact.fields:
            kind = Class.NEW
        else:
            kind = Class.CHANGED if changed or missing else Class.SAME
        return Item(
            number=0,
            kind=kind,
            reason=reason,
            trigger=found.trigger.id,
            invoice=place[0],
            partner=found.partner,
            cause=found.cause,
            invoices=len(places),
            email=found.contact["email"],
            before=before,
            after=found.contact,
            targets=missing or ("contact",),
            resend=place in self.fired,
            customer=found.customer,
            last=contact.last,
            starts_surveys=destination.may_start_survey and bool(missing),
        )

    def against(self, email: str, found: Found, contact: Contact, sending: set[str]) -> str | None:
        """Why a contact that the rules would add must not be touched."""
        if self.blocked(email):
            return Skip.BLOCKED.value
        if contact.barred:
            return contact.barred.value
        if contact.waiting:
            return "waiting"
        if contact.fields and found.trigger.existing == "leave":
            return Withdrawal.EXISTS.value
        days = self.in_force.settings.cool_down_days
        recent = any((self.now - at).days < days for at in contact.added_at.values())
        if days and (recent or email in sending):
            return Skip.COOL_DOWN.value
        return None


def in_order(item: Item) -> tuple[bool, int, int, str]:
    """What can be sent first; the oldest invoice first, as far as ids tell."""
    return item.kind not in SENDABLE, list(Class).index(item.kind), item.invoice, str(item.trigger)
