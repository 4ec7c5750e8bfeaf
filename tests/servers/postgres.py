"""A fresh database per test, cloned from one that was migrated once."""

from __future__ import annotations

import os
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import asyncpg

from worker.adapters import schema
from worker.adapters.embedded import OWNER_ROLE, WORKER_ROLE, postgres
from worker.adapters.schema import READER


@dataclass(frozen=True, slots=True, kw_only=True)
class Cluster:
    name: str
    admin_url: str
    password: str
    """Of both roles."""
    template: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Database:
    owner_url: str
    database_url: str
    """As the worker."""
    admin_url: str
    """As the superuser, for what no role of ours may do."""


@asynccontextmanager
async def running_cluster(directory: Path) -> AsyncIterator[Cluster]:
    """The server of PTM_TEST_DATABASE_URL (a superuser's address), else an embedded one; with a migrated template."""
    if admin_url := os.environ.get("PTM_TEST_DATABASE_URL"):
        async with _with_template(admin_url, "PTM_TEST_DATABASE_URL") as cluster:
            yield cluster
    else:
        async with (
            postgres(directory, ephemeral=True) as server,
            _with_template(server.admin_url, "embedded") as cluster,
        ):
            yield cluster


@asynccontextmanager
async def fresh_database(cluster: Cluster) -> AsyncIterator[Database]:
    async with _made(cluster, f"ptm_test_{secrets.token_hex(6)}", template=cluster.template) as database:
        # A clone is a log of its own: on a broker that all tests share, another's messages must look foreign.
        await _execute(database.admin_url, "update log set id = gen_random_uuid()")
        yield database


@asynccontextmanager
async def copied_database(cluster: Cluster, original: Database) -> AsyncIterator[Database]:
    """The same once more, its log's id and all; nobody may be connected to the *original* meanwhile."""
    name = urlsplit(original.admin_url).path.removeprefix("/")
    async with _made(cluster, f"ptm_test_{secrets.token_hex(6)}", template=name) as database:
        yield database


@asynccontextmanager
async def empty_database(cluster: Cluster) -> AsyncIterator[Database]:
    """Without any schema, for tests of the migrations themselves."""
    async with _made(cluster, f"ptm_test_{secrets.token_hex(6)}", template="template1") as database:
        yield database


@asynccontextmanager
async def _with_template(admin_url: str, origin: str) -> AsyncIterator[Cluster]:
    connection = await asyncpg.connect(admin_url)
    version = await connection.fetchval("show server_version")
    password = secrets.token_hex(16)
    for role in (OWNER_ROLE, WORKER_ROLE):
        there = await connection.fetchval("select true from pg_roles where rolname = $1", role)
        await connection.execute(f"{'alter' if there else 'create'} role {role} login password '{password}'")
    if not await connection.fetchval("select true from pg_roles where rolname = $1", READER):
        await connection.execute(f"create role {READER} nologin")
    await connection.close()
    cluster = Cluster(
        name=f"PostgreSQL {version.split()[0]} ({origin})",
        admin_url=admin_url,
        password=password,
        template=f"ptm_template_{secrets.token_hex(6)}",
    )
    async with _made(cluster, cluster.template, template="template1") as template:
        await schema.migrate(template.owner_url, worker_role=WORKER_ROLE)
        yield cluster


@asynccontextmanager
async def _made(cluster: Cluster, name: str, *, template: str) -> AsyncIterator[Database]:
    server = urlsplit(cluster.admin_url)

    def address(login: str) -> str:
        return server._replace(netloc=f"{login}@{server.hostname}:{server.port or 5432}", path=f"/{name}").geturl()

    await _execute(cluster.admin_url, f"create database {name} template {template} owner {OWNER_ROLE}")
    try:
        yield Database(
            owner_url=address(f"{OWNER_ROLE}:{cluster.password}"),
            database_url=address(f"{WORKER_ROLE}:{cluster.password}"),
            admin_url=address(f"{server.username}:{server.password}"),
        )
    finally:
        await _execute(cluster.admin_url, f"drop database {name} with (force)")


async def _execute(url: str, statement: str) -> None:
    connection = await asyncpg.connect(url)
    try:
        await connection.execute(statement)
    finally:
        await connection.close()
