"""What follows from an invoice's change: per trigger whose status it meets, a contact to be added or why not."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from itertools import chain
from typing import Any
from uuid import UUID

from events import address, mapping, person
from events.brake import Tally
from events.contact import ContactAdded, ContactSkipped, Skip
from events.errors import Refused
from events.integration import Condition, Rules, Trigger
from events.invoice import InvoiceStatusChanged, InvoiceType, Kind, openly_passed

Trace = tuple[Mapping[str, Any], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A trigger that wants to add a contact, before what was added earlier is looked at; or a skip beforehand."""

    integration: UUID
    invoice_id: int
    partner: int | None
    cause: UUID
    """The event's id; of the event itself nothing is kept, so that a batch of them needs little room."""
    rules: Rules
    trigger: Trigger
    at: datetime
    """When the event was recorded."""
    trace: Trace
    contact: Mapping[str, str]
    skip: tuple[Skip, str | None] | None = None
    asked_by: UUID | None = None


@dataclass(slots=True)
class Ledger:
    """What has been used up so far: read for a batch, then kept in step decision by decision."""

    key: Callable[[str, str], bytes]
    """Organization and address → contact key."""
    fired: set[tuple[UUID, int, UUID]] = field(default_factory=set)
    """(integration, invoice, trigger) that added a contact."""
    reached: set[tuple[UUID, int, bytes, str]] = field(default_factory=set)
    """(integration, invoice, contact key, target) that were added."""
    added_at: dict[tuple[UUID, bytes], dict[UUID, datetime]] = field(default_factory=dict)
    """(integration, contact key) → decision → when, of contacts added and not refused, in the order of deciding."""
    blocked: set[tuple[UUID, bytes | str]] = field(default_factory=set)
    """(integration, `@domain` or the key of integration and address, which a change of organization leaves alone)."""

    replays: dict[UUID, UUID] = field(default_factory=dict)
    """Decision → the replay that it belongs to."""
    tallies: dict[UUID, Tally] = field(default_factory=dict)
    """Integration → what it has wanted lately: nothing is decided by it, the brake looks at it afterwards."""

    def note(self, added: ContactAdded, *, key: bytes, at: datetime) -> None:
        """Uses up what *added* uses, for the contact of *key*."""
        self.fired.add((added.integration, added.invoice_id, added.trigger))
        self.reached.update((added.integration, added.invoice_id, key, target) for target in added.targets)
        self.added_at.setdefault((added.integration, key), {})[added.id] = at
        if added.replay:
            self.replays[added.id] = added.replay

    def latest(self, integration: UUID, key: bytes, *, besides: Collection[UUID | None]) -> UUID | None:
        """The newest decision that added the contact of *key* and still counts, *besides* those of some replays."""
        made = self.added_at.get((integration, key), {})
        return next((one for one in reversed(made) if self.replays.get(one) not in besides), None)

    def free(self, decision: UUID) -> None:
        """A contact refused or withdrawn does not count for the cool-down."""
        for times in self.added_at.values():
            times.pop(decision, None)


def consider(
    rules: Rules, event: InvoiceStatusChanged, at: datetime, *, cause: UUID | None = None, asked_by: UUID | None = None
) -> Iterator[Candidate]:
    """One candidate per live trigger whose status the change passed. What was not seen live is never decided here.

    *cause* is the event's id, where it is at hand.
    """
    if event.kind is not Kind.LIVE:
        return
    passed = event.passed
    for trigger in rules.live:
        if passed & trigger.condition.statuses:
            yield candidate(rules, trigger, event, at, cause=cause, asked_by=asked_by)


def concerned(rules: Rules, facts: Mapping[str, Any]) -> bool:
    """Whether `consider` may find a candidate, by what of a change's *facts* stands open in the log."""
    passed = openly_passed(facts)
    return passed is None or any(passed & trigger.condition.statuses for trigger in rules.live)


def candidate(
    rules: Rules,
    trigger: Trigger,
    event: InvoiceStatusChanged,
    at: datetime,
    *,
    cause: UUID | None = None,
    asked_by: UUID | None = None,
) -> Candidate:
    trace: list[Mapping[str, Any]] = []
    contact: dict[str, str] = {}
    skip = next(failures(rules, trigger, event=event, at=at, trace=trace, contact=contact), None)
    return Candidate(
        integration=event.integration,
        invoice_id=event.invoice_id,
        partner=event.partner,
        cause=cause or event.id,
        rules=rules,
        trigger=trigger,
        at=at,
        trace=tuple(trace),
        contact=contact,
        skip=skip,
        asked_by=asked_by,
    )


