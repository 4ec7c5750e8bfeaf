"""A process that asks the sandbox for its status as fast as the budget lets it, for so many seconds."""

from __future__ import annotations

import asyncio
import sys

import aiohttp

from worker.adapters.budget import Budget
from worker.adapters.credentials import CredentialKind, Credentials
from worker.adapters.postgres import open_pool
from worker.adapters.procountor import Procountor


async def hammer(database_url: str, url: str, client: tuple[str, str], key: str, seconds: float) -> int:
    pool = await open_pool(database_url, size=2)
    try:
        async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as session:
            procountor = Procountor(session, url=url, client_id=client[0], client_secret=client[1], budget=Budget(pool))
            access = Credentials(kind=CredentialKind.API_KEY, value=key)
            return sum(await asyncio.gather(*(keep_asking(procountor, access, seconds) for _ in range(20))))
    finally:
        await pool.close()


async def keep_asking(procountor: Procountor, access: Credentials, seconds: float) -> int:
    until, asked = asyncio.get_running_loop().time() + seconds, 0
    while asyncio.get_running_loop().time() < until:
        await procountor.session(access)
        asked += 1
    return asked


if __name__ == "__main__":
    database_url, url, client_id, client_secret, key, seconds = sys.argv[1:]
    made = asyncio.run(hammer(database_url, url, (client_id, client_secret), key, float(seconds)))
    sys.stdout.write(f"{made}\n")
