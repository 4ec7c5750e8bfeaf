"""The vault: a key per data subject, secrets by id, and everything personal sealed on its way to the log."""

from __future__ import annotations

import os
import struct
import time
from collections import OrderedDict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID, uuid4

import asyncpg
import orjson
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from events.errors import Corrupt, Misconfigured, Unavailable
from worker.adapters import queries
from worker.adapters.postgres import Bell, Connection, Pool, ring, translating
from worker.adapters.sealing import KEY, NONCE, VERSION, ContactKeyer, MasterKey, contact_keyer, load_master
from worker.adapters.shared_tokens import SharedTokens

__all__ = ["ContactKeyer", "MasterKey", "SubjectKey", "Vault", "load_master", "wrapping"]

CHANNEL = "ptm_vault"
_HEAD = struct.Struct(">cq12s")


@dataclass(frozen=True, slots=True, kw_only=True)
class SubjectKey:
    id: int
    subject: str
    cipher: AESGCM | None
    """None once destroyed: what it sealed is erased."""
    until: float


class SubjectKeys:
    """The keys used lately, for a minute at most: a destroyed one must not live on in memory."""

    def __init__(self, *, size: int, seconds: float) -> None:
        self._size, self._seconds = size, seconds
        self._by_id: OrderedDict[int, SubjectKey] = OrderedDict()
        self._live: dict[str, int] = {}

    def __len__(self) -> int:
        return len(self._by_id)

    def of_id(self, id: int) -> SubjectKey | None:
        found = self._by_id.get(id)
        return found if found is not None and found.until > time.monotonic() else None

    def of_subject(self, subject: str) -> SubjectKey | None:
        id = self._live.get(subject)
        return None if id is None else self.of_id(id)

    def keep(self, id: int, subject: str, cipher: AESGCM | None) -> SubjectKey:
        now = time.monotonic()
        key = SubjectKey(id=id, subject=subject, cipher=cipher, until=now + self._seconds)
        self._by_id[id] = key
        self._by_id.move_to_end(id)
        if cipher is not None:
            self._live[subject] = id
        while len(self._by_id) > self._size or next(iter(self._by_id.values())).until <= now:
            self.drop(next(iter(self._by_id)))
        return key

    def drop(self, id: int) -> None:
        gone = self._by_id.pop(id, None)
        if gone is not None and self._live.get(gone.subject) == id:
            del self._live[gone.subject]

    def clear(self) -> None:
        self._by_id.clear()
        self._live.clear()