def failures(
    rules: Rules,
    trigger: Trigger,
    *,
    event: InvoiceStatusChanged,
    at: datetime,
    trace: list[Mapping[str, Any]],
    contact: dict[str, str],
) -> Iterator[tuple[Skip, str | None]]:
    """Yields each reason against adding, in the order people expect; notes every check in *trace*, fills *contact*."""
    oldest = rules.settings.oldest_invoice
    checks = chain(conditions(trigger, event), age(oldest, event, at), register_conditions(trigger, event))
    for check, reason, wanted, seen, ok in checks:
        trace.append({"check": check, "wanted": wanted, "seen": seen, "ok": ok})
        if not ok:
            yield reason, None if seen is None else str(seen)
    choice = person.choose(trigger.mapping.person, event.invoice, event.customer)
    rule, chosen = choice if choice else (None, None)
    contact.update(mapping.fill(trigger.mapping, chosen, event.invoice, event.customer))
    email = contact.get("email")
    found = {"rule": rule, "contact": dict(contact)}
    trace.append({"check": "person", "wanted": list(trigger.mapping.person), "seen": found, "ok": email is not None})
    if email is None:
        yield (Skip.NO_EMAIL if chosen else Skip.NO_CONTACT_PERSON), chosen.name if chosen else None
        return
    try:
        contact["email"] = address.valid(email)
    except Refused as error:
        trace.append({"check": "e-mail valid", "wanted": True, "seen": email, "ok": False})
        yield Skip.INVALID_EMAIL, f"{email}: {error}"
    if not rules.settings.role_addresses and address.is_role(email):
        trace.append({"check": "a person's own address", "wanted": True, "seen": email, "ok": False})
        yield Skip.ROLE_ADDRESS, email


Check = tuple[str, Skip, Any, Any, bool]
"""What is checked, the reason if it fails, what is wanted, what was seen, and whether that is well."""


def conditions(trigger: Trigger, event: InvoiceStatusChanged) -> Iterator[Check]:
    """Each condition that the trigger sets and the invoice alone can meet."""
    wanted, invoice, passed = trigger.condition, event.invoice, event.passed
    yield "status", Skip.FILTERED, sorted(wanted.statuses), sorted(passed), bool(passed & wanted.statuses)
    yield "created after connecting", Skip.BEFORE_CONNECTION, True, event.created, not event.old
    unreadable = event.missing.get("invoice")
    yield "invoice readable", Skip.INVOICE_UNREADABLE, None, unreadable, unreadable is None
    kind = invoice.get("type")
    yield "type", Skip.TYPE, sorted(wanted.types), *within(kind, wanted.types)
    if kind == InvoiceType.SALES_ORDER and not wanted.offers:
        yield "not an offer", Skip.OFFER, False, invoice.get("isOffer"), not invoice.get("isOffer")
    yield from amounts(wanted, total(invoice))
    if wanted.channels:
        yield "channel", Skip.FILTERED, sorted(wanted.channels), *within(invoice.get("invoiceChannel"), wanted.channels)
    if wanted.customers:
        yield "customer", Skip.FILTERED, sorted(wanted.customers), *within(event.partner, wanted.customers)


AGE = "days since the invoice's date"


def age(oldest: int, event: InvoiceStatusChanged, at: datetime) -> Iterator[Check]:
    """By UTC's days. An invoice without a date that reads is none too old: the one of its making is looked at too."""
    if oldest:
        days = days_since(event.invoice.get("date"), at)
        yield AGE, Skip.OLD_INVOICE, f"at most {oldest}", days, days is None or days <= oldest


def days_since(day: object, at: datetime) -> int | None:
    try:
        return (at.astimezone(UTC).date() - date.fromisoformat(day[:10])).days if isinstance(day, str) else None
    except ValueError:
        return None


def amounts(wanted: Condition, amount: Decimal | None) -> Iterator[Check]:
    seen = None if amount is None else str(amount)
    if not wanted.not_positive:
        yield "total above zero", Skip.NOT_POSITIVE, True, seen, amount is not None and amount > 0
    if wanted.minimum is not None:
        enough = amount is not None and amount >= wanted.minimum
        yield "minimum", Skip.FILTERED, str(wanted.minimum), seen, enough
    if wanted.maximum is not None:
        enough = amount is not None and amount <= wanted.maximum
        yield "maximum", Skip.FILTERED, str(wanted.maximum), seen, enough


def register_conditions(trigger: Trigger, event: InvoiceStatusChanged) -> Iterator[Check]:
    """Each condition that may need the customer's register entry; first of all, where one does, that it was read."""
    wanted = trigger.condition
    unreadable = event.missing.get("customer")
    if unreadable and needs_customer(trigger, event):
        yield "customer readable", Skip.CUSTOMER_UNREADABLE, None, unreadable, False
    if wanted.languages:
        yield "language", Skip.FILTERED, sorted(wanted.languages), *within(language(event), wanted.languages)
    if wanted.customer_groups:
        groups, any_of = customer_groups(event), wanted.customer_groups
        yield "customer group", Skip.FILTERED, sorted(any_of), sorted(groups), bool(groups & any_of)


def needs_customer(trigger: Trigger, event: InvoiceStatusChanged) -> bool:
    wanted = trigger.condition
    return (
        bool(wanted.customer_groups)
        or (bool(wanted.languages) and not event.invoice.get("language"))
        or mapping.needs_customer(trigger.mapping, person.FROM_REGISTER)
    )


