"""What opens one Procountor company to us, and how it is written in the vault."""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum

import orjson

from events.errors import Corrupt


class CredentialKind(StrEnum):
    API_KEY = "api_key"
    """Bound to user, company and API client; does not end by itself."""
    REFRESH_TOKEN = "refresh_token"
    """Ends after six months."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Credentials:
    kind: CredentialKind
    value: str = field(repr=False)


def to_secret(credentials: Credentials) -> bytes:
    """For `Vault.put_secret("procountor", …)`."""
    return orjson.dumps({"kind": credentials.kind, credentials.kind.value: credentials.value})


def from_secret(secret: bytes) -> Credentials:
    try:
        written = orjson.loads(secret)
        kind = CredentialKind(written["kind"])
        return Credentials(kind=kind, value=str(written[kind.value]))
    except (orjson.JSONDecodeError, KeyError, TypeError, ValueError) as error:
        raise Corrupt("a secret of the vault does not read as credentials for Procountor") from error


LASTS = timedelta(days=180)
"""A refresh token is good for six months (api/procountor.md, 2c)."""


def ends_at(credentials: Credentials, *, given: datetime | None = None) -> datetime | None:
    """When they end by themselves: as a refresh token says of itself or, where it does not, six months after it was
    *given*. None for an API key.
    """
    if credentials.kind is not CredentialKind.REFRESH_TOKEN:
        return None
    return told(credentials.value) or (given + LASTS if given else None)


def told(token: str) -> datetime | None:
    try:
        claims = token.split(".")[1]
        claimed = orjson.loads(base64.urlsafe_b64decode(claims + "=" * (-len(claims) % 4)))
        return datetime.fromtimestamp(claimed["exp"], UTC)
    except (IndexError, binascii.Error, orjson.JSONDecodeError, KeyError, TypeError, ValueError, OverflowError):
        return None
