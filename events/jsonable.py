"""Values as JSON: dataclasses, ids and times as they are."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any
from uuid import UUID

import orjson

DEEPEST = 32
"""Levels of an answer that are read: the services' own have six, and what is nested without end can be neither walked
through nor written down."""


def as_text(value: Any) -> str:
    """In one line."""
    return orjson.dumps(value, default=plain, option=orjson.OPT_NON_STR_KEYS | orjson.OPT_UTC_Z).decode()


def shallow(value: Any, room: int = DEEPEST) -> bool:
    """Whether it has no more than so many levels."""
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else None
    return inner is None or (room > 0 and all(shallow(each, room - 1) for each in inner))


def plain(value: Any) -> Any:
    match value:
        case UUID() | Decimal():
            return str(value)
        case frozenset() | set():
            return sorted(value)
        case bytes():
            return value.hex()
        case Mapping():
            return dict(value)
        case _:
            raise TypeError(f"{type(value).__name__} has no JSON form")
