"""Who may enter the sandbox's Procountor: users, single-use codes, API keys and expiring tokens (HS256 JWTs)."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections import defaultdict, deque
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from random import Random
from typing import Any

import orjson

from sandbox.company import Company

_KEY_ISSUED = 1_767_225_600  # keys are the same in every run of a seed, so they carry a fixed time of issue
_REFRESH_TOKENS = 100
REFRESH_SECONDS = 183 * 24 * 3600


class CodeKind(StrEnum):
    LOGIN = "login"
    KEY = "key"


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    company: int
    user: int
    expires: float
    """Seconds since the epoch; an API key's is infinite."""
    jti: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Code:
    kind: CodeKind
    company: int
    user: int
    redirect_uri: str
    expires: float


class Access:
    """Keys, codes and tokens of one API client; *now* gives seconds since the epoch."""

    def __init__(self, seed: int, now: Callable[[], float]) -> None:
        self._rng = Random(f"access {seed}")
        self._now = now
        self._secret = self._rng.randbytes(32)
        self._codes: dict[str, Code] = {}
        self._seen: dict[str, Grant] = {}
        self._revoked: set[str] = set()
        self._refreshing: defaultdict[tuple[int, int], deque[str]] = defaultdict(deque)
        self.client_id = f"sandboxClient{seed}"
        self.client_secret = self._rng.randbytes(24).hex()
        self.issuer = "https://sandbox"

    def key_for(self, company: Company, user: int = 0) -> str:
        """A new API key for *company* and its own or another *user*."""
        claims = self._claims(company.id, user or company.user.id) | {"iat": _KEY_ISSUED}
        return self._sign(claims, "key")

    def access_token(self, company: int, user: int, *, seconds: int, scope: str) -> str:
        now = int(self._now())
        times = {"auth_time": now, "iat": now, "exp": now + seconds, "scope": scope}
        token = self._sign(self._claims(company, user) | times, "access")
        self._remember(token)
        return token

    def refresh_token(self, company: int, user: int) -> str:
        """One more for this user in this company; of more than a hundred the oldest stops working."""
        now = int(self._now())
        claims = self._claims(company, user) | {"iat": now, "exp": now + REFRESH_SECONDS}
        alive = self._refreshing[company, user]
        alive.append(claims["jti"])
        if len(alive) > _REFRESH_TOKENS:
            self._revoked.add(alive.popleft())
        return self._sign(claims, "refresh")

    def open(self, token: str, kind: str) -> Grant | None:
        """What *token* grants, or None if it is forged, of another kind, expired or revoked."""
        grant = (self._seen.get(token) or self._remember(token)) if kind == "access" else self._parse(token, kind)
        if grant is None or self._now() >= grant.expires or grant.jti in self._revoked:
            return None
        return grant

    def revoke(self, token: str, kind: str) -> None:
        grant = self._parse(token, kind)
        if grant is not None:
            self._revoked.add(grant.jti)

    def expire_access_tokens(self, company: int | None = None) -> None:
        """Every access token issued so far (for one *company*) stops working; keys and refresh tokens live on."""
        self._revoked.update(grant.jti for grant in self._seen.values() if company in {None, grant.company})

    def issue_code(self, code: Code) -> str:
        word = self._rng.randbytes(16).hex()
        self._codes[word] = code
        return word

    def redeem(self, word: str, kind: CodeKind, *, redirect_uri: str) -> Code | None:
        """The code, once: gone after the first try, right or wrong."""
        code = self._codes.pop(word, None)
        if code is None or code.kind is not kind or code.redirect_uri != redirect_uri:
            return None
        return code if self._now() < code.expires else None

    def _claims(self, company: int, user: int) -> dict[str, Any]:
        return {
            "iss": self.issuer,
            "aud": self.client_id,
            "sub": str(user),
            "cid": company,
            "jti": self._rng.randbytes(8).hex(),
        }

    def _sign(self, claims: dict[str, Any], kind: str) -> str:
        head = _b64(orjson.dumps({"alg": "HS256", "typ": "JWT"})) + "." + _b64(orjson.dumps(claims))
        return f"{head}.{self._signature(head, kind)}"

    def _signature(self, head: str, kind: str) -> str:
        return _b64(hmac.new(self._secret + kind.encode(), head.encode(), hashlib.sha256).digest())

    def _remember(self, token: str) -> Grant | None:
        """Access tokens are read once: every request brings one."""
        grant = self._parse(token, "access")
        if grant is not None:
            self._seen[token] = grant
        return grant

    def _parse(self, token: str, kind: str) -> Grant | None:
        head, _, signature = token.rpartition(".")
        if not token.isascii() or not hmac.compare_digest(signature, self._signature(head, kind)):
            return None
        claims = orjson.loads(base64.urlsafe_b64decode(head.partition(".")[2] + "=="))
        return Grant(
            company=claims["cid"],
            user=int(claims["sub"]),
            expires=claims.get("exp", float("inf")),
            jti=claims["jti"],
        )


def _b64(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()
