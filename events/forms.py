"""What a document may say, place by place: read, or refused with the place; and the same as a JSON Schema."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from difflib import get_close_matches
from typing import Any, Protocol
from uuid import UUID

from events.errors import Misconfigured

DECIMAL = re.compile(r"-?[0-9]+(\.[0-9]+)?")


class Form(Protocol):
    """What may stand at one place."""

    def read(self, value: Any, at: str) -> Any:
        """The value as the core has it. Raises `Misconfigured`, which begins with *at*."""

    def schema(self) -> dict[str, Any]: ...


def refused(at: str, expected: str, value: Any) -> Misconfigured:
    return Misconfigured(f"{at or 'the document'}: {expected} was expected, not {shown(value)}.")


def shown(value: Any) -> str:
    match value:
        case None:
            return "nothing"
        case bool():
            return "true" if value else "false"
        case dict():
            return "named values"
        case list():
            return "a list"
        case _:
            text = repr(value)
            return text if len(text) <= 60 else f"{text[:57]}…"


def inside(at: str, key: str) -> str:
    return f"{at}.{key}" if at else key


@dataclass(frozen=True, slots=True)
class Text:
    says: str = ""

    def read(self, value: Any, at: str) -> str:
        if isinstance(value, str):
            return value
        quoted = "a text in quotes" if isinstance(value, (int, float)) else "a text"
        raise refused(at, quoted, value)

    def schema(self) -> dict[str, Any]:
        return described({"type": "string"}, self.says)


@dataclass(frozen=True, slots=True)
class Id:
    """A UUID."""

    says: str = ""

    def read(self, value: Any, at: str) -> UUID:
        try:
            return UUID(Text().read(value, at))
        except ValueError:
            raise refused(at, "an id", value) from None

    def schema(self) -> dict[str, Any]:
        return described({"type": "string", "format": "uuid"}, self.says)


@dataclass(frozen=True, slots=True)
class Word:
    """One of a closed set."""

    known: tuple[str, ...]
    says: str = ""

    def read(self, value: Any, at: str) -> str:
        if isinstance(value, str) and value in self.known:
            return value
        raise refused(at, f"one of {', '.join(self.known)}", value)

    def schema(self) -> dict[str, Any]:
        return described({"enum": list(self.known)}, self.says)


@dataclass(frozen=True, slots=True)
class Whole:
    """A whole number, not negative."""

    says: str = ""

    def read(self, value: Any, at: str) -> int:
        if isinstance(value, int) and not isinstance(value, bool) and value >= 0:
            return value
        raise refused(at, "a whole number from 0", value)

    def schema(self) -> dict[str, Any]:
        return described({"type": "integer", "minimum": 0}, self.says)


@dataclass(frozen=True, slots=True)
class WholeOr:
    """A whole number, not negative, or one of some words."""

    known: tuple[str, ...]
    says: str = ""

    def read(self, value: Any, at: str) -> int | str:
        if isinstance(value, str) and value in self.known:
            return value
        if isinstance(value, int) and not isinstance(value, bool) and value >= 0:
            return value
        raise refused(at, f"a whole number from 0, {' or '.join(self.known)}", value)

    def schema(self) -> dict[str, Any]:
        return described({"anyOf": [Whole().schema(), Word(self.known).schema()]}, self.says)


@dataclass(frozen=True, slots=True)
class Flag:
    says: str = ""

    def read(self, value: Any, at: str) -> bool:
        if isinstance(value, bool):
            return value
        raise refused(at, "true or false", value)

    def schema(self) -> dict[str, Any]:
        return described({"type": "boolean"}, self.says)


@dataclass(frozen=True, slots=True)
class Amount:
    """A number, or a text where a number would not be exact."""

    says: str = ""

    def read(self, value: Any, at: str) -> Decimal:
        number = isinstance(value, (int, float)) and not isinstance(value, bool)
        amount = Decimal(str(value)) if number or (isinstance(value, str) and DECIMAL.fullmatch(value)) else None
        if amount is not None and amount.is_finite():
            return amount
        raise refused(at, "an amount such as 100 or 100.50", value)

    def schema(self) -> dict[str, Any]:
        exact = {"type": "string", "pattern": f"^{DECIMAL.pattern}$"}
        return described({"anyOf": [{"type": "number"}, exact]}, self.says)


@dataclass(frozen=True, slots=True)
class Listed:
    """Any number of one form."""

    item: Form
    says: str = ""

    def read(self, value: Any, at: str) -> tuple[Any, ...]:
        if not isinstance(value, list):
            raise refused(at, "a list", value)
        return tuple(self.item.read(each, f"{at}[{number}]") for number, each in enumerate(value))

    def schema(self) -> dict[str, Any]:
        return described({"type": "array", "items": self.item.schema()}, self.says)


@dataclass(frozen=True, slots=True)
class Table:
    """Named values, each of a form of its own; what is not given is not in what is read."""

    fields: Mapping[str, Form]
    required: frozenset[str] = frozenset()
    says: str = ""

    def read(self, value: Any, at: str) -> dict[str, Any]:
        given = named(value, at)
        for key in given:
            if key not in self.fields:
                raise Misconfigured(f"{inside(at, key)}: there is no such key here; {self.hint(key)}")
        for key in sorted(self.required):
            if key not in given:
                raise Misconfigured(f"{at or 'the document'}: {key} is missing.")
        return {key: self.fields[key].read(each, inside(at, key)) for key, each in given.items()}

    def hint(self, key: str) -> str:
        close = get_close_matches(key, self.fields, n=1)
        return f"did you mean {close[0]}?" if close else f"use {', '.join(self.fields)}."

    def schema(self) -> dict[str, Any]:
        inner = {key: form.schema() for key, form in self.fields.items()}
        needed = {"required": sorted(self.required)} if self.required else {}
        return described({"type": "object", "properties": inner, **needed, "additionalProperties": False}, self.says)


@dataclass(frozen=True, slots=True)
class Texts:
    """Name → text, under any name; *check* says, with the place, what of it cannot work."""

    check: Callable[[str, str], None] | None = None
    says: str = ""

    def read(self, value: Any, at: str) -> dict[str, str]:
        found = {key: Text().read(each, inside(at, key)) for key, each in named(value, at).items()}
        for key, each in found.items():
            if self.check:
                placed(inside(at, key), self.check, key, each)
        return found

    def schema(self) -> dict[str, Any]:
        return described({"type": "object", "additionalProperties": {"type": "string"}}, self.says)


@dataclass(frozen=True, slots=True)
class Picture:
    """Whatever Procountor's answer may have."""

    says: str = ""

    def read(self, value: Any, at: str) -> dict[str, Any]:
        return named(value, at)

    def schema(self) -> dict[str, Any]:
        return described({"type": "object"}, self.says)


@dataclass(frozen=True, slots=True)
class Exactly:
    """One value, such as a format's version."""

    value: int

    def read(self, value: Any, at: str) -> int:
        if value == self.value and isinstance(value, int) and not isinstance(value, bool):
            return value
        raise Misconfigured(f"{at}: {self.value} was expected, not {shown(value)}.")

    def schema(self) -> dict[str, Any]:
        return {"const": self.value}


def named(value: Any, at: str) -> dict[str, Any]:
    if isinstance(value, dict) and all(isinstance(key, str) for key in value):
        return value
    raise refused(at, "named values", value)


def placed(at: str, check: Callable[..., None], *arguments: Any) -> None:
    """Runs *check*, and says the place where it refuses."""
    try:
        check(*arguments)
    except Misconfigured as error:
        raise Misconfigured(f"{at}: {error}") from error


def described(schema: dict[str, Any], says: str) -> dict[str, Any]:
    return {"description": says, **schema} if says else schema
