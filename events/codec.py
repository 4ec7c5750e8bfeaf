"""Event ↔ wire: stable names, versions, and which parts are personal. The one place that knows both sides."""

from __future__ import annotations

import types
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields, is_dataclass
from decimal import Decimal
from enum import StrEnum
from functools import cache
from typing import Any, Union, get_args, get_origin, get_type_hints
from uuid import UUID

import orjson

from events import picture
from events.contact import ContactAdded, ContactDelivered, ContactRefused, ContactSkipped, ContactWithdrawn
from events.errors import Corrupt
from events.integration import (
    AddressBlocked,
    AddressUnblocked,
    Configuration,
    ConnectionBroken,
    ConnectionRestored,
    IntegrationConnected,
    IntegrationPaused,
    IntegrationReconnected,
    IntegrationRemoved,
    IntegrationResumed,
    Rules,
    SettingsSaved,
    Trigger,
    TriggerRemoved,
    TriggerSaved,
)
from events.invoice import InvoiceStatusChanged

Event = (
    InvoiceStatusChanged
    | ContactAdded
    | ContactSkipped
    | ContactDelivered
    | ContactRefused
    | ContactWithdrawn
    | ConnectionBroken
    | ConnectionRestored
    | Configuration
)

PERSONAL: Mapping[type[Event], tuple[str, ...]] = {
    InvoiceStatusChanged: (),  # its pictures are split by their own allow-list
    ContactAdded: ("contact", "trace"),
    ContactSkipped: ("detail", "trace"),
    ContactDelivered: ("answer",),
    ContactRefused: ("answer",),
    ContactWithdrawn: ("detail",),
    ConnectionBroken: ("detail",),
    ConnectionRestored: (),
    IntegrationConnected: ("names", "reason"),
    IntegrationReconnected: ("names", "reason"),
    SettingsSaved: ("reason",),
    TriggerSaved: ("trigger.name", "trigger.destination.names", "reason"),
    TriggerRemoved: ("reason",),
    IntegrationPaused: ("reason",),
    IntegrationResumed: ("reason",),
    IntegrationRemoved: ("reason",),
    AddressBlocked: ("address", "reason"),
    AddressUnblocked: ("address", "reason"),
}
TYPES: Mapping[str, type[Event]] = {event.type: event for event in PERSONAL}

UPCASTS: Mapping[tuple[str, int], Callable[[dict[str, Any]], dict[str, Any]]] = {}
"""(type, schema) → the same facts as the next schema would have written them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Encoded:
    type: str
    schema: int
    data: bytes
    """JSON that names no person."""
    personal: bytes | None
    """JSON to be sealed, or None where nothing is."""


def encode(event: Event) -> Encoded:
    facts = flatten(event)
    personal = carve_pictures(facts) if isinstance(event, InvoiceStatusChanged) else {}
    for path in PERSONAL[type(event)]:
        move(path.split("."), facts, personal)
    return Encoded(
        type=event.type,
        schema=event.schema,
        data=orjson.dumps(facts),
        personal=orjson.dumps(personal) if personal else None,
    )


def decode(type: str, schema: int, data: bytes, personal: bytes | None) -> Event:
    """The event that was encoded; without *personal* (erased, or not asked for) its personal parts are empty.

    Raises Corrupt for a type or schema that this release does not know, and for facts that do not fit it.
    """
    known = TYPES.get(type)
    if known is None or schema > known.schema:
        raise Corrupt(f"event type {type} schema {schema} is unknown to this release; run a newer one")
    try:
        facts = picture.join(orjson.loads(data), orjson.loads(personal) if personal else {})
        for version in range(schema, known.schema):
            facts = UPCASTS[type, version](facts)
        event: Event = reader(known)(facts)
    except (KeyError, TypeError, ValueError, ArithmeticError) as error:
        raise Corrupt(f"event of type {type} schema {schema} does not read: {error!r}") from error
    return event


def rules_to_json(rules: Rules) -> str:
    return orjson.dumps(flatten(rules), option=orjson.OPT_NON_STR_KEYS).decode()


def rules_from_json(text: str | bytes) -> Rules:
    rules: Rules = reader(Rules)(orjson.loads(text))
    return rules


def flatten(value: Any) -> Any:
    """A value of ours as JSON knows it."""
    match value:
        case None | bool() | int() | float():
            return value
        case StrEnum():
            return value.value
        case str():
            return value
        case UUID() | Decimal():
            return str(value)
        case Mapping():
            return {str(key): flatten(item) for key, item in value.items()}
        case frozenset() | set():
            return sorted(flatten(item) for item in value)
        case tuple() | list():
            return [flatten(item) for item in value]
        case _ if is_dataclass(value):
            return {name: flatten(getattr(value, name)) for name in field_names(value.__class__)}
        case _:
            raise TypeError(f"{type(value).__name__} has no wire form")


@cache
def field_names(kind: Any) -> tuple[str, ...]:
    return tuple(field.name for field in fields(kind))


def carve_pictures(facts: dict[str, Any]) -> dict[str, Any]:
    """Takes what may not stand open out of the two pictures of *facts*, and returns it."""
    personal: dict[str, Any] = {}
    for name, shape in (("invoice", picture.INVOICE), ("customer", picture.CUSTOMER)):
        if facts[name]:
            facts[name], sealed = picture.split(facts[name], shape)
            personal |= {name: sealed} if sealed else {}
    return personal


def move(path: list[str], facts: dict[str, Any], personal: dict[str, Any]) -> None:
    """Moves one value from *facts* to the same path of *personal*; what is empty stays out of both."""
    *way, last = path
    for step in way:
        facts = facts[step]
    value = facts.pop(last)
    if value is None or value == {} or value == []:
        return
    for step in way:
        personal = personal.setdefault(step, {})
    personal[last] = value


@cache
def reader(kind: Any) -> Callable[[Any], Any]:
    """The function that reads JSON as *kind*: dataclasses by field, collections by item, the rest by constructor."""
    origin, arguments = get_origin(kind), get_args(kind)
    if origin in (Union, types.UnionType):
        inner = reader(next(argument for argument in arguments if argument is not type(None)))
        return lambda value: None if value is None else inner(value)
    if origin in (tuple, frozenset):
        item = reader(arguments[0])
        return lambda value: origin(map(item, value))
    if origin is not None and issubclass(origin, Mapping):
        key, item = reader(arguments[0]), reader(arguments[1])
        if item is verbatim and key is verbatim:
            return dict
        return lambda value: {key(name): item(entry) for name, entry in value.items()}
    if is_dataclass(kind):
        return dataclass_reader(kind)
    if isinstance(kind, type) and (issubclass(kind, StrEnum) or kind in (UUID, Decimal)):
        return kind
    return verbatim


def dataclass_reader(kind: Any) -> Callable[[Any], Any]:
    """Fields that the JSON does not have keep their defaults, or are empty where they have none (an erased person)."""
    hints = get_type_hints(kind)
    readers = {field.name: reader(hints[field.name]) for field in fields(kind)}
    blanks = {name: blank for name in readers if (blank := BLANK.get((kind, name))) is not None}

    def read(value: Any) -> Any:
        return kind(**{**blanks, **{name: readers[name](item) for name, item in value.items() if name in readers}})

    return read


BLANK: Mapping[tuple[type, str], Any] = {
    (ContactAdded, "contact"): {},
    (AddressBlocked, "address"): "",
    (AddressUnblocked, "address"): "",
    (Trigger, "name"): "",
}
"""What stands for a personal value without a default once it is erased."""


def verbatim(value: Any) -> Any:
    return value
