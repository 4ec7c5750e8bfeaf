"""What really happened, kept apart from both APIs, and the sandbox's own judgement of what should have."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sandbox.statuses import InvoiceType, Status

ROLES = frozenset(
    {"laskutus", "laskut", "invoice", "invoices", "info", "ostoreskontra", "ostolaskut", "talous", "kirjanpito"}
    | {"billing", "accounting", "accounts", "ap", "office", "toimisto", "noreply", "no-reply"}
)
BEFORE_SENDING = frozenset({None, Status.EMPTY, Status.UNSAVED, Status.UNFINISHED, Status.NOT_SENT})
PASSING_SENT = frozenset({Status.PAID, Status.PARTLY_PAID})

Picture = tuple[dict[str, Any], dict[str, Any] | None]

_ADDRESS = re.compile(r"[a-z0-9.!#$%&'*+/=?^_`{|}~-]+@([a-z0-9]([a-z0-9-]*[a-z0-9])?\.)+[a-z]{2,}", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    at: datetime
    company: int
    invoice: int
    type: InvoiceType
    before: Status | None
    after: Status
    version: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """A call that took effect in Trustmary, whatever answer the caller saw."""

    at: datetime
    organization: str
    call: str
    """`contact` (an upsert), `automation` (a trigger) or `delete`."""
    email: str
    name: str | None
    lists: list[str]
    fields: dict[str, Any]
    created: bool = False
    removed: list[str] = field(default_factory=list)
    """The lists that the contact was to be taken off."""
    survey_starts: bool = False
    """Whether a survey would have started for a real person."""
    started: list[str] = field(default_factory=list)
    """The surveys and automations that did."""
    segments: dict[str, str] = field(default_factory=dict)
    """List → the segment that its automation was given."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected:
    company: int
    invoice: int
    email: str
    name: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    expected: int
    delivered: int
    duplicated: int
    """Arrivals of an invoice beyond its first that touched a list; a contact merely written again is `repeated`."""
    repeated: int
    lost: int
    unexpected: int
    skipped: dict[str, int]
    lost_invoices: list[int]
    duplicated_invoices: list[int]
    unexpected_invoices: list[str]
    surveys: int


@dataclass(slots=True)
class Books:
    changes: list[Change] = field(default_factory=list)
    arrivals: list[Arrival] = field(default_factory=list)
    expected: dict[int, Expected] = field(default_factory=dict)
    skipped: dict[int, str] = field(default_factory=dict)

    def note(self, change: Change, look: Callable[[], Picture]) -> None:
        """A status changed; *look* gives invoice and register entry as the API would at this moment."""
        self.changes.append(change)
        if change.invoice in self.expected or not fires(change):
            return
        person, reason = judge(*look())
        if reason:
            self.skipped[change.invoice] = reason
            return
        self.skipped.pop(change.invoice, None)
        email, name = person
        self.expected[change.invoice] = Expected(company=change.company, invoice=change.invoice, email=email, name=name)

    def arrive(self, arrival: Arrival) -> None:
        self.arrivals.append(arrival)

    def start_over(self, company: int | None = None) -> None:
        """Expect nothing of what was sent until now (in one *company*): it is connected only from here on."""
        if company is None:
            self.expected.clear()
            self.skipped.clear()
            return
        gone = {change.invoice for change in self.changes if change.company == company}
        self.expected = {number: kept for number, kept in self.expected.items() if number not in gone}
        self.skipped = {number: why for number, why in self.skipped.items() if number not in gone}

    def verdict(self, custom_field: str = "field_invoice") -> Verdict:
        """What should have arrived beside what did, tied together by the invoice id in *custom_field*."""
        right, lists, wrong = self._sorted_arrivals(custom_field)
        doubled = {key: count - 1 for key, count in lists.items() if count > 1}
        delivered = {invoice for _, invoice in right}
        missing = [number for number in self.expected if number not in delivered]
        return Verdict(
            expected=len(self.expected),
            delivered=len(delivered),
            duplicated=sum(doubled.values()),
            repeated=sum(count - 1 for count in right.values()) - sum(doubled.values()),
            lost=len(missing),
            unexpected=len(wrong),
            skipped=dict(Counter(self.skipped.values())),
            lost_invoices=missing,
            duplicated_invoices=sorted({invoice for _, invoice in doubled}),
            unexpected_invoices=wrong,
            surveys=sum(arrival.survey_starts for arrival in self.arrivals),
        )

    def _sorted_arrivals(
        self, custom_field: str
    ) -> tuple[Counter[tuple[str, int]], Counter[tuple[str, int]], list[str]]:
        """Arrivals per (organization, invoice): the right ones, those with a list, and the texts of the wrong ones."""
        right: Counter[tuple[str, int]] = Counter()
        lists: Counter[tuple[str, int]] = Counter()
        wrong: list[str] = []
        for arrival in self.arrivals:
            value = str(arrival.fields.get(custom_field, ""))
            if arrival.call != "contact" or not value:
                continue
            number = invoice_of(value)
            due = self.expected.get(number)
            if due is None or due.email.lower() != arrival.email.lower():
                wrong.append(value)
                continue
            right[arrival.organization, number] += 1
            lists[arrival.organization, number] += bool(arrival.lists)
        return right, lists, wrong


def fires(change: Change) -> bool:
    """Whether *change* reached or passed SENT on a sales invoice."""
    if change.type is not InvoiceType.SALES_INVOICE:
        return False
    return change.after is Status.SENT or (change.after in PASSING_SENT and change.before in BEFORE_SENDING)


def judge(invoice: dict[str, Any], entry: dict[str, Any] | None) -> tuple[tuple[str, str | None], str]:
    """The person to add and "", or nobody in particular and the reason to skip."""
    person = person_of(invoice, entry)
    email = person[0]
    if sum(row["invoiceSumTotal"] for row in invoice["invoiceSumInfo"]) <= 0:
        return person, "not_positive"
    if not email:
        return person, "no_email"
    if not _ADDRESS.fullmatch(email):
        return person, "invalid_email"
    if email.partition("@")[0].lower() in ROLES:
        return person, "role_address"
    return person, ""


def person_of(invoice: dict[str, Any], entry: dict[str, Any] | None) -> tuple[str, str | None]:
    """E-mail and name by the default person rule."""
    if entry is None:
        party = invoice["counterParty"]
        return party.get("email") or "", party.get("contactPersonName") or None
    invoicing, contacts = entry["invoicingInfo"], entry["contactPersons"]
    wanted, email = invoicing.get("contactPerson"), invoicing.get("email")
    for contact in contacts:
        if wanted and contact["name"] == wanted and contact["email"]:
            return contact["email"], contact["name"]
    if wanted and email:
        return email, wanted
    if len(contacts) == 1 and contacts[0]["email"]:
        return contacts[0]["email"], contacts[0]["name"]
    return email or "", None


def invoice_of(value: str) -> int:
    """The invoice id in a custom field: alone, or behind `company/`."""
    tail = value.rpartition("/")[2]
    return int(tail) if tail.isdigit() else -1
