"""A login that only looks, and what it works with."""

from __future__ import annotations

import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from urllib.parse import urlsplit

from appending import superuser
from desk import Desk
from servers.postgres import Database
from worker import settings
from worker.opening import opened
from worker.operations.context import Context


@asynccontextmanager
async def reader(database: Database) -> AsyncIterator[str]:
    """The address of a login that only looks."""
    name = f"look_{secrets.token_hex(4)}"
    async with superuser(database) as admin:
        await admin.execute(f"create role {name} login password 'x' in role ptm_reader")
        try:
            server = urlsplit(database.database_url)
            yield server._replace(netloc=f"{name}:x@{server.hostname}:{server.port}").geturl()
        finally:
            await admin.execute(f"drop role {name}")


@asynccontextmanager
async def looking(at: Desk, url: str, *, read_only: bool = False) -> AsyncIterator[Context]:
    """A context of its own over the desk's database, by *url*."""
    given = at.context.settings.model_dump(exclude_unset=True)
    mine = settings.Settings(**(given | {"database_url": url}))
    async with opened(mine, read_only=read_only) as context:
        yield context
