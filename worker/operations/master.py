"""Which master keys seal what, who has them, and the rotation to the one that seals now."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from events.errors import Misconfigured
from worker.adapters import queries, rewrapping
from worker.adapters.postgres import translating
from worker.operations.context import Context
from worker.operations.status import ALIVE

SQL = queries.load("keys")
ROUNDS = 5
"""Of looking for what others held while it was its turn."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Holder:
    """A worker that is there, and its keys: it seals under the first."""

    host: str
    pid: int
    keys: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Key:
    id: str
    """The beginning of its SHA-256, in hex: what every sealed value begins with."""
    given: str
    """`seals`, `opens` or `missing`: what the settings here know it as."""
    sealed: Mapping[str, int]
    """Kind → how many values are under it."""
    sealing: tuple[Holder, ...]
    """The workers that seal under it."""

    @property
    def count(self) -> int:
        return sum(self.sealed.values())

    @property
    def may_go(self) -> bool:
        """Nothing of this database needs it; a backup of the vault from before may."""
        return self.given == "opens" and not self.count and not self.sealing


@dataclass(frozen=True, slots=True, kw_only=True)
class Keys:
    keys: tuple[Key, ...]
    holders: tuple[Holder, ...]

    @property
    def missing(self) -> tuple[Key, ...]:
        return tuple(one for one in self.keys if one.given == "missing")


async def read(context: Context) -> Keys:
    """The one that seals first, then those that were given, then what is found besides."""
    counted = await rewrapping.count(context.pool)
    with translating():
        rows = await context.pool.fetch(SQL["list_holders"], ALIVE)
    holders = tuple(Holder(host=row["host"], pid=row["pid"], keys=tuple(row["keys"])) for row in rows)
    seals, *opens = context.vault.key_ids
    ids = dict.fromkeys([seals, *opens, *sorted(counted)])
    known = {seals: "seals", **dict.fromkeys(opens, "opens")}
    keys = tuple(
        Key(
            id=id,
            given=known.get(id, "missing"),
            sealed=counted.get(id, {}),
            sealing=tuple(one for one in holders if one.keys[:1] == (id,)),
        )
        for id in ids
    )
    return Keys(keys=keys, holders=holders)


async def rotate(context: Context, *, progress: Callable[[int, int], None] = lambda done, of: None) -> int:
    """Seals everything under the key that seals now, while workers run; answers how much that was.

    Raises `Misconfigured` before anything is changed, where a value or a worker would be left without its key.
    """
    before = await read(context)
    refuse(before, context.vault.key_ids[0])
    of = sum(one.count for one in before.keys[1:])
    done = 0
    for _ in range(ROUNDS):
        async for count in rewrapping.rewrap(context.pool, context.vault):
            done += count
            progress(done, max(done, of))
        if not any(one.count for one in (await read(context)).keys[1:]):
            break
    return done


def refuse(found: Keys, seals: str) -> None:
    for key in found.missing:
        raise Misconfigured(
            f"{key.count} values are sealed under key {key.id}, which no setting gives: add it to PTM_MASTER_KEY_OLD. "
            "Nothing was changed."
        )
    for one in found.holders:
        if one.keys[:1] != (seals,):
            raise Misconfigured(
                f"The worker {one.host} {one.pid} does not seal under key {seals}: give it that key as PTM_MASTER_KEY, "
                "the earlier one as PTM_MASTER_KEY_OLD, and start it again. Nothing was changed."
            )
