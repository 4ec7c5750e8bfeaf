"""AES-256-GCM under the master key, and the keyed hash by which a contact is known without its address."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import os
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from typing import Protocol

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from events.errors import Corrupt, Misconfigured

VERSION = b"\x01"
NONCE = 12
KEY = 32


class ContactKeyer(Protocol):
    def __call__(self, organization: str, email: str) -> bytes: ...


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class MasterKey:
    """Seals under *key*; opens what *key* or one of the *old* ones sealed. A blob names its key."""

    key: bytes
    old: tuple[bytes, ...] = ()

    @property
    def id(self) -> bytes:
        return key_id(self.key)

    @property
    def ids(self) -> tuple[bytes, ...]:
        """Its own, then those of the old ones."""
        return tuple(dict.fromkeys((self.id, *(key_id(each) for each in self.old))))

    def seal(self, plain: bytes, *, about: bytes = b"") -> bytes:
        """*about* says what the blob belongs to; it opens nowhere else."""
        nonce = os.urandom(NONCE)
        return VERSION + self.id + nonce + cipher(self.key).encrypt(nonce, plain, about)

    def open(self, blob: bytes, *, about: bytes = b"") -> bytes:
        """Raises Misconfigured for a key that we were not given, Corrupt for a blob that was changed or moved."""
        if blob[:1] != VERSION or len(blob) < 5 + NONCE:
            raise Corrupt("a sealed value of the vault has an unknown form")
        name, nonce, sealed = blob[1:5], blob[5 : 5 + NONCE], blob[5 + NONCE :]
        key = self.key if self.id == name else next((each for each in self.old if key_id(each) == name), None)
        if key is None:
            raise Misconfigured(
                f"PTM_MASTER_KEY is not the key that sealed this database (it wants key {name.hex()}, "
                f"this one is {self.id.hex()}): give the right one."
            )
        try:
            return cipher(key).decrypt(nonce, sealed, about)
        except InvalidTag as error:
            raise Corrupt("a sealed value of the vault was changed, or belongs to something else") from error


@cache
def cipher(key: bytes) -> AESGCM:
    """Of a master key: there are few, and a list of names opens ten thousand values with one."""
    return AESGCM(key)


@cache
def key_id(key: bytes) -> bytes:
    return hashlib.sha256(key).digest()[:4]


def load_master(text: str, *, old: Iterable[str] = ()) -> MasterKey:
    """32 bytes as 64 hexadecimal digits or as base64; raises Misconfigured for anything else."""
    return MasterKey(key=_parse(text), old=tuple(_parse(each) for each in old))


def make_master() -> str:
    """A new random key, as `load_master` reads it."""
    return base64.b64encode(os.urandom(KEY)).decode()


def _parse(text: str) -> bytes:
    text = text.strip()
    try:
        if len(text) == 2 * KEY:
            key = bytes.fromhex(text)
        else:
            padded = text.translate(str.maketrans("-_", "+/")) + "=" * (-len(text) % 4)
            key = base64.b64decode(padded, validate=True)
    except (ValueError, binascii.Error):
        key = b""
    if len(key) != KEY:
        raise Misconfigured("PTM_MASTER_KEY must be 32 random bytes as base64 or hex (openssl rand -base64 32).")
    return key


def normalise(email: str) -> str:
    """One spelling for what mail systems deliver to one mailbox."""
    return unicodedata.normalize("NFC", email.strip()).casefold()


def contact_keyer(key: bytes) -> ContactKeyer:
    keyed = hmac.new(key, digestmod="sha256")

    def keyer(organization: str, email: str) -> bytes:
        of = keyed.copy()
        of.update(f"{organization}\n{normalise(email)}".encode())
        return of.digest()

    return keyer
