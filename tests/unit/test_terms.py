"""The filter line of the log: terms for the database, words for what is loaded."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from events.errors import Misconfigured
from tui import terms
from worker.operations.narrowing import Terms

ZONE = ZoneInfo("Europe/Helsinki")
NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


def test_terms_go_to_the_database_and_words_stay() -> None:
    line = 'type:added maija in:"Kokko Oy" !paid invoice:10045 customer:7 email:m@a.fi label:pilot since:2h until:1h'
    asked = terms.parse(line, ZONE, NOW)
    assert asked.terms == Terms(
        types=("added",),
        integrations=("Kokko Oy",),
        labels=("pilot",),
        invoices=("10045",),
        customers=(7,),
        emails=("m@a.fi",),
        since=NOW - timedelta(hours=2),
        until=NOW - timedelta(hours=1),
    )
    assert terms.words_of(line) == "maija !paid"
    assert terms.command(line) == (
        "ptm events --type added --integration 'Kokko Oy' --invoice 10045 --customer 7 --email m@a.fi"
        " --label pilot --since 2h --until 1h --people"
    )
    assert terms.command("since:2h") == "ptm events --since 2h --follow --people"


def test_a_place_to_begin_is_no_filter() -> None:
    asked = terms.parse("at:2026-02-28T12:00", ZONE, NOW)
    assert (asked.at, asked.terms) == (datetime(2026, 2, 28, 10, tzinfo=UTC), Terms())


def test_a_term_that_is_being_typed_says_nothing_yet() -> None:
    assert terms.parse('type: in:""', ZONE, NOW).terms == Terms()


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("stuff:1", r'no term stuff:, only type:, in:.* put "stuff:1" in quotes'),
        ("!type:added", "! turns words round, not type:"),
        ("customer:abc", "customer:abc is no number"),
        ("since:yesterday", "since: yesterday: write 30m, 2h, 3d"),
        ("since:1h since:2h", "since: can be said once"),
        ("until:2026-03-02", "until: 2026-03-02 is still to come"),
    ],
)
def test_a_wrong_term_is_told_in_words(line: str, told: str) -> None:
    with pytest.raises(Misconfigured, match=told):
        terms.parse(line, ZONE, NOW)


def test_what_is_quoted_is_text() -> None:
    assert terms.words_of('"stuff:1" /a b:c/') == '"stuff:1" /a b:c/'
    assert terms.parse('"stuff:1" /a b:c/', ZONE, NOW).terms == Terms()
