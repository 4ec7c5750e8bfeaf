"""A worker that appends and then holds its transaction open until a line comes in, as a frozen one would."""

from __future__ import annotations

import asyncio
import sys

from appending import PARTITION, rows
from events.errors import Unavailable
from worker.adapters.log import Log
from worker.adapters.postgres import open_pool, translating
from worker.adapters.sealing import MasterKey
from worker.adapters.vault import Vault


async def hold(database_url: str) -> str:
    pool = await open_pool(database_url, application="ptm holder")
    log = Log(pool, Vault(pool, MasterKey(key=bytes(32))))
    try:
        with translating():
            async with pool.acquire() as connection, connection.transaction():
                await log.append(connection, PARTITION, rows(["held"]))
                tell("holding")
                sys.stdin.readline()
                await log.append(connection, PARTITION, rows(["too late"]))
    except Unavailable:
        return "lost"
    finally:
        pool.terminate()
    return "committed"


def tell(what: str) -> None:
    sys.stdout.write(f"{what}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    tell(asyncio.run(hold(sys.argv[1])))
