"""The master key: whether it opens what the vault has sealed, where it lies, and who may read it there."""

from __future__ import annotations

import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from events.words import Words
from worker import settings as read
from worker.adapters import queries
from worker.adapters.postgres import Pool, translating
from worker.adapters.sealing import MasterKey
from worker.operations.checks.finding import Concern, Finding, well, wrong
from worker.operations.context import SQL
from worker.settings import Settings

PRIVATE = stat.S_IRWXG | stat.S_IRWXO


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    sealed: bool
    """Whether there is anything to open yet."""
    file: Path | None
    """Where the key lies; None: in a variable, or in the settings' file."""
    mode: int | None = None


async def look(pool: Pool, master: MasterKey, file: Path | None) -> Seen:
    """Raises `Misconfigured` where it is not the key that sealed this database."""
    with translating():
        row = await pool.fetchrow(queries.load("vault")["read_contact_key"])
        named = await pool.fetchrow(SQL["look_at_names"])
    if row is not None:
        master.open(row["sealed"], about=row["id"].bytes)
    if named is not None:
        master.open(named["names"], about=f"names/{named['id']}".encode())
    try:
        mode = stat.S_IMODE(file.stat().st_mode) if file else None
    except OSError:
        mode = None
    return Seen(sealed=bool(row or named), file=file, mode=mode)


def place(settings: Settings, *, embedded: Path | None) -> Path | None:
    """*embedded*: the file beside the embedded servers, which counts where no setting says anything."""
    if settings.master_key_command is not None:
        return None
    return embedded if settings.master_key is None else read.secret_file("master_key")


def judge(seen: Seen, say: Words, *, command: bool = False) -> Iterator[Finding]:
    """*command*: PTM_MASTER_KEY_COMMAND has printed it."""
    opens = say("The master key opens the vault.") if seen.sealed else say("Nothing is sealed with the master key yet.")
    where = say("It comes from PTM_MASTER_KEY or the settings' file.")
    if command:
        where = say("It comes from PTM_MASTER_KEY_COMMAND.")
    elif seen.file:
        where = say("It lies in {path}.", path=seen.file)
    backup = say("Keep a copy apart from the database: without it, what is sealed stays closed.")
    yield well(Concern.KEYS, f"{opens} {where} {backup}")
    if seen.file is not None and seen.mode is not None and seen.mode & PRIVATE:
        yield wrong(
            Concern.KEYS,
            say("{path} can be read by others than its owner (mode {mode}).", path=seen.file, mode=f"{seen.mode:04o}"),
            say("chmod 600 {path}; if strangers may have read it, rotate the key: ptm keys rotate.", path=seen.file),
        )
