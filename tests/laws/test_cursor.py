"""Reading by key misses no row, however the rows move while they are read."""

from __future__ import annotations

from datetime import timedelta
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from events.cursor import Place, first, following, shift
from events.observe import Seen

MINUTE = timedelta(minutes=1)


def stamp(second: int) -> str:
    return shift("2026-03-02T09:00:00", timedelta(seconds=second))


def row(invoice: int, version: str) -> Seen:
    return Seen(invoice=invoice, status="SENT", version=version, created=None, partner=None, row={})


class Shifting:
    """A list in order of version where, between any two pages, rows are modified and so jump to the end."""

    def __init__(self, rng: Random, *, count: int, seconds: int, inclusive: bool) -> None:
        self.rng, self.inclusive = rng, inclusive
        self.now = seconds
        self.versions = {invoice: rng.randrange(seconds) for invoice in range(1, count + 1)}

    def page(self, place: Place, size: int) -> list[Seen]:
        def inside(version: str) -> bool:
            low, high = place.since or "", place.until or "9"
            return low <= version <= high if self.inclusive else low < version < high

        rows = [row(invoice, stamp(second)) for invoice, second in self.versions.items() if inside(stamp(second))]
        if place.by_id:
            rows = sorted((found for found in rows if found.invoice > (place.after or 0)), key=lambda r: r.invoice)
        else:
            rows.sort(key=lambda found: (found.version or "", self.rng.random()))
        return rows[:size]

    def modify(self, some: int) -> None:
        self.now += self.rng.randrange(3)
        for invoice in self.rng.sample(sorted(self.versions), some):
            self.versions[invoice] = self.now


def read(server: Shifting, place: Place | None, met: dict[int, str], *, moves: int) -> None:
    size = 8
    for turn in range(400):
        if place is None:
            return
        rows = server.page(place, size)
        met.update((found.invoice, found.version or "") for found in rows)
        if turn < moves:
            server.modify(server.rng.randrange(6))
        place = following(place, rows, full=len(rows) == size)
    raise AssertionError("the pass does not end")


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 10_000), inclusive=st.booleans(), crowd=st.sampled_from([2, 10, 40]))
def test_every_row_is_met_and_the_next_pass_meets_what_moved_behind_the_first(
    seed: int, inclusive: bool, crowd: int
) -> None:
    server = Shifting(Random(seed), count=40, seconds=crowd, inclusive=inclusive)
    met: dict[int, str] = {}
    read(server, first("2026-03-02T09:00:00", MINUTE), met, moves=10)
    assert met.keys() == server.versions.keys()
    read(server, first(max(met.values()), MINUTE), met, moves=0)
    assert met == {invoice: stamp(second) for invoice, second in server.versions.items()}
