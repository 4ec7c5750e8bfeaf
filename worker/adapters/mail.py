"""Letters by SMTP: plain text, one recipient each. What goes wrong is told without an address."""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from pathlib import Path
from uuid import UUID

import aiosmtplib

from events.alert import Letter
from events.errors import Misconfigured, PtmError, Refused, Unavailable

WHOLE = 30.0
"""Seconds for one letter."""
ANSWER = 10.0
PORTS = {"starttls": 587, "tls": 465, "none": 25}
SENDER = "procountor-trustmary"


@dataclass(frozen=True, slots=True, kw_only=True)
class Mail:
    """One mail server."""

    host: str | None
    port: int | None = None
    tls: str = "starttls"
    """`starttls`, `tls` from the first byte, or `none`."""
    user: str | None = None
    password: str | None = None
    sender: str | None = None
    ca_file: Path | None = None

    async def send(self, to: str, letter: Letter, *, id: UUID) -> str:
        """What the server said when it had taken it. *id*: the same for the same letter, so that a second one is known.

        Raises `Misconfigured` where no server is set, `Refused` where it says no for good, and `Unavailable`.
        """
        if self.host is None or self.sender is None:
            raise Misconfigured("No letter can leave: set PTM_SMTP_HOST and PTM_SMTP_FROM.")
        message = written(self.sender, to, letter, id)
        client = aiosmtplib.SMTP(
            hostname=self.host,
            port=self.port or PORTS[self.tls],
            username=self.user,
            password=self.password,
            timeout=ANSWER,
            use_tls=self.tls == "tls",
            start_tls=self.tls == "starttls",
            tls_context=self.context(),
        )
        try:
            async with asyncio.timeout(WHOLE):
                return await deliver(client, message)
        except (aiosmtplib.SMTPException, OSError, TimeoutError) as error:
            raise told(self.host, error) from error

    def context(self) -> ssl.SSLContext | None:
        """Raises `Misconfigured` where its authority's certificate cannot be read."""
        if self.ca_file is None:
            return None
        try:
            return ssl.create_default_context(cafile=str(self.ca_file))
        except (OSError, ssl.SSLError) as error:
            raise Misconfigured(f"PTM_SMTP_CA_FILE names {self.ca_file}, which holds no certificate.") from error


async def deliver(client: aiosmtplib.SMTP, message: EmailMessage) -> str:
    """What fails after the server has taken the letter is none of it."""
    await client.connect()
    try:
        _, said = await client.send_message(message)
    finally:
        client.close()
    return said


def written(sender: str, to: str, letter: Letter, id: UUID) -> EmailMessage:
    message = EmailMessage(policy=SMTP)
    message["From"] = Address(SENDER, addr_spec=sender)
    message["To"] = Address(addr_spec=in_ascii(to))
    message["Subject"] = letter.subject
    message["Date"] = format_datetime(datetime.now(UTC))
    message["Message-ID"] = f"<{id}@{sender.rpartition('@')[2]}>"
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(letter.body)
    return message


def in_ascii(address: str) -> str:
    """The domain as mail servers know it; what stands before the @ has no other form."""
    local, _, domain = address.rpartition("@")
    return f"{local}@{domain.encode('idna').decode()}"


def told(host: str, error: Exception) -> PtmError:
    """What went wrong, without what the server says beside its code: that may repeat the address."""
    kind = type(error).__name__
    match error:
        case aiosmtplib.SMTPAuthenticationError():
            return Misconfigured(
                f"The mail server {host} does not let us in ({error.code}): see PTM_SMTP_USER and PTM_SMTP_PASSWORD."
            )
        case aiosmtplib.SMTPRecipientsRefused():
            return turned_down(host, max(each.code for each in error.recipients))
        case aiosmtplib.SMTPResponseException():
            return turned_down(host, error.code)
        case _ if unsealed(error):
            return Misconfigured(
                f"The mail server {host} and we do not agree on how what is said is sealed ({kind}): "
                "see PTM_SMTP_TLS and PTM_SMTP_CA_FILE."
            )
        case _ if any(isinstance(each, socket.gaierror) for each in causes(error)):
            return Unavailable(f"Nobody knows a mail server called {host}: see PTM_SMTP_HOST, and the name service.")
        case _ if any(isinstance(each, ConnectionRefusedError) for each in causes(error)):
            return Unavailable(f"No mail server listens at {host}: see PTM_SMTP_HOST, PTM_SMTP_PORT and PTM_SMTP_TLS.")
        case _:
            return Unavailable(f"The mail server {host} does not answer: {kind}.")


def words(error: BaseException) -> str:
    """What the server itself said to a letter that failed, for whoever asks about an address of theirs; else nothing.

    It may repeat the address, so it is written down nowhere.
    """
    for each in causes(error):
        if isinstance(each, aiosmtplib.SMTPRecipientsRefused):
            return "; ".join(f"{one.code} {one.message}" for one in each.recipients)
        if isinstance(each, aiosmtplib.SMTPResponseException):
            return f"{each.code} {each.message}"
    return ""


def unsealed(error: Exception) -> bool:
    """The library has no class of its own for a server that does not offer STARTTLS."""
    return type(error) is aiosmtplib.SMTPException or any(isinstance(each, ssl.SSLError) for each in causes(error))


def causes(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__


def turned_down(host: str, code: int) -> Refused | Unavailable:
    """What the server says beside the code may repeat the address."""
    if code < 500:
        return Unavailable(f"The mail server {host} cannot take the letter now ({code}).", status=code)
    return Refused(f"The mail server {host} turned the letter down ({code}).", reason="mail", status=code)
