"""The command lines of replays that do what was done on a screen."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from dataclasses import replace
from uuid import UUID

from events import numbering
from events.plan import SENDABLE, Class, Wanted
from worker.operations.lines import repeated
from worker.operations.replays import Order

LAST = 2**63 - 1
"""Beyond every position: a window that ends here ends with what is decided."""


def plan(integration: UUID, wanted: Wanted, *, backfill: int = 0) -> str:
    """Of a plan that was made the very same again, as long as the rules are: its end is part of what was wanted.

    *backfill*: days before now of which Procountor is asked what lay there before connecting.
    """
    first = ["--backfill", str(backfill)] if backfill else []
    return shlex.join(["ptm", "replay", "plan", str(integration), *first, *flags(wanted)])


def to_now(wanted: Wanted) -> Wanted:
    """Once more, with what was recorded since."""
    return replace(wanted, upto=LAST)


def flags(wanted: Wanted) -> Iterator[str]:
    yield from repeated("--trigger", map(str, sorted(wanted.triggers)))
    for flag, at in (
        ("--since", wanted.since),
        ("--until", wanted.until),
        ("--dated-from", wanted.dated_from),
        ("--dated-to", wanted.dated_to),
    ):
        if at is not None:
            yield from (flag, at.isoformat())
    if wanted.after:
        yield from ("--after", str(wanted.after))
    if wanted.upto != LAST:
        yield from ("--upto", str(wanted.upto))
    yield from repeated("--status", sorted(wanted.statuses))
    yield from repeated("--customer", map(str, sorted(wanted.customers)))
    yield from repeated("--invoice", map(str, sorted(wanted.invoices)))
    yield from repeated("--skipped", sorted(wanted.skips))
    if wanted.latest:
        yield from ("--customers", "latest")


def apply(replay: UUID, order: Order, *, name: str, reason: str, count: int) -> str:
    words = ["ptm", "replay", "apply", str(replay), "--reach", order.reach]
    sent = order.classes - {Class.TAKE_OFF}
    if sent != SENDABLE:
        words += repeated("--only", sorted(sent))
    if Class.TAKE_OFF in order.classes:
        words.append("--remove-old")
    if order.chosen is not None:
        words += ["--lines", numbering.written(order.chosen)]
    return shlex.join([*words, *called(name, reason, count)])


def undo(replay: UUID, *, name: str, reason: str, count: int) -> str:
    return shlex.join(["ptm", "replay", "undo", str(replay), *called(name, reason, count)])


def called(name: str, reason: str, count: int) -> list[str]:
    return ["--name", name, "--reason", reason, "--yes", str(count)]
