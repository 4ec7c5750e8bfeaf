"""Event ↔ wire: stable names, versions, and which parts are personal. The one place that knows both sides."""

from __future__ import annotations

import re
import types
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields, is_dataclass
from decimal import Decimal
from enum import StrEnum
from functools import cache, lru_cache
from typing import Any, Union, cast, get_args, get_origin, get_type_hints
from uuid import UUID

import orjson

from events import picture
from events.connection import BackupRestored, ConnectionBroken, ConnectionRestored, LoginEnding, SendingReleased
from events.contact import (
    ContactAdded,
    ContactDelivered,
    ContactRefused,
    ContactSkipped,
    ContactUnlisted,
    ContactWithdrawn,
)
from events.customer import CustomerRead
from events.errors import Corrupt
from events.integration import (
    AddressBlocked,
    AddressUnblocked,
    Condition,
    Configuration,
    Destination,
    FieldMapping,
    IntegrationConnected,
    IntegrationPaused,
    IntegrationReconnected,
    IntegrationRemoved,
    IntegrationResumed,
    LabelsSaved,
    RecipientsSaved,
    Rules,
    Settings,
    SettingsSaved,
    Trigger,
    TriggerRemoved,
    TriggerSaved,
)
from events.invoice import InvoiceStatusChanged
from events.reconcile import ContactChecked
from events.replay import ReplayAsked, ReplayEnded, ReplayStarted
from events.trial import TrialAnswered, TrialSent

Event = (
    InvoiceStatusChanged
    | ContactAdded
    | ContactSkipped
    | ContactUnlisted
    | ContactDelivered
    | ContactRefused
    | ContactWithdrawn
    | TrialSent
    | TrialAnswered
    | ContactChecked
    | ConnectionBroken
    | ConnectionRestored
    | LoginEnding
    | BackupRestored
    | SendingReleased
    | Configuration
    | CustomerRead
    | ReplayStarted
    | ReplayAsked
    | ReplayEnded
)

PERSONAL: Mapping[type[Event], tuple[str, ...]] = {
    InvoiceStatusChanged: (),  # see SHAPES
    CustomerRead: (),
    ContactAdded: ("contact", "trace"),
    ContactSkipped: ("detail", "trace"),
    ContactUnlisted: ("contact", "trace"),
    ContactDelivered: ("answer",),
    ContactRefused: ("answer",),
    ContactWithdrawn: ("detail",),
    TrialSent: ("contact", "reason"),
    TrialAnswered: ("answer", "failure"),
    ContactChecked: ("email", "status", "theirs"),
    ConnectionBroken: ("detail",),
    ConnectionRestored: (),
    LoginEnding: (),
    BackupRestored: (),
    SendingReleased: (),
    IntegrationConnected: ("names", "reason"),
    IntegrationReconnected: ("names", "reason"),
    SettingsSaved: ("reason",),
    TriggerSaved: ("trigger.name", "trigger.destination.names", "reason"),  # and expressions, see seal_expressions
    TriggerRemoved: ("reason",),
    IntegrationPaused: ("reason",),
    IntegrationResumed: ("reason",),
    IntegrationRemoved: ("reason",),
    AddressBlocked: ("address", "reason"),
    AddressUnblocked: ("address", "reason"),
    LabelsSaved: ("labels", "reason"),
    RecipientsSaved: ("recipients", "reason"),
    ReplayStarted: ("name", "reason"),
    ReplayAsked: (),
    ReplayEnded: ("reason",),
}
SHAPES: Mapping[type[Event], picture.Shape] = {InvoiceStatusChanged: picture.CHANGE, CustomerRead: picture.READ}
"""What is split by an allow-list."""
TYPES: Mapping[str, type[Event]] = {event.type: event for event in PERSONAL}

PLAIN = re.compile(r"[a-z]+(\.[A-Za-z0-9]+)+")
"""A mapping's path that may stand open."""

UPCASTS: Mapping[tuple[str, int], Callable[[dict[str, Any]], dict[str, Any]]] = {}
"""(type, schema) → the same facts as the next schema would have written them."""


