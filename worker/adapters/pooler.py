"""Whether a connection is a session of its own, or a pooler in between lends it another with every transaction."""

from __future__ import annotations

from contextlib import AsyncExitStack
from secrets import token_hex

import asyncpg

from events.errors import Misconfigured
from worker.adapters.postgres import Connection, require_certificates, translating

PATIENCE = 5.0
"""Seconds that each of its connections, and each statement, may take."""
ROUNDS = (0, 0, 1, 0, 1, 1, 0, 0, 1, 0, 1, 1)
"""Uneven, so that a pooler that hands its connections out in turn is met on another one as well."""
LENT = (asyncpg.InvalidSQLStatementNameError, asyncpg.DuplicatePreparedStatementError)
"""A statement that was prepared on one server connection is asked for, or prepared again, on another."""
REFUSAL = (
    "PTM_DATABASE_URL leads through a pooler in transaction mode, which forgets what a session has said "
    "(notifications, time-outs, locks): give the address of PostgreSQL itself."
)


async def require_sessions(url: str) -> None:
    """Raises `Misconfigured` where two connections see each other's settings, or one loses its own."""
    if not await keeps_sessions(url):
        raise Misconfigured(REFUSAL)


async def keeps_sessions(url: str) -> bool:
    """Two connections each note a word of their own and are asked for it, statement by statement.

    A pooler in transaction mode that is idle serves both from one connection, or each from several.
    """
    require_certificates(url)
    async with AsyncExitStack() as stack:
        with translating():
            both = [await connected(url, stack) for _ in range(2)]
            words = [token_hex(8) for _ in both]
            try:
                for connection, word in zip(both, words, strict=True):
                    await connection.fetchval("select set_config('ptm.session', $1, false)", word)
                return all([await said(both[one]) == words[one] for one in ROUNDS])
            except LENT:
                return False


async def connected(url: str, stack: AsyncExitStack) -> Connection:
    """Without settings of its own, which some poolers refuse and others swallow."""
    connection = await asyncpg.connect(url, timeout=PATIENCE, command_timeout=PATIENCE, statement_cache_size=0)
    stack.callback(connection.terminate)
    return connection


async def said(connection: Connection) -> str:
    word: str | None = await connection.fetchval("select current_setting('ptm.session', true)")
    return word or ""
