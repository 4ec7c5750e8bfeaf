"""A process that does nothing but ingest, until it is killed."""

from __future__ import annotations

import asyncio
import sys
from uuid import uuid4

import aiohttp

from ingesting import QUICK, Unlimited
from worker.adapters.invoices import Invoices
from worker.adapters.log import Log
from worker.adapters.postgres import Ringer, open_pool
from worker.adapters.procountor import Procountor
from worker.adapters.vault import MasterKey, Vault
from worker.ingest import Ingest
from worker.reading import Reader


async def ingest_for_ever(database_url: str, url: str, client_id: str, client_secret: str) -> None:
    pool = await open_pool(database_url, size=3)
    vault = Vault(pool, MasterKey(key=bytes(range(32))))
    async with Ringer(pool) as ringer, aiohttp.ClientSession() as session:
        invoices = Invoices(pool, Log(pool, vault), ringer)
        procountor = Procountor(
            session, url=url, client_id=client_id, client_secret=client_secret, budget=Unlimited(), secrets=vault
        )
        ingest = Ingest(
            invoices=invoices, reader=Reader(invoices=invoices, procountor=procountor), worker=uuid4(), pace=QUICK
        )
        while True:
            if not await ingest.run_once():
                await asyncio.sleep(0.01)


if __name__ == "__main__":
    asyncio.run(ingest_for_ever(*sys.argv[1:]))
