"""Deliveries as they stood at a moment, from the times that they and their attempts carry."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from worker.operations.deliveries import Attempt, Delivery


def stood(calls: Iterable[Delivery], at: datetime) -> tuple[Delivery, ...]:
    """Those that were there by *at*, as they were then.

    An operator's `retry` leaves no trace of its own: between it and the call that followed it, a delivery is shown as
    parked still.
    """
    return tuple(then(call, at) for call in calls if call.created_at <= at)


def then(call: Delivery, at: datetime) -> Delivery:
    if call.settled_at is not None and call.settled_at <= at:
        return replace(call, attempts=by(call.attempts, at))
    made = by(call.attempts, at)
    last = made[-1] if made else None
    return replace(
        call,
        state=state(last),
        tries=len(made),
        attempts=made,
        attempted_at=last.started_at if last else None,
        next_at=None,
        settled_at=None,
        failure=None,
        fingerprint=call.fingerprint if last and call.attempts[-1] == last and last.outcome == "parked" else None,
    )


def by(attempts: Iterable[Attempt], at: datetime) -> tuple[Attempt, ...]:
    """The calls that had left; an answer that came later was not known yet."""
    return tuple(
        one
        if one.finished_at is not None and one.finished_at <= at
        else replace(one, finished_at=None, outcome=None, status=None)
        for one in attempts
        if one.started_at <= at
    )


def state(last: Attempt | None) -> str:
    """Of what had not ended, by its last call; an answer that was not written down yet counts as under way."""
    match last.outcome if last else "failed":
        case "failed" | "credentials":
            return "waiting"
        case "parked":
            return "parked"
        case _:
            return "attempting"
