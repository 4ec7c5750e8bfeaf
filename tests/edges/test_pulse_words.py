"""What the console's header and its screens say of lag, budget, pace and logins: whether it gets better, and when."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from events.finnish import FINNISH
from events.integration import Service
from events.words import Language, Words
from tui.integration import health
from tui.integration.health import last_call
from tui.pace import Pace, Trend
from tui.past import Past
from tui.replay import head
from tui.screens import share_line, worker_line
from tui.widgets.cluster import parts
from worker import stages
from worker.operations.connections import Login
from worker.operations.integrations import Connection
from worker.operations.progress import Progress
from worker.operations.pulse import Pulse
from worker.operations.status import Lag

NOW = datetime(2026, 11, 27, 12, tzinfo=UTC)
ENGLISH = Words(Language.ENGLISH, ZoneInfo("Europe/Helsinki"))
WIDE = 200


def lag(*, undecided: int, seconds: float, partition: int = 0, at: datetime = NOW) -> Lag:
    """So many that are undecided, the oldest for so long."""
    since = at - timedelta(seconds=seconds) if undecided else None
    return Lag(partition=partition, head=1000, relayed=990, decided=1000 - undecided, undecided_since=since)


def pulse(*lags: Lag, at: datetime = NOW, requests: int = 20) -> Pulse:
    return Pulse(at=at, lags=lags, workers=(), waiting=3, parked=0, requests=requests, per_second=40)


def header(seen: Pulse, trend: Trend, room: int = WIDE) -> Sequence[str]:
    return parts(seen, trend, ENGLISH, room)


@pytest.mark.parametrize(
    ("seconds", "draining", "says", "row"),
    [
        (1, -5, "✔ up to date", "✔ up to date"),
        (60, 5, "▼ 100 behind, empty in 20 s", "▼ empty in 20 s"),
        (60, -5, "▲ 100 behind, growing", "▲ growing"),
        (60, 0, "■ 100 behind", "■ stands still"),
    ],
)
def test_lag_says_whether_it_drains_and_how_long_that_takes(
    seconds: float, draining: float, says: str, row: str
) -> None:
    seen, trend = pulse(lag(undecided=100, seconds=seconds)), Trend(per_second=7, draining=draining)
    assert header(seen, trend)[1] == says
    [share] = share_line.shares(seen, {0: trend})
    assert share_line.moving(share, ENGLISH).text == row


def test_the_header_says_workers_lag_what_waits_speed_and_the_budget_as_a_gauge() -> None:
    seen = header(pulse(lag(undecided=0, seconds=0)), Trend(per_second=7.4, draining=0))
    assert seen == ["✖ no worker", "✔ up to date", "3 waiting", "7/s events", "budget ████░░░░ 20/40"]


@pytest.mark.parametrize(
    ("room", "left"),
    [(70, 5), (58, 4), (48, 3), (36, 2), (26, 2), (5, 1)],
)
def test_where_there_is_little_room_the_budget_stays_longest_beside_the_workers(room: int, left: int) -> None:
    seen = header(pulse(lag(undecided=0, seconds=0)), Trend(per_second=7, draining=0), room)
    assert len(seen) == left
    assert seen[0] == "✖ no worker"
    assert left == 1 or seen[-1].endswith("██░░ 20/40")


@pytest.mark.parametrize(("requests", "gauge"), [(0, "░░░░░░░░ 0/40"), (5, "█░░░░░░░ 5/40"), (60, "████████ 60/40")])
def test_the_gauge_is_as_full_as_the_budget_is_used(requests: int, gauge: str) -> None:
    assert header(pulse(requests=requests), Trend(per_second=0, draining=0))[-1] == f"budget {gauge}"


def test_a_trend_is_what_the_last_seconds_say_of_all_and_of_each_partition() -> None:
    pace, past = Pace(), Past()
    trend = Trend(per_second=0, draining=0)
    for second, (first, second_one) in enumerate(((200, 10), (150, 20), (100, 30))):
        at = NOW + timedelta(seconds=10 * second)
        seen = pulse(
            lag(undecided=first, seconds=60, at=at), lag(undecided=second_one, seconds=60, partition=1, at=at), at=at
        )
        trend = pace.note(seen)
        past.note(seen)
    assert trend.draining == 4
    assert trend.empty_in(100) == timedelta(seconds=25)
    assert (past.trends[0].draining, past.trends[1].draining) == (5, -1)
    assert [number for _, number in past.decided()] == [4, 4]


def test_a_replay_says_how_fast_it_goes_and_how_long_the_rest_takes() -> None:
    moving = Progress(done=10, whole=100, left=90, rate=1.5, span=20)
    assert list(head.pace(moving, ENGLISH)) == ["1.5 a second", "0:01:00 to go"]
    still = Progress(done=10, whole=100, left=90, rate=0, span=60)
    assert list(head.pace(still, ENGLISH)) == ["none in the last 60 s"]


def test_a_login_says_of_which_kind_it_is_who_gave_it_and_when_it_ends() -> None:
    def told(ends_at: datetime | None) -> list[tuple[str, str]]:
        kind = "refresh_token" if ends_at else "api_key"
        one = Login(kind=kind, since=NOW - timedelta(days=3), actor="maija", ends_at=ends_at, refusal=None)
        return [(fact.label.strip(), fact.value) for fact in health.told(one, "susanna.aho", ENGLISH, NOW)]

    assert told(None) == [
        ("Key", "API key · susanna.aho · given by maija 2026-11-24"),
        ("Ends", "not by itself"),
    ]
    far = told(NOW + timedelta(days=100))
    assert far == [
        ("Key", "login for six months · susanna.aho · given by maija 2026-11-24"),
        ("Ends", "2027-03-07: log in again before that"),
    ]
    soon = told(NOW + timedelta(days=5))
    assert soon[1] == ("Ends", "▲ 2026-12-02: log in again before that")
    assert [label for label, _ in soon[2:]] == ["State", "What to do", "Whom to ask", "Invoices"]


def test_the_last_good_call_says_how_long_ago_it_was() -> None:
    def says(at: datetime | None) -> str:
        one = Connection(service=Service.TRUSTMARY, state="connected", reason=None, since=NOW, last_good_at=at)
        return last_call(one, ENGLISH, NOW)

    assert says(None) == "last good call never"
    assert says(NOW - timedelta(seconds=90)) == "last good call 1 min ago"


def test_each_loop_of_a_worker_has_its_sentence() -> None:
    source = Path(stages.__file__).read_text(encoding="utf-8")
    loops = set(re.findall(r'\.loop\("(\w+)"', source))
    assert loops == set(worker_line.STAGES)
    assert set(worker_line.STAGES.values()) <= FINNISH.keys()
