"""How far a replay is: what has been asked for, and what has come to its end at Trustmary."""

from __future__ import annotations

from datetime import datetime, timedelta

from events.replay import Reach
from worker.operations.replays import LATELY, Replay

GOING = ("waiting", "attempting")


def asked(replay: Replay) -> str:
    return f"{replay.asked} of {replay.items}"


def under_way(replay: Replay) -> int:
    """Decided, and on their way to Trustmary."""
    return sum(replay.results.get(state, 0) for state in GOING)


def finished(replay: Replay, now: datetime) -> str:
    """How many, how fast of late, and how long the rest takes at that."""
    done = sum(replay.results.values()) - under_way(replay)
    whole = replay.asked if replay.state == "cancelled" else replay.items or 0
    left = whole - done if replay.state == "running" else under_way(replay)
    said = f"{done} of {whole}"
    if not left or replay.started_at is None:
        return said
    rate, span = rate_of(replay, (now - replay.started_at).total_seconds())
    if rate:
        return f"{said}, {rate:.1f} a second, {timedelta(seconds=round(left / rate))} to go"
    return f"{said}, none in the last {span:.0f} s"


def rate_of(replay: Replay, seconds: float) -> tuple[float, float]:
    """A second, over how many seconds. At reach `record` to be asked for is all that happens."""
    if replay.reach is Reach.RECORD:
        return replay.asked / max(seconds, 1.0), seconds
    span = min(max(seconds, 1.0), LATELY.total_seconds())
    return replay.lately / span, span
