"""Whether a recipient can be told: one real message now, and what was answered."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from uuid import uuid4

from events import address, alert
from events.errors import Misconfigured, PtmError
from events.integration import Rules
from events.recipient import Channel, Recipient
from worker import opening
from worker.adapters.web import Session
from worker.operations.context import Context
from worker.operations.integrations import Integration

EVENT = "alert.test"


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What came of it. Nothing of it is written down: what a server says may repeat the address."""

    integration: Integration
    recipient: Recipient
    answer: str = ""
    """Of the mail server, or the webhook's status."""
    error: PtmError | None = None

    @property
    def well(self) -> bool:
        return self.error is None


def chosen(every: Sequence[Integration], called: str | None) -> list[tuple[Integration, Recipient]]:
    """Whom *every* integration tells, or those that are *called* so; each address once.

    Raises `Misconfigured` where that is nobody.
    """
    found: dict[object, tuple[Integration, Recipient]] = {}
    for seen in every:
        for one in seen.rules.recipients:
            if called is None or one.is_called(called):
                found.setdefault(address.same(one.to) if one.channel is Channel.EMAIL else one.id, (seen, one))
    if not found:
        raise Misconfigured(nobody(every, called))
    return list(found.values())


def nobody(every: Sequence[Integration], called: str | None) -> str:
    if len(every) != 1:
        return "None of these integrations tells anybody that is meant: ptm integration edit --alert-to names somebody."
    [seen] = every
    if called is None:
        return f"{seen.name} tells nobody: ptm integration edit --alert-to names somebody."
    return f"{seen.name} tells nobody called {called}; it tells: {known(seen.rules)}."


def known(rules: Rules) -> str:
    return ", ".join(one.name for one in rules.recipients) or "none"


async def tell(context: Context, seen: Integration, one: Recipient) -> Told:
    """Sends it now, from here: as a worker with the same settings would."""
    try:
        answer = await send(context, seen, one)
    except PtmError as error:
        return Told(integration=seen, recipient=one, answer=words(error), error=error)
    return Told(integration=seen, recipient=one, answer=answer)


def words(error: PtmError) -> str:
    """What a mail server said; of a webhook its status stands in the error."""
    from worker.adapters import mail  # noqa: PLC0415 - loads the mail client

    return mail.words(error)


async def send(context: Context, seen: Integration, one: Recipient) -> str:
    from worker.adapters.webhook import Post  # noqa: PLC0415 - loads the mail client

    letter = alert.trial(seen.name, replace(context.settings.words, language=one.language))
    async with Session() as session:
        post = Post(mail_server=opening.mail(context.settings), session=session)
        if one.channel is Channel.EMAIL:
            return await post.mail(one.to, letter, id=uuid4())
        url = (await context.vault.secret(one.id)).decode()
        text = f"{letter.subject}\n\n{letter.body}"
        return await post.post(url, {"id": uuid4(), "event": EVENT, "text": text, "alerts": [], "more": 0})
