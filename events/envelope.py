"""What every event carries: its place, its identity, its cause and its link in the chain."""

from __future__ import annotations

import hashlib
import struct
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import NewType
from uuid import UUID

IntegrationId = NewType("IntegrationId", UUID)
TriggerId = NewType("TriggerId", UUID)

NAMESPACE = UUID("6f0a1f7e-3c52-5d0e-9b1c-7a2f4c9d8e10")
_NAMESPACE = NAMESPACE.bytes
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
WORKER = "worker"
SIZES = struct.Struct(">QQQ?")


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """An event as the log, Kafka and a backup carry it: personal data sealed, `data` verbatim."""

    stream: str
    id: UUID
    type: str
    schema: int
    cause: UUID | None
    actor: str
    data: bytes
    personal: bytes | None

    @property
    def digest(self) -> bytes:
        """SHA-256 over all that is fixed before the log numbers the event; over ciphertext, so it survives erasure."""
        head = f"{self.stream}\n{self.id}\n{self.type}\n{self.schema}\n{self.cause or ''}\n{self.actor}".encode()
        personal = self.personal or b""
        sizes = SIZES.pack(len(head), len(self.data), len(personal), self.personal is not None)
        return hashlib.sha256(b"".join((sizes, head, self.data, personal))).digest()


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded:
    """A row at its place in the log."""

    partition: int
    position: int
    """Gapless in its partition: 1, 2, 3, …"""
    at: datetime
    hash: bytes
    row: Row


def link(previous: bytes, digest: bytes, position: int, at: datetime) -> bytes:
    """The hash that an event with *digest* must have behind *previous*; as append() in SQL makes it."""
    micros = (at - EPOCH) // timedelta(microseconds=1)
    return hashlib.sha256(previous + digest + struct.pack(">qq", position, micros)).digest()


def identify(*parts: object) -> UUID:
    """The same facts give the same id (a UUIDv5), wherever and however often they are seen."""
    name = "/".join(["" if part is None else str(part) for part in parts])
    return UUID(bytes=hashlib.sha1(_NAMESPACE + name.encode(), usedforsecurity=False).digest()[:16], version=5)


@lru_cache(maxsize=10_000)
def spelt(id: UUID) -> str:
    """Writing an id takes longer than finding it, and an integration's is in everything about its invoices."""
    return str(id)


def integration_stream(integration: UUID) -> str:
    return f"integration/{integration}"


def connection_stream(integration: UUID) -> str:
    return f"connection/{integration}"


def invoice_stream(integration: UUID, invoice: int) -> str:
    return f"invoice/{spelt(integration)}/{invoice}"


def subject_of(integration: UUID, invoice: int, partner: int | None) -> str:
    """Whose key seals an invoice's events: the customer's, or the invoice's own for a one-off customer."""
    whose = spelt(integration)
    return f"{whose}/partner/{partner}" if partner is not None else f"{whose}/invoice/{invoice}"


def integration_of(stream: str) -> IntegrationId:
    """The tenant that a stream belongs to."""
    return IntegrationId(UUID(stream.split("/")[1]))
