"""Named queries, read from sql/queries/<topic>.sql, or from all files of sql/queries/<topic>/."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from types import MappingProxyType

_HEAD = re.compile(r"^-- name: (\w+)[ \t]*$", re.MULTILINE)


@cache
def load(topic: str) -> Mapping[str, str]:
    """The queries of *topic* by name: `load("delivery")["claim_lanes"]`."""
    folder, file = files("sql") / "queries" / topic, files("sql") / "queries" / f"{topic}.sql"
    parts = sorted(folder.iterdir(), key=lambda part: part.name) if folder.is_dir() else [file]
    return parse("\n".join(part.read_text(encoding="utf-8") for part in parts))


def parse(text: str) -> Mapping[str, str]:
    """Split *text* at its `-- name: verb_noun` lines; a name that stands twice is an error."""
    _, *parts = _HEAD.split(text)
    names, bodies = parts[::2], parts[1::2]
    if twice := {name for name in names if names.count(name) > 1}:
        raise ValueError(f"named twice: {', '.join(sorted(twice))}")
    return MappingProxyType({name: body.strip() for name, body in zip(names, bodies, strict=True)})
