"""What is written of a value: only what is not the default, in dictionaries, lists, texts and numbers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import MISSING, fields
from decimal import Decimal
from typing import Any

STEERING = {code: None for code in (*range(32), *range(127, 160), *range(0x202A, 0x202F), *range(0x2066, 0x206A))}
"""What steers a terminal: C0 and C1, escape among them, and what turns the direction of writing round."""
EXACT = 10**15
"""Up to there a total is written as a number."""


def told(value: Any) -> dict[str, Any]:
    """The fields of a dataclass that are not as by default."""
    return {
        each.name: plain_value(getattr(value, each.name))
        for each in fields(value)
        if getattr(value, each.name) != default_of(each)
    }


def default_of(each: Any) -> Any:
    return each.default_factory() if each.default_factory is not MISSING else each.default


def plain_value(value: Any) -> Any:
    match value:
        case str():
            return str(value)
        case frozenset():
            return sorted(map(plain_value, value))
        case tuple():
            return [plain_value(each) for each in value]
        case Mapping():
            return dict(value)
        case Decimal():
            return number(value)
        case _:
            return value


def number(amount: Decimal) -> int | float | str:
    """As people write it, where that is exact."""
    if abs(amount) < EXACT:
        if amount == amount.to_integral_value():
            return int(amount)
        if Decimal(str(float(amount))) == amount:
            return float(amount)
    return f"{amount:f}"
