"""A worker that asks Procountor for who it is, and so for a token, once: until it is killed, or says which company."""

from __future__ import annotations

import asyncio
import sys
from uuid import UUID

import aiohttp

from ingesting import Unlimited
from worker.adapters.postgres import open_pool
from worker.adapters.procountor import Procountor
from worker.adapters.vault import MasterKey, Vault


async def ask(database_url: str, url: str, client_id: str, client_secret: str, secret: str) -> int:
    pool = await open_pool(database_url, size=2)
    try:
        async with aiohttp.ClientSession() as session:
            procountor = Procountor(
                session,
                url=url,
                client_id=client_id,
                client_secret=client_secret,
                budget=Unlimited(),
                secrets=Vault(pool, MasterKey(key=bytes(range(32)))),
            )
            return (await procountor.session(UUID(secret))).company_id
    finally:
        pool.terminate()


if __name__ == "__main__":
    sys.stdout.write(f"{asyncio.run(ask(*sys.argv[1:]))}\n")
