"""What a replay would come to, contact by contact, and what sending it would take."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

import orjson

from events import replay
from events.invoice import InvoiceStatusChanged
from events.proof import Met
from events.replay import Ask


class Class(StrEnum):
    """What a replay means for one contact."""

    NEW = "new"
    """Was never delivered."""
    CHANGED = "changed"
    """Was delivered, with other fields or to less than the destination names."""
    OTHER_ADDRESS = "other_address"
    """The invoice's contact was delivered under another address."""
    TAKE_OFF = "take_off"
    """Is to be taken off lists: by an undoing, or where old addresses are to be removed."""
    SAME = "same"
    NO_LONGER_MATCHED = "no_longer_matched"
    """Was delivered; today's rules would not."""
    BLOCKED = "blocked"
    """Would be added, and must not be: see the reason."""


SENDABLE = frozenset({Class.NEW, Class.CHANGED, Class.OTHER_ADDRESS})


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which of the past is decided again; empty filters let everything through."""

    upto: int
    """The last position that is looked at; the window ends here at the latest."""
    after: int = 0
    """The position before the window's first."""
    since: datetime | None = None
    """Recorded then or later."""
    until: datetime | None = None
    """Recorded before then."""
    dated_from: date | None = None
    """Invoice date, Procountor's, inclusive."""
    dated_to: date | None = None
    triggers: frozenset[UUID] = frozenset()
    statuses: frozenset[str] = frozenset()
    customers: frozenset[int] = frozenset()
    invoices: frozenset[int] = frozenset()
    """By Procountor's id, or by number as people know it."""
    skips: frozenset[str] = frozenset()
    """Only invoices whose last decision was a skip for one of these reasons."""
    latest: bool = False
    """With the customers as they are now, instead of as they were seen."""

    def lets_through(self, met: Met, change: InvoiceStatusChanged) -> bool:
        return (
            self.after < met.position <= self.upto
            and (self.since is None or met.at >= self.since)
            and (self.until is None or met.at < self.until)
            and (not self.customers or change.partner in self.customers)
            and (not self.invoices or not self.invoices.isdisjoint({change.invoice_id, change.number}))
            and self.dated(change.invoice.get("date"))
        )

    def dated(self, written: Any) -> bool:
        if self.dated_from is None and self.dated_to is None:
            return True
        if not isinstance(written, str):
            return False
        day = written[:10]
        return (self.dated_from is None or day >= self.dated_from.isoformat()) and (
            self.dated_to is None or day <= self.dated_to.isoformat()
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One contact of one trigger, with the newest of its invoices in the window."""

    number: int
    kind: Class
    reason: str | None
    """Why it is blocked, or no longer matched."""
    trigger: UUID
    invoice: int
    partner: int | None
    cause: UUID
    others: tuple[int, ...]
    """The other invoices in the window that lead to this contact: what becomes of it settles them too."""
    email: str
    before: Mapping[str, str]
    """What was delivered, of this contact or under the old address; empty where nothing was."""
    before_of: int | None
    """The customer whom that names."""
    after: Mapping[str, str]
    """What would be sent; empty where nothing would."""
    targets: tuple[str, ...]
    """What it would still be added to."""
    resend: bool
    customer: UUID | None
    """The CustomerRead in whose light it is decided; None: as the change has it."""
    last: UUID | None
    starts_surveys: bool
    takes_back: UUID | None = None
    """The decision that put the contact on the lists that it is taken off."""

    @property
    def invoices(self) -> int:
        """How many in the window lead to this contact."""
        return 1 + len(self.others)

    @property
    def ask(self) -> Ask:
        return Ask(
            number=self.number,
            cause=self.cause,
            trigger=self.trigger,
            targets=self.targets,
            resend=self.resend,
            customer=self.customer,
            last=self.last,
            takes_back=self.takes_back,
        )

    @property
    def differences(self) -> dict[str, tuple[str | None, str]]:
        """Field → what was delivered, what would be sent."""
        return {
            name: (self.before.get(name), value) for name, value in self.after.items() if self.before.get(name) != value
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """The result, the same for the same log, rules and wishes."""

    integration: UUID
    triggers: tuple[UUID, ...]
    pin: str
    """Of the rules it was made with: see `events.replay.pin`."""
    wanted: Wanted
    looked_at: int
    """Changes in the window that reach a status that one of the triggers names."""
    items: tuple[Item, ...]
    skipped: Mapping[str, int]
    """Skip reason → invoices that were not delivered, and would not be now either; `void` are no invoices any more."""

    @property
    def counts(self) -> Mapping[Class, int]:
        found = Counter(item.kind for item in self.items)
        return {kind: found[kind] for kind in Class}

    @property
    def sendable(self) -> tuple[Item, ...]:
        return tuple(item for item in self.items if item.kind in SENDABLE)

    @property
    def hash(self) -> str:
        """SHA-256 over all of it, hexadecimal."""
        return hashlib.sha256(self.as_json()).hexdigest()

    def as_json(self) -> bytes:
        return orjson.dumps(self, default=replay.canonical, option=orjson.OPT_SORT_KEYS | orjson.OPT_NON_STR_KEYS)


def numbered(items: Iterable[Item]) -> tuple[Item, ...]:
    """What can be sent first; the oldest invoice first, as far as ids tell."""
    return tuple(replace(item, number=number) for number, item in enumerate(sorted(items, key=in_order), start=1))


def in_order(item: Item) -> tuple[bool, int, int, str]:
    return item.kind not in SENDABLE, list(Class).index(item.kind), item.invoice, str(item.trigger)


def held_back(plan: Plan, reasons: Mapping[int, str]) -> Plan:
    """*plan* without sending the items whose numbers have a reason."""
    items = [
        replace(item, kind=Class.BLOCKED, reason=reasons[item.number]) if item.number in reasons else item
        for item in plan.items
    ]
    return replace(plan, items=numbered(items))
