"""Everything that the master key seals, counted by key, and sealed anew under the one that seals now."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import asyncpg

from worker.adapters import queries
from worker.adapters.postgres import Pool, translating
from worker.adapters.vault import Vault, wrapping

SQL = queries.load("keys")
BATCH = 500
"""Values that are sealed anew in one statement."""
NOBODY = UUID(int=0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where sealed values lie, and what each is bound to."""

    name: str
    first: Any
    """Before every id."""
    about: Callable[[asyncpg.Record], bytes]


def of_login(row: asyncpg.Record) -> bytes:
    return f"login/{row['id'].hex()}".encode()


PLACES = (
    Place(name="person", first=0, about=lambda row: wrapping(row["subject"])),
    Place(name="secret", first=NOBODY, about=lambda row: bytes(row["id"].bytes)),
    Place(name="name", first=NOBODY, about=lambda row: f"names/{row['id']}".encode()),
    Place(name="replay", first=NOBODY, about=lambda row: f"replay/{row['id']}".encode()),
    Place(name="code", first=b"", about=of_login),
    Place(name="company", first=b"", about=of_login),
)


async def count(pool: Pool) -> dict[str, dict[str, int]]:
    """Key id → kind (`person`, `secret`, `name`, `replay`, `login`) → how many values."""
    with translating():
        rows = await pool.fetch(SQL["count_sealed"])
    found: dict[str, dict[str, int]] = {}
    for row in rows:
        found.setdefault(row["key"], {})[row["kind"]] = row["count"]
    return found


async def rewrap(pool: Pool, vault: Vault) -> AsyncIterator[int]:
    """After each batch, how many it sealed anew. Whoever is killed has done what was yielded, and begins again.

    Raises `Misconfigured` for a value under a key that *vault* was not given.
    """
    for place in PLACES:
        last = place.first
        while True:
            with translating():
                rows = await pool.fetch(SQL[f"list_{place.name}"], last, vault.seals_under, BATCH)
            if not rows:
                break
            last = rows[-1]["id"]
            fresh = [vault.reseal(row["sealed"], about=place.about(row)) for row in rows]
            columns = ([row["id"] for row in rows], [row["sealed"] for row in rows], fresh)
            with translating():
                done = await pool.execute(SQL[f"write_{place.name}"], *columns)
            yield int(done.rpartition(" ")[2])
