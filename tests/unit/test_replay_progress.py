"""How far a replay is, is said of what came to its end, not of what was asked for."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest

from events.replay import Reach
from events.words import Language, Words
from worker.operations.progress import finished
from worker.operations.replays import Replay

ENGLISH = Words(Language.ENGLISH, ZoneInfo("UTC"))
NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


def replay(*, ago: float = 300, reach: Reach = Reach.CONTACT, **facts: Any) -> Replay:
    usual: dict[str, Any] = {"state": "running", "asked": 250, "items": 300, "results": {}}
    return Replay(
        id=UUID(int=1),
        integration=UUID(int=2),
        hash="",
        triggers=(),
        pin="",
        upto=0,
        about={},
        planned_by="",
        planned_at=NOW,
        reach=reach,
        classes=(),
        started_at=NOW - timedelta(seconds=ago),
        ended_at=None,
        **usual | facts,
    )


def resumed(ago: float, *, asked_before: int = 0) -> dict[str, Any]:
    return {"resumed_at": NOW - timedelta(seconds=ago), "asked_before": asked_before}


WAITING = {"delivered": 50, "waiting": 198, "attempting": 2}


@pytest.mark.parametrize(
    ("shown", "says"),
    [
        (replay(results=WAITING, lately=120), "50 of 300, 2.0 a second, 0:02:05 to go"),
        (replay(results=WAITING, lately=40, ago=20), "50 of 300, 2.0 a second, 0:02:05 to go"),
        (replay(results=WAITING), "50 of 300, none in the last 60 s"),
        (replay(results=WAITING, lately=120, state="paused"), "50 of 300, 2.0 a second, 0:01:40 to go"),
        (replay(results=WAITING, lately=120, state="cancelled"), "50 of 250, 2.0 a second, 0:01:40 to go"),
        (replay(results={"delivered": 290, "void": 10}, state="done", asked=300), "300 of 300"),
        (replay(results={"decided": 250}, reach=Reach.RECORD, ago=25), "250 of 300, 10.0 a second, 0:00:05 to go"),
        (replay(results=WAITING, lately=20, ago=9000, **resumed(10)), "50 of 300, 2.0 a second, 0:02:05 to go"),
        (replay(results=WAITING, ago=9000, **resumed(10)), "50 of 300, none in the last 10 s"),
        (
            replay(results={"decided": 250}, reach=Reach.RECORD, ago=9000, **resumed(10, asked_before=200)),
            "250 of 300, 5.0 a second, 0:00:10 to go",
        ),
    ],
)
def test_what_has_come_to_its_end_how_fast_and_how_long_the_rest_takes(shown: Replay, says: str) -> None:
    assert finished(shown, NOW, ENGLISH) == says


def test_what_was_left_out_before_the_first_was_asked_for_is_not_part_of_the_whole() -> None:
    far = replay(
        state="done", asked=5, items=5, results={"delivered": 4, "moved": 1, "not_chosen": 7, "beyond_reach": 2}
    )
    assert finished(far, NOW, ENGLISH) == "5 of 5"
