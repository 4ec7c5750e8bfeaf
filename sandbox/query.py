"""Query parameters, read strictly: what is not in the right form is refused by its name."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import TypeVar
from zoneinfo import ZoneInfo

from multidict import MultiMapping

from sandbox.answers import Rejected
from sandbox.clock import local_stamp
from sandbox.switches import Switches

MAX_SIZE = 200
MAX_ID = (1 << 31) - 1
DAY = re.compile(r"\d{4}-\d\d-\d\d\Z")
MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\Z")
LOOSE_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d)?\Z")
"""The register's examples go without seconds."""
_ZONED = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(Z|[+-]\d\d:\d\d)\Z")

Member = TypeVar("Member", bound=StrEnum)


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    size: int
    number: int


def settled(asked: MultiMapping[str], switches: Switches) -> dict[str, str]:
    """One value per parameter: what a repeated key and a moment with a zone mean is not known."""
    found: dict[str, str] = {}
    for name in dict.fromkeys(asked):
        values = asked.getall(name)
        if len(values) > 1 and switches.repeated_keys == "refuse":
            raise Rejected(400, "given more than once", field=name)
        text = ",".join(values) if switches.repeated_keys == "all" else values[0]
        zoned = switches.zoned_ranges and name.endswith(("StartDate", "EndDate")) and _ZONED.match(text)
        found[name] = _local(text, name, ZoneInfo(switches.local_zone)) if zoned else text
    return found


def _local(text: str, name: str, zone: ZoneInfo) -> str:
    try:
        return local_stamp(datetime.fromisoformat(text), zone)
    except (OverflowError, ValueError):
        raise Rejected(400, f"{text!r} is not in the right format", field=name) from None


def read_page(query: Mapping[str, str]) -> Page:
    size, number = read_int(query, "size", 50), read_int(query, "page", 0)
    if not 1 <= size <= MAX_SIZE:
        raise Rejected(400, f"size must be between 1 and {MAX_SIZE}", field="size")
    if number < 0:
        raise Rejected(400, "page must not be negative", field="page")
    return Page(size=size, number=number)


def read_int(query: Mapping[str, str], name: str, default: int) -> int:
    text = query.get(name, "")
    return whole(text, name) if text else default


def whole(text: str, name: str = "") -> int:
    """A 32-bit number."""
    if not re.fullmatch(r"-?\d{1,10}", text, re.ASCII) or abs(int(text)) > MAX_ID:
        raise Rejected(400, f"{text[:40]!r} is not a number", field=name)
    return int(text)


def read_order(query: Mapping[str, str], name: str) -> bool:
    """Whether the order called *name* is descending, which is the default."""
    word = query.get(name, "DESC").upper()
    if word not in {"ASC", "DESC"}:
        raise Rejected(400, "order must be ASC or DESC", field=name)
    return word == "DESC"


def read_flag(query: Mapping[str, str], name: str, *, default: bool) -> bool:
    word = query.get(name, str(default)).lower()
    if word not in {"true", "false"}:
        raise Rejected(400, "must be true or false", field=name)
    return word == "true"


def read_moment(query: Mapping[str, str], name: str, pattern: re.Pattern[str] = MOMENT) -> str:
    text = query.get(name, "")
    if not text:
        return ""
    try:
        moment = datetime.fromisoformat(text) if pattern.match(text) else None
    except ValueError:
        moment = None
    if moment is None:
        raise Rejected(400, f"{text[:40]!r} is not in the right format", field=name)
    return text if pattern is DAY else moment.isoformat()


def read_members(query: Mapping[str, str], name: str, members: type[Member]) -> frozenset[Member]:
    words = [word for word in query.get(name, "").split(",") if word]
    try:
        return frozenset(members(word) for word in words)
    except ValueError as error:
        raise Rejected(400, str(error), field=name) from None
