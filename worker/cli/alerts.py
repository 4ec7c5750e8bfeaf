"""The flags that say who is told of an integration's lasting states."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from events import recipient
from events.errors import Misconfigured
from events.recipient import Channel, Wanted
from events.words import Language
from worker import settings
from worker.cli.asking import hidden, somebody

AlertTo = Annotated[
    list[str] | None,
    typer.Option(metavar="EMAIL", help="Tell this address of states that last, and every week; may be repeated."),
]
AlertWebhook = Annotated[
    list[str] | None,
    typer.Option(
        metavar="FILE|-",
        help="Post states that last to the address in it; - asks, or reads standard input.",
    ),
]
AlertOff = Annotated[
    list[str] | None,
    typer.Option(metavar="EMAIL|ID", help="Tell this address, or the webhook of this id, no more; may be repeated."),
]
AlertLanguage = Annotated[
    Language | None, typer.Option(help="Of those given with --alert-to and --alert-webhook; else PTM_LANGUAGE.")
]


def wanted(mails: list[str] | None, webhooks: list[str] | None, language: Language | None) -> list[Wanted]:
    """Raises `Misconfigured` for what is no address."""
    if not mails and not webhooks:
        return []
    spoken = language or Language(settings.load().language)
    found = [Wanted(channel=Channel.EMAIL, to=recipient.mailbox(each), language=spoken) for each in mails or ()]
    for each in webhooks or ():
        url = asked() if each == "-" else read(each)
        recipient.host(url)
        found.append(Wanted(channel=Channel.WEBHOOK, to=url, language=spoken))
    return found


def asked() -> str:
    return hidden("Webhook's address") if somebody() else sys.stdin.readline().strip()


def read(file: str) -> str:
    """A whole address lets in whoever knows it, and arguments are seen by all."""
    if "://" in file:
        raise Misconfigured("--alert-webhook takes a file that has the address in it, or - for asking: it is a secret.")
    try:
        return Path(file).expanduser().read_text(encoding="utf-8").strip()
    except (OSError, ValueError) as error:
        raise Misconfigured(f"{file} cannot be read: {getattr(error, 'strerror', None) or error}.") from error
