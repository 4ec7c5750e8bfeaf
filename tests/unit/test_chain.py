"""The chain: what a digest covers and what a link binds."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

from events.envelope import Row, link
from table import each

AT = datetime(2026, 3, 2, 12, 0, 0, 123456, tzinfo=UTC)
ROW = Row(
    stream="invoice/6e9c/10045",
    id=UUID("00000000-0000-4000-8000-000000000009"),
    type="InvoiceStatusChanged",
    schema=1,
    cause=None,
    actor="worker",
    data=b'{"after":"SENT"}',
    personal=None,
)


def test_the_digest_of_a_known_row_never_changes() -> None:
    assert ROW.digest.hex() == "0d50590813585ad515638f26c259aba9b6aecd2a350528cd0e97e34f2d8a3650"


def test_the_link_of_a_known_row_never_changes() -> None:
    assert link(b"", ROW.digest, 1, AT).hex() == "8a9cd9243a5f1a8cbcd6101832bd8777de8a310d5d1cb2aa5e8876ff0c4e60bf"


@each(
    "other",
    [
        replace(ROW, stream="invoice/6e9c/10046"),
        replace(ROW, id=UUID("00000000-0000-4000-8000-00000000000a")),
        replace(ROW, type="ContactAdded"),
        replace(ROW, schema=2),
        replace(ROW, cause=ROW.id),
        replace(ROW, actor="maija"),
        replace(ROW, data=b'{"after":"PAID"}'),
        replace(ROW, personal=b""),
        replace(ROW, data=b"", personal=ROW.data),
    ],
)
def test_whatever_differs_between_two_rows_their_digests_differ(other: Row) -> None:
    assert other.digest != ROW.digest


def test_a_link_binds_what_came_before_the_place_and_the_time() -> None:
    known = link(b"", ROW.digest, 1, AT)

    assert link(known, ROW.digest, 1, AT) != known
    assert link(b"", ROW.digest, 2, AT) != known
    assert link(b"", ROW.digest, 1, AT + timedelta(microseconds=1)) != known
