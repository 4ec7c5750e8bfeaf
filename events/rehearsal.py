"""What a trigger would have decided about the past, had it been the only one: folded event by event, kept in counts."""

from __future__ import annotations

from collections import Counter, defaultdict, deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta, tzinfo
from uuid import UUID

from events import address
from events.contact import ContactSkipped, Skip
from events.integration import Rules, Trigger
from events.invoice import InvoiceStatusChanged, Kind
from events.proof import Met, plain_key
from events.rules import Candidate, Ledger, candidate, settle

SAMPLES = 5
CONDITIONS = frozenset({
    Skip.BEFORE_CONNECTION, Skip.INVOICE_UNREADABLE, Skip.TYPE, Skip.OFFER, Skip.NOT_POSITIVE, Skip.FILTERED,
    Skip.CUSTOMER_UNREADABLE,
})  # fmt: skip
"""Reasons that say the invoice is none of the trigger's; all others are about the contact."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """One contact that would have been added."""

    invoice: int
    number: int | None
    at: datetime
    """When the change was recorded."""
    contact: Mapping[str, str]


@dataclass(slots=True, kw_only=True)
class Rehearsal:
    """Follows the past from the first event of a window; the counts are those of so far.

    Every event is one of: `erased`, `unfired` (read while connecting), `unmet` (another status), or met; every one
    that is met is a contact or skipped for one reason.
    """

    rules: Rules
    """The settings in force; its triggers do not count."""
    trigger: Trigger
    zone: tzinfo
    """Weeks begin on Mondays here."""
    ledger: Ledger = field(default_factory=lambda: Ledger(key=plain_key))
    """Who is blocked; what the trigger uses up is added."""
    events: int = 0
    erased: int = 0
    """Their person's key is destroyed: nothing can be decided."""
    unfired: int = 0
    unmet: int = 0
    contacts: int = 0
    skipped: Counter[Skip] = field(default_factory=Counter)
    filled: Counter[str] = field(default_factory=Counter)
    """Contact field → matches that fill it."""
    invalid: int = 0
    roles: int = 0
    """Shared mailboxes, let through or not."""
    invoices: defaultdict[str, set[int]] = field(default_factory=lambda: defaultdict(set))
    """Address → invoices that choose it."""
    weekly: Counter[date] = field(default_factory=Counter)
    """Monday → matches; every week in between has its place in `weeks`."""
    latest: deque[Sample] = field(default_factory=lambda: deque(maxlen=SAMPLES))
    first: datetime | None = None
    last: datetime | None = None

    def follow(self, met: Met) -> None:
        """Decides the next event of the window; anything but an invoice's change is passed over."""
        if not isinstance(met.event, InvoiceStatusChanged):
            return
        self.events += 1
        self.first, self.last = self.first or met.at, met.at
        if met.erased:
            self.erased += 1
        elif met.event.kind is Kind.BASELINE:
            self.unfired += 1
        elif met.event.passed & self.trigger.condition.statuses:
            self.decide(met.event, met.at)
        else:
            self.unmet += 1

    def decide(self, change: InvoiceStatusChanged, at: datetime) -> None:
        found = candidate(self.rules, self.trigger, change, at)
        decision = settle(found, self.ledger)
        if isinstance(decision, ContactSkipped):
            self.skipped[decision.reason] += 1
        else:
            self.contacts += 1
            self.latest.append(sample(change, at, decision.contact))
        if found.skip is None or found.skip[0] not in CONDITIONS:
            self.look_at(found)

    def look_at(self, found: Candidate) -> None:
        """The mapping's part, of an invoice that the condition lets through."""
        self.weekly[monday(found.at, self.zone)] += 1
        self.filled.update(found.contact.keys())
        email = found.contact.get("email")
        if found.skip and found.skip[0] is Skip.INVALID_EMAIL:
            self.invalid += 1
        elif email:
            self.roles += address.is_role(email)
            self.invoices[address.same(email)].add(found.invoice_id)

    @property
    def met(self) -> int:
        return self.contacts + self.skipped.total()

    @property
    def matches(self) -> int:
        """What the condition lets through."""
        return self.weekly.total()

    @property
    def sharing(self) -> tuple[int, int, int]:
        """Persons with more than one invoice, the invoices that they share, and the most of one person."""
        counts = [len(each) for each in self.invoices.values() if len(each) > 1]
        return len(counts), sum(counts), max(counts, default=0)

    @property
    def weeks(self) -> list[tuple[date, int]]:
        """Monday and matches of every week from the first event to the last, those without any too."""
        if self.first is None or self.last is None:
            return []
        start, end = monday(self.first, self.zone), monday(self.last, self.zone)
        mondays = (start + timedelta(weeks=week) for week in range((end - start).days // 7 + 1))
        return [(week, self.weekly[week]) for week in mondays]


def sample(change: InvoiceStatusChanged, at: datetime, contact: Mapping[str, str]) -> Sample:
    number = change.invoice.get("invoiceNumber")
    return Sample(
        invoice=change.invoice_id, number=number if isinstance(number, int) else None, at=at, contact=dict(contact)
    )


def monday(at: datetime, zone: tzinfo) -> date:
    day = at.astimezone(zone).date()
    return day - timedelta(days=day.weekday())


def blocking(integration: UUID, addresses: Iterable[str]) -> Ledger:
    """A ledger in which nothing is used up, and *addresses* (or domains, `@example.fi`) are blocked."""
    entries = {address.same(one) if one.startswith("@") else plain_key(str(integration), one) for one in addresses}
    return Ledger(key=plain_key, blocked={(integration, entry) for entry in entries})
