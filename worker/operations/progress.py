"""How far a replay is: what has been asked for, and what has come to its end at Trustmary."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from events.replay import Reach
from events.words import Words
from worker.operations.replays import LATELY, Replay

GOING = ("waiting", "attempting")
NEVER_ASKED = ("beyond_reach", "not_chosen")
"""Left out before the first was asked for: no part of what is to be done."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    done: int
    """Contacts that have come to their end."""
    whole: int
    left: int
    """That will yet: all others, or of a replay that is paused or cancelled what is decided."""
    rate: float
    """Contacts a second, of late."""
    span: float
    """Over how many seconds."""

    @property
    def to_go(self) -> timedelta | None:
        """None where nothing is left, or nothing moves."""
        return timedelta(seconds=round(self.left / self.rate)) if self.left and self.rate else None


def of(replay: Replay, now: datetime) -> Progress:
    going = under_way(replay)
    done = sum(count for result, count in replay.results.items() if result not in NEVER_ASKED) - going
    whole = replay.asked if replay.state == "cancelled" else replay.items or 0
    left = whole - done if replay.state == "running" else going
    begun = replay.resumed_at or replay.started_at
    since = (now - begun).total_seconds() if begun else 0.0
    rate, span = rate_of(replay, since)
    return Progress(done=done, whole=whole, left=left, rate=rate, span=span)


def asked(replay: Replay) -> str:
    return f"{replay.asked} of {replay.items}"


def finished(replay: Replay, now: datetime, say: Words) -> str:
    """How many, how fast of late, and how long the rest takes at that."""
    far = of(replay, now)
    said = f"{far.done} of {far.whole}"
    if not far.left or replay.started_at is None:
        return said
    if far.to_go is not None:
        return f"{said}, {say.decimal(far.rate, 1)} a second, {far.to_go} to go"
    return f"{said}, none in the last {far.span:.0f} s"


def under_way(replay: Replay) -> int:
    """Decided, and on their way to Trustmary."""
    return sum(replay.results.get(state, 0) for state in GOING)


def rate_of(replay: Replay, seconds: float) -> tuple[float, float]:
    """A second, over how many of the *seconds* since it began, or was resumed: a pause is no part of them. At reach
    `record` to be asked for is all that happens."""
    if replay.reach is Reach.RECORD:
        return (replay.asked - replay.asked_before) / max(seconds, 1.0), seconds
    span = min(max(seconds, 1.0), LATELY.total_seconds())
    return replay.lately / span, span
