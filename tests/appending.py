"""Rows for the log, and a log to append them to."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from uuid import UUID

import asyncpg
import orjson

from events.envelope import Row, identify
from servers.postgres import Database
from worker.adapters.log import Appended, Log
from worker.adapters.postgres import Connection, Pool, open_pool
from worker.adapters.sealing import MasterKey
from worker.adapters.vault import Vault

PARTITION = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """What a worker writes with."""

    pool: Pool
    vault: Vault
    log: Log

    async def append(
        self, rows: Sequence[Row], *, partition: int = PARTITION, expected: int | None = None
    ) -> list[Appended]:
        async with self.transaction() as connection:
            return await self.log.append(connection, partition, rows, expected=expected)

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Connection]:
        async with self.pool.acquire() as connection, connection.transaction():
            yield connection


@asynccontextmanager
async def opened(database: Database, *, master: MasterKey | None = None) -> AsyncIterator[Desk]:
    pool = await open_pool(database.database_url)
    vault = Vault(pool, master or MasterKey(key=os.urandom(32)))
    try:
        yield Desk(pool=pool, vault=vault, log=Log(pool, vault))
    finally:
        await pool.close()


@asynccontextmanager
async def superuser(database: Database) -> AsyncIterator[Connection]:
    """Who may do what no role of ours may."""
    connection = await asyncpg.connect(database.admin_url)
    try:
        yield connection
    finally:
        await connection.close()


@asynccontextmanager
async def tampering(database: Database) -> AsyncIterator[Connection]:
    """A superuser with the triggers switched off."""
    async with superuser(database) as connection:
        await connection.execute("set session_replication_role = replica")
        yield connection


def row(name: object, *, stream: str = "invoice/a/1", cause: UUID | None = None, personal: bytes | None = None) -> Row:
    """The same *name* is the same event."""
    return Row(
        stream=stream,
        id=identify("test", name),
        type="InvoiceStatusChanged",
        schema=1,
        cause=cause,
        actor="worker",
        data=orjson.dumps({"name": name}),
        personal=personal,
    )


def rows(names: Iterable[object], *, stream: str = "invoice/a/1") -> list[Row]:
    return [row(name, stream=stream) for name in names]


def again(of: Row) -> Row:
    """The same fact, sealed anew by somebody else."""
    return replace(of, personal=os.urandom(20))
