"""Brings a database to this release's schema: the numbered files of sql/migrations, each in its own transaction."""

from __future__ import annotations

from functools import cache
from importlib.resources import files

import asyncpg

from events.errors import Misconfigured, Outgrown
from worker.adapters import queries
from worker.adapters.postgres import Connection, Pool, translating

GROUP, READER = "ptm_worker", "ptm_reader"
"""Who works, and who only looks."""
CHANNEL = "ptm_schema"
"""Rings when a migration has been applied."""
_LOCK_TIMEOUT = "60s"


def migrations() -> dict[str, str]:
    """Id → SQL, in order."""
    folder = files("sql").joinpath("migrations")
    found = sorted(item.name for item in folder.iterdir() if item.name.endswith(".sql"))
    return {name.removesuffix(".sql"): folder.joinpath(name).read_text(encoding="utf-8") for name in found}


@cache
def newest() -> str:
    """The last migration of this release, which says of which release a database is."""
    return max(migrations())


async def migrate(owner_url: str, *, worker_role: str = GROUP) -> list[str]:
    """Apply what is missing, as the owner, and let the login *worker_role* work; answers the ids applied.

    Twice is harmless, and so are two at once. Raises Unavailable, `Outgrown` where the database is of a newer release,
    or Misconfigured with what a DBA has to run.
    """
    with translating():
        connection = await asyncpg.connect(owner_url, timeout=10, server_settings={"lock_timeout": _LOCK_TIMEOUT})
        try:
            await connection.execute(queries.load("schema")["take_turn"])
            return await bring_up(connection, worker_role=worker_role)
        finally:
            await connection.close()


async def bring_up(connection: Connection, *, worker_role: str = GROUP, through: str | None = None) -> list[str]:
    """Apply what is missing, up to *through* where one is named; raises Misconfigured where more was applied."""
    for group in (GROUP, READER):
        await _ensure_group(connection, group)
    applied = await _apply(connection, through)
    await _admit(connection, worker_role)
    return applied


async def require_own(pool: Pool) -> None:
    """Raises Misconfigured where the database is of an older release, `Outgrown` where it is of a newer one."""
    if missing := await pending(pool):
        raise Misconfigured(f"The database lacks {len(missing)} migrations ({missing[0]} …): run ptm migrate.")
    await require_no_newer(pool)


async def require_no_newer(where: Pool | Connection) -> None:
    """Raises `Outgrown` as soon as a newer release has migrated the database."""
    with translating():
        refuse_newer(await where.fetchval(queries.load("schema")["read_newest"]))


def refuse_newer(migration: str | None) -> None:
    """*migration*: the newest that the database has seen."""
    if migration is not None and migration > newest():
        raise Outgrown(f"A newer release has migrated the database ({migration}): start that release in place of this.")


async def pending(pool: Pool) -> list[str]:
    """Migrations of this release that the database has not seen; a worker does not start while there are any."""
    statements = queries.load("schema")
    with translating():
        if not await pool.fetchval(statements["has_ledger"]):
            return list(migrations())
        applied = {row["id"] for row in await pool.fetch(statements["list_applied"])}
    return [name for name in migrations() if name not in applied]


async def ahead(pool: Pool) -> list[str]:
    """Migrations that the database has seen and this release does not know: it is of a newer one."""
    with translating():
        applied = [row["id"] for row in await pool.fetch(queries.load("schema")["list_applied"])]
    return [name for name in applied if name not in migrations()]


async def _apply(connection: Connection, through: str | None) -> list[str]:
    statements = queries.load("schema")
    await connection.execute(statements["make_ledger"])
    await connection.execute(statements["grant_ledger"])
    wanted = {name: text for name, text in migrations().items() if through is None or name <= through}
    known = {row["id"] for row in await connection.fetch(statements["list_applied"])}
    refuse_newer(max(known, default=None))
    if through and (beyond := known - wanted.keys()):
        raise Misconfigured(f"The database has schema {max(beyond)} already, newer than {through}: make an empty one.")
    applied = []
    for name in sorted(wanted.keys() - known):
        async with connection.transaction():
            await connection.execute(statements["hold_deciding"])
            if await connection.fetchval(statements["record_migration"], name) is not None:
                await connection.execute(wanted[name])
                await connection.execute(statements["tell_workers"])
                applied.append(name)
    return applied


async def _ensure_group(connection: Connection, group: str) -> None:
    statements = queries.load("schema")
    if await connection.fetchval(statements["has_role"], group):
        return
    try:
        await connection.execute(await connection.fetchval(statements["write_group"], group))
    except asyncpg.InsufficientPrivilegeError as error:
        raise Misconfigured(
            f"The role {group} is missing and the owner role may not create it: "
            f"let a DBA run  create role {group} nologin;  and then  ptm migrate  again."
        ) from error
    except (asyncpg.DuplicateObjectError, asyncpg.UniqueViolationError):
        pass  # another database of the same server was migrated at the same moment: roles are shared


async def _admit(connection: Connection, login: str) -> None:
    """Roles are the DBA's where the owner may not grant: then the sentence says what to run."""
    statements = queries.load("schema")
    if login == GROUP:
        return
    if not await connection.fetchval(statements["has_role"], login):
        raise Misconfigured(
            f"The login {login} of PTM_DATABASE_URL does not exist: let a DBA run  "
            f"create role {login} login password '…' in role {GROUP};"
        )
    if await connection.fetchval(statements["is_member"], login):
        return
    grant = await connection.fetchval(statements["write_grant"], login)
    try:
        await connection.execute(grant)
    except asyncpg.InsufficientPrivilegeError as error:
        raise Misconfigured(f"The owner role may not let {login} work: let a DBA run  {grant};") from error
