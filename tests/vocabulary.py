"""What this release writes into the log and the rules, field by field, and the migration that it came with.

A release that reads less decides otherwise, and what stops it is a migration (worker/adapters/schema.py). So whoever
adds a field or a type adds a migration as well, one of a comment alone if nothing else changes. Then:

    PYTHONPATH=tests .venv/bin/python tests/vocabulary.py
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import is_dataclass
from pathlib import Path
from typing import Any, get_args, get_type_hints

from events.codec import TYPES, field_names
from events.integration import Rules
from worker.adapters import schema

FILE = Path(__file__).parent / "unit" / "vocabulary.txt"


def words() -> str:
    """Every type with its schema, and every part of one, with their fields."""
    parts: dict[str, str] = {}
    for kind in (*TYPES.values(), Rules):
        describe(kind, parts)
    events = (f"{name} {kind.schema}: {parts.pop(kind.__name__)}" for name, kind in sorted(TYPES.items()))
    return "\n".join((*events, "", *(f"{name}: {fields}" for name, fields in sorted(parts.items())), ""))


def describe(kind: Any, parts: dict[str, str]) -> None:
    if kind.__name__ in parts:
        return
    parts[kind.__name__] = ", ".join(field_names(kind))
    hints = get_type_hints(kind)
    for name in field_names(kind):
        for part in within(hints[name]):
            describe(part, parts)


def within(hint: Any) -> Iterator[Any]:
    """The dataclasses that *hint* is made of."""
    if is_dataclass(hint):
        yield hint
    for argument in get_args(hint):
        yield from within(argument)


def main() -> int:
    since, _, known = FILE.read_text(encoding="utf-8").partition("\n\n") if FILE.exists() else ("", "", "")
    if known == words():
        return 0
    if since == schema.newest():
        sys.stderr.write(f"{since} is older than what has changed: add a migration first.\n")
        return 1
    FILE.write_text(f"{schema.newest()}\n\n{words()}", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
