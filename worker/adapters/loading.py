"""A backup into an empty database: one transaction from the first table to the hold on sending, all or nothing."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import BinaryIO
from uuid import UUID

import asyncpg

from events.connection import BackupRestored
from events.envelope import Row, identify
from events.errors import Misconfigured
from worker.adapters import queries, schema
from worker.adapters.archive import Damaged, Head, Part, Table, check, reading, tables
from worker.adapters.audit import audit
from worker.adapters.dumping import ERASED
from worker.adapters.log import Draft, batch_columns, open_row
from worker.adapters.postgres import Connection, translating
from worker.adapters.sealing import MasterKey
from worker.adapters.vault import wrapping

SQL = queries.load("restore")
SETTLED = ("free_ingest", "free_lanes", "free_mailboxes", "free_reconciliations", "rewind_relay")
"""What the processes of the former machine held."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Backup:
    """Two files that were read and are as they were written."""

    log: Path
    vault: Path
    head: Head
    vault_taken_at: datetime


@dataclass(slots=True, kw_only=True)
class Loaded:
    log: UUID
    """The id of the log that it is now."""
    taken_at: datetime
    vault_taken_at: datetime
    rows: dict[str, int] = field(default_factory=dict)
    erased_again: int = 0
    """Persons whose keys the vault's file brought back, and whose end the log's tells of."""
    orphans: int = 0
    """Credentials that nothing names any more."""
    without_secret: int = 0
    """Integrations that must be reconnected: the vault's file is older than their credentials."""
    without_key: int = 0
    """Persons whom nobody can name any more: the vault's file is older than their keys. At most so many."""
    replays: int = 0
    """Replays that were under way, paused now."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Within:
    """A log as a transaction sees it that has not been committed."""

    pool: Connection


def examine(log: Path, vault: Path) -> Backup:
    """Reads both files from end to end. Raises `Damaged` or `Misconfigured`."""
    head, other = check(log, Part.LOG), check(vault, Part.VAULT)
    if head.log != other.log:
        raise Misconfigured(f"{vault} belongs to another log ({other.log}) than {log} ({head.log}).")
    if head.schema != other.schema:
        raise Misconfigured(f"{log} has schema {head.schema}, {vault} has {other.schema}: take two of the same.")
    if head.schema not in schema.migrations():
        raise Misconfigured(f"The backup has schema {head.schema}, which this release does not know: take a newer one.")
    return Backup(log=log, vault=vault, head=head, vault_taken_at=other.taken_at)


async def load(owner_url: str, backup: Backup, master: MasterKey, *, worker_role: str = schema.GROUP) -> Loaded:
    """As the owner. Raises Misconfigured where the database is in use or the master key another, `Damaged`."""
    with translating():
        connection = await asyncpg.connect(owner_url, timeout=10, server_settings={"application_name": "ptm restore"})
        try:
            await connection.execute(queries.load("schema")["take_turn"])
            async with connection.transaction():
                loaded = await fill(connection, backup, master, worker_role)
            await connection.execute(SQL["analyze"])
            return loaded
        finally:
            await connection.close()


async def fill(connection: Connection, backup: Backup, master: MasterKey, worker_role: str) -> Loaded:
    await schema.bring_up(connection, worker_role=worker_role, through=backup.head.schema)
    if await connection.fetchval(SQL["read_use"]):
        raise Misconfigured(
            "The database is in use: a restore takes one that nothing worked on. This one is untouched."
        )
    loaded = Loaded(log=backup.head.log, taken_at=backup.head.taken_at, vault_taken_at=backup.vault_taken_at)
    for query in ("make_room", "clear_counters", "make_erased"):
        await connection.execute(SQL[query])
    for path in (backup.vault, backup.log):
        await copy_in(connection, path, loaded)
    await try_key(connection, master)
    await prove(connection, backup.head)
    await schema.bring_up(connection, worker_role=worker_role)
    await agree(connection, backup.head, loaded)
    await take_over(connection, backup.head, loaded)
    return loaded


async def copy_in(connection: Connection, path: Path, loaded: Loaded) -> None:
    with reading(path) as file:
        rows = {name: count async for name, count in copied(connection, file)}
    loaded.rows |= rows


async def copied(connection: Connection, file: BinaryIO) -> AsyncIterator[tuple[str, int]]:
    found: dict[str, int] = {}
    for table in tables(file):
        if isinstance(table, Table):
            name = f"{table.schema}.{table.name}"
            found[name] = await copy_table(connection, table, temporary=name == ERASED)
            yield name, found[name]
        elif table != found:
            raise Damaged(f"{file.name} does not have the rows that it names: nothing was restored.")


async def copy_table(connection: Connection, table: Table, *, temporary: bool) -> int:
    done = await connection.copy_to_table(
        table.name,
        schema_name=None if temporary else table.schema,
        columns=table.columns,
        source=table.chunks,
        format="binary",
    )
    return int(done.rpartition(" ")[2])


async def try_key(connection: Connection, master: MasterKey) -> None:
    """Before anything is kept: what was sealed must open. Raises Misconfigured with what key is wanted."""
    if (keyed := await connection.fetchrow(SQL["read_contact_key"])) is not None:
        master.open(keyed["sealed"], about=keyed["id"].bytes)
    elif await connection.fetchval(SQL["needs_contact_key"]):
        raise Misconfigured("The vault's file is older than the log's first contact: take a newer one.")
    if (sealed := await connection.fetchrow(SQL["read_sealed"])) is not None:
        master.open(sealed["wrapped"], about=wrapping(sealed["subject"]))


async def prove(connection: Connection, head: Head) -> None:
    """Every event, link and position, up to the heads that the file names."""
    rows = await connection.fetch(queries.load("backup")["read_heads"])
    if {str(row["partition"]): (row["position"], row["hash"].hex()) for row in rows} != head.heads:
        raise Damaged("The backup's log does not end where its head says: nothing was restored.")
    for row in rows:
        async for problem in audit(Within(pool=connection), row["partition"]):
            raise Damaged(
                f"The backup's log is not sound at partition {problem.partition}, position {problem.position} "
                f"({problem.detail}): nothing was restored."
            )


async def agree(connection: Connection, head: Head, loaded: Loaded) -> None:
    """What one file knows and the other does not: who was erased stays erased."""
    loaded.erased_again = await connection.fetchval(SQL["count_to_erase"])
    await connection.execute(SQL["erase_again"])
    await connection.execute(SQL["fill_in_erased"])
    loaded.without_key = await connection.fetchval(SQL["count_without_key"], head.keys_upto)
    loaded.orphans = len(await connection.fetch(SQL["drop_orphans"]))
    loaded.without_secret = await connection.fetchval(SQL["count_without_secret"])
    await connection.fetchval(SQL["move_delivery_ids"])
    await connection.fetchval(SQL["move_alert_ids"])
    await connection.fetchval(SQL["move_key_ids"], head.keys_upto)


async def take_over(connection: Connection, head: Head, loaded: Loaded) -> None:
    """Another log from here on, nobody at work, and nothing sent until a person releases it."""
    for query in SETTLED:
        await connection.execute(SQL[query])
    loaded.replays = len(await connection.fetch(SQL["stop_replays"]))
    held = await connection.fetch(SQL["hold_sending"], head.taken_at)
    loaded.log = await connection.fetchval(SQL["change_log"])
    await tell(connection, loaded.log, held)


async def tell(connection: Connection, log: UUID, held: Sequence[asyncpg.Record]) -> None:
    """In the stream of each that is held, as the other states of its connections are."""
    actor = await connection.fetchval(SQL["read_actor"])
    batches = defaultdict[int, list[Row]](list)
    for row in held:
        event = BackupRestored(
            integration=row["integration"],
            id=identify("restored", log, row["integration"]),
            taken_at=row["taken_at"].isoformat(),
        )
        batches[row["partition"]].append(open_row(Draft(event=event, actor=actor)))
    for partition, rows in sorted(batches.items()):
        await connection.fetch(queries.load("log")["append_rows"], *batch_columns({partition: rows}), None)
