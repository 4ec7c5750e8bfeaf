"""Who is told of an integration's lasting states: by e-mail or webhook, each in a language of their own."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from urllib.parse import urlsplit
from uuid import UUID

from events import address
from events.errors import Misconfigured, Refused
from events.words import Language


class Channel(StrEnum):
    EMAIL = "email"
    WEBHOOK = "webhook"


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipient:
    id: UUID
    """Random; of a webhook also the vault's secret that holds its whole address."""
    channel: Channel
    to: str
    """An e-mail address; of a webhook only the host: whoever knows the rest may write there."""
    language: Language = Language.ENGLISH

    @property
    def says(self) -> str:
        """`maija@example.fi (fi)`, `hooks.example.com 1a2b3c4d (en)`."""
        return f"{self.name} ({self.language})"

    @property
    def name(self) -> str:
        return self.to if self.channel is Channel.EMAIL else f"{self.to} {str(self.id)[:8]}"

    def is_called(self, text: str) -> bool:
        """By an e-mail address, or by the beginning of a webhook's id."""
        if self.channel is Channel.EMAIL:
            return address.same(self.to) == address.same(text)
        return len(text) >= 4 and str(self.id).startswith(text.strip().lower())


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """A recipient as somebody asks for it."""

    channel: Channel
    to: str
    """An e-mail address; of a webhook its whole address, or the host of one that is known by *id*."""
    language: Language = Language.ENGLISH
    id: UUID | None = None


def wanted(one: Recipient) -> Wanted:
    """What asks for it again: an e-mail address says who it is, a webhook's host does not."""
    known = one.id if one.channel is Channel.WEBHOOK else None
    return Wanted(channel=one.channel, to=one.to, language=one.language, id=known)


def mailbox(text: str) -> str:
    """An e-mail address as it is to be written. Raises `Misconfigured` where it is none."""
    try:
        return address.valid(text.strip())
    except Refused as error:
        raise Misconfigured(f"{text} is no e-mail address that could be told: {error}") from error


def host(url: str) -> str:
    """Of a webhook's whole address, with its port. Raises `Misconfigured`, which does not repeat the address."""
    try:
        parts = urlsplit(url)
        named, _ = parts.hostname, parts.port
    except ValueError:
        named = None
    if not named or parts.scheme not in ("http", "https") or "@" in parts.netloc or not url.isprintable() or " " in url:
        raise Misconfigured("That is no webhook's address: write https://host/path, without a name before the host.")
    return parts.netloc.lower()
