"""What is asked of the vault for credentials, in memory."""

from __future__ import annotations

from uuid import UUID, uuid4

from memory.tokens import SharedTokens
from worker.adapters.credentials import CredentialKind, Credentials, to_secret


class Secrets:
    def __init__(self) -> None:
        self.kept: dict[UUID, bytes] = {}
        self.tokens = SharedTokens()

    def put(self, credentials: Credentials) -> UUID:
        id = uuid4()
        self.kept[id] = to_secret(credentials)
        return id

    def put_key(self, key: str) -> UUID:
        return self.put(Credentials(kind=CredentialKind.API_KEY, value=key))

    async def secret(self, id: UUID) -> bytes:
        return self.kept[id]

    async def replace_secret(self, id: UUID, value: bytes, *, instead_of: bytes | None = None) -> None:
        if instead_of in (None, self.kept[id]):
            self.kept[id] = value
