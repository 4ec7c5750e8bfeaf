"""The vault in memory: the same ciphers, the keys in a list."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from uuid import UUID, uuid4

from events.errors import Corrupt, Misconfigured
from memory.tokens import SharedTokens
from worker.adapters.sealing import KEY, ContactKeyer, MasterKey, contact_keyer

NUMBER = 8
"""Bytes before each blob that say which key opens it."""


class MemoryVault:
    def __init__(self) -> None:
        self._keys: list[MasterKey | None] = []
        self._live: dict[str, int] = {}
        self._secrets: dict[UUID, bytes] = {}
        self.tokens = SharedTokens()
        self._keyer = contact_keyer(os.urandom(KEY))

    async def seal(self, items: Sequence[tuple[UUID, str, bytes | None]]) -> list[bytes | None]:
        return [None if plain is None else self._seal(id, subject, plain) for id, subject, plain in items]

    async def open(self, items: Sequence[tuple[UUID, bytes | None]]) -> list[bytes | None]:
        return [None if blob is None else self._open(id, blob) for id, blob in items]

    async def destroy(self, subjects: Sequence[str]) -> int:
        return self._destroy(lambda subject: subject in subjects)

    async def destroy_integration(self, integration: UUID) -> int:
        return self._destroy(lambda subject: subject.split("/")[0] == str(integration))

    async def put_secret(self, kind: str, value: bytes) -> UUID:
        self._secrets[id := uuid4()] = value
        return id

    async def secret(self, id: UUID) -> bytes:
        return self._secrets[self._known(id)]

    async def replace_secret(self, id: UUID, value: bytes, *, instead_of: bytes | None = None) -> None:
        if instead_of in (None, self._secrets[self._known(id)]):
            self._secrets[id] = value

    async def contact_key(self) -> ContactKeyer:
        return self._keyer

    def _known(self, id: UUID) -> UUID:
        if id not in self._secrets:
            raise Misconfigured(f"The vault does not hold secret {id}.")
        return id

    def _destroy(self, meant: Callable[[str], bool]) -> int:
        gone = [self._live.pop(subject) for subject in list(self._live) if meant(subject)]
        for number in gone:
            self._keys[number] = None
        return len(gone)

    def _seal(self, id: UUID, subject: str, plain: bytes) -> bytes:
        if subject not in self._live:
            self._live[subject] = len(self._keys)
            self._keys.append(MasterKey(key=os.urandom(KEY)))
        number = self._live[subject]
        key = self._keys[number]
        assert key is not None, "alive"
        return number.to_bytes(NUMBER) + key.seal(plain, about=id.bytes)

    def _open(self, id: UUID, blob: bytes) -> bytes | None:
        number = int.from_bytes(blob[:NUMBER])
        if number >= len(self._keys):
            raise Corrupt("a sealed part of an event has an unknown form")
        key = self._keys[number]
        if key is None:
            return None
        try:
            return key.open(blob[NUMBER:], about=id.bytes)
        except (Corrupt, Misconfigured) as error:
            raise Corrupt(f"the sealed part of event {id} was changed") from error
