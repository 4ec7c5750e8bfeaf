"""A decision's trace as people read it: condition by condition, what was seen and what was wanted."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

Say = Callable[[str], str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    check: str
    """In English words."""
    ok: bool
    seen: str | None
    """None: there is nothing to say of it."""
    wanted: str | None


def steps(trace: Sequence[Mapping[str, Any]], say: Say = str) -> Iterator[Step]:
    for each in trace:
        ok, seen, wanted = bool(each.get("ok")), each.get("seen"), each.get("wanted")
        asked = wanted not in (None, True, False, [], "")
        unsaid = seen is None and (ok or not asked)
        yield Step(
            check=str(each.get("check")).replace("_", " "),
            ok=ok,
            seen=None if unsaid else brief(seen, say),
            wanted=brief(wanted, say) if asked else None,
        )


def brief(value: object, say: Say = str) -> str:
    match value:
        case Mapping():
            kept = ((name, item) for name, item in value.items() if item not in (None, {}, []))
            return ", ".join(f"{say(str(name))} {brief(item, say)}" for name, item in kept)
        case list() | tuple():
            return ", ".join(brief(item, say) for item in value) or say("none")
        case None:
            return say("none")
        case bool():
            return say("yes") if value else say("no")
        case str():
            return say(value)
        case float():
            return say(str(value))
        case _:
            return str(value)
