"""A bounded stretch of the log, and the way along causes and effects."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest

from events.envelope import Recorded, Row
from events.integration import IntegrationResumed
from tui import window
from tui.trail import Trail
from tui.window import Window
from worker.operations.browse import Entry, Key, Page
from worker.operations.related import Related

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
HEADS = {0: 100, 1: 100}


def entry(second: int, *, partition: int = 0) -> Entry:
    row = Row(
        stream=f"integration/{UUID(int=1)}", id=uuid4(), type="IntegrationResumed", schema=1, cause=None,
        actor="worker", data=b"{}", personal=None,
    )  # fmt: skip
    at = NOON + timedelta(seconds=second)
    record = Recorded(partition=partition, position=second + 1, at=at, hash=b"", row=row)
    return Entry(record=record, event=IntegrationResumed(integration=UUID(int=1), id=row.id))


def seconds(held: Window) -> list[int]:
    return [one.record.position - 1 for one in held.entries]


def page(*among: int, further: bool = True) -> Page:
    entries = tuple(map(entry, among))
    return Page(entries=entries, further=entries[0].key if further and entries else None)


def test_what_comes_late_stands_where_its_time_is() -> None:
    held = Window()
    held.go_back(page(1, 2, 5, further=False))
    held.go_on([entry(7), entry(3, partition=1)], HEADS)
    held.go_on([entry(3, partition=1)], HEADS)
    assert seconds(held) == [1, 2, 3, 5, 7]


def test_however_far_one_goes_it_stays_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(window, "MOST", 4)
    held = Window(heads=HEADS)
    held.go_back(page(5, 6, 7, 8))
    held.go_back(page(3, 4))
    assert seconds(held) == [3, 4, 5, 6]
    assert held.heads is None, "the newest were let go of"
    held.go_back(page(1, 2, further=False))
    assert (seconds(held), held.older) == ([1, 2, 3, 4], None)
    held.go_on([entry(5), entry(6)], None)
    assert seconds(held) == [3, 4, 5, 6]
    assert held.older == Key(at=NOON + timedelta(seconds=3), position=4), "the oldest were let go of"


def test_a_page_that_only_looked_moves_where_the_next_begins() -> None:
    held = Window()
    held.go_back(Page(entries=(), further=Key(at=NOON)))
    assert (held.entries, held.older) == ([], Key(at=NOON))


def test_down_leads_through_all_that_followed_and_up_again() -> None:
    change, first, second, outcome = (entry(n) for n in range(4))
    kin = {
        change.key: Related(of=change.record.row.id, cause=None, effects=(first, second)),
        first.key: Related(of=first.record.row.id, cause=change, effects=(outcome,)),
        outcome.key: Related(of=outcome.record.row.id, cause=first, effects=()),
        second.key: Related(of=second.record.row.id, cause=change, effects=()),
    }
    trail, at, way = Trail(), change, []
    while (down := trail.down(kin[at.key])) is not None:
        at = down
        way.append(at)
    assert way == [first, outcome, second]
    assert trail.up(kin[second.key]) == change
    assert trail.up(kin[change.key]) is None
