"""The flags that say who is told of an integration's lasting states."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from events import recipient
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
    typer.Option(metavar="URL|-", help="Post states that last there; - asks for it, or reads standard input."),
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
        url = asked() if each == "-" else each
        recipient.host(url)
        found.append(Wanted(channel=Channel.WEBHOOK, to=url, language=spoken))
    return found


def asked() -> str:
    """A whole address may let in whoever reads it: it need not stand in the shell's history."""
    return hidden("Webhook's address") if somebody() else sys.stdin.readline().strip()
