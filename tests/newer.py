"""The release after this one: what it does to a database, and what it writes into the log.

Run as a program, with the owner's address, it migrates: another release is another process.
"""

from __future__ import annotations

import asyncio
import sys
from dataclasses import replace

from events.envelope import Row, identify
from worker.adapters import schema

MIGRATION = "9999_later"


async def migrate(owner_url: str) -> None:
    program = (sys.executable, __file__, owner_url)
    process = await asyncio.create_subprocess_exec(*program)
    assert await process.wait() == 0


def written(row: Row) -> Row:
    """*row* as an event of a type that this release does not know."""
    return replace(row, id=identify("newer", row.id), type="ContactForgotten")


def main() -> None:
    later = {**schema.migrations(), MIGRATION: "create table later ()"}
    schema.migrations = lambda: later
    assert asyncio.run(schema.migrate(sys.argv[1])) == [MIGRATION]


if __name__ == "__main__":
    main()
