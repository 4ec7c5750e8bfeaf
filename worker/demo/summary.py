"""What the demo came to: the log's counts beside the verdict of the sandbox's own books."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from worker.adapters import queries
from worker.adapters.postgres import translating
from worker.demo.scene import INVOICE_FIELD, Scene

SQL = queries.load("demo")


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """How far everything is, at one look."""

    head: int
    decided: int
    changes: int
    wanted: int
    delivered: int
    under_way: int
    parked: int
    skipped: Mapping[str, int] = field(default_factory=dict)

    @property
    def settled(self) -> bool:
        """Everything that is in the log has been decided, and everything decided has been carried or parked."""
        return self.head == self.decided and self.under_way == 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """The last line of `ptm demo --headless --json`."""

    invoices: int
    status_changes: int
    expected: int
    delivered: int
    duplicated: int
    lost: int
    unexpected: int
    waiting: int
    skipped: Mapping[str, int]
    latency_ms: Mapping[str, int]
    first_contact_s: float | None
    elapsed_s: float
    broken_off: bool
    """Somebody stopped it: what had not arrived by then is neither lost nor waiting for a person."""
    on_the_way: int

    @property
    def exit_code(self) -> int:
        """What waits for a person has not arrived and is in the books' eyes lost, but no more than that may be."""
        if self.broken_off or self.duplicated or self.unexpected or self.lost > self.waiting:
            return 1
        return 3 if self.waiting else 0

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


async def count(scene: Scene) -> Counts:
    pool = scene.context.pool
    with translating():
        row = await pool.fetchrow(SQL["read_counts"])
        skipped = await pool.fetch(SQL["read_skipped"])
    assert row is not None, "an aggregate has a row"
    return Counts(**dict(row), skipped={row["reason"]: row["count"] for row in skipped})


async def verdict(scene: Scene) -> dict[str, Any]:
    answer: dict[str, Any] = await scene.books.ask(f"verdict?field={INVOICE_FIELD}")
    return answer


async def summarise(
    scene: Scene, *, invoices: int, first_contact: float | None, elapsed: float, broken_off: bool
) -> Summary:
    counts, judged = await count(scene), await verdict(scene)
    with translating():
        percentiles = await scene.context.pool.fetchval(SQL["read_latency"]) or (0, 0, 0)
    return Summary(
        invoices=invoices,
        status_changes=counts.changes,
        expected=judged["expected"],
        delivered=judged["delivered"],
        duplicated=judged["duplicated"],
        lost=0 if broken_off else judged["lost"],
        unexpected=judged["unexpected"],
        waiting=counts.parked if broken_off else counts.under_way + counts.parked,
        skipped=counts.skipped,
        latency_ms={name: round(value) for name, value in zip(("p50", "p95", "p99"), percentiles, strict=True)},
        first_contact_s=None if first_contact is None else round(first_contact, 2),
        elapsed_s=round(elapsed, 2),
        broken_off=broken_off,
        on_the_way=judged["lost"] if broken_off else 0,
    )
