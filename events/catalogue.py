"""The fields that can be mapped: what Procountor has, what was seen of it, and what a mistyped path meant."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from difflib import SequenceMatcher
from functools import cache
from itertools import zip_longest
from typing import Any

from events import person
from events.errors import Misconfigured
from events.expression import as_text
from events.grammar import PERSON, STEP, paths
from events.integration import DEFAULT_PERSON, FieldMapping
from events.invoice import InvoiceStatusChanged
from events.labels import MAIN, Label, label
from events.picture import DATE, NOT_KEPT
from events.shapes import CUSTOMER, INVOICE, FieldType, Shape

WITHHELD = frozenset({"invoice.counterParty.identifier"})
"""May be a personal identity number that its form does not give away; the register's says of what kind it is."""
DEEPEST = 8
"""Steps of a path that is offered because it was seen."""
ENTRIES = 10
"""Of a list that the schema does not know; of one that it knows, the first stands for all."""
SUGGESTED, NEAR, PREFERRED, CLOSE = 3, 0.65, 0.1, 0.08
"""So many paths at most are suggested for a mistyped one: so much alike it, those that people need counting for more,
and so close behind the best."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """Something that can be mapped."""

    path: str
    type: FieldType
    label: Label

    @property
    def main(self) -> bool:
        """One of those that people need."""
        return self.path in MAIN


@dataclass(frozen=True, slots=True, kw_only=True)
class Sighting:
    """What was seen at a path. The example is people's data."""

    type: FieldType
    example: str
    """As it would be sent, from the newest change that has one."""
    filled: int


