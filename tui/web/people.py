"""Who may come in, by which token; and who is in."""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field

from events.errors import Misconfigured

SHORTEST = 20
"""Letters of a token: it stands alone before everything that the console may do."""
NAME = re.compile(r"[\w .@+-]{1,64}")
HOW = "make one with  python3 -c 'import secrets; print(secrets.token_urlsafe())'"


def people(written: str) -> Mapping[str, bytes]:
    """Name → digest of the token, from NAME:TOKEN by commas or lines. Raises `Misconfigured`, which says no token."""
    found: dict[str, bytes] = {}
    for each in re.split(r"[,\n]", written):
        name, parted, token = (part.strip() for part in each.partition(":"))
        if not (name or parted):
            continue
        if not NAME.fullmatch(name) or not parted:
            raise Misconfigured("PTM_WEB_TOKENS is wrong: it takes NAME:TOKEN, separated by commas or lines.")
        if len(token) < SHORTEST:
            raise Misconfigured(f"The token of {name} in PTM_WEB_TOKENS is shorter than {SHORTEST} letters: {HOW}.")
        if name in found:
            raise Misconfigured(f"PTM_WEB_TOKENS has two tokens for {name}: one a person.")
        found[name] = digest(token)
    if not found:
        raise Misconfigured(f"PTM_WEB_TOKENS is not set: give each person NAME:TOKEN; {HOW}.")
    return found


def digest(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()


@dataclass(slots=True)
class Sessions:
    """Of one run of the server: when it ends, everybody is out."""

    people: Mapping[str, bytes]
    _names: dict[str, str] = field(default_factory=dict)

    def open(self, token: str) -> str | None:
        """A session for whose token it is. Every token is compared, and in the same time, whatever is given."""
        given, found = digest(token), None
        for name, known in self.people.items():
            if hmac.compare_digest(given, known):
                found = name
        if found is None:
            return None
        session = secrets.token_urlsafe(32)
        self._names[session] = found
        return session

    def name(self, session: str) -> str | None:
        return self._names.get(session)
