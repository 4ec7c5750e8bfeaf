"""Each integration's logins: whether both services let it in, as whom, with which rights, and until when."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from events.connection import ENDS_SOON, PRESSES, RESTORED, step
from events.errors import Misconfigured, PtmError, Refused
from events.integration import Service
from events.words import Words
from worker.adapters.credentials import ends_at, from_secret
from worker.adapters.procountor import Rights
from worker.attempt import missing
from worker.operations import access
from worker.operations.checks.finding import Concern, Finding, note, unseen, well, wrong
from worker.operations.context import Context
from worker.operations.integrations import Held, Integration
from worker.settings import Settings


@dataclass(frozen=True, slots=True, kw_only=True)
class Let:
    """What Procountor says of one integration's login."""

    company_id: int
    user: str
    rights: Rights
    ends_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Key:
    """What Trustmary says of one integration's key."""

    organization: str
    gone: tuple[tuple[str, str], ...] = ()
    """What live triggers name and Trustmary has no more: `list`, `survey` or `automation`, and its name."""


async def look(context: Context, one: Integration) -> tuple[Let | PtmError, Key | PtmError]:
    """What both services say, or why not: Procountor of the login, Trustmary of whose key it is."""
    found: list[Let | Key | PtmError] = []
    for ask in (of_procountor, of_trustmary):
        try:
            found.append(await ask(context, one))
        except PtmError as error:
            found.append(error)
    return found[0], found[1]  # type: ignore[return-value] # in the order in which they were asked


async def of_procountor(context: Context, one: Integration) -> Let:
    access.require_client(context)
    if one.procountor_secret is None:
        raise Misconfigured(f"{one.name} has been removed.")
    asked = context.procountor.behind_live()
    await asked.log_in(one.procountor_secret)
    session = await asked.session(one.procountor_secret)
    rights = await asked.rights(one.procountor_secret)
    ends = ends_at(from_secret(await context.vault.secret(one.procountor_secret)))
    standing = one.connections.get(Service.PROCOUNTOR)
    ends = ends or (standing.ends_at if standing else None)
    return Let(company_id=session.company_id, user=session.user, rights=rights, ends_at=ends)


async def of_trustmary(context: Context, one: Integration) -> Key:
    """Whose key it is, and whether what triggers name is still there."""
    if one.trustmary_secret is None:
        raise Misconfigured(f"{one.name} has been removed.")
    key = (await context.vault.secret(one.trustmary_secret)).decode()
    organization = (await access.check_organization(context, key)).id
    return Key(organization=organization, gone=tuple([each async for each in gone(context, one, key)]))


async def gone(context: Context, one: Integration, key: str) -> AsyncIterator[tuple[str, str]]:
    named = [trigger.destination for trigger in one.rules.triggers.values() if trigger.live]
    names = {id: name for each in named for id, name in each.names.items()}
    wanted = dict.fromkeys(target for each in named for target in each.targets)
    for lost in await missing(context.trustmary, key, list(wanted)):
        kind, _, id = lost.partition(":")
        yield kind, names.get(id, id)
    if surveys := dict.fromkeys(each.survey for each in named if each.survey):
        offered = {each.id for each in await context.trustmary.surveys(key)}
        for id in surveys.keys() - offered:
            yield "survey", names.get(id, id)


def judge(one: Integration, procountor: Let | PtmError, trustmary: Key | PtmError, say: Words) -> Iterator[Finding]:
    troubles = [
        *(refused(one, procountor, say) if isinstance(procountor, PtmError) else of_login(one, procountor, say)),
        *(refused(one, trustmary, say) if isinstance(trustmary, PtmError) else of_key(one, trustmary, say)),
        *(restored(one.held, say) if one.held else ()),
    ]
    fine = well(Concern.INTEGRATION, say("Both services let it in, and its rights are enough."))
    for each in troubles or [fine]:
        yield replace(each, integration=one.id, name=one.name)