def within(seen: Any, wanted: frozenset[Any]) -> tuple[Any, bool]:
    return seen, isinstance(seen, (str, int)) and seen in wanted


def language(event: InvoiceStatusChanged) -> Any:
    return event.invoice.get("language") or person.part(event.customer, "invoicingInfo").get("language")


def customer_groups(event: InvoiceStatusChanged) -> frozenset[int]:
    return frozenset(group_names(event))


def group_names(event: InvoiceStatusChanged) -> Mapping[int, str]:
    """Id → name of the customer's groups."""
    groups = entries(person.part(event.customer, "registryInfo"), "partnerGroups")
    return {group["id"]: str(group.get("name", group["id"])) for group in groups if isinstance(group.get("id"), int)}


def total(invoice: Mapping[str, Any]) -> Decimal | None:
    """The total with VAT in the accounting currency; before API 24.08, which has no sums, the rows' without VAT."""
    if sums := entries(invoice, "invoiceSumInfo"):
        return decimal(next((row for row in sums if row.get("inAccountingCurrency")), sums[0]).get("invoiceSumTotal"))
    rows = entries(invoice, "invoiceRows")
    amounts = [(decimal(row.get("quantity")), decimal(row.get("unitPrice"))) for row in rows]
    known = [quantity * price for quantity, price in amounts if quantity is not None and price is not None]
    return sum(known, Decimal(0)) if known else None


def entries(value: Mapping[str, Any], key: str) -> list[Mapping[str, Any]]:
    rows = value.get(key)
    return [row for row in rows if isinstance(row, dict)] if isinstance(rows, list) else []


def decimal(value: object) -> Decimal | None:
    return Decimal(str(value)) if isinstance(value, (int, float)) and not isinstance(value, bool) else None


def settle(found: Candidate, ledger: Ledger) -> ContactAdded | ContactSkipped:
    """The decision: *found* in the light of what was added before. Notes in *ledger* what it uses up."""
    if found.skip:
        return skipped(found, found.skip, found.trace)
    key = ledger.key(found.rules.organization, found.contact["email"])
    fresh = unreached(found, ledger, key)
    if refusal := used_up(found, ledger, key=key, fresh=fresh):
        reason, detail = refusal
        return skipped(found, refusal, (*found.trace, {"check": reason.value, "seen": detail, "ok": False}))
    destination = found.trigger.destination
    added = ContactAdded(
        **common(found),
        trace=found.trace,
        contact=found.contact,
        kind=destination.kind.value,
        lists=tuple(name for name in destination.own_lists if f"list:{name}" in fresh),
        automation=destination.started,
        starts_surveys=destination.may_start_survey,
        existing=found.trigger.existing,
    )
    ledger.note(added, key=key, at=found.at)
    return added


def skipped(found: Candidate, refusal: tuple[Skip, str | None], trace: Trace) -> ContactSkipped:
    reason, detail = refusal
    return ContactSkipped(**common(found), trace=trace, reason=reason, detail=detail)


def common(found: Candidate) -> dict[str, Any]:
    return {
        "integration": found.integration,
        "invoice_id": found.invoice_id,
        "partner": found.partner,
        "cause": found.cause,
        "trigger": found.trigger.id,
        "rules_version": found.rules.version,
        "asked_by": found.asked_by,
    }


def unreached(found: Candidate, ledger: Ledger, key: bytes) -> frozenset[str]:
    """What of the trigger's destination this invoice has not added this contact to."""
    targets = found.trigger.destination.targets
    return frozenset(
        [target for target in targets if (found.integration, found.invoice_id, key, target) not in ledger.reached]
    )


def used_up(found: Candidate, ledger: Ledger, *, key: bytes, fresh: frozenset[str]) -> tuple[Skip, str | None] | None:
    """Why what happened before forbids adding now: blocked, added already, or added too recently."""
    if blocked(found, ledger):
        return Skip.BLOCKED, found.contact["email"]
    if not fresh or fired(found, ledger):
        return Skip.ALREADY_ADDED, None
    if latest := cooling(found, ledger, key):
        return Skip.COOL_DOWN, latest.isoformat()
    return None


def fired(found: Candidate, ledger: Ledger) -> bool:
    """Whether the trigger has added somebody for this invoice."""
    return (found.integration, found.invoice_id, found.trigger.id) in ledger.fired


def cooling(found: Candidate, ledger: Ledger, key: bytes) -> datetime | None:
    """When the contact was added last, where that is too recent."""
    days = found.rules.settings.cool_down_days
    times = ledger.added_at.get((found.integration, key)) if days else None
    latest = max(times.values()) if times else None
    return latest if latest is not None and (found.at - latest).days < days else None


def blocked(found: Candidate, ledger: Ledger) -> bool:
    return bool(ledger.blocked) and not ledger.blocked.isdisjoint(blocks(found, ledger))


def blocks(found: Candidate, ledger: Ledger) -> tuple[tuple[UUID, bytes | str], ...]:
    """The entries of the block list that would stop *found*."""
    email, integration = found.contact["email"], found.integration
    return (integration, ledger.key(str(integration), email)), (integration, address.domain(email))
