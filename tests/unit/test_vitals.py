"""What a monitor is told: the worst of what reaches its limit, in one line."""

from __future__ import annotations

from dataclasses import replace
from zoneinfo import ZoneInfo

from events.words import Language, Words
from worker.operations.vitals import Level, Limits, Vitals, judge

FINE = Vitals(lag=0, parked=0, held=0, broken=0, ending=0, alive=2)


def test_where_nothing_reaches_its_limit_it_is_ok_with_figures() -> None:
    assert judge(FINE, Limits()) == (
        Level.OK,
        "PTM OK - 2 workers, nothing waits | "
        "lag=0s;60;300;0 parked=0;1;100;0 held=0;;1;0 broken=0;;1;0 ending=0;1;;0 workers=2;;1:;0",
    )


def test_each_limit_warns_or_alarms_when_it_is_reached() -> None:
    for seen, level in (
        (replace(FINE, lag=59), Level.OK),
        (replace(FINE, lag=60), Level.WARNING),
        (replace(FINE, lag=300), Level.CRITICAL),
        (replace(FINE, parked=1), Level.WARNING),
        (replace(FINE, parked=100), Level.CRITICAL),
        (replace(FINE, ending=1), Level.WARNING),
        (replace(FINE, broken=1), Level.CRITICAL),
        (replace(FINE, held=1), Level.CRITICAL),
        (replace(FINE, alive=0), Level.CRITICAL),
    ):
        assert judge(seen, Limits())[0] is level, seen


def test_the_worst_comes_first() -> None:
    level, line = judge(replace(FINE, parked=3, broken=2), Limits())
    assert level is Level.CRITICAL
    assert line.startswith("PTM CRITICAL - 2 connections broken; 3 deliveries parked | ")


def test_a_line_is_told_in_the_language_that_is_spoken_but_for_what_monitors_read() -> None:
    finnish = Words(Language.FINNISH, ZoneInfo("Europe/Helsinki"))
    assert judge(FINE, Limits(), finnish)[1].startswith("PTM OK - 2 työprosessia, mikään ei odota | lag=0s;60;300;0 ")
    one = replace(FINE, alive=1)
    assert judge(one, Limits())[1].startswith("PTM OK - 1 worker, nothing waits | ")
    assert judge(one, Limits(), finnish)[1].startswith("PTM OK - 1 työprosessi, mikään ei odota | ")
    ill = replace(FINE, lag=61.4, parked=3, ending=2)
    assert judge(ill, Limits(), finnish)[1].startswith(
        "PTM WARNING - vanhin ratkaisematon tapahtuma 61 s vanha; 3 toimitusta pysäköity; "
        "2 kirjautumista päättyy 14 päivän kuluessa | "
    )
