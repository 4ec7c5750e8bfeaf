"""What of a batch of events the projector takes in one transaction, and what came of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import takewhile
from typing import get_args

from events import codec
from events.envelope import Recorded, link
from events.errors import Outgrown
from events.integration import Configuration
from events.replay import ReplayAsked

CONFIGURATION = frozenset(kind.type for kind in get_args(Configuration))
ASKING = CONFIGURATION | {ReplayAsked.type}
"""What operators ask for: each is a turn of its own."""
TOGETHER = 250
"""Events that one transaction takes, of one partition or of several."""
Batches = Mapping[int, Sequence[Recorded]]
"""Partition → its events, in order."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Applied:
    """How far one call came."""

    applied: int = 0
    """Events that the checkpoint moved over."""
    gap: bool = False
    """What was given starts beyond the checkpoint, or does not link to it: Postgres has to be read."""
    busy: bool = False
    """Somebody else holds the partition."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """What one transaction did."""

    applied: int = 0
    gap: bool = False
    busy: bool = False
    organizations: frozenset[str] = frozenset()
    """Where something may leave now."""
    told: bool = False
    """Something was appended."""
    again: bool = False
    """The same events once more: a configuration event still takes back what waits."""


def grouped(batches: Batches) -> Iterator[Batches]:
    """The partitions that have something, together as long as they are few events: more are worth a connection."""
    group: dict[int, Sequence[Recorded]] = {}
    for partition, records in batches.items():
        if group and sum(map(len, group.values())) + len(records) > TOGETHER:
            yield group
            group = {}
        if records:
            group[partition] = records
    if group:
        yield group


def next_turn(records: Sequence[Recorded]) -> Sequence[Recorded]:
    """As many as one transaction takes: an operator's event alone, or what comes before the next."""
    if records[0].row.type in ASKING:
        return records[:1]
    return list(takewhile(lambda record: record.row.type not in ASKING, records[:TOGETHER]))


def continuing(turn: Sequence[Recorded], position: int, hash: bytes) -> Sequence[Recorded] | None:
    """What of *turn* lies beyond the checkpoint, or None where it does not continue it link by link."""
    fresh = [record for record in turn if record.position > position]
    for record in fresh:
        position += 1
        hash = link(hash, record.row.digest, record.position, record.at)
        if record.position != position or record.hash != hash:
            return None
    return fresh


def refuse_unknown(records: Sequence[Recorded]) -> None:
    """Raises `Outgrown`: what a newer release has written is not passed over as if it said nothing."""
    for record in records:
        row = record.row
        if not codec.knows(row.type, row.schema):
            raise Outgrown(
                f"A newer release has written {row.type} {row.schema} to partition {record.partition}, position "
                f"{record.position}: start that release in place of this."
            )