Reader = Callable[[Any], Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Encoded:
    type: str
    schema: int
    data: bytes
    """JSON that names no person."""
    personal: bytes | None
    """JSON to be sealed, or None where nothing is."""


def encode(event: Event) -> Encoded:
    facts = shallow(event)
    personal: dict[str, Any] = {}
    if (shape := SHAPES.get(type(event))) is not None:
        facts, personal = picture.split(facts, shape)
    for path in PERSONAL[type(event)]:
        move(path.split("."), facts, personal)
    if isinstance(event, TriggerSaved):
        seal_expressions(event.trigger.mapping, facts["trigger"], personal)
    return Encoded(
        type=event.type,
        schema=event.schema,
        data=orjson.dumps(facts, default=wire_form),
        personal=orjson.dumps(personal, default=wire_form) if personal else None,
    )


def knows(type: str, schema: int) -> bool:
    """Whether this release reads such events."""
    known = TYPES.get(type)
    return known is not None and schema <= known.schema


def decode(type: str, schema: int, data: bytes, personal: bytes | None) -> Event:
    """The event that was encoded; without *personal* (erased, or not asked for) its personal parts are empty.

    Raises Corrupt for a type or schema that this release does not know, and for facts that do not fit it.
    """
    if not knows(type, schema):
        raise Corrupt(f"event type {type} schema {schema} is unknown to this release; run a newer one")
    known: Any = TYPES[type]
    try:
        facts = picture.join(orjson.loads(data), orjson.loads(personal) if personal else {})
        for version in range(schema, known.schema):
            facts = UPCASTS[type, version](facts)
        event: Event = dataclass_reader(known)(facts)
    except (AttributeError, KeyError, TypeError, ValueError, ArithmeticError) as error:
        raise Corrupt(f"event of type {type} schema {schema} does not read: {error!r}") from error
    return event


def rules_to_json(rules: Rules) -> str:
    return orjson.dumps(rules, default=wire_form, option=orjson.OPT_NON_STR_KEYS).decode()


def rules_from_json(text: str | bytes) -> Rules:
    rules: Rules = reader(Rules)(orjson.loads(text))
    return rules


def wire_form(value: Any) -> Any:
    """What orjson does not write by itself: it knows dataclasses, enumerations and UUIDs, but no asyncpg UUIDs."""
    match value:
        case UUID() | Decimal():
            return str(value)
        case frozenset() | set():
            return sorted(value)
        case Mapping():
            return dict(value)
        case _:
            raise TypeError(f"{type(value).__name__} has no wire form")


@cache
def field_names(kind: Any) -> tuple[str, ...]:
    """Those that are told: what follows from the others is not written down."""
    return tuple(field.name for field in fields(kind) if field.init)


def shallow(value: Any) -> dict[str, Any]:
    """The fields of a dataclass, as they are."""
    return {name: getattr(value, name) for name in field_names(value.__class__)}


def move(path: list[str], facts: dict[str, Any], personal: dict[str, Any]) -> None:
    """Moves one value from *facts* to the same path of *personal*; what is empty stays out of both."""
    *way, last = path
    for step in way:
        facts[step] = facts = facts[step] if isinstance(facts[step], dict) else shallow(facts[step])
    value = facts.pop(last)
    if value is None or value in ({}, ()):
        return
    for step in way:
        personal = personal.setdefault(step, {})
    personal[last] = value


def seal_expressions(mapping: FieldMapping, trigger: dict[str, Any], personal: dict[str, Any]) -> None:
    """Plain paths stand open; an expression may hold a text that an operator wrote, and a path a company's own key."""
    sealed = {name: written for name, written in mapping.fields.items() if not PLAIN.fullmatch(written)}
    if sealed:
        opened = {name: written for name, written in mapping.fields.items() if name not in sealed}
        trigger["mapping"] = {"person": mapping.person, "fields": opened}
        personal.setdefault("trigger", {})["mapping"] = {"fields": sealed}


@cache
def reader(kind: Any) -> Reader:
    """The function that reads JSON as *kind*: dataclasses by field, collections by item, the rest by constructor."""
    origin, arguments = get_origin(kind), get_args(kind)
    if origin in (Union, types.UnionType):
        inner = reader(next(argument for argument in arguments if argument is not type(None)))
        return inner if inner is verbatim else lambda value: None if value is None else inner(value)
    if origin in (tuple, frozenset):
        item = reader(arguments[0])
        return lambda value: origin(map(item, value))
    if origin is not None and issubclass(origin, Mapping):
        key, item = reader(arguments[0]), reader(arguments[1])
        if item is verbatim and key is verbatim:
            return dict
        return lambda value: {key(name): item(entry) for name, entry in value.items()}
    if is_dataclass(kind):
        read: Reader = dataclass_reader(cast("Any", kind))
        return shared(read) if kind in SHARED else read
    if kind is UUID:
        return known_uuid
    if isinstance(kind, type) and (issubclass(kind, StrEnum) or kind is Decimal):
        return kind
    return verbatim


def shared(read: Reader) -> Reader:
    """What is the same in most of ten thousand integrations is one object in all of them."""

    @lru_cache(maxsize=1000)
    def made(text: bytes) -> Any:
        return read(orjson.loads(text))

    return lambda value: made(orjson.dumps(value))


@lru_cache(maxsize=10_000)
def known_uuid(text: str) -> UUID:
    """Most ids of an event stand in the one before it, and making one takes longer than finding it."""
    return UUID(text)


@cache
def dataclass_reader(kind: Any) -> Reader:
    """Fields that the JSON does not have keep their defaults, or are empty where they have none (an erased person)."""
    hints = get_type_hints(kind)
    readers = {name: reader(hints[name]) for name in field_names(kind)}
    changing = [(name, read) for name, read in readers.items() if read is not verbatim]
    blanks = {name: blank for name in readers if (blank := BLANK.get((kind, name))) is not None}

    def read(value: Any) -> Any:
        facts = {**blanks, **value}
        for name, item in changing:
            if name in value:
                facts[name] = item(value[name])
        if not facts.keys() <= readers.keys():
            facts = {name: facts[name] for name in readers if name in facts}
        return kind(**facts)

    return read


SHARED = frozenset({Condition, Destination, FieldMapping, Settings})
"""Parts of rules that are mostly alike."""
BLANK: Mapping[tuple[type, str], Any] = {
    (InvoiceStatusChanged, "before"): "",
    (InvoiceStatusChanged, "after"): "",
    (ContactAdded, "contact"): {},
    (ContactUnlisted, "contact"): {},
    (TrialSent, "contact"): {},
    (ContactChecked, "email"): "",
    (AddressBlocked, "address"): "",
    (AddressUnblocked, "address"): "",
    (Trigger, "name"): "",
    (ReplayStarted, "name"): "",
    (ReplayStarted, "reason"): "",
}
"""What stands for a personal value without a default once it is erased."""


def verbatim(value: Any) -> Any:
    return value
