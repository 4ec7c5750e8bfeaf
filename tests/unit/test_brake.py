"""The brake's figures, and the age of an invoice."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from events import brake, replay, rules
from events.brake import Tally
from events.contact import ContactAdded
from events.integration import OFF, Braked, Settings
from events.rules import Ledger
from facts import INTEGRATION, TRIGGER, changed, considered, contact, in_force, invoice, key
from worker import braking

AT = datetime(2026, 3, 2, 12, tzinfo=UTC)
HOUR = brake.hour_of(AT)


def tally(*contacts: tuple[int, int]) -> Tally:
    """(hours ago, contacts), oldest first."""
    found = Tally()
    for ago, count in contacts:
        found = brake.counted(found, HOUR - ago, count)
    return found


def test_what_is_more_than_a_day_ago_counts_no_more() -> None:
    assert sum(tally((24, 50), (23, 7), (0, 3)).hours) == 10
    assert sum(tally((24, 50), (0, 3)).hours) == 3
    assert tally((24 * 60, 50), (0, 3)).days == (3,), "nor is it usual after two months"


def test_what_screens_show_of_the_day_outlives_a_resumption() -> None:
    released = brake.counted(brake.released(tally((24, 50), (23, 7), (0, 3))), HOUR, 2)
    assert (sum(released.hours), sum(released.shown)) == (2, 12)
    assert brake.from_json(brake.to_json(released)) == released
    assert brake.from_json("[5,[2,1],[3]]").shown == (2, 1), "written before there was anything to show"


def test_the_limit_is_the_floor_or_three_times_the_busiest_day_but_for_today_and_yesterday() -> None:
    usual = Settings()
    assert brake.limit(usual, Tally()) == brake.FLOOR == 100
    assert brake.limit(usual, tally((24 * 31, 400), (24 * 5, 60), (0, 900))) == 1200
    assert brake.limit(usual, tally((24 * 5, 10), (24, 900), (0, 900))) == 100
    assert brake.limit(Settings(brake=7), tally((24 * 5, 400))) == 7
    assert brake.limit(Settings(brake=OFF), tally((0, 9000))) is None


def test_only_more_than_the_limit_is_beyond_it() -> None:
    assert brake.beyond(Settings(), tally((0, 100))) is None
    assert brake.beyond(Settings(), tally((24 * 3, 10), (0, 101))) == Braked(contacts=101, limit=100, usual=10)
    assert brake.beyond(Settings(brake=0), tally((0, 1))) == Braked(contacts=1, limit=0, usual=0)


def test_counting_begins_anew_when_a_person_resumes_and_only_what_is_sent_becomes_usual() -> None:
    burst = tally((24 * 6, 10), (24 * 3, 400), (0, 20))
    sent = brake.released(burst)
    dropped = brake.corrected(brake.corrected(sent, HOUR - 24 * 3, -390), HOUR, -20)
    assert sent.hours == dropped.hours == ()
    later = HOUR + 24 * 5
    assert brake.limit(Settings(), brake.counted(sent, later, 1)) == 1200
    assert brake.limit(Settings(), brake.counted(dropped, later, 1)) == 100
    assert brake.counted(dropped, later, 1).days == (1, 0, 0, 0, 0, 0, 0, 0, 10, 0, 0, 10)
    assert brake.corrected(dropped, HOUR - 24 * 3, -11).days[3] == 0, "from before the brake counted"
    assert brake.corrected(dropped, HOUR - 24 * 60, 5) == dropped, "forgotten by now"


def test_an_hour_before_the_newest_counts_as_the_newest() -> None:
    assert brake.counted(tally((0, 3)), HOUR - 5, 2) == tally((0, 5))


def test_a_burst_is_one_though_a_late_projector_meets_it_with_what_came_a_day_later() -> None:
    now, used = in_force(contact(), settings=Settings(brake=5)), Ledger(key=key)
    seen = [(number, AT) for number in range(6)] + [(6, AT + timedelta(hours=25))]
    found = [one for number, at in seen for one in considered(now, changed(number), at)]
    added = [(one, made) for one in found if isinstance(made := rules.settle(one, used), ContactAdded)]
    tallies, beyond = braking.counted(added, {})
    assert tallies[INTEGRATION].hours == (1,)
    assert beyond == {INTEGRATION: Braked(contacts=6, limit=5, usual=0)}


def test_a_tally_reads_as_it_was_written() -> None:
    found = tally((24 * 40, 3), (30, 4), (0, 9))
    assert brake.from_json(brake.to_json(found)) == found


def skipped(day: object, at: datetime = AT, *, oldest: int = 180) -> str | None:
    change = changed(invoice=invoice(date=day))
    [found] = rules.consider(in_force(contact(), settings=Settings(oldest_invoice=oldest)), change, at)
    return found.skip[0].value if found.skip else None


def test_an_invoice_is_old_by_its_own_date_when_its_change_was_recorded() -> None:
    assert skipped("2025-09-03") is None
    assert skipped("2025-09-02") == "old_invoice"
    assert skipped("2025-09-02", oldest=181) is None
    assert skipped("2020-01-01", oldest=0) is None
    assert skipped("2026-03-20") is None, "dated ahead"
    assert skipped("2025-09-03", AT + timedelta(days=1)) == "old_invoice"


def test_what_is_no_date_is_not_old() -> None:
    assert [skipped(day) for day in (None, "", "eilen", 20200101)] == [None] * 4


def test_a_replay_is_a_persons_word_and_takes_old_invoices_too() -> None:
    now = in_force(contact())
    old = changed(invoice=invoice(date="2020-01-01"))
    assert replay.reconsider(now, now.triggers[TRIGGER], old, AT).skip is None


def test_plans_from_before_the_brake_are_pinned_as_they_were() -> None:
    """And no plan hangs on it: it changes nothing about what a replay decides."""
    now = in_force(contact())
    was = "85cd1a946ff55e0f137d097f3d24d0795a10f7b3e26cfe778767caea17a9b3f0"
    assert replay.pin(now, [TRIGGER]) == was
    assert replay.pin(replace(now, settings=Settings(brake=OFF, oldest_invoice=0)), [TRIGGER]) == was
