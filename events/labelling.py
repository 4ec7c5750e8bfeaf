"""Labels: what operators call groups of integrations by."""

from __future__ import annotations

from collections.abc import Iterable

from events.errors import Misconfigured

LONGEST = 40
"""Characters."""


def tidy(labels: Iterable[str]) -> tuple[str, ...]:
    """Each once, whatever its case, in one order. Raises `Misconfigured` for what is no label."""
    found: dict[str, str] = {}
    for each in labels:
        label = " ".join(each.split())
        if not label or len(label) > LONGEST or not label.isprintable() or "," in label:
            raise Misconfigured(f"{each!r} is no label: write 1 to {LONGEST} characters without a comma.")
        found.setdefault(label.casefold(), label)
    return tuple(found[key] for key in sorted(found))


def alike(one: str, other: str) -> bool:
    return one.casefold() == " ".join(other.split()).casefold()
