"""One file of a backup: a line of JSON that says what it is, PostgreSQL's own copies of tables, counts, a checksum.

ptm-backup 1
{"part": "log", "log": …}
{"table": "public.event", "columns": […]}
length (4 bytes), bytes, length, bytes, … 0
{"rows": {"public.event": 1200, …}}
SHA-256 of all that stands before this line, as 64 hexadecimal digits
"""

from __future__ import annotations

import asyncio
import hashlib
import os
import struct
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Any, BinaryIO, Self
from uuid import UUID

import orjson

from events.errors import Misconfigured

MAGIC = b"ptm-backup 1\n"
FULL = 1 << 20
"""Bytes that are written, or read, at once."""
_LENGTH = struct.Struct(">I")
_SUM = 65


class Part(StrEnum):
    LOG = "log"
    VAULT = "vault"

    @property
    def file(self) -> str:
        return f"{self.value}.ptm"


class Damaged(Misconfigured):
    """A file of a backup is not as it was written."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """What a file is, and of when."""

    part: Part
    log: UUID
    taken_at: datetime
    schema: str
    """The newest migration of the database that it was taken of."""
    release: str
    keys_upto: int
    """The largest number of a person's key that there was."""
    heads: dict[str, tuple[int, str]]
    """Partition → position and hash of its last event."""


@dataclass(slots=True, kw_only=True)
class Writing:
    """A file under way: it has its name only once it is whole and on the disk."""

    path: Path
    file: BinaryIO
    sum: Any = field(default_factory=hashlib.sha256)
    waiting: bytearray = field(default_factory=bytearray)
    rows: dict[str, int] = field(default_factory=dict)

    @classmethod
    def begin(cls, path: Path, head: Head) -> Self:
        draft = path.with_name(f"{path.name}.partial")
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        made = cls(path=path, file=os.fdopen(descriptor, "wb", buffering=0))
        made.put(MAGIC)
        made.line(head)
        return made

    def begin_table(self, name: str, columns: Sequence[str]) -> None:
        self.line({"table": name, "columns": list(columns)})

    async def chunk(self, data: bytes) -> None:
        if data:
            self.put(_LENGTH.pack(len(data)) + data)
        if len(self.waiting) >= FULL:
            await asyncio.to_thread(self.flush)

    def end_table(self, name: str, rows: int) -> None:
        self.put(_LENGTH.pack(0))
        self.rows[name] = rows

    def line(self, value: object) -> None:
        self.put(orjson.dumps(value, default=str) + b"\n")

    def put(self, data: bytes) -> None:
        self.sum.update(data)
        self.waiting += data

    def flush(self) -> None:
        left = memoryview(bytes(self.waiting))
        self.waiting.clear()
        while left:
            left = left[self.file.write(left) :]

    def finish(self) -> int:
        """Answers how many bytes it has."""
        self.line({"rows": self.rows})
        self.waiting += f"{self.sum.hexdigest()}\n".encode()
        self.flush()
        os.fsync(self.file.fileno())
        self.file.close()
        Path(f"{self.path}.partial").replace(self.path)
        return self.path.stat().st_size

    def give_up(self) -> None:
        self.file.close()
        Path(f"{self.path}.partial").unlink(missing_ok=True)


def check(path: Path, part: Part) -> Head:
    """Reads the whole file once; raises `Damaged`, or `Misconfigured` where it is not such a file at all."""
    with reading(path) as file:
        total = os.fstat(file.fileno()).st_size - _SUM
        if file.read(len(MAGIC)) != MAGIC:
            raise Misconfigured(f"{path} is no backup of a form that this release reads.")
        file.seek(0)
        found, left = hashlib.sha256(), max(0, total)
        while left and (data := file.read(min(left, FULL))):
            found.update(data)
            left -= len(data)
        if file.read() != f"{found.hexdigest()}\n".encode():
            raise Damaged(f"{path} was changed or cut since it was written: take another copy. Nothing was restored.")
        file.seek(len(MAGIC))
        head = read_head(file.readline())
    if head.part is not part:
        raise Misconfigured(f"{path} is the {head.part}'s file: the {part}'s is needed in its place.")
    return head


def read_head(line: bytes) -> Head:
    said = orjson.loads(line)
    return Head(
        part=Part(said["part"]),
        log=UUID(said["log"]),
        taken_at=datetime.fromisoformat(said["taken_at"]),
        schema=said["schema"],
        release=said["release"],
        keys_upto=said["keys_upto"],
        heads={partition: (position, hash) for partition, (position, hash) in said["heads"].items()},
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """A table as it comes; its *chunks* must be read before the next one's."""

    schema: str
    name: str
    columns: list[str]
    chunks: AsyncIterator[bytes]


def tables(file: BinaryIO) -> Iterator[Table | dict[str, int]]:
    """Every table of a file that was checked, then how many rows each has."""
    file.seek(len(MAGIC))
    file.readline()
    while "table" in (said := orjson.loads(file.readline())):
        schema, _, name = said["table"].partition(".")
        yield Table(schema=schema, name=name, columns=said["columns"], chunks=chunks(file))
    yield said["rows"]


async def chunks(file: BinaryIO) -> AsyncIterator[bytes]:
    while size := _LENGTH.unpack(file.read(_LENGTH.size))[0]:
        yield file.read(size)


@contextmanager
def reading(path: Path) -> Iterator[BinaryIO]:
    try:
        file = path.open("rb")
    except OSError as error:
        raise Misconfigured(f"{path} cannot be read: {error.strerror}.") from error
    with file:
        yield file
