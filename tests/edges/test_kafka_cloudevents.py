"""The message is the event, byte for byte, and anything that is not one of ours is nothing."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID, uuid4

from cloudevents.core.bindings.kafka import KafkaMessage, from_binary
from cloudevents.core.formats.json import JSONFormat

from events.envelope import Recorded, Row
from table import each
from worker.adapters.cloudevents import from_message, to_message

LOG = UUID("22222222-2222-4222-8222-222222222222")


def example() -> Recorded:
    row = Row(
        stream="invoice/7/1",
        id=uuid4(),
        type="InvoiceStatusChanged",
        schema=1,
        cause=uuid4(),
        actor="worker",
        data=b'{"after":"SENT"}',
        personal=b"\x01\xff sealed",
    )
    return Recorded(partition=3, position=5, at=datetime(2026, 3, 1, 12, tzinfo=UTC), hash=b"h" * 32, row=row)


def test_a_message_in_another_partition_than_it_says_is_not_ours() -> None:
    assert from_message(4, *to_message(LOG, example())) is None


@each("name", ["ce_id", "ce_type", "ce_subject", "ce_time", "ce_logid", "ce_partition", "ce_position", "ce_hash"])
@each("content", [b"", b"\xff\xfe", b"2026-03-01T12:00:00", None])
def test_a_message_with_a_header_that_makes_no_sense_is_not_ours(name: str, content: bytes | None) -> None:
    value, headers = to_message(LOG, example())
    headers = [(each, content if each == name else old) for each, old in headers]  # type: ignore[misc] # Kafka has nulls
    heard = from_message(3, value, headers)
    assert heard is None or heard.recorded != example()
    assert heard is None or name in ("ce_type", "ce_subject")


@each("missing", [name for name, _ in to_message(LOG, example())[1] if name.startswith("ce_")])
def test_a_message_without_one_of_its_headers_is_not_taken_for_the_event(missing: str) -> None:
    recorded = example()
    value, headers = to_message(LOG, recorded)
    heard = from_message(3, value, [header for header in headers if header[0] != missing])
    assert heard is None or missing in ("ce_specversion", "ce_source", "ce_cause")


def test_a_tombstone_and_a_message_without_headers_are_not_ours() -> None:
    value, headers = to_message(LOG, example())
    assert from_message(3, None, headers) is None
    assert from_message(3, value, []) is None


def test_another_client_reads_it_as_a_cloud_event() -> None:
    recorded = example()
    value, headers = to_message(LOG, recorded)
    event = from_binary(KafkaMessage(headers=dict(headers), key=None, value=value), JSONFormat())
    assert event.get_id() == str(recorded.row.id)
    assert event.get_type() == "InvoiceStatusChanged"
    assert event.get_source() == f"urn:ptm:log:{LOG}"
    assert event.get_subject() == "invoice/7/1"
    assert event.get_time() == recorded.at
    assert event.get_data() == {"after": "SENT"}
    assert event.get_extension("position") == "5"
    assert event.get_extension("hash") == recorded.hash.hex()
