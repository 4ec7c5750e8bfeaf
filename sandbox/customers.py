"""A company's customer register: what an entry looks like and the kinds of customers there are."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from random import Random
from typing import Any

from sandbox.population import Address, Person, Population, business_id, domain, phone
from sandbox.statuses import Channel


class CustomerKind(StrEnum):
    NAMED_CONTACT = "named_contact"
    """invoicingInfo.contactPerson names one of contactPersons[]."""
    INVOICING_CONTACT = "invoicing_contact"
    """invoicingInfo has contact person and e-mail; contactPersons[] is empty."""
    ONLY_CONTACT = "only_contact"
    """Nothing but one entry in contactPersons[]."""
    SEVERAL_CONTACTS = "several_contacts"
    """Several contactPersons[], none of them named: the invoicing e-mail without a name is left."""
    INVOICING_EMAIL = "invoicing_email"
    SHARED_MAILBOX = "shared_mailbox"
    E_INVOICE = "e_invoice"
    """As NAMED_CONTACT, but the invoice itself carries no e-mail."""
    NO_EMAIL = "no_email"
    INVALID_EMAIL = "invalid_email"
    ONE_OFF = "one_off"
    """Not in the register at all: only the invoice knows contact and e-mail."""


KIND_WEIGHTS: dict[CustomerKind, int] = {
    CustomerKind.NAMED_CONTACT: 30,
    CustomerKind.INVOICING_CONTACT: 14,
    CustomerKind.ONLY_CONTACT: 10,
    CustomerKind.SEVERAL_CONTACTS: 6,
    CustomerKind.INVOICING_EMAIL: 6,
    CustomerKind.SHARED_MAILBOX: 9,
    CustomerKind.E_INVOICE: 10,
    CustomerKind.NO_EMAIL: 7,
    CustomerKind.INVALID_EMAIL: 3,
    CustomerKind.ONE_OFF: 5,
}

_SHARED = ("laskutus", "laskut", "ostoreskontra", "ostolaskut", "talous", "invoice", "kirjanpito")
_BROKEN = ("ei sähköpostia", "maija.meikäläinen@", "n/a", "matti@@esimerkki-oy.fi", "pekka esimerkki-oy.fi")
_GROUPS = ((5, "Avainasiakkaat"), (6, "Pienasiakkaat"), (7, "Kuntasektori"))
_LANGUAGES = ("FINNISH", "FINNISH", "FINNISH", "FINNISH", "SWEDISH", "ENGLISH")


@dataclass(slots=True, kw_only=True)
class Contact:
    id: int
    name: str
    email: str
    phone: str


@dataclass(slots=True, kw_only=True)
class Customer:
    id: int
    kind: CustomerKind
    name: str
    number: str
    identifier: str
    address: Address
    phone: str
    channel: Channel
    language: str
    group: tuple[int, str]
    version: str
    type: str = "CUSTOMER"
    active: bool = True
    is_regular: bool = True
    """The world's own invoices may go there."""
    email: str = ""
    contact_person: str = ""
    contacts: list[Contact] = field(default_factory=list)

    @property
    def registered(self) -> bool:
        return self.kind is not CustomerKind.ONE_OFF

    @property
    def written_address(self) -> dict[str, Any]:
        return {
            "name": self.name,
            "specifier": None,
            "street": self.address.street,
            "zip": self.address.zip,
            "city": self.address.city,
            "country": "FINLAND",
            "subdivision": None,
        }

    def entry(self) -> dict[str, Any]:
        """The register entry as `GET /businesspartners/{id}` gives it."""
        return {
            "id": self.id,
            "name": self.name,
            "type": self.type,
            "address": self.written_address,
            "billingAddress": self.written_address,
            "deliveryAddress": self.written_address,
            "invoicingInfo": self._invoicing(),
            "attachments": [],
            "contactPersons": [_written(contact) for contact in self.contacts],
            "additionalInfo": {"group": self.group[1], "webAddress": None, "sector": None, "comments1": None},
            "paymentInfo": {"paymentMethod": "BANK_TRANSFER", "paymentTermDays": "14", "currency": "EUR"},
            "registryInfo": self._registry(),
            "version": self.version,
        }

    def row(self) -> dict[str, Any]:
        """The thin item of the register's list."""
        return {
            "id": self.id,
            "name": self.name,
            "type": self.type,
            "version": self.version,
            "billingAddress": self.written_address,
            "invoicingInfo": {
                "customerNumber": self.number,
                "identifier": self.identifier,
                "identifierType": "FI",
            },
            "registryInfo": {"active": self.active},
        }

    def _invoicing(self) -> dict[str, Any]:
        return {
            "customerNumber": self.number,
            "identifier": self.identifier,
            "identifierType": "FI",
            "ovt": f"0037{self.identifier.replace('-', '')}",
            "invoiceChannel": self.channel,
            "contactPerson": self.contact_person or None,
            "language": self.language,
            "email": self.email or None,
            "bccAddresses": [],
            "denyEinvoiceReminders": False,
            "orderReference": None,
            "einvoiceAddress": None,
            "einvoiceOperator": None,
        }

    def _registry(self) -> dict[str, Any]:
        return {
            "active": self.active,
            "phone": self.phone,
            "mobilePhone": self.phone,
            "homeMunicipality": self.address.city,
            "reportGroup": None,
            "partnerGroups": [{"id": self.group[0], "name": self.group[1], "type": "CUSTOMER", "active": True}],
        }


