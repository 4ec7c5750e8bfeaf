"""What every operation works with."""

from __future__ import annotations

from dataclasses import dataclass, field

from worker.adapters import queries
from worker.adapters.log import Log
from worker.adapters.postgres import Pool, Ringer
from worker.adapters.procountor import Procountor
from worker.adapters.trustmary import Trustmary
from worker.adapters.vault import Vault
from worker.settings import Settings

SQL = queries.load("operations")


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """Made once a process, by `worker.opening`."""

    pool: Pool
    log: Log
    vault: Vault
    ringer: Ringer
    procountor: Procountor
    trustmary: Trustmary
    settings: Settings
    database_url: str = field(repr=False)
    """Where the database is, for what listens on a connection of its own; it may hold a password."""
    actor: str
    """The operator's database login: every event that an operation appends names it."""
    looks_only: bool = False
    """The database lets this login change nothing."""