def refused(one: Integration, error: PtmError, say: Words) -> Iterator[Finding]:
    if not isinstance(error, Refused | Misconfigured):
        yield unseen(Concern.INTEGRATION, say.told(error), say("Look again later."))
        return
    remedy = "" if isinstance(error, Misconfigured) else reconnect(one, say)
    yield wrong(Concern.INTEGRATION, say.told(error), remedy)


def of_login(one: Integration, let: Let, say: Words) -> Iterator[Finding]:
    if let.company_id != one.company_id:
        yield wrong(
            Concern.INTEGRATION,
            say("Procountor's login opens another company now ({company}).", company=let.company_id),
            reconnect(one, say),
        )
    lacks = (
        (not let.rights.sees_invoices, say("{user} may not search sales invoices.", user=let.user)),
        (not let.rights.sees_customers, say("{user} may not read the customer register.", user=let.user)),
        (let.rights.only_own_invoices, say("{user} sees only its own invoices.", user=let.user)),
    )
    for lacking, says in lacks:
        if lacking:
            remedy = say("Let the company's administrator give the user viewing rights to all of them in Procountor.")
            yield wrong(Concern.INTEGRATION, says, remedy)
    left = let.ends_at - datetime.now(UTC) if let.ends_at else None
    if left is not None and (left <= timedelta() or step(left)):
        ends = wrong if left <= timedelta(days=PRESSES) else note
        says = say("Procountor's login ends in {n} days.", n=max(0, left.days))
        remedy = f"{say(ENDS_SOON.remedy)} {reconnect(one, say)}"
        yield ends(Concern.INTEGRATION, says, remedy)


def of_key(one: Integration, key: Key, say: Words) -> Iterator[Finding]:
    organization = key.organization
    if organization != one.organization:
        yield wrong(
            Concern.INTEGRATION,
            say("Trustmary's key opens another organization now ({organization}).", organization=organization),
            reconnect(one, say),
        )

    for kind, name in key.gone:
        yield wrong(
            Concern.INTEGRATION,
            say("A trigger names what Trustmary has no more: {what} {name}.", what=say(kind), name=name),
            say("Choose another in the trigger, and have what waits decided again: ptm trigger list {id}.", id=one.id),
        )


def restored(held: Held, say: Words) -> Iterator[Finding]:
    says = say("Restored from a backup, and held since {at}: {why}", at=say.minute(held.since), why=say(RESTORED.says))
    yield wrong(Concern.INTEGRATION, says, f"{say(RESTORED.remedy)} ptm release --plan")


def reconnect(one: Integration, say: Words) -> str:
    return say("Give new credentials: ptm integration reconnect {id}.", id=one.id)


def judge_client(settings: Settings, asked: Sequence[Let | PtmError], say: Words) -> Iterator[Finding]:
    """Nothing but a company's login tells whether Procountor knows the API client: none can be asked without one."""
    for name in ("procountor_client_id", "procountor_client_secret"):
        if getattr(settings, name) is None:
            variable = f"PTM_{name.upper()}"
            yield wrong(
                Concern.CLIENT,
                say("{variable} is not set.", variable=variable),
                say("Ask Procountor for an API client with their form: it gives an id, a secret and a redirect URI."),
            )
            return
    no = [one for one in asked if isinstance(one, Refused) and one.reason == "credentials"]
    if any(isinstance(one, Let) for one in asked):
        yield well(Concern.CLIENT, say("Procountor knows the API client: a company's login works with it."))
    elif len(no) == len(asked) > 1:
        yield wrong(
            Concern.CLIENT,
            say("Procountor refuses the logins of all {n} companies: it may be the API client that it refuses.",
                n=len(asked)),
            say("Compare PTM_PROCOUNTOR_CLIENT_ID and PTM_PROCOUNTOR_CLIENT_SECRET with what Procountor gave you, and "
                "ask them whether the client is suspended."),
        )  # fmt: skip
    else:
        yield note(
            Concern.CLIENT,
            say("The API client is set; only a company's login can tell whether Procountor knows it."),
            say("Connect a company: ptm integration connect."),
        )