def contact_from(number: int, given: dict[str, Any]) -> Contact:
    """A contact from a caller's `name`, `email` and `phone`."""
    name, email, called = (str(given.get(word) or "") for word in ("name", "email", "phone"))
    return Contact(id=number, name=name, email=email, phone=called)


def _written(contact: Contact) -> dict[str, Any]:
    return {
        "id": contact.id,
        "name": contact.name,
        "email": contact.email or None,
        "phone": contact.phone or None,
    }


def draw_kind(rng: Random) -> CustomerKind:
    return rng.choices(list(KIND_WEIGHTS), weights=list(KIND_WEIGHTS.values()))[0]


def new_customer(number: int, kind: CustomerKind, *, people: Population, rng: Random, version: str) -> Customer:
    """A customer of *kind*; *number* is its id and, for its domain, its difference from every other customer."""
    firm = people.firm(rng)
    customer = Customer(
        id=number,
        kind=kind,
        name=firm[:80],
        number=str(100_000 + number % 100_000),
        identifier=business_id(rng),
        address=people.address(rng),
        phone=phone(rng),
        channel=rng.choice((Channel.EMAIL, Channel.EMAIL, Channel.MAIL, Channel.ELECTRONIC_INVOICE)),
        language=rng.choice(_LANGUAGES),
        group=rng.choice(_GROUPS),
        version=version,
    )
    _introduce(customer, people=people, rng=rng)
    return customer


def _introduce(customer: Customer, *, people: Population, rng: Random) -> None:
    """Give *customer* the contacts of its kind."""
    kind, home = customer.kind, domain(customer.name, customer.id)
    persons = people.crowd(rng, 3)
    own, name = f"{persons[0].mailbox}@{home}", persons[0].name
    perhaps = rng.choice(("", name))
    invoicing: dict[CustomerKind, tuple[str, str]] = {
        CustomerKind.NAMED_CONTACT: (name, rng.choice((f"laskutus@{home}", own))),
        CustomerKind.E_INVOICE: (name, rng.choice((f"laskutus@{home}", own))),
        CustomerKind.INVOICING_CONTACT: (name, own),
        CustomerKind.ONE_OFF: (name, own),
        CustomerKind.SEVERAL_CONTACTS: ("", f"tilaukset@{home}"),
        CustomerKind.INVOICING_EMAIL: ("", f"asiakas@{home}"),
        CustomerKind.SHARED_MAILBOX: (perhaps, f"{rng.choice(_SHARED)}@{home}"),
        CustomerKind.NO_EMAIL: (perhaps, ""),
        CustomerKind.INVALID_EMAIL: (name, rng.choice(_BROKEN)),
    }
    crowd = rng.choice((1, 1, 2, 3))
    sizes = {
        CustomerKind.NAMED_CONTACT: crowd,
        CustomerKind.E_INVOICE: crowd,
        CustomerKind.ONLY_CONTACT: 1,
        CustomerKind.SEVERAL_CONTACTS: 3,
    }
    customer.contact_person, customer.email = invoicing.get(kind, ("", ""))
    known = persons[: sizes.get(kind, 0)]
    customer.contacts = [_contact(customer, person, place, home) for place, person in enumerate(known)]
    if kind is CustomerKind.E_INVOICE:
        customer.channel = Channel.ELECTRONIC_INVOICE


def _contact(customer: Customer, person: Person, place: int, home: str) -> Contact:
    """Entry number *place*; the place keeps namesakes in one firm apart."""
    mailbox = person.mailbox + (str(place) if place else "")
    return Contact(
        id=customer.id * 10 + place,
        name=person.name,
        email=f"{mailbox}@{home}",
        phone=customer.phone,
    )
