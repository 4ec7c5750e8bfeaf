"""Reading by key: nothing is missed while rows move."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from events.cursor import Place, first, following, furthest, local, newest, overlap, parse, shift
from events.errors import Refused
from events.observe import Seen
from table import each

HELSINKI = ZoneInfo("Europe/Helsinki")
MINUTE = timedelta(minutes=1)


def row(invoice: int, version: str | None) -> Seen:
    return Seen(invoice=invoice, status="SENT", version=version, created=None, partner=None, row={})


def stamp(second: int) -> str:
    return shift("2026-03-02T09:00:00", timedelta(seconds=second))


def test_the_next_request_starts_a_second_before_the_last_row() -> None:
    place = Place(since=stamp(0))
    assert following(place, [row(1, stamp(3)), row(2, stamp(9))], full=True) == Place(since=stamp(8))


def test_a_page_that_is_not_full_ends_the_pass() -> None:
    assert following(Place(since=stamp(0)), [row(1, stamp(3))], full=False) is None


def test_a_full_page_within_one_second_is_read_by_id_and_then_left_behind() -> None:
    place: Place | None = Place(since=stamp(0))
    assert place is not None
    place = following(place, [row(1, stamp(1)), row(2, stamp(1))], full=True)
    assert place == Place(since=stamp(0), until=stamp(2))
    place = following(place, [row(3, stamp(1)), row(5, stamp(0))], full=True)
    assert place == Place(since=stamp(0), until=stamp(2), after=5)
    place = following(place, [row(9, stamp(1))], full=False)
    assert place == Place(since=stamp(1))


@each("place", [Place(since=None, after=8), Place(since=stamp(0), until=stamp(2), after=8)])
def test_a_list_that_comes_back_to_what_was_read_is_refused(place: Place) -> None:
    for rows in ([row(4, None), row(8, None)], [row(2, None)]):
        with pytest.raises(Refused):
            following(place, rows, full=True)


def test_the_baseline_is_read_by_id_alone() -> None:
    place = following(Place(since=None), [row(4, None), row(8, None)], full=True)
    assert place == Place(since=None, after=8)
    assert following(place, [], full=False) is None


def test_a_company_without_invoices_is_read_from_the_very_beginning() -> None:
    assert first("", MINUTE) == Place(since="")
    assert following(Place(since=""), [row(1, stamp(5))], full=True) == Place(since=stamp(4))


@each(
    "place",
    [Place(since=""), Place(since=None), Place(since=None, after=3), Place(since=stamp(1), until=stamp(3), after=9)],
)
def test_a_place_is_written_and_read_back(place: Place) -> None:
    assert parse(str(place)) == place


def test_the_cursor_is_the_largest_version_returned_and_never_goes_back() -> None:
    assert furthest("", [], now=stamp(10)) == ""
    assert furthest("", [row(1, None), row(2, stamp(4)), row(3, stamp(2))], now=stamp(10)) == stamp(4)
    assert furthest(stamp(9), [row(1, stamp(4))], now=stamp(10)) == stamp(9)


def test_a_stamp_still_to_come_moves_the_cursor_no_further_than_now() -> None:
    assert furthest(stamp(1), [row(1, stamp(4)), row(2, "2999-12-31T23:59:59")], now=stamp(10)) == stamp(10)
    assert furthest(stamp(20), [row(1, stamp(30))], now=stamp(10)) == stamp(20), "it never goes back"


def test_the_past_ends_with_the_newest_invoice_or_now_where_that_is_far_ahead() -> None:
    assert newest([], now=stamp(10)) == ""
    assert newest([row(1, None)], now=stamp(10)) == ""
    assert newest([row(1, stamp(40))], now=stamp(10)) == stamp(40), "by a clock of ours that is late"
    assert newest([row(1, "2026-03-03T09:00:11")], now=stamp(10)) == stamp(10)
    assert newest([row(1, "2999-12-31T23:59:59")], now=stamp(10)) == stamp(10)


def test_now_is_as_procountor_would_write_it() -> None:
    assert local(datetime(2026, 7, 1, 21, 30, 5, 7, tzinfo=UTC), HELSINKI) == "2026-07-02T00:30:05"


@each(
    ("cursor", "now", "wide"),
    [
        ("2026-10-25T02:30:00", datetime(2026, 10, 25, 1, 10, tzinfo=UTC), True),  # ten minutes after it went back
        ("2026-10-25T03:30:00", datetime(2026, 10, 25, 20, 0, tzinfo=UTC), True),  # away all day, and the hour unread
        ("2026-10-25T12:00:00", datetime(2026, 10, 25, 20, 0, tzinfo=UTC), False),
        ("2026-10-25T02:30:00", datetime(2026, 10, 24, 23, 30, tzinfo=UTC), False),  # not yet
        ("", datetime(2026, 6, 1, tzinfo=UTC), False),
    ],
)
def test_the_overlap_is_over_an_hour_where_the_clock_went_back(cursor: str, now: datetime, wide: bool) -> None:
    expected = timedelta(minutes=65) if wide else MINUTE
    assert overlap(cursor, now, zone=HELSINKI, usual=MINUTE) == expected
