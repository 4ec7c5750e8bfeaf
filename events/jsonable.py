"""Values as JSON: dataclasses, ids and times as they are."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any
from uuid import UUID

import orjson


def as_text(value: Any) -> str:
    """In one line."""
    return orjson.dumps(value, default=plain, option=orjson.OPT_NON_STR_KEYS | orjson.OPT_UTC_Z).decode()


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
