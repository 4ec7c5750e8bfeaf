"""A service that answers as no service should: bytes on a socket, as many as it likes, for as long as it likes."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import orjson

from ingesting import Unlimited
from worker.adapters.credentials import CredentialKind, Credentials
from worker.adapters.procountor import Procountor
from worker.adapters.session import make_session
from worker.adapters.trustmary import Trustmary

Says = Callable[[asyncio.StreamWriter], Awaitable[None]]
ACCESS = Credentials(kind=CredentialKind.API_KEY, value="k")
GRANTED = orjson.dumps({"access_token": "a", "expires_in": 3600})


def http(body: bytes, *headers: bytes, status: bytes = b"200 OK", length: int | None = None) -> bytes:
    told = b"Content-Length: %d" % (len(body) if length is None else length)
    kind = b"Content-Type: application/json"
    return b"\r\n".join((b"HTTP/1.1 " + status, kind, *headers, told, b"Connection: close", b"", body))


def once(answer: bytes) -> Says:
    async def say(writer: asyncio.StreamWriter) -> None:
        writer.write(answer)
        await writer.drain()

    return say


def endless(start: bytes, more: bytes, times: int = 1 << 14) -> Says:
    """*start*, and then *more* so many times, as fast as it is taken."""

    async def say(writer: asyncio.StreamWriter) -> None:
        writer.write(start)
        for _ in range(times):
            writer.write(more)
            await writer.drain()

    return say


@dataclass(slots=True)
class Hostile:
    """Reads each request whole and answers as *says* or, by the words a request begins with, as *by* says."""

    says: Says = field(default_factory=lambda: once(b""))
    by: dict[bytes, Says] = field(default_factory=lambda: {b"POST /api/oauth/token": once(http(GRANTED))})
    requests: list[bytes] = field(default_factory=list)
    url: str = ""

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError, asyncio.IncompleteReadError):
            head = await reader.readuntil(b"\r\n\r\n")
            told = [line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")]
            self.requests.append(head + await reader.readexactly(int(told[0].split(b":")[1]) if told else 0))
            await next((said for start, said in self.by.items() if head.startswith(start)), self.says)(writer)
        writer.close()
        with suppress(OSError):
            await writer.wait_closed()


@asynccontextmanager
async def hostile() -> AsyncIterator[Hostile]:
    found = Hostile()
    server = await asyncio.start_server(found.serve, "127.0.0.1", 0)
    found.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    try:
        yield found
    finally:
        server.close()


@asynccontextmanager
async def clients(server: Hostile, *, within: float = 2) -> AsyncIterator[tuple[Procountor, Trustmary]]:
    async with make_session() as session:
        yield (
            Procountor(
                session,
                url=server.url,
                client_id="c",
                client_secret="s",
                redirect_uri="http://127.0.0.1:9/callback",
                budget=Unlimited(),
                timeout=within,
            ),
            Trustmary(session, url=server.url, timeout=within),
        )


def resident() -> int:
    """MiB of this process."""
    return int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1]) * 4 // 1024


@asynccontextmanager
async def growth() -> AsyncIterator[Callable[[], int]]:
    """How many MiB this process has grown by at most, so far."""
    before = most = resident()

    async def watch() -> None:
        nonlocal most
        while True:
            most = max(most, resident())
            await asyncio.sleep(0.005)

    watching = asyncio.create_task(watch())
    try:
        yield lambda: max(most, resident()) - before
    finally:
        watching.cancel()
