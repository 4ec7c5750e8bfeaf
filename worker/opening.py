"""From settings to what operations work with: which database, which master key, every connection opened and closed."""

from __future__ import annotations

import os
import shlex
import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from events.errors import Misconfigured
from worker.adapters import schema
from worker.adapters.budget import Budget
from worker.adapters.embedded import find_running
from worker.adapters.log import Log
from worker.adapters.postgres import LOOKING, NOTHING, Pool, Ringer, close_pool, open_pool, translating
from worker.adapters.procountor import Procountor
from worker.adapters.sealing import MasterKey, load_master, make_master
from worker.adapters.trustmary import Trustmary
from worker.adapters.vault import Vault
from worker.adapters.web import Session
from worker.operations.context import SQL, Context
from worker.settings import Settings, foreign_environment, needed

if TYPE_CHECKING:
    import aiohttp

    from worker.adapters.mail import Mail

KEY_FILE = "master.key"
PATIENCE = 20
"""Seconds that the command for the master key may take."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Servers:
    """Where Postgres and Kafka are."""

    database_url: str
    owner_url: str | None
    bootstrap: str | None
    embedded: bool


def servers(settings: Settings) -> Servers:
    """Those of the settings, else the embedded ones over the data directory; `Misconfigured` without either."""
    if settings.database_url is not None:
        owner = settings.database_owner_url
        return Servers(
            database_url=settings.database_url.get_secret_value(),
            owner_url=owner.get_secret_value() if owner else None,
            bootstrap=settings.kafka_bootstrap,
            embedded=False,
        )
    running = find_running(settings.data_dir)
    if running is None:
        raise Misconfigured(
            f"PTM_DATABASE_URL is not set, and no embedded worker runs over {settings.data_dir}: "
            "set it, or start one with ptm worker --embedded."
        )
    return Servers(
        database_url=running.database_url, owner_url=running.owner_url, bootstrap=running.bootstrap, embedded=True
    )


def master_key(settings: Settings, *, embedded: bool) -> MasterKey:
    """The one of the settings; for embedded servers else the one in the data directory."""
    old = settings.master_key_old.get_secret_value().split(",") if settings.master_key_old else []
    return load_master(given_key(settings, embedded=embedded), old=old)


def given_key(settings: Settings, *, embedded: bool) -> str:
    if settings.master_key_command is not None:
        if settings.master_key is not None:
            raise Misconfigured("PTM_MASTER_KEY and PTM_MASTER_KEY_COMMAND are both set: leave one of the two out.")
        return printed(settings.master_key_command)
    if settings.master_key is None and embedded:
        return read_key(settings.data_dir.expanduser() / KEY_FILE)
    return needed(settings.master_key, "master_key")


def printed(command: str) -> str:
    """What PTM_MASTER_KEY_COMMAND prints. Our own settings are not among what it is given."""
    try:
        ended = subprocess.run(
            shlex.split(command), stdin=subprocess.DEVNULL, capture_output=True, timeout=PATIENCE, text=True,
            env=foreign_environment(), check=False,
        )  # fmt: skip
    except subprocess.TimeoutExpired as error:
        raise Misconfigured(f"PTM_MASTER_KEY_COMMAND did not end within {PATIENCE} s.") from error
    except (OSError, ValueError) as error:
        raise Misconfigured(f"PTM_MASTER_KEY_COMMAND cannot be run: {error}.") from error
    if ended.returncode:
        said = ended.stderr.strip().splitlines() or ["it said nothing"]
        raise Misconfigured(f"PTM_MASTER_KEY_COMMAND failed with {ended.returncode}: {said[-1][:200]}")
    return ended.stdout


def read_key(path: Path) -> str:
    try:
        return path.read_text(encoding="ascii")
    except FileNotFoundError as error:
        raise Misconfigured(
            f"PTM_MASTER_KEY is not set and {path} is missing: put the backed-up key back; without it, what the "
            "database has sealed stays closed."
        ) from error
    except (OSError, UnicodeDecodeError) as error:
        raise Misconfigured(f"{path} cannot be read: {error}.") from error


def ensure_master_key(settings: Settings, *, fresh: bool) -> Path | None:
    """Makes the embedded servers' master key, readable by its owner only; answers where it lies if it was made now.

    *fresh* says that the database is new too: a lost key is not replaced by another that opens nothing.
    """
    if settings.master_key is not None or settings.master_key_command is not None:
        return None
    path = settings.data_dir.expanduser() / KEY_FILE
    if path.exists() or not fresh:
        return None
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return None
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(make_master() + "\n")
        file.flush()
        os.fsync(file.fileno())
    return path


def procountor(settings: Settings, session: aiohttp.ClientSession | Session, *, pool: Pool, vault: Vault) -> Procountor:
    """Without a client id it can still be made: what calls it asks for one first."""
    secret = settings.procountor_client_secret
    return Procountor(
        session,
        url=settings.procountor_url,
        api_path=settings.procountor_api_path,
        client_id=settings.procountor_client_id or "",
        client_secret=secret.get_secret_value() if secret else "",
        budget=Budget(pool, per_second=settings.procountor_per_second),
        secrets=vault,
        redirect_uri=settings.redirect_uri,
    )


def trustmary(settings: Settings, session: aiohttp.ClientSession | Session) -> Trustmary:
    return Trustmary(
        session,
        url=settings.trustmary_url,
        scheme=settings.trustmary_scheme,
        list_key=settings.trustmary_list_key,
        timeout=settings.trustmary_timeout,
    )


def mail(settings: Settings) -> Mail:
    """Without a host it can still be made: what it is to send says what is missing."""
    from worker.adapters.mail import Mail  # noqa: PLC0415 - loads the mail client, which commands do without

    return Mail(
        host=settings.smtp_host,
        port=settings.smtp_port,
        tls=settings.smtp_tls,
        user=settings.smtp_user,
        password=settings.smtp_password.get_secret_value() if settings.smtp_password else None,
        sender=settings.smtp_from,
        ca_file=settings.smtp_ca_file,
    )


@asynccontextmanager
async def opened(
    settings: Settings, *, application: str = "ptm command", size: int = 4, keys: int = 20_000, read_only: bool = False
) -> AsyncIterator[Context]:
    """A context for one command or console; raises `Misconfigured` where settings, schema or keys do not fit.

    *size*: connections at most; *keys*: of subjects, kept at once, 3 kB each. *read_only*: the database refuses every
    change, whatever the login may do.
    """
    found = servers(settings)
    master = master_key(settings, embedded=found.embedded)
    pool = await open_pool(
        found.database_url, size=size, application=application, more=LOOKING if read_only else NOTHING
    )
    try:
        await schema.require_own(pool)
        with translating():
            who = await pool.fetchrow(SQL["session_user"])
        assert who is not None, "there is always one"
        vault = Vault(pool, master, cached=keys)
        async with Session() as session, Ringer(pool) as ringer:
            yield Context(
                pool=pool,
                log=Log(pool, vault),
                vault=vault,
                ringer=ringer,
                procountor=procountor(settings, session, pool=pool, vault=vault),
                trustmary=trustmary(settings, session),
                settings=settings,
                database_url=found.database_url,
                actor=who["session_user"],
                looks_only=read_only or not who["may_change"],
            )
    finally:
        await close_pool(pool)
