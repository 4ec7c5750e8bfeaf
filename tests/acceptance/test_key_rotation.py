"""The master key is rotated while workers run and invoices are sent; a kill in its midst leaves nothing closed."""

from __future__ import annotations

import asyncio
import signal
import sys
from asyncio.subprocess import PIPE
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from uuid import uuid4

import asyncpg
import pytest

from eventually import eventually
from servers.postgres import Database
from stage import ROOT, Stage, staged
from terminal import command, environment
from worker import settings
from worker.adapters.sealing import key_id, load_master, make_master
from worker.opening import opened

pytestmark = pytest.mark.acceptance

OLD, NEW = make_master(), make_master()
PEOPLE = 2600
"""More than a few batches."""


def id_of(key: str) -> str:
    return key_id(load_master(key).key).hex()


async def sealed(database: Database, table: str, column: str) -> dict[str, int]:
    """Key id → how many, as the database itself has it."""
    connection = await asyncpg.connect(database.owner_url)
    try:
        rows = await connection.fetch(
            f"select encode(substr({column}, 2, 4), 'hex') as key, count(*) from {table}"  # noqa: S608 - of this file
            f" where {column} is not null group by 1"
        )
    finally:
        await connection.close()
    return {row["key"]: row["count"] for row in rows}


@asynccontextmanager
async def secrets_held(database: Database) -> AsyncIterator[None]:
    """Nobody can write a secret, everybody reads them: the rotation waits in its midst."""
    connection = await asyncpg.connect(database.owner_url)
    try:
        async with connection.transaction():
            await connection.execute("lock table vault.secret in share mode")
            yield
    finally:
        await connection.close()


async def restarted(stage: Stage, **keys: str) -> None:
    """Every worker anew, with these keys."""
    for one in stage.workers:
        one.send(signal.SIGTERM)
    for one in stage.workers:
        assert await one.exit_code(within=60) == 0
    stage.workers.clear()
    for name in ("PTM_MASTER_KEY", "PTM_MASTER_KEY_OLD"):
        stage.environment.pop(name, None)
    stage.environment.update({f"PTM_{name.upper()}": value for name, value in keys.items()})
    await stage.start(2)


async def killed_in_its_midst(stage: Stage, database: Database) -> None:
    async with secrets_held(database):
        rotating = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "worker.cli", "keys", "rotate"),
            env=environment(stage.environment),
            cwd=ROOT,
            stdout=PIPE,
            stderr=PIPE,
        )

        async def half() -> bool:
            people = await sealed(database, "vault.subject_key", "wrapped")
            assert people.get(id_of(NEW), 0) >= PEOPLE, people
            return True

        try:
            await eventually(half)
        finally:
            rotating.kill()
            await rotating.communicate()
    assert set(await sealed(database, "vault.secret", "sealed")) == {id_of(OLD)}


async def test_a_rotation_that_is_killed_leaves_nothing_closed_and_goes_on(
    database: Database, tansu: str, topic: str, tmp_path: Path
) -> None:
    keys: dict[str, str] = {"PTM_MASTER_KEY": OLD, "PTM_MASTER_KEY_OLD": NEW}
    async with staged(database, tansu, topic=topic, directory=tmp_path, more=keys) as stage:
        await stage.connect()
        await stage.context.vault.seal([(uuid4(), f"subject {place}", b"x") for place in range(PEOPLE)])
        await stage.start(2)
        stage.send(3)
        await stage.agree()

        early = await command({**stage.environment, "PTM_MASTER_KEY": NEW, "PTM_MASTER_KEY_OLD": OLD}, "keys", "rotate")
        assert early.code == 2
        assert "does not seal under key" in " ".join(early.err.split())
        assert set(await sealed(database, "vault.secret", "sealed")) == {id_of(OLD)}

        await restarted(stage, master_key=NEW, master_key_old=OLD)
        stage.send(3)
        await killed_in_its_midst(stage, database)
        stage.send(3)
        await stage.agree()
        listed = {one["id"]: one for one in (await command(stage.environment, "keys", "list", "--json")).json}
        assert listed[id_of(OLD)]["count"] > 0
        assert listed[id_of(NEW)]["count"] >= PEOPLE
        assert not listed[id_of(OLD)]["may_go"]

        again = await command(stage.environment, "keys", "rotate", "--json")
        assert (again.code, again.json["left"]) == (0, 0)
        told = await command(stage.environment, "keys", "list")
        assert "may be thrown away" in told.out
        assert "backup of the vault" in " ".join(told.out.split())

        await restarted(stage, master_key=NEW)
        stage.send(3)
        await stage.agree()
        async with opened(settings.load(stage.environment)) as context:
            records = [one for n in range(16) for one in await context.log.read(n, 0, 10_000)]
            assert len(await context.log.open(records)) == len(records)
        for table, column in (("vault.subject_key", "wrapped"), ("vault.secret", "sealed"), ("integration", "names")):
            assert set(await sealed(database, table, column)) == {id_of(NEW)}


async def test_a_value_whose_key_is_not_given_stops_the_rotation_before_it_begins(
    database: Database, tansu: str, topic: str, tmp_path: Path
) -> None:
    async with staged(database, tansu, topic=topic, directory=tmp_path, more={"PTM_MASTER_KEY": OLD}) as stage:
        await stage.connect()
        found = await command(stage.environment, "keys", "list", "--json")
        assert [(one["id"], one["given"]) for one in found.json] == [(id_of(OLD), "seals")]
        other = {**stage.environment, "PTM_MASTER_KEY": NEW}
        refused = await command(other, "keys", "rotate")
        assert refused.code == 2
        assert f"sealed under key {id_of(OLD)}" in " ".join(refused.err.split())
        assert (await command(other, "keys", "list")).code == 3
        assert set(await sealed(database, "vault.secret", "sealed")) == {id_of(OLD)}
