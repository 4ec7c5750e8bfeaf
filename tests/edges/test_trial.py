"""What came of a trial's call, by how it ended."""

from __future__ import annotations

import pytest

from events.errors import Refused, Unavailable
from events.trial import TrialOutcome
from worker.adapters.trustmary import Answer
from worker.operations.trial import outcome_of


@pytest.mark.parametrize(
    ("error", "outcome", "status"),
    [
        (None, TrialOutcome.DELIVERED, 201),
        (Refused("no", reason="invalid", status=422, answer={"message": "no"}), TrialOutcome.REFUSED, 422),
        (Refused("no address", reason="unreadable"), TrialOutcome.REFUSED, None),
        (Unavailable("later", status=429), TrialOutcome.REFUSED, 429),
        (Unavailable("gone", unanswered=True), TrialOutcome.UNANSWERED, None),
        (Unavailable("away"), TrialOutcome.UNSENT, None),
    ],
)
async def test_each_end_of_a_call_is_its_own_outcome(
    error: Exception | None, outcome: TrialOutcome, status: int | None
) -> None:
    async def call() -> Answer:
        if error:
            raise error
        return Answer(status=201, body={"action": "IMPORT_CREATE"})

    found, code, failure, answer = await outcome_of(call())
    assert (found, code, failure) == (outcome, status, str(error) if error else None)
    assert (answer.body if answer else {}) == (
        {"action": "IMPORT_CREATE"} if not error else getattr(error, "answer", {})
    )
