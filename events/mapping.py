"""Contact fields from what was seen: a path each, and nothing empty is sent."""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from events.errors import Misconfigured
from events.integration import FieldMapping, PersonRule
from events.person import Person, text

Json = Mapping[str, Any]

FIELDS = frozenset({"email", "name", "eid", "phone", "company"})
CUSTOM = re.compile(r"field_[A-Za-z0-9_.-]{1,100}")
PERSON = frozenset({"person.email", "person.name", "person.phone"})
PATH = re.compile(r"(invoice|customer)(\.[A-Za-z0-9]+)+")


def check(mapping: FieldMapping) -> None:
    """Raises Misconfigured where a field or path of *mapping* cannot work."""
    if "email" not in mapping.fields:
        raise Misconfigured("the mapping has no e-mail: map `email`, for example to person.email")
    for name, path in mapping.fields.items():
        if name not in FIELDS and not CUSTOM.fullmatch(name):
            raise Misconfigured(
                f"Trustmary has no contact field {name!r}: "
                f"use {', '.join(sorted(FIELDS))} or a custom field, field_NAME"
            )
        if path not in PERSON and not PATH.fullmatch(path):
            raise Misconfigured(
                f"{name} is mapped to {path!r}: use person.email, person.name, person.phone, invoice.… or customer.…"
            )
    if not mapping.person and any(path in PERSON for path in mapping.fields.values()):
        raise Misconfigured(f"no rule chooses a person: name at least one of {', '.join(PersonRule)}")


def needs_customer(mapping: FieldMapping, from_register: frozenset[PersonRule]) -> bool:
    """Whether the customer's register entry is needed to fill *mapping*."""
    paths = mapping.fields.values()
    return any(path.startswith("customer.") for path in paths) or (
        any(path in PERSON for path in paths) and any(rule in from_register for rule in mapping.person)
    )


def fill(mapping: FieldMapping, person: Person | None, invoice: Json, customer: Json | None) -> dict[str, str]:
    """Contact field → value, for the fields that have one."""
    chosen = {"email": person.email, "name": person.name, "phone": person.phone} if person else {}
    pictures: Json = {"person": chosen, "invoice": invoice, "customer": customer or {}}
    filled = {name: as_text(look_up(pictures, path)) for name, path in mapping.fields.items()}
    return {name: value for name, value in filled.items() if value is not None}


def look_up(value: Any, path: str) -> Any:
    for step in path.split("."):
        match value:
            case dict():
                value = value.get(step)
            case list() if step.isdecimal() and int(step) < len(value):
                value = value[int(step)]
            case _:
                return None
    return value


def as_text(value: Any) -> str | None:
    match value:
        case bool():
            return "true" if value else "false"
        case int() | Decimal():
            return str(value)
        case float():
            return f"{Decimal(str(value)):f}"
        case _:
            return text(value)
