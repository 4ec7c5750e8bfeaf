"""What undoing a replay comes to: whom it has put on which list, and what of it cannot be taken back."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from uuid import UUID

from events.contact import (
    ContactAdded,
    ContactDelivered,
    ContactRefused,
    ContactUnlisted,
    ContactWithdrawn,
)
from events.history import History
from events.plan import Class, Item, Plan, Wanted, numbered
from events.proof import Met
from events.reconcile import ContactChecked
from events.unlisting import Fate


@dataclass(slots=True)
class Put:
    """One decision of the replay, and what it met in Trustmary as far as the log knows."""

    added: ContactAdded
    fate: Fate
    arrived: bool = False
    started: bool = False
    """Its automation."""
    before: Mapping[str, str] = field(default_factory=dict)
    """The contact's fields just before it arrived; empty where it was new."""
    before_of: int | None = None
    """The customer whom they name."""


@dataclass(slots=True)
class Undoing:
    """Meets an integration's invoice events in order, from the first; then says what undoing *replay* would come to."""

    integration: UUID
    replay: UUID
    upto: int
    history: History = field(default_factory=History)
    put: dict[UUID, Put] = field(default_factory=dict)
    unlisted: dict[UUID, Put] = field(default_factory=dict)
    """Decision to take off → what it takes back."""
    erased: int = 0

    def meet(self, met: Met) -> None:
        match met.event:
            case ContactAdded() as added:
                self.history.add(met, added)
                if added.replay == self.replay:
                    self.note(added)
            case ContactUnlisted() as unlisted:
                self.history.take_off(unlisted)
                self.follow(unlisted)
            case ContactChecked() as checked:
                self.history.check(checked)
            case ContactDelivered() | ContactRefused() | ContactWithdrawn() as outcome:
                self.arrive(outcome)
                self.history.end(outcome)
                self.follow(outcome)
            case _:
                pass

    def note(self, added: ContactAdded) -> None:
        if added.contact:
            self.put[added.id] = Put(added, Fate(added))
        else:
            self.erased += 1

    def follow(self, event: ContactUnlisted | ContactDelivered | ContactRefused | ContactWithdrawn) -> None:
        if isinstance(event, ContactUnlisted):
            if one := self.put.get(event.cause):
                self.unlisted[event.id] = one
                one.fate.meet(event)
        elif one := self.put.get(event.decision) or self.unlisted.get(event.decision):
            one.fate.meet(event)

    def arrive(self, outcome: ContactDelivered | ContactRefused | ContactWithdrawn) -> None:
        if not isinstance(outcome, ContactDelivered) or (one := self.put.get(outcome.decision)) is None:
            return
        if outcome.step == 1:
            contact = self.history.contact(one.added.contact["email"])
            one.arrived, one.before, one.before_of = True, contact.fields, contact.partner
        else:
            one.started = True

    @property
    def emails(self) -> frozenset[str]:
        return frozenset(one.added.contact["email"] for one in self.put.values())

    def plan(self, elsewhere: Collection[tuple[str, str]] = ()) -> Plan:
        """After the last event; *elsewhere*: (address, list) where another company has put it too."""
        items: list[Item] = []
        skipped: Counter[str] = Counter(erased=self.erased)
        for one in self.put.values():
            wanted = [f"list:{id}" for id in one.added.lists]
            if one.fate.never_left:
                skipped["not_sent"] += 1
            elif wanted and not one.fate.left(wanted):
                skipped["already_off"] += 1
            else:
                items += self.items(one, elsewhere)
        return Plan(
            integration=self.integration,
            triggers=(),
            pin="",
            wanted=Wanted(upto=self.upto),
            looked_at=len(self.put) + self.erased,
            items=numbered(items),
            skipped={reason: count for reason, count in sorted(skipped.items()) if count},
        )

    def items(self, one: Put, elsewhere: Collection[tuple[str, str]]) -> Iterator[Item]:
        """What it comes to, reason by reason; what it has overwritten stands with the first."""
        told = False
        for kind, reason, targets in self.parts(one, elsewhere):
            yield self.item(one, kind, reason, targets, told=told)
            told = True

    def parts(
        self, one: Put, elsewhere: Collection[tuple[str, str]]
    ) -> Iterator[tuple[Class, str | None, tuple[str, ...]]]:
        email = one.added.contact["email"]
        holders = self.history.contact(email).holders
        waits = one.added.id in self.history.sent and not one.arrived
        left = tuple(f"list:{id}" for id in one.fate.left([f"list:{id}" for id in one.added.lists]))
        held = tuple(target for target in left if holders.get(target, {}).keys() - self.put.keys())
        others = tuple(target for target in left if target not in held and (email, target) in elsewhere)
        if off := tuple(target for target in left if target not in {*held, *others}):
            yield Class.TAKE_OFF, "dropped" if waits else None, off
        if held:
            yield Class.BLOCKED, "held", held
        if others:
            yield Class.BLOCKED, "held_elsewhere", others
        if one.started:
            yield Class.BLOCKED, "automation", (f"automation:{one.added.automation}",)
        if not left and not one.started:
            yield Class.BLOCKED, "dropped" if waits else "only_contact", ("contact",)

    def item(self, one: Put, kind: Class, reason: str | None, targets: tuple[str, ...], *, told: bool) -> Item:
        added = one.added
        contact = self.history.contact(added.contact["email"])
        tells = one.arrived and not told
        return Item(
            number=0,
            kind=kind,
            reason=reason,
            trigger=added.trigger,
            invoice=added.invoice_id,
            partner=added.partner,
            cause=added.cause,
            others=(),
            email=added.contact["email"],
            before=one.before if tells else {},
            before_of=one.before_of if one.before else added.partner,
            after=added.contact if tells else {},
            targets=targets,
            resend=False,
            customer=None,
            last=next((id for id in reversed(contact.added_at) if id not in self.put), None),
            starts_surveys=added.starts_surveys and tells,
            takes_back=added.id if kind is Class.TAKE_OFF else None,
        )
