"""A process that reads and decides changes of the past for another one, and ends with it: see `beside`.

    python -m worker.adapters.decider

Its standard input is a socket, over which both speak. Of the other process nothing else is left to it: no terminal, no
signal, no setting.
"""

from __future__ import annotations

import asyncio
import gc
import os
import pickle
import socket
import traceback
from asyncio import IncompleteReadError, StreamReader, StreamWriter
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, TypeAlias
from uuid import UUID

from events.errors import PtmError
from events.integration import Trigger
from events.planner import Decider, Found
from worker import runtime
from worker.adapters.log import Log
from worker.adapters.postgres import LOOKING, open_pool
from worker.adapters.sealing import MasterKey
from worker.adapters.vault import Vault

NICE = 10
"""Live traffic goes first."""
KEYS = 5_000
"""Of subjects, kept at once: 15 MB."""
CONNECTIONS = 2
"""What comes next is fetched while the keys of what is there are."""
SIZE = 8
"""Bytes that say how long what follows is."""
Packed: TypeAlias = "tuple[Any, ...]"


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """Changes of one partition to be decided; for each chunk of them a list of what they come to is answered."""

    database_url: str = field(repr=False)
    master: MasterKey
    """Over the socket, since others may look at a command line and an environment."""
    decider: Decider
    partition: int
    positions: Sequence[int]


async def send(writer: StreamWriter, value: object) -> None:
    told = pickle.dumps(value, protocol=pickle.HIGHEST_PROTOCOL)
    writer.write(len(told).to_bytes(SIZE, "big") + told)
    await writer.drain()


async def receive(reader: StreamReader) -> Any:
    """Raises IncompleteReadError or ConnectionError once the other process has gone."""
    size = int.from_bytes(await reader.readexactly(SIZE), "big")
    return pickle.loads(await reader.readexactly(size))


def packed(found: Found, triggers: Sequence[Trigger]) -> Packed:
    """A trigger by its number and an id by its bytes: what is pickled as an object takes ten times as long."""
    return (
        found.invoice,
        triggers.index(found.trigger),
        found.cause.bytes,
        found.order,
        found.partner,
        found.customer.bytes if found.customer else None,
        found.contact,
        found.skip,
        found.erased,
    )


def unpacked(told: Packed, triggers: Sequence[Trigger]) -> Found:
    invoice, trigger, cause, order, partner, customer, contact, skip, erased = told
    return Found(
        invoice=invoice,
        trigger=triggers[trigger],
        cause=UUID(bytes=cause),
        order=order,
        partner=partner,
        customer=UUID(bytes=customer) if customer else None,
        contact=contact,
        skip=skip,
        erased=erased,
    )


async def serve() -> None:
    """One share after the other, until the other process has gone; that is seen while a share is worked at too."""
    reader, writer = await asyncio.open_connection(sock=socket.socket(fileno=0))
    with suppress(IncompleteReadError, ConnectionError):
        while True:
            working = asyncio.create_task(answer(await receive(reader), writer))
            working.add_done_callback(lambda done: done.cancelled() or done.exception())


async def answer(share: Share, writer: StreamWriter) -> None:
    """What each chunk comes to, or in its place what went wrong."""
    try:
        pool = await open_pool(share.database_url, size=CONNECTIONS, application="ptm plan", more=LOOKING)
        try:
            log = Log(pool, Vault(pool, share.master, cached=KEYS))
            async for chunk in log.stream(share.partition, share.positions):
                decided = [packed(one, share.decider.triggers) for met in chunk for one in share.decider.decide(met)]
                await send(writer, decided)
        finally:
            pool.terminate()
    except PtmError as error:
        await send(writer, error)
    except Exception as error:
        await send(writer, RuntimeError("".join(traceback.format_exception(error))))


def main() -> None:
    with suppress(OSError):  # a service may be forbidden to ask
        os.nice(NICE)
    gc.set_threshold(*runtime.GARBAGE)
    asyncio.run(serve())


if __name__ == "__main__":
    main()