@dataclass(slots=True)
class Sightings:
    """What changes had to map, newest first."""

    changes: int = 0
    fields: dict[str, Sighting] = field(default_factory=dict)

    def add(self, changes: Iterable[InvoiceStatusChanged]) -> None:
        for change in changes:
            self.changes += 1
            for path, value in seen_in(change):
                self.note(path, value)

    def note(self, path: str, value: Any) -> None:
        example = as_text(value)
        if example is None or path in WITHHELD:
            return
        if before := self.fields.get(path):
            self.fields[path] = replace(before, filled=before.filled + 1)
        else:
            known = fields().get(zeroed(path))
            self.fields[path] = Sighting(type=known.type if known else type_of(value), example=example, filled=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Offered:
    """A field, and how often the changes that were looked at had it."""

    field: Field
    example: str | None
    filled: int
    changes: int

    def mentions(self, search: str) -> bool:
        """In its path, in its name in either language, or in its example."""
        texts = (self.field.path, self.field.label.en, self.field.label.fi, self.example or "")
        return any(search.casefold() in text.casefold() for text in texts)


def offered(seen: Sightings) -> list[Offered]:
    """Every field that there is or was seen: those that people need first, then the ones filled most often."""
    every = {
        **fields(),
        **{path: Field(path=path, type=one.type, label=label(path)) for path, one in seen.fields.items()},
    }
    order = {path: place for place, path in enumerate(MAIN)}
    found = [
        Offered(
            field=one,
            example=sighting.example if (sighting := seen.fields.get(path)) else None,
            filled=sighting.filled if sighting else 0,
            changes=seen.changes,
        )
        for path, one in every.items()
    ]
    return sorted(found, key=lambda one: (order.get(one.field.path, len(order)), -one.filled, one.field.path))


@cache
def fields() -> Mapping[str, Field]:
    """Path → field, of all that Procountor's answers may have; the first entry of a list stands for all of them."""
    known = {
        **dict.fromkeys(sorted(PERSON), FieldType.TEXT),
        **dict(leaves("invoice", INVOICE)),
        **dict(leaves("customer", CUSTOMER)),
    }
    return {
        path: Field(path=path, type=type, label=label(path)) for path, type in known.items() if path not in WITHHELD
    }


def leaves(at: str, shape: Shape) -> Iterator[tuple[str, FieldType]]:
    match shape:
        case FieldType():
            yield at, shape
        case list():
            yield from leaves(f"{at}.0", shape[0])
        case _:
            for key, inner in shape.items():
                if key not in NOT_KEPT:
                    yield from leaves(f"{at}.{key}", inner)


@cache
def lists() -> frozenset[str]:
    return frozenset(path[: path.index(".0")] for path in fields() if ".0" in path)


def seen_in(change: InvoiceStatusChanged) -> Iterator[tuple[str, Any]]:
    """Path → value, of all that a mapping can name in *change*; the person is the one of the usual rules."""
    choice = person.choose(DEFAULT_PERSON, change.invoice, change.customer)
    if choice:
        yield from (
            ("person.email", choice[1].email),
            ("person.name", choice[1].name),
            ("person.phone", choice[1].phone),
        )
    yield from walk("invoice", change.invoice)
    yield from walk("customer", change.customer or {})


def walk(at: str, value: Any, depth: int = DEEPEST) -> Iterator[tuple[str, Any]]:
    match value:
        case dict() | list() if not depth:
            return
        case dict():
            for key, inner in value.items():
                if key not in NOT_KEPT and STEP.fullmatch(key):
                    yield from walk(f"{at}.{key}", inner, depth - 1)
        case list():
            for number, inner in enumerate(value[: 1 if at in lists() else ENTRIES]):
                yield from walk(f"{at}.{number}", inner, depth - 1)
        case _:
            yield at, value


def type_of(value: Any) -> FieldType:
    match value:
        case bool():
            return FieldType.BOOLEAN
        case int() | float():
            return FieldType.NUMBER
        case str() if DATE.fullmatch(value):
            return FieldType.DATE if len(value) == 10 else FieldType.TIME
        case _:
            return FieldType.TEXT


def zeroed(path: str) -> str:
    """*path* with the first entry of every list: any entry can be mapped."""
    return ".".join("0" if step.isdecimal() else step for step in path.split("."))


def unknown(mapping: FieldMapping, also: Iterable[str] = ()) -> list[tuple[str, str]]:
    """(Contact field, path) of *mapping* where neither Procountor's schema nor *also* has such a path."""
    known = fields().keys() | {zeroed(path) for path in also}
    return [
        (name, path)
        for name, written in mapping.fields.items()
        for path in sorted(paths(written))
        if zeroed(path) not in known
    ]


def check(mapping: FieldMapping, also: Collection[str] = ()) -> None:
    """Raises Misconfigured for a path that neither Procountor's schema nor *also* has, with what it may have meant."""
    for name, path in unknown(mapping, also):
        raise Misconfigured(f"{name} is mapped to {path}: {hint(path, also)}")


def hint(path: str, also: Collection[str]) -> str:
    every = [*MAIN, *(one for one in fields() if one not in MAIN), *also]
    if path in WITHHELD:
        return "that may be a personal identity number; use customer.invoicingInfo.identifier."
    if lost := NOT_KEPT.intersection(path.split(".")):
        return f"no event keeps {min(lost)}, so there would be nothing to send."
    if inside := next((one for one in every if one.startswith(f"{zeroed(path)}.")), None):
        return f"that holds several fields; name one of them, such as {numbered(inside, path)}."
    close = " or ".join(near(path, every))
    meant = f"did you mean {close}?" if close else "`ptm trigger fields` lists what there is."
    return f"Procountor has no such field, and none was seen; {meant}"


def near(path: str, every: Iterable[str]) -> list[str]:
    """The fields most like *path*, sooner those that people need; none where nothing is like it."""
    like = {one: likeness for one in every if (likeness := alike(path, one)) >= NEAR}
    score = {one: likeness + (PREFERRED if one in MAIN else 0) for one, likeness in like.items()}
    best = sorted(score, key=lambda one: -score[one])[:SUGGESTED]
    return [numbered(one, path) for one in best if score[one] > score[best[0]] - CLOSE]


def alike(one: str, other: str) -> float:
    """From 0 to 1; the last step, which says what is meant, counts as much as the whole."""
    mine, theirs = zeroed(one).lower(), zeroed(other).lower()
    whole = SequenceMatcher(None, mine, theirs).ratio()
    last = SequenceMatcher(None, mine.rpartition(".")[2], theirs.rpartition(".")[2]).ratio()
    return (whole + last) / 2


def numbered(found: str, path: str) -> str:
    """*found*, with the entries of lists that *path* names."""
    steps = zip_longest(found.split("."), path.split("."))
    return ".".join(mine if mine and mine.isdecimal() and step == "0" else step for step, mine in steps if step)
