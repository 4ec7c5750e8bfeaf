"""Facts for tests, with honest defaults."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from events.codec import Event, decode, encode
from events.contact import ContactAdded, ContactSkipped, ContactUnlisted
from events.envelope import identify
from events.integration import Destination, DestinationKind, Rules, Trigger
from events.invoice import InvoiceStatusChanged, Kind
from events.rules import Candidate, Ledger, consider, settle

INTEGRATION = UUID("00000000-0000-4000-8000-000000000001")
TRIGGER = UUID("00000000-0000-4000-8000-000000000002")
OTHER = UUID("00000000-0000-4000-8000-000000000003")
NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
Json = dict[str, Any]


def invoice(**changes: Any) -> Json:
    """A sales invoice of 124 € to a customer in the register."""
    return {
        "id": 8464298,
        "partnerId": 51234,
        "type": "SALES_INVOICE",
        "status": "SENT",
        "invoiceNumber": 10045,
        "invoiceChannel": "EMAIL",
        "language": "FINNISH",
        "date": "2026-03-02",
        "isOffer": False,
        "counterParty": {
            "contactPersonName": "Aino Ääri",
            "email": "aino.aari@kirjakauppa.fi",
            "counterPartyAddress": {"name": "Kirjakauppa Oy", "city": "Jyväskylä"},
        },
        "invoiceSumInfo": [
            {"currency": "EUR", "inAccountingCurrency": True, "excludingVatTotal": 100.0, "invoiceSumTotal": 124.0}
        ],
    } | changes


def customer(**changes: Any) -> Json:
    """A customer whose invoices go to a shared mailbox and whose contact person has an address of her own."""
    return {
        "id": 51234,
        "name": "Kirjakauppa Oy",
        "type": "CUSTOMER",
        "version": "2026-01-15T09:30:00",
        "invoicingInfo": {
            "invoiceChannel": "EMAIL",
            "contactPerson": "Päivi Mäkelä",
            "email": "laskutus@kirjakauppa.fi",
            "language": "SWEDISH",
        },
        "contactPersons": [
            {"id": 1, "name": "Matti Mäki", "email": "matti.maki@kirjakauppa.fi", "phone": "+358 40 111"},
            {"id": 2, "name": "Päivi Mäkelä", "email": "paivi.makela@kirjakauppa.fi", "phone": "+358 40 222"},
        ],
        "registryInfo": {"active": True, "phone": "09 123", "partnerGroups": [{"id": 7, "name": "Avain"}, {"id": 8}]},
    } | changes


def changed(invoice_id: int = 8464298, **changes: Any) -> InvoiceStatusChanged:
    """An invoice that was approved and is now sent."""
    facts: Json = {
        "integration": INTEGRATION,
        "invoice_id": invoice_id,
        "change": 2,
        "before": "NOT_SENT",
        "after": "SENT",
        "kind": Kind.LIVE,
        "version": "2026-03-02T11:59:58",
        "created": "2026-03-01T08:00:00",
        "invoice": invoice(),
        "customer": customer(),
    }
    return InvoiceStatusChanged(**facts | changes)


def contact(id: UUID = TRIGGER, **changes: Any) -> Trigger:
    """Sent invoices, default person, contact only."""
    return replace(Trigger(id=id, name="Lähetetyt"), **changes)


def to_lists(*lists: str, id: UUID = TRIGGER, **changes: Any) -> Trigger:
    return contact(id, destination=Destination(kind=DestinationKind.LISTS, lists=lists), **changes)


def again(event: Event) -> Event:
    """Written, and read back."""
    encoded = encode(event)
    return decode(encoded.type, encoded.schema, encoded.data, encoded.personal)


def in_force(*triggers: Trigger, **changes: Any) -> Rules:
    rules = Rules(
        integration=INTEGRATION,
        version=3,
        organization="acme",
        triggers={trigger.id: trigger for trigger in triggers or (contact(),)},
    )
    return replace(rules, **changes)


def key(organization: str, email: str) -> bytes:
    return f"{organization}\n{email.casefold()}".encode()


def considered(rules: Rules, event: InvoiceStatusChanged, at: datetime = NOW) -> list[Candidate]:
    return list(consider(rules, event, at))


def decided(
    rules: Rules, event: InvoiceStatusChanged, *, ledger: Ledger | None = None, at: datetime = NOW
) -> list[ContactAdded | ContactSkipped]:
    used = ledger or Ledger(key=key)
    return [settle(found, used) for found in considered(rules, event, at)]


def said(decisions: list[ContactAdded | ContactSkipped]) -> list[str]:
    """`added` or the reason, one word a decision."""
    return ["added" if isinstance(one, ContactAdded) else one.reason.value for one in decisions]


def outcome(trigger: Trigger, event: InvoiceStatusChanged | None = None, **rules: Any) -> str:
    (word,) = said(decided(in_force(trigger, **rules), event or changed()))
    return word


def email_of(trigger: Trigger, event: InvoiceStatusChanged) -> Mapping[str, str]:
    (one,) = decided(in_force(trigger), event)
    assert isinstance(one, ContactAdded), one
    return one.contact


def to_take_off(added: ContactAdded, *lists: str) -> ContactUnlisted:
    """The decision that whom *added* was to add is to be taken off *lists*, of its lists or all of them."""
    return ContactUnlisted(
        integration=added.integration,
        invoice_id=added.invoice_id,
        partner=added.partner,
        cause=added.id,
        trigger=added.trigger,
        rules_version=1,
        asked_by=identify("asked", added.id),
        replay=identify("replay", added.id),
        contact={"email": added.contact["email"]},
        lists=lists or added.lists,
    )


def to_add(
    integration: UUID,
    invoice: int,
    email: str,
    *,
    lists: tuple[str, ...] = (),
    automation: str | None = None,
    contact: Mapping[str, str] | None = None,
    existing: str = "update",
) -> ContactAdded:
    """The decision that *email* is to be added because of *invoice*."""
    return ContactAdded(
        integration=integration,
        invoice_id=invoice,
        partner=invoice,
        cause=identify("test", integration, invoice),
        trigger=identify("trigger", integration),
        rules_version=1,
        contact={"email": email, "name": "Maija Meikäläinen", "field_invoice": str(invoice), **(contact or {})},
        kind="automation" if automation else "lists" if lists else "contact",
        lists=lists,
        automation=automation,
        existing=existing,
    )
