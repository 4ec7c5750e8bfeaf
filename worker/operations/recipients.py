"""Who is told of an integration's lasting states: known ones kept, new ones checked, webhooks' addresses sealed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from uuid import UUID, uuid4

from events import address, recipient
from events.errors import Misconfigured, PtmError
from events.integration import RecipientsSaved, Rules
from events.recipient import Channel, Recipient, Wanted
from worker.adapters.postgres import Connection
from worker.operations.context import Context
from worker.operations.integrations import Integration


@dataclass(frozen=True, slots=True, kw_only=True)
class Resolved:
    """What is saved, and what the vault is to hold for it."""

    recipients: tuple[Recipient, ...] = ()
    secrets: Mapping[UUID, str] = field(default_factory=dict)
    """New webhooks' whole addresses."""

    def differs_from(self, rules: Rules) -> bool:
        return self.recipients != rules.recipients


async def resolve(context: Context, seen: Integration, wanted: Sequence[Wanted]) -> Resolved:
    """Each once. Raises `Misconfigured` for what is no address, and for a webhook that is not known here."""
    found: dict[UUID, Recipient] = {}
    secrets: dict[UUID, str] = {}
    for each in wanted:
        known = [*seen.rules.recipients, *found.values()]
        if each.channel is Channel.EMAIL:
            one = of_mail(each, known)
        elif each.id is not None and "://" not in each.to:
            one = of_known(each, known)
        else:
            one = await of_web(context, each, known, secrets)
        found[one.id] = one
    return Resolved(recipients=tuple(found.values()), secrets=secrets)


def of_mail(each: Wanted, known: Sequence[Recipient]) -> Recipient:
    to = recipient.mailbox(each.to)
    mine = (one for one in known if one.channel is Channel.EMAIL and address.same(one.to) == address.same(to))
    before = next(mine, None)
    return Recipient(id=before.id if before else uuid4(), channel=Channel.EMAIL, to=to, language=each.language)


def of_known(each: Wanted, known: Sequence[Recipient]) -> Recipient:
    for one in known:
        if one.channel is Channel.WEBHOOK and one.id == each.id:
            return replace(one, language=each.language)
    raise Misconfigured(f"The webhook {each.to} {each.id} is not known here: write its whole address.")


async def of_web(context: Context, each: Wanted, known: Sequence[Recipient], secrets: dict[UUID, str]) -> Recipient:
    host = recipient.host(each.to)
    for one in known:
        if one.channel is Channel.WEBHOOK and one.to == host and await whole(context, one.id, secrets) == each.to:
            return replace(one, language=each.language)
    made = Recipient(id=uuid4(), channel=Channel.WEBHOOK, to=host, language=each.language)
    secrets[made.id] = each.to
    return made


async def whole(context: Context, id: UUID, secrets: Mapping[UUID, str]) -> str | None:
    """A webhook's address; None where the vault does not open it."""
    if id in secrets:
        return secrets[id]
    try:
        return (await context.vault.secret(id)).decode()
    except PtmError:
        return None


async def changed(context: Context, seen: Integration, added: Sequence[Wanted], removed: Sequence[str]) -> Resolved:
    """Those that it has, with *added* and without *removed*, which are called by address or a webhook's id.

    Raises `Misconfigured` where one of *removed* is not among them.
    """
    now = seen.rules.recipients
    for text in removed:
        if not any(one.is_called(text) for one in now):
            known = ", ".join(one.name for one in now) or "none"
            raise Misconfigured(f"{seen.name} tells nobody called {text}; it tells: {known}.")
    left = [one for one in now if not any(one.is_called(text) for text in removed)]
    return await resolve(context, seen, [*map(recipient.wanted, left), *added])


def saved(seen: Integration, told: Resolved, reason: str | None) -> RecipientsSaved:
    return RecipientsSaved(integration=seen.id, id=uuid4(), recipients=told.recipients, reason=reason)


async def keep(context: Context, connection: Connection, integration: UUID, secrets: Mapping[UUID, str]) -> None:
    """In the transaction of the event. They stay until the integration is removed, since undoing needs them again."""
    for id, url in secrets.items():
        await context.vault.put_secret(kind(integration), url.encode(), connection=connection, id=id)


def kind(integration: UUID) -> str:
    """What the vault calls the webhooks of an integration."""
    return f"webhook/{integration}"
