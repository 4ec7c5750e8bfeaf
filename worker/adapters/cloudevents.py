"""A recorded event as a CloudEvents 1.0 message in Kafka's binary mode, and back."""

from __future__ import annotations

from base64 import b64decode, b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from uuid import UUID

from events.envelope import Recorded, Row

Headers = Sequence[tuple[str, bytes]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """What a message says it is. Nothing of it is trusted before its hash is found to link."""

    log_id: UUID
    recorded: Recorded


def to_message(log_id: UUID, recorded: Recorded) -> tuple[bytes, Headers]:
    """*recorded* as a message's value and headers: `data` verbatim, all else as attributes.

    Sealed personal data goes along as base64 in `personal`, a header that is not CloudEvents' own: other clients decode
    every header as UTF-8 before they look at its name.
    """
    row, log = recorded.row, _name(log_id)
    headers = [
        ("ce_specversion", b"1.0"),
        ("ce_id", str(row.id).encode()),
        ("ce_source", b"urn:ptm:log:" + log),
        ("ce_type", row.type.encode()),
        ("ce_subject", row.stream.encode()),
        ("ce_time", _time(recorded.at)),
        ("content-type", b"application/json"),
        ("ce_logid", log),
        ("ce_partition", b"%d" % recorded.partition),
        ("ce_position", b"%d" % recorded.position),
        ("ce_hash", recorded.hash.hex().encode()),
        ("ce_actor", row.actor.encode()),
        ("ce_schemaversion", b"%d" % row.schema),
    ]
    if row.cause is not None:
        headers.append(("ce_cause", str(row.cause).encode()))
    if row.personal is not None:
        headers.append(("personal", b64encode(row.personal)))
    return row.data, headers


@lru_cache(maxsize=8)
def _name(log_id: UUID) -> bytes:
    return str(log_id).encode()


@lru_cache(maxsize=256)
def _time(at: datetime) -> bytes:
    """Cached, since a batch was recorded at one time."""
    return at.astimezone(UTC).isoformat().encode()


def from_message(partition: int, value: bytes | None, headers: Headers) -> Message | None:
    """The event that a message found in Kafka's *partition* carries; None where it is not one of ours."""
    if value is None:
        return None
    try:
        found = dict(headers)
        if int(found["ce_partition"]) != partition:
            return None
        return Message(log_id=UUID(found["ce_logid"].decode()), recorded=_recorded(partition, value, found))
    except (AttributeError, KeyError, TypeError, ValueError):
        return None


def _recorded(partition: int, value: bytes, found: dict[str, bytes]) -> Recorded:
    at = datetime.fromisoformat(found["ce_time"].decode())
    position, link = int(found["ce_position"]), bytes.fromhex(found["ce_hash"].decode())
    if at.tzinfo is None or len(link) != 32:
        raise ValueError("neither a time nor a hash of ours")
    cause, personal = found.get("ce_cause"), found.get("personal")
    row = Row(
        stream=found["ce_subject"].decode(),
        id=UUID(found["ce_id"].decode()),
        type=found["ce_type"].decode(),
        schema=int(found["ce_schemaversion"]),
        cause=UUID(cause.decode()) if cause is not None else None,
        actor=found["ce_actor"].decode(),
        data=value,
        personal=b64decode(personal, validate=True) if personal is not None else None,
    )
    return Recorded(partition=partition, position=position, at=at, hash=link, row=row)
