"""A message says what the log said, whatever it was."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from events.envelope import Recorded, Row
from worker.adapters.cloudevents import from_message, to_message

LOG = UUID("22222222-2222-4222-8222-222222222222")

rows = st.builds(
    Row,
    stream=st.text(),
    id=st.uuids(),
    type=st.text(),
    schema=st.integers(1, 99),
    cause=st.none() | st.uuids(),
    actor=st.text(),
    data=st.binary(),
    personal=st.none() | st.binary(),
)
records = st.builds(
    Recorded,
    partition=st.integers(0, 1000),
    position=st.integers(1, 2**62),
    at=st.datetimes(min_value=datetime(1970, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001 - hypothesis adds the zone
    hash=st.binary(min_size=32, max_size=32),
    row=rows,
)


@given(recorded=records)
def test_what_was_told_is_what_is_heard(recorded: Recorded) -> None:
    heard = from_message(recorded.partition, *to_message(LOG, recorded))
    assert heard is not None
    assert heard.log_id == LOG
    assert heard.recorded == recorded
