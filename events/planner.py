"""Decides the past by today's rules, and compares with what was really delivered: what a replay would come to."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from uuid import UUID

from events import address, replay
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
from events.customer import CustomerRead, as_now
from events.history import Contact, History, Place
from events.integration import Rules, Trigger
from events.invoice import InvoiceStatusChanged, Order
from events.plan import SENDABLE, Class, Item, Plan, Wanted, numbered
from events.proof import Met
from events.reconcile import ContactChecked

CONDITIONS = frozenset({Skip.TYPE, Skip.OFFER, Skip.NOT_POSITIVE, Skip.FILTERED})
"""Skips that say that the invoice is not meant, rather than that its contact cannot be had."""
ByTrigger = tuple[UUID, str]
"""A trigger, and an address in the form in which spellings are equal."""


@dataclass(slots=True)
class Found:
    """What one change would come to by one trigger."""

    invoice: int
    trigger: Trigger
    cause: UUID
    order: Order
    """Where the change belongs among others."""
    partner: int | None
    customer: UUID | None
    contact: Mapping[str, str]
    skip: Skip | None
    erased: bool

    @property
    def place(self) -> Place:
        """What a draft of a live trigger would do is held against what that one did."""
        return self.invoice, self.trigger.draft_of or self.trigger.id


@dataclass(frozen=True, slots=True, kw_only=True)
class Decider:
    """Says what each change would come to by itself, whatever happened before or after it."""

    in_force: Rules
    triggers: tuple[Trigger, ...]
    wanted: Wanted
    now: datetime
    customers: Mapping[int, CustomerRead]

    def decide(self, met: Met) -> Iterator[Found]:
        change = met.event
        if not isinstance(change, InvoiceStatusChanged) or not self.wanted.lets_through(met, change):
            return
        passed = change.passed
        read = self.customers.get(change.partner) if change.partner is not None else None
        now, cause = as_now(change, read), met.id or change.id
        for trigger in self.triggers:
            statuses = trigger.condition.statuses
            if not passed & (statuses & self.wanted.statuses if self.wanted.statuses else statuses):
                continue
            candidate = replay.reconsider(self.in_force, trigger, now, self.now, cause=cause)
            yield Found(
                invoice=change.invoice_id,
                trigger=trigger,
                cause=cause,
                order=change.happened(met.at, met.position),
                partner=change.partner,
                customer=read.id if read else None,
                contact=candidate.contact,
                skip=candidate.skip[0] if candidate.skip else None,
                erased=met.erased,
            )


@dataclass(slots=True)
class Planner:
    """Meets an integration's invoice events in order, from the first; then says what a replay would come to.

    Changes that reach no status of a trigger may be left out: nothing follows from them. What changes come to and what
    was decided and sent are held against each other in the end only: either may be met before the other.
    """

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
    causes: Mapping[UUID, Order] = field(default_factory=dict)
    """Change → where it belongs, of those that led to contacts, whether they are met or not."""
    found: dict[Place, Found] = field(default_factory=dict)
    history: History = field(init=False)
    looked_at: int = 0
    decider: Decider = field(init=False)

    def __post_init__(self) -> None:
        self.in_force = replay.ageless(self.in_force)
        self.history = History(causes=self.causes)
        self.decider = Decider(
            in_force=self.in_force,
            triggers=self.triggers,
            wanted=self.wanted,
            now=self.now,
            customers=self.customers,
        )

    def meet(self, met: Met) -> None:
        match met.event:
            case InvoiceStatusChanged():
                self.note(self.decider.decide(met))
            case ContactAdded() as added:
                self.history.add(met, added)
            case ContactSkipped() as skipped:
                self.history.skip(skipped)
            case ContactUnlisted() as unlisted:
                self.history.take_off(unlisted)
            case ContactDelivered() | ContactRefused() | ContactWithdrawn() as outcome:
                self.history.end(outcome)
            case ContactChecked() as checked:
                self.history.check(checked)
            case _:
                pass

    def note(self, decided: Iterable[Found]) -> None:
        """What changes come to, as they were recorded: of each place the last counts."""
        for found in decided:
            self.looked_at += 1
            self.found[found.place] = found

    def anew(self, customers: Mapping[int, CustomerRead]) -> Planner:
        """One that has met the same, but for the changes: they are to be decided in the light of *customers*."""
        other = replace(self, customers=customers, found={}, looked_at=0)
        other.history = self.history
        return other

    def plan(self) -> Plan:
        """After the last event."""
        groups, gone, invalid, skipped = self.sorted_out()
        items = [self.without(places) for places in invalid.values()]
        stale: dict[Place, Item] = {}
        for (_, _, reason), places in gone.items():
            items.append(item := self.gone(places, reason))
            if item.kind is Class.NO_LONGER_MATCHED:
                stale |= dict.fromkeys(places, item)
        sending: dict[str, Sending] = {}
        for (_, email), places in groups.items():
            items.append(item := self.item(email, places, sending))
            if item.kind is Class.OTHER_ADDRESS:
                stale |= dict.fromkeys(places, item)
        items += self.taken_off(stale, frozenset(self.wanted_on(groups)))
        triggers = tuple(trigger.id for trigger in self.triggers)
        return Plan(
            integration=self.in_force.integration,
            triggers=triggers,
            pin=replay.pin(self.in_force, triggers),
            wanted=self.wanted,
            looked_at=self.looked_at,
            items=numbered(items),
            skipped=dict(sorted(skipped.items())),
        )

    def sorted_out(
        self,
    ) -> tuple[
        dict[ByTrigger, list[Place]],
        dict[tuple[UUID, str, str], list[Place]],
        dict[tuple[UUID, int | None, str], list[Place]],
        Counter[str],
    ]:
        """Who is to be added, by trigger and address; who was, and is no more, by reason too; whose address is none,
        by customer since it tells nobody apart; and what is skipped. The newest place comes last."""
        groups: dict[ByTrigger, list[Place]] = {}
        invalid: dict[tuple[UUID, int | None, str], list[Place]] = {}
        gone: dict[tuple[UUID, str, str], list[Place]] = {}
        skipped: Counter[str] = Counter()
        for place, found in sorted(self.found.items(), key=lambda each: each[1].order):
            if not self.meant(place):
                continue
            if place[0] in self.void:
                skipped["void"] += 1
            elif found.skip is None and not found.erased:
                groups.setdefault((place[1], address.same(found.contact["email"])), []).append(place)
            elif delivered := self.history.delivered.get(place):
                reason = "erased" if found.erased else str(found.skip)
                gone.setdefault((place[1], address.same(delivered["email"]), reason), []).append(place)
            elif found.skip is Skip.INVALID_EMAIL and not found.erased:
                invalid.setdefault((place[1], found.partner, found.contact["email"]), []).append(place)
            else:
                skipped["erased" if found.erased else str(found.skip)] += 1
        return groups, gone, invalid, skipped

    def meant(self, place: Place) -> bool:
        return not self.wanted.skips or not self.history.skipped_for(place).isdisjoint(self.wanted.skips)

    @property
    def partners(self) -> frozenset[int]:
        """The customers of all that is decided: whose entries a plan with the latest data reads again."""
        return frozenset(
            found.partner for place, found in self.found.items() if found.partner is not None and self.meant(place)
        )

    def without(self, places: Sequence[Place]) -> Item:
        """Would be added, had it an address that can be one."""
        email = self.found[places[-1]].contact["email"]
        return self.unsent(places, Class.BLOCKED, Skip.INVALID_EMAIL.value, email=email, before={})

    def gone(self, places: Sequence[Place], reason: str) -> Item:
        """Was delivered, and would not be now: by the rules, or since its contact cannot be had any more."""
        place = places[-1]
        delivered = self.history.delivered[place]
        kind = Class.NO_LONGER_MATCHED if self.found[place].skip in CONDITIONS else Class.BLOCKED
        return self.unsent(places, kind, reason, email=delivered["email"], before=delivered)

    def unsent(
        self, places: Sequence[Place], kind: Class, reason: str, *, email: str, before: Mapping[str, str]
    ) -> Item:
        place = places[-1]
        found = self.found[place]
        return Item(
            number=0,
            kind=kind,
            reason=reason,
            trigger=found.trigger.id,
            invoice=place[0],
            partner=found.partner,
            cause=found.cause,
            others=tuple(invoice for invoice, _ in places[:-1]),
            email=email,
            before=before,
            before_of=found.partner,
            after={},
            targets=(),
            resend=False,
            customer=None,
            last=None,
            starts_surveys=False,
        )

    def item(self, email: str, places: list[Place], sending: dict[str, Sending]) -> Item:
        """What becomes of one contact of one trigger, carried by the newest of its invoices.

        *sending* is what earlier items of the plan send already, by address.
        """
        place = places[-1]
        found, contact = self.found[place], self.history.contact(email)
        before = contact.by_trigger.get(place[1], contact.fields)
        old = next((one for each in reversed(places) if (one := self.history.delivered.get(each))), None)
        moved_away = old is not None and address.same(old["email"]) != email and not contact.fields
        if moved_away and old is not None:
            before = old
        already = sending.get(email)
        missing = self.missing(found.trigger, contact, already)
        changed = any(before.get(name) != value for name, value in found.contact.items())
        reason = next(self.against(email, found, contact, changed=changed, already=already), None)
        if reason in OF_SENDING and contact.fields and not (moved_away or changed or missing):
            reason = None  # nothing would be sent anyhow
        if reason is not None:
            kind = Class.BLOCKED
        elif already and not missing:
            kind = Class.SAME
        elif moved_away:
            kind = Class.OTHER_ADDRESS
        elif not contact.fields:
            kind = Class.NEW
        else:
            kind = Class.CHANGED if changed or missing else Class.SAME
        if kind in SENDABLE:
            sending[email] = Sending(found.contact, (already.targets if already else frozenset()) | {*missing})
        return Item(
            number=0,
            kind=kind,
            reason=reason,
            trigger=found.trigger.id,
            invoice=place[0],
            partner=found.partner,
            cause=found.cause,
            others=tuple(invoice for invoice, _ in places[:-1]),
            email=found.contact["email"],
            before=before,
            before_of=found.partner if moved_away else contact.partner,
            after=found.contact,
            targets=missing or ("contact",),
            resend=place in self.history.fired,
            customer=found.customer,
            last=contact.last,
            starts_surveys=found.trigger.destination.may_start_survey and bool(missing),
        )

    def wanted_on(self, groups: Mapping[ByTrigger, Sequence[Place]]) -> Iterator[tuple[str, str]]:
        """(address, target) that the rules lead to: also where nobody was added, since the contact was there."""
        for (_, email), places in groups.items():
            for place in places:
                yield from ((email, target) for target in self.found[place].trigger.destination.targets)

    def taken_off(self, stale: Mapping[Place, Item], wanted: Collection[tuple[str, str]]) -> Iterator[Item]:
        """Who was delivered for places that lead elsewhere by now, or nowhere: of what nothing else has put it on, and
        none of *wanted*.
        """
        delivered = {place: one["email"] for place in stale if (one := self.history.delivered.get(place))}
        for email in dict.fromkeys(map(address.same, delivered.values())):
            contact = self.history.contact(email)
            if contact.waiting or contact.barred or not contact.fields:
                continue
            lists: dict[UUID, list[str]] = {}
            for target, holders in contact.holders.items():
                if (
                    (email, target) not in wanted
                    and holders
                    and all(address.same(delivered.get(place, "")) == email for place in holders.values())
                ):
                    lists.setdefault(next(reversed(holders)), []).append(target)
            for decision, targets in lists.items():
                item = stale[contact.holders[targets[0]][decision]]
                known = contact.fields["email"]
                yield replace(
                    item,
                    kind=Class.TAKE_OFF,
                    reason=None,
                    others=(),
                    email=known,
                    before=contact.fields if contact.partner == item.partner else {"email": known},
                    before_of=item.partner,
                    after={},
                    targets=tuple(targets),
                    resend=False,
                    customer=None,
                    last=contact.last,
                    starts_surveys=False,
                    takes_back=decision,
                )

    def missing(self, trigger: Trigger, contact: Contact, already: Sending | None) -> tuple[str, ...]:
        """What of the destination the contact is not on, and will not be by an earlier item."""
        on = contact.targets | (already.targets if already else frozenset())
        if already:
            on.add("contact")
        return tuple(one for one in trigger.destination.targets if one not in on)

    def against(
        self, email: str, found: Found, contact: Contact, *, changed: bool, already: Sending | None
    ) -> Iterator[str]:
        """Each reason why a contact that the rules would add must not be touched."""
        if self.blocked(email):
            yield Skip.BLOCKED.value
        yield from contact.against
        if contact.fields and found.trigger.existing == "leave":
            yield Withdrawal.EXISTS.value
        if contact.fields and changed and contact.newest > found.order:
            yield "newer_sent"
        if already and already.contact != found.contact:
            yield "other_trigger"
        days = self.in_force.settings.cool_down_days
        recent = any((self.now - at).days < days for at in contact.added_at.values())
        if days and (recent or already):
            yield Skip.COOL_DOWN.value


OF_SENDING = frozenset({Skip.BLOCKED.value, Withdrawal.EXISTS.value, Skip.COOL_DOWN.value})
"""Reasons that say nothing about somebody to whom nothing is to be sent."""


@dataclass(frozen=True, slots=True)
class Sending:
    """What a plan sends to an address so far."""

    contact: Mapping[str, str]
    targets: frozenset[str]
