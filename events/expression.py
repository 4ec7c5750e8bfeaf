"""What a contact field is made of: a path into what was seen, or a few transformations over paths.

person.email                                 what stands there
trim(x) · lower(x)                           single blanks only · small letters
first(x, y, …) · default(x, "text")          the first that has a value · the text where x has none
join(" ", x, y, …)                           those that have a value, with the text between them
only_if(path, "VALUE", x)                    x where exactly VALUE stands at the path, else nothing
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Any, assert_never

from events.person import text

Json = Mapping[str, Any]


class Word(StrEnum):
    TRIM = "trim"
    LOWER = "lower"
    FIRST = "first"
    JOIN = "join"
    DEFAULT = "default"
    ONLY_IF = "only_if"


@dataclass(frozen=True, slots=True)
class Path:
    """`invoice.…`, `customer.…` or `person.…`; a decimal step is an entry's number in a list, from 0."""

    path: str


@dataclass(frozen=True, slots=True)
class Text:
    """A text of the expression's own."""

    says: str


@dataclass(frozen=True, slots=True)
class Call:
    """A transformation; `events.grammar` sees to it that its arguments are those that it takes."""

    word: Word
    arguments: tuple[Expression, ...]


Expression = Path | Text | Call


def value(expression: Expression, pictures: Json) -> str | None:
    """As it is sent: without outer blanks, and None rather than empty. Raises nothing, whatever was seen."""
    match expression:
        case Path(path):
            return as_text(look_up(pictures, path))
        case Text(says):
            return text(says)
        case Call(Word.ONLY_IF, (condition, wanted, kept)):
            met = value(condition, pictures)
            return value(kept, pictures) if met is not None and met == value(wanted, pictures) else None
        case Call(Word.JOIN, (Text(between), *parts)):
            return text(between.join(values(parts, pictures)))
        case Call(word, arguments):
            first = next(values(arguments, pictures), None)
            return None if first is None else changed(word, first)
        case _:
            assert_never(expression)


def values(expressions: Iterable[Expression], pictures: Json) -> Iterator[str]:
    """Of those that have one."""
    return (each for expression in expressions if (each := value(expression, pictures)) is not None)


def changed(word: Word, value: str) -> str:
    match word:
        case Word.TRIM:
            return " ".join(value.split())
        case Word.LOWER:
            return value.lower()
        case _:
            return value


def look_up(value: Any, path: str) -> Any:
    for step in path.split("."):
        match value:
            case dict():
                value = value.get(step)
            case list() if step.isdecimal() and len(step) < 10 and int(step) < len(value):
                value = value[int(step)]
            case _:
                return None
    return value


def as_text(value: Any) -> str | None:
    match value:
        case str():
            return text(value)
        case bool():
            return "true" if value else "false"
        case int() | Decimal():
            return str(value)
        case float():
            return f"{Decimal(str(value)):f}"
        case _:
            return None


def render(expression: Expression) -> str:
    """As people write it: `events.grammar.parse` makes the same of it again."""
    match expression:
        case Path(path):
            return path
        case Text(says):
            return '"' + says.replace("\\", "\\\\").replace('"', '\\"') + '"'
        case Call(word, arguments):
            return f"{word}({', '.join(map(render, arguments))})"
        case _:
            assert_never(expression)


def paths(expression: Expression) -> Iterator[str]:
    """Every path that the expression looks at."""
    match expression:
        case Path(path):
            yield path
        case Call(_, arguments):
            for argument in arguments:
                yield from paths(argument)


def made_up(expression: Expression) -> bool:
    """Whether a text of the expression's own may become a part of its value."""
    match expression:
        case Path():
            return False
        case Text() | Call(Word.DEFAULT | Word.JOIN):
            return True
        case Call(Word.ONLY_IF, (_, _, kept)):
            return made_up(kept)
        case Call(_, arguments):
            return any(map(made_up, arguments))
        case _:
            assert_never(expression)
