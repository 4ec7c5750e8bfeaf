"""A database into two files, log and vault apart, of one moment: by PostgreSQL's COPY, while everybody works on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from graphlib import TopologicalSorter
from importlib.metadata import version
from pathlib import Path

import asyncpg

from events.errors import Misconfigured
from worker.adapters import queries
from worker.adapters.archive import Head, Part, Writing
from worker.adapters.postgres import Connection, translating

SQL = queries.load("backup")
ERASED = "vault.erased"
"""Not a table: whose keys are destroyed, in the log's file."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    path: Path
    bytes: int
    rows: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Dumped:
    head: Head
    """Of the log's file."""
    files: tuple[Written, ...]


async def dump(url: str, directory: Path) -> Dumped:
    """As any login that may read the vault. Raises Misconfigured where a file stands in the way, Unavailable."""
    free = [directory / part.file for part in Part]
    if taken := [str(path) for path in free if path.exists()]:
        raise Misconfigured(f"{taken[0]} is there already: a backup overwrites none, name another directory.")
    with translating():
        connection = await asyncpg.connect(url, timeout=10, server_settings={"application_name": "ptm backup"})
        try:
            async with connection.transaction(isolation="repeatable_read", readonly=True):
                return await write(connection, directory)
        finally:
            await connection.close()


async def write(connection: Connection, directory: Path) -> Dumped:
    head = await read_head(connection)
    tables = in_order(await connection.fetch(SQL["list_tables"]))
    files = []
    for part in Part:
        theirs = [row for row in tables if (row["schema"] == "vault") == (part is Part.VAULT)]
        writing = Writing.begin(directory / part.file, replace(head, part=part))
        try:
            for row in theirs:
                await copy(connection, writing, row)
            if part is Part.LOG:
                await copy_erased(connection, writing)
            size = writing.finish()
        except BaseException:
            writing.give_up()
            raise
        files.append(Written(path=writing.path, bytes=size, rows=sum(writing.rows.values())))
    return Dumped(head=head, files=tuple(files))


async def read_head(connection: Connection) -> Head:
    origin = await connection.fetchrow(SQL["read_origin"])
    assert origin is not None, "it has no from"
    heads = await connection.fetch(SQL["read_heads"])
    return Head(
        part=Part.LOG,
        log=origin["log"],
        taken_at=origin["taken_at"],
        schema=origin["schema"],
        release=version("procountor-trustmary"),
        keys_upto=origin["keys_upto"],
        heads={str(row["partition"]): (row["position"], row["hash"].hex()) for row in heads},
    )


def in_order(rows: Sequence[asyncpg.Record]) -> list[asyncpg.Record]:
    """What is referred to comes first, so that it is loaded first."""
    named = {row["called"]: row for row in rows}
    order = TopologicalSorter({name: row["refers_to"] for name, row in named.items()}).static_order()
    return [named[name] for name in order if name in named]


async def copy(connection: Connection, writing: Writing, row: asyncpg.Record) -> None:
    name = f"{row['schema']}.{row['name']}"
    writing.begin_table(name, row["columns"])
    done = await connection.copy_from_table(
        row["name"], schema_name=row["schema"], columns=row["columns"], output=writing.chunk, format="binary"
    )
    writing.end_table(name, counted(done))


async def copy_erased(connection: Connection, writing: Writing) -> None:
    writing.begin_table(ERASED, ["id", "subject", "created_at", "destroyed_at"])
    done = await connection.copy_from_query(SQL["copy_erased"], output=writing.chunk, format="binary")
    writing.end_table(ERASED, counted(done))


def counted(done: str) -> int:
    """`COPY 12` → 12."""
    return int(done.rpartition(" ")[2])
