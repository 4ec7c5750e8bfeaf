"""Contact fields from what was seen: an expression each, and nothing empty is sent."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from events.errors import Misconfigured
from events.expression import made_up, value
from events.grammar import PATHS, PERSON, parse, paths, read
from events.integration import FieldMapping, PersonRule
from events.person import Person

Json = Mapping[str, Any]

FIELDS = frozenset({"email", "name", "eid", "phone", "company"})
CUSTOM = re.compile(r"field_[A-Za-z0-9_.-]{1,100}")


def check(mapping: FieldMapping) -> None:
    """Raises Misconfigured where a field or expression of *mapping* cannot work."""
    if "email" not in mapping.fields:
        raise Misconfigured("the mapping has no e-mail: map `email`, for example to person.email")
    for name, written in mapping.fields.items():
        if name not in FIELDS and not CUSTOM.fullmatch(name):
            raise Misconfigured(
                f"Trustmary has no contact field {name!r}: "
                f"use {', '.join(sorted(FIELDS))} or a custom field, field_NAME"
            )
        check_expression(name, written)
    if not mapping.person and used(mapping) & PERSON:
        raise Misconfigured(f"no rule chooses a person: name at least one of {', '.join(PersonRule)}")


def check_expression(name: str, written: str) -> None:
    try:
        expression = parse(written)
    except Misconfigured as error:
        raise Misconfigured(f"{name} is mapped to {written!r}: {error}") from error
    if not paths(written):
        raise Misconfigured(f"{name} is mapped to {written!r}, the same for everybody: use a path in it, {PATHS}")
    if name == "email" and made_up(expression):
        raise Misconfigured(
            f"email is mapped to {written!r}, which may make up an address: take it as it stands somewhere, "
            "by first, only_if, trim and lower over paths alone"
        )


def used(mapping: FieldMapping) -> frozenset[str]:
    """Every path that *mapping* looks at."""
    return frozenset().union(*map(paths, mapping.fields.values()))


def needs_customer(mapping: FieldMapping, from_register: frozenset[PersonRule]) -> bool:
    """Whether the customer's register entry is needed to fill *mapping*."""
    wanted = used(mapping)
    return any(path.startswith("customer.") for path in wanted) or (
        not wanted.isdisjoint(PERSON) and any(rule in from_register for rule in mapping.person)
    )


def fill(mapping: FieldMapping, person: Person | None, invoice: Json, customer: Json | None) -> dict[str, str]:
    """Contact field → value, for the fields that have one."""
    chosen = {"email": person.email, "name": person.name, "phone": person.phone} if person else {}
    pictures: Json = {"person": chosen, "invoice": invoice, "customer": customer or {}}
    filled = {name: value(read(written), pictures) for name, written in mapping.fields.items()}
    return {name: found for name, found in filled.items() if found is not None}
