"""Who of the customer gets the survey: one person, chosen by an ordered rule."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, assert_never

from events.integration import PersonRule

Json = Mapping[str, Any]

FROM_REGISTER = frozenset(PersonRule) - {PersonRule.ONE_OFF, PersonRule.COUNTERPARTY}
"""Rules that need the customer's entry in the register."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """E-mail, name and phone of one and the same person."""

    email: str | None = None
    name: str | None = None
    phone: str | None = None


def choose(order: Sequence[PersonRule], invoice: Json, customer: Json | None) -> tuple[PersonRule, Person] | None:
    """The first person that has an e-mail; where nobody has, the first person at all; None where there is none."""
    first = None
    for rule in order:
        person = find(rule, invoice, customer)
        if person and person.email:
            return rule, person
        if person and not first:
            first = rule, person
    return first


def find(rule: PersonRule, invoice: Json, customer: Json | None) -> Person | None:
    invoicing = part(customer, "invoicingInfo")
    wanted = text(invoicing.get("contactPerson"))
    match rule:
        case PersonRule.NAMED_CONTACT:
            return named(wanted, contact_persons(customer)) if wanted else None
        case PersonRule.INVOICING_CONTACT:
            return Person(email=text(invoicing.get("email")), name=wanted) if wanted else None
        case PersonRule.ONLY_CONTACT:
            contacts = list(contact_persons(customer))
            return contacts[0] if len(contacts) == 1 else None
        case PersonRule.FIRST_CONTACT:
            return next(contact_persons(customer), None)
        case PersonRule.INVOICING_EMAIL:
            email = text(invoicing.get("email"))
            return Person(email=email) if email else None
        case PersonRule.ONE_OFF:
            return counterparty(invoice) if invoice.get("partnerId") is None else None
        case PersonRule.COUNTERPARTY:
            return counterparty(invoice)
        case _:
            assert_never(rule)


def named(name: str, contacts: Iterable[Person]) -> Person | None:
    same = [person for person in contacts if person.name and alike(person.name, name)]
    return next((person for person in same if person.email), same[0] if same else None)


def contact_persons(customer: Json | None) -> Iterator[Person]:
    """The register's contact persons; an entry that says neither name nor e-mail is nobody."""
    entries = customer.get("contactPersons") if customer else None
    if not isinstance(entries, list):
        return
    for entry in entries:
        if isinstance(entry, dict):
            email, name = text(entry.get("email")), text(entry.get("name"))
            if email or name:
                yield Person(email=email, name=name, phone=text(entry.get("phone")))


def counterparty(invoice: Json) -> Person | None:
    entry = part(invoice, "counterParty")
    person = Person(email=text(entry.get("email")), name=text(entry.get("contactPersonName")))
    return person if person.email or person.name else None


def alike(one: str, other: str) -> bool:
    """The same name, whatever its case, its spacing and how its umlauts are encoded."""
    return one == other or plain(one) == plain(other)


def plain(name: str) -> str:
    return " ".join(unicodedata.normalize("NFC", name).split()).casefold()


def part(value: Json | None, key: str) -> Json:
    inner = value.get(key) if value else None
    return inner if isinstance(inner, dict) else {}


def text(value: object) -> str | None:
    """A non-empty text without control characters and outer blanks, or None."""
    if not isinstance(value, str):
        return None
    clean = value if value.isprintable() else "".join(letter if letter.isprintable() else " " for letter in value)
    return clean.strip() or None