class Vault:
    """Keys and secrets of one database under one master key."""

    def __init__(self, pool: Pool, master: MasterKey, *, cached: int = 20_000, seconds: float = 60) -> None:
        self._pool = pool
        self._master = master
        self._keys = SubjectKeys(size=cached, seconds=seconds)
        self._keyer: ContactKeyer | None = None
        self.tokens = SharedTokens(pool, master)

    @property
    def key_ids(self) -> tuple[str, ...]:
        """Of the master keys, in hex: it seals under the first, and opens all."""
        return tuple(id.hex() for id in self._master.ids)

    @property
    def master(self) -> MasterKey:
        """For a process beside this one, which opens what this one would."""
        return self._master

    @property
    def seals_under(self) -> bytes:
        return self._master.id

    def reseal(self, blob: bytes, *, about: bytes) -> bytes:
        """The same value, under the key that seals now."""
        return self._master.seal(self._master.open(blob, about=about), about=about)

    async def seal(self, items: Sequence[tuple[UUID, str, bytes | None]]) -> list[bytes | None]:
        """(event id, subject, plain) → blob, each openable for its own event only; None stays None."""
        keys = await self._live_keys({subject for _, subject, plain in items if plain is not None})
        return [None if plain is None else _seal(keys[subject], id, plain) for id, subject, plain in items]

    async def open(self, items: Sequence[tuple[UUID, bytes | None]]) -> list[bytes | None]:
        """(event id, blob) → plain, or None where there was nothing or its key is destroyed. Raises Corrupt."""
        keys = await self._keys_by_id({_key_of(blob) for _, blob in items if blob is not None})
        return [None if blob is None else _open(keys.get(_key_of(blob)), id, blob) for id, blob in items]

    async def destroy(self, subjects: Sequence[str]) -> int:
        """Erase *subjects* from everything that was ever sealed for them; answers how many keys are gone."""
        return await self._destroy("destroy_subject_keys", list(subjects))

    async def destroy_integration(self, integration: UUID) -> int:
        """Erase every subject of *integration*, its own names included."""
        return await self._destroy("destroy_integration_keys", str(integration))

    async def _destroy(self, query: str, what: object) -> int:
        with translating():
            gone = [row["id"] for row in await self._pool.fetch(queries.load("vault")[query], what)]
        self.forget(str(id) for id in gone)
        for id in gone[:100]:
            await ring(self._pool, CHANNEL, str(id))
        if len(gone) > 100:
            await ring(self._pool, CHANNEL)
        return len(gone)

    def forget(self, payloads: Iterable[str]) -> None:
        """Drop the keys that *payloads* of ptm_vault name; "" drops all."""
        for payload in payloads:
            if payload.isdecimal():
                self._keys.drop(int(payload))
            else:
                self._keys.clear()

    async def follow(self, bell: Bell) -> None:
        """Forget destroyed keys as soon as *bell*, which listens on ptm_vault, says so; runs until cancelled."""
        while True:
            await bell.event(CHANNEL).wait()
            bell.event(CHANNEL).clear()
            self.forget(bell.take(CHANNEL))

    async def put_secret(
        self, kind: str, value: bytes, *, connection: Connection | None = None, id: UUID | None = None
    ) -> UUID:
        """Keep *value* sealed, under the caller's *id* and in the caller's transaction where they are given."""
        id = id or uuid4()
        with translating():
            sealed = self._master.seal(value, about=id.bytes)
            await (connection or self._pool).execute(queries.load("vault")["put_secret"], id, kind, sealed)
        return id

    async def secret(self, id: UUID) -> bytes:
        with translating():
            sealed = await self._pool.fetchval(queries.load("vault")["read_secret"], id)
        if sealed is None:
            raise Misconfigured(f"The vault does not hold secret {id}: reconnect the integration that uses it.")
        return self.open_secret(id, sealed)

    def open_secret(self, id: UUID, sealed: bytes) -> bytes:
        """For who has read many of them at once."""
        return self._master.open(sealed, about=id.bytes)

    async def replace_secret(self, id: UUID, value: bytes, *, instead_of: bytes | None = None) -> None:
        """Nothing is written where it is not *instead_of* any more."""
        with translating():
            async with self._pool.acquire() as connection, connection.transaction():
                before = await connection.fetchval(queries.load("vault")["lock_secret"], id)
                if before is None:
                    raise Misconfigured(f"The vault does not hold secret {id}: reconnect the integration that uses it.")
                if instead_of in (None, self._master.open(before, about=id.bytes)):
                    sealed = self._master.seal(value, about=id.bytes)
                    await connection.execute(queries.load("vault")["replace_secret"], id, sealed)

    async def contact_key(self) -> ContactKeyer:
        """keyer(organization, e-mail) → 32 bytes: the same for the same mailbox, and nothing to anybody else."""
        if self._keyer is None:
            statements = queries.load("vault")
            id = uuid4()
            with translating():
                if (row := await self._pool.fetchrow(statements["read_contact_key"])) is None:
                    sealed = self._master.seal(os.urandom(KEY), about=id.bytes)
                    await self._pool.execute(statements["put_contact_key"], id, sealed)
                    row = await self._pool.fetchrow(statements["read_contact_key"])
            if row is None:
                raise Corrupt("the vault does not keep the contact key")
            self._keyer = contact_keyer(self._master.open(row["sealed"], about=row["id"].bytes))
        return self._keyer

    def seal_text(self, text: str, *, about: str) -> bytes:
        """For small values of mutable tables (names of an integration, the code of a login); *about* says whose."""
        return self._master.seal(text.encode(), about=about.encode())

    def open_text(self, blob: bytes, *, about: str) -> str:
        return self._master.open(blob, about=about.encode()).decode()

    def seal_names(self, integration: UUID, names: Mapping[str, str]) -> bytes:
        return self.seal_text(orjson.dumps(dict(names)).decode(), about=f"names/{integration}")

    def open_names(self, integration: UUID, blob: bytes) -> dict[str, str]:
        names: dict[str, str] = orjson.loads(self.open_text(blob, about=f"names/{integration}"))
        return names

    async def _live_keys(self, subjects: set[str]) -> dict[str, SubjectKey]:
        keys = {subject: key for subject in subjects if (key := self._keys.of_subject(subject)) is not None}
        if missing := sorted(subjects - keys.keys()):
            rows = await self._fetch("live_subject_keys", missing)
            keys |= {row["subject"]: self._unwrap(row) for row in rows}
        if missing := sorted(subjects - keys.keys()):
            await self._make(missing)
            keys |= {row["subject"]: self._unwrap(row) for row in await self._fetch("live_subject_keys", missing)}
        if missing := sorted(subjects - keys.keys()):
            raise Unavailable(f"the key of {missing[0]} was destroyed while it was being made")
        return keys

    async def _make(self, subjects: list[str]) -> None:
        wrapped = [self._master.seal(os.urandom(KEY), about=wrapping(subject)) for subject in subjects]
        with translating():
            await self._pool.execute(queries.load("vault")["make_subject_keys"], subjects, wrapped)

    async def _keys_by_id(self, ids: set[int]) -> dict[int, SubjectKey]:
        keys = {id: key for id in ids if (key := self._keys.of_id(id)) is not None}
        if missing := sorted(ids - keys.keys()):
            keys |= {row["id"]: self._unwrap(row) for row in await self._fetch("subject_keys", missing)}
        return keys

    async def _fetch(self, query: str, wanted: list[str] | list[int]) -> list[asyncpg.Record]:
        with translating():
            return await self._pool.fetch(queries.load("vault")[query], wanted)

    def _unwrap(self, row: asyncpg.Record) -> SubjectKey:
        wrapped: bytes | None = row["wrapped"]
        key = None if wrapped is None else AESGCM(self._master.open(wrapped, about=wrapping(row["subject"])))
        return self._keys.keep(row["id"], row["subject"], key)


def wrapping(subject: str) -> bytes:
    """What the wrapped key of a person is bound to."""
    return b"subject/" + subject.encode()


def _seal(key: SubjectKey, id: UUID, plain: bytes) -> bytes:
    if key.cipher is None:
        raise Corrupt(f"subject key {key.id} was destroyed while it was in use")
    nonce = os.urandom(NONCE)
    return _HEAD.pack(VERSION, key.id, nonce) + key.cipher.encrypt(nonce, plain, id.bytes)


def _key_of(blob: bytes) -> int:
    if len(blob) < _HEAD.size or blob[:1] != VERSION:
        raise Corrupt("a sealed part of an event has an unknown form")
    id: int = _HEAD.unpack_from(blob)[1]
    return id


def _open(key: SubjectKey | None, id: UUID, blob: bytes) -> bytes | None:
    """A key that the vault no longer knows was destroyed: that is what a restore of the log without it looks like."""
    if key is None or key.cipher is None:
        return None
    try:
        return key.cipher.decrypt(_HEAD.unpack_from(blob)[2], blob[_HEAD.size :], id.bytes)
    except InvalidTag as error:
        raise Corrupt(f"the sealed part of event {id} was changed") from error
