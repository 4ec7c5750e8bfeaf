"""How an integration is let in: by whose login and which kind of key, until when; and what both services say now."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from events.connection import ConnectionBroken
from events.envelope import connection_stream
from events.errors import Misconfigured, PtmError
from events.integration import IntegrationConnected, IntegrationReconnected, Service
from events.versions import Told
from worker.adapters.credentials import ends_at, from_secret
from worker.operations import access
from worker.operations.context import Context
from worker.operations.integrations import Integration

SECRETS = {Service.PROCOUNTOR: "procountor_secret", Service.TRUSTMARY: "trustmary_secret"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Login:
    """What opens one service to an integration."""

    kind: str
    """`api_key` or `refresh_token`."""
    since: datetime | None
    """When it was given."""
    actor: str
    """Who gave it, by the database login."""
    ends_at: datetime | None
    """None: it does not end by itself, or does not say when."""
    refusal: str | None
    """What the service answered when it refused, where it does."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answers:
    """What both services said when they were asked now."""

    at: datetime
    user: str = ""
    role: str = ""
    invoices: str = ""
    """`ALL_RIGHTS`, `VIEWING_RIGHTS`, `NO_ACCESS` or `NOT_ENABLED`, as are those to customers."""
    customers: str = ""
    lacking: tuple[str, ...] = ()
    """What the rights leave out, in words."""
    key_name: str = ""
    """Of Trustmary's key."""
    failures: Mapping[Service, str]


async def read(context: Context, seen: Integration, told: Told) -> Mapping[Service, Login]:
    """*told*: all that operators have said about it. Nothing of a removed one: its credentials are forgotten."""
    broken = {service for service, one in seen.connections.items() if one.state == "broken"}
    refusals = await refused(context, seen.id) if broken else {}
    found: dict[Service, Login] = {}
    for service, name in SECRETS.items():
        secret: UUID | None = getattr(seen, name)
        if secret is None:
            continue
        since, actor = given(told, name, secret)
        kind, ends = await nature(context, secret) if service is Service.PROCOUNTOR else ("api_key", None)
        standing = seen.connections.get(service)
        ends = ends or (standing.ends_at if standing else None)
        refusal = refusals.get(service) if service in broken else None
        found[service] = Login(kind=kind, since=since, actor=actor, ends_at=ends, refusal=refusal)
    return found


def given(told: Told, name: str, secret: UUID) -> tuple[datetime | None, str]:
    for record, event in told:
        if isinstance(event, IntegrationConnected | IntegrationReconnected) and getattr(event, name) == secret:
            return record.at, record.row.actor
    return None, ""


async def nature(context: Context, secret: UUID) -> tuple[str, datetime | None]:
    try:
        credentials = from_secret(await context.vault.secret(secret))
    except Misconfigured:
        return "", None
    return credentials.kind.value, ends_at(credentials)


async def refused(context: Context, integration: UUID) -> Mapping[Service, str]:
    records = await context.log.read_stream(connection_stream(integration))
    events = [event for event in await context.log.open(records) if isinstance(event, ConnectionBroken)]
    return {event.service: event.detail for event in events if event.detail}


async def ask(context: Context, seen: Integration, now: datetime) -> Answers:
    """Asks both services whether they let us in, whoever is refused; changes nothing, and mends nothing."""
    procountor, trustmary = await asyncio.gather(
        of_procountor(context, seen), of_trustmary(context, seen), return_exceptions=True
    )
    failures: dict[Service, str] = {}
    said: dict[str, object] = {}
    for service, answer in ((Service.PROCOUNTOR, procountor), (Service.TRUSTMARY, trustmary)):
        if isinstance(answer, PtmError):
            failures[service] = str(answer)
        elif isinstance(answer, BaseException):
            raise answer
        else:
            said |= answer
    return Answers(at=now, failures=failures, **said)  # type: ignore[arg-type]


async def of_procountor(context: Context, seen: Integration) -> dict[str, object]:
    access.require_client(context)
    if seen.procountor_secret is None:
        raise Misconfigured(f"{seen.name} has been removed.")
    session = await context.procountor.session(seen.procountor_secret)
    rights = await context.procountor.rights(seen.procountor_secret)
    return {
        "user": session.user,
        "role": rights.role or "",
        "invoices": rights.invoices,
        "customers": rights.customers,
        "lacking": tuple(access.lacking(rights)),
    }


async def of_trustmary(context: Context, seen: Integration) -> dict[str, object]:
    if seen.trustmary_secret is None:
        raise Misconfigured(f"{seen.name} has been removed.")
    key = (await context.vault.secret(seen.trustmary_secret)).decode()
    return {"key_name": (await access.check_organization(context, key)).key_name or ""}
