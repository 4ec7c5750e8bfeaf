"""A way to a server that goes through here: open, cut (refused), or silent (taken, and nothing comes through)."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from urllib.parse import urlsplit


@dataclass(slots=True)
class Wire:
    host: str
    port: int
    at: int = 0
    """Where it listens."""
    cut: bool = False
    _flows: asyncio.Event = field(default_factory=asyncio.Event)
    _writers: set[asyncio.StreamWriter] = field(default_factory=set)

    def open(self) -> None:
        self.cut = False
        self._flows.set()

    def silence(self) -> None:
        self._flows.clear()

    def sever(self) -> None:
        """Those that are connected are cut off, and nobody else is let in."""
        self.cut = True
        for writer in list(self._writers):
            writer.transport.abort()

    def through(self, url: str) -> str:
        """*url* by this way."""
        parts = urlsplit(url)
        return parts._replace(netloc=f"{parts.username}:{parts.password}@127.0.0.1:{self.at}").geturl()

    async def take(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self.cut:
            writer.transport.abort()
            return
        theirs, to_them = await asyncio.open_connection(self.host, self.port)
        pair = {writer, to_them}
        self._writers |= pair
        try:
            async with asyncio.TaskGroup() as both:
                both.create_task(self._pump(reader, to_them))
                both.create_task(self._pump(theirs, writer))
        finally:
            self._writers -= pair
            for each in pair:
                each.transport.abort()

    async def _pump(self, source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError):
            while said := await source.read(65_536):
                await self._flows.wait()
                sink.write(said)
                await sink.drain()
            sink.transport.abort()


@asynccontextmanager
async def wire(url: str) -> AsyncIterator[Wire]:
    """Before the server that *url* names."""
    parts = urlsplit(url)
    assert parts.hostname is not None
    made = Wire(parts.hostname, parts.port or 5432)
    made.open()
    server = await asyncio.start_server(made.take, "127.0.0.1", 0)
    made.at = server.sockets[0].getsockname()[1]
    try:
        yield made
    finally:
        made.open()
        made.sever()
        server.close()
