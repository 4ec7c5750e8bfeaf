"""A real PgBouncer before a test's database."""

from __future__ import annotations

import os
import shutil
import signal
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from servers.postgres import Database
from worker.adapters.child import Server, serving

OURS = "lock_timeout,idle_in_transaction_session_timeout,jit,random_page_cost"
"""What our connections begin with, and PgBouncer knows nothing of."""


def program() -> str:
    """Skips the test where it is not installed; not in CI."""
    found = shutil.which("pgbouncer", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
    if found is None:
        end = pytest.fail if os.environ.get("CI") == "true" else pytest.skip
        end("PgBouncer did not run: no pgbouncer is installed (Debian: apt-get install pgbouncer)")
    return found


@asynccontextmanager
async def bouncer(database: Database, directory: Path, *, mode: str, swallows: str = "") -> AsyncIterator[str]:
    """The worker's address through it; *swallows*: startup parameters that are dropped without a word."""
    address = urlsplit(database.database_url)
    users, settings = directory / "users.txt", directory / "pgbouncer.ini"
    users.write_text(f'"{address.username}" "{address.password}"\n', encoding="utf-8")
    program_ = program()

    def command(port: int) -> list[str]:
        lines = (
            *("[databases]", f"* = host={address.hostname} port={address.port}", "[pgbouncer]"),
            *("listen_addr = 127.0.0.1", f"listen_port = {port}", "unix_socket_dir =", f"auth_file = {users}"),
            *("auth_type = scram-sha-256", f"pool_mode = {mode}", f"ignore_startup_parameters = {swallows}"),
        )
        settings.write_text("\n".join(lines), encoding="utf-8")
        return [*as_somebody(directory), program_, str(settings)]

    made = Server(name="PgBouncer", command=command, probe=listens, log=directory / "log", stop=signal.SIGTERM)
    async with serving(made) as port:
        yield address._replace(netloc=f"{address.username}:{address.password}@127.0.0.1:{port}").geturl()


def as_somebody(directory: Path) -> list[str]:
    """It does not run as root, and then it must be able to come to its files."""
    if os.geteuid() != 0:
        return []
    for folder in (directory, *directory.parents):
        if folder.owner() == "root" and "pytest" in str(folder):
            folder.chmod(0o755)
    return ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "--"]


async def listens(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except OSError:
        return False
    return True
