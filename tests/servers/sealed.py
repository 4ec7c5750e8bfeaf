"""PostgreSQL that lets in with TLS only: the wheel's knows no TLS, so it is the system's own."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode

import asyncpg
import pytest

from servers.bouncer import as_somebody
from servers.guarded import signed
from worker.adapters.child import Server, serving

PROGRAMS = Path("/usr/lib/postgresql")
PASSWORD = "salainen"
MANAGED = (
    f"create role admin login createdb createrole password '{PASSWORD}'",
    f"create role certified login password '{PASSWORD}'",
)
RULES = """
local all postgres trust
hostssl all certified 127.0.0.1/32 scram-sha-256 clientcert=verify-ca
hostssl all all 127.0.0.1/32 scram-sha-256
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sealed:
    version: str
    port: int
    directory: Path
    """Of ca.pem, other.pem (an authority that has signed none of it), client.pem, client.key, stranger.pem and .key."""

    def url(self, role: str, database: str, *, host: str = "127.0.0.1", **query: str) -> str:
        return f"postgresql://{role}:{PASSWORD}@{host}:{self.port}/{database}?{urlencode(query)}"

    def file(self, name: str) -> str:
        return str(self.directory / name)


def programs() -> Path:
    """Skips the test where it is not installed; not in CI."""
    found = sorted(PROGRAMS.glob("*/bin"), key=lambda path: int(path.parent.name))
    if not found:
        end = pytest.fail if os.environ.get("CI") == "true" else pytest.skip
        end("PostgreSQL with TLS did not run: none is installed (Debian: apt-get install postgresql)")
    return found[-1]


@asynccontextmanager
async def sealed_postgres(directory: Path) -> AsyncIterator[Sealed]:
    bin, somebody = programs(), as_somebody(directory)
    write_certificates(directory)
    cluster = make_cluster(bin, directory, somebody)

    def command(port: int) -> list[str]:
        settings = {
            "listen_addresses": "127.0.0.1",
            "unix_socket_directories": str(directory),
            "fsync": "off",
            "ssl": "on",
            "ssl_cert_file": str(directory / "server.pem"),
            "ssl_key_file": str(directory / "server.key"),
            "ssl_ca_file": str(directory / "ca.pem"),
        }
        options = [f"--{name}={value}" for name, value in settings.items()]
        return [*somebody, str(bin / "postgres"), "-D", str(cluster), f"--port={port}", *options]

    async def answers(port: int) -> bool:
        try:
            await (await inside(directory, port)).close()
        except (OSError, asyncpg.PostgresError):
            return False
        return True

    server = Server(name="PostgreSQL", command=command, probe=answers, log=directory / "log", stop=signal.SIGQUIT)
    async with serving(server) as port:
        admin = await inside(directory, port)
        for statement in MANAGED:
            await admin.execute(statement)
        version = await admin.fetchval("show server_version")
        await admin.close()
        yield Sealed(version=version.split()[0], port=port, directory=directory)


async def inside(directory: Path, port: int) -> asyncpg.Connection[asyncpg.Record]:
    """As the superuser."""
    return await asyncpg.connect(host=str(directory), port=port, user="postgres", database="postgres")


def make_cluster(bin: Path, directory: Path, somebody: list[str]) -> Path:
    cluster = directory / "cluster"
    cluster.mkdir(mode=0o700)
    if somebody:
        for path in (directory, cluster, directory / "server.key"):
            os.chown(path, 65534, 65534)
    initdb = [*somebody, str(bin / "initdb"), "-D", str(cluster), "-U", "postgres", "--auth=trust", "--no-sync"]
    subprocess.run(initdb, check=True, capture_output=True)
    (cluster / "pg_hba.conf").write_text(RULES, encoding="utf-8")
    return cluster


def write_certificates(directory: Path) -> None:
    authority, other = signed("ptm test authority"), signed("somebody else")
    files = {"ca.pem": authority.pem, "other.pem": other.pem}
    for name, by in (("server", authority), ("client", authority), ("stranger", other)):
        mine = signed(name, by)
        files |= {f"{name}.pem": mine.pem, f"{name}.key": mine.key_pem}
    for name, content in files.items():
        (directory / name).write_bytes(content)
        (directory / name).chmod(0o600 if name.endswith(".key") else 0o644)
