"""New credentials for an integration, for the same company and organization."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID, uuid4

from events.connection import ConnectionRestored
from events.envelope import Row
from events.errors import Conflict, Misconfigured
from events.integration import IntegrationReconnected, Service
from worker.adapters.credentials import to_secret
from worker.adapters.log import Draft
from worker.adapters.postgres import Connection
from worker.operations.access import Company, Organization
from worker.operations.connecting import forget, note_end
from worker.operations.context import SQL, Context
from worker.operations.integrations import Integration, read_one
from worker.operations.saving import saving

AT_ONCE = 4
"""Integrations that take one key at the same time."""


async def reconnect(
    context: Context,
    seen: Integration,
    *,
    company: Company | None = None,
    organization: Organization | None = None,
    reason: str | None = None,
) -> Integration:
    """Takes what is given in place of what there was; reading goes on where it stood."""
    procountor, trustmary = current(seen)
    refuse_others(seen, company, organization)
    if company:
        procountor = await context.vault.put_secret("procountor", to_secret(company.credentials))
    if organization:
        trustmary = await context.vault.put_secret("trustmary", organization.key.encode())
    event = IntegrationReconnected(
        integration=seen.id,
        id=uuid4(),
        reason=reason,
        company_id=seen.company_id,
        organization=seen.organization,
        procountor_secret=procountor,
        trustmary_secret=trustmary,
        names={**seen.names, **renamed(company, organization)},
    )
    fresh, old = {procountor, trustmary}, set(current(seen))
    try:
        restored = await prepare(context, seen, company, organization)
        async with saving(context, seen, event) as connection:
            await write(context, connection, event, restored)
            if company:
                await note_end(connection, seen.id, company)
    except BaseException:
        await forget(context, *fresh - old)
        raise
    await forget(context, *old - fresh)
    for channel in ("ptm_delivery", "ptm_configuration"):
        context.ringer.ring(channel, seen.organization if channel == "ptm_delivery" else str(seen.id))
    return await read_one(context, seen.id)


def current(seen: Integration) -> tuple[UUID, UUID]:
    if seen.procountor_secret is None or seen.trustmary_secret is None:
        raise Conflict(f"{seen.name} has been removed: connect the company again.")
    return seen.procountor_secret, seen.trustmary_secret


async def prepare(
    context: Context, seen: Integration, company: Company | None, organization: Organization | None
) -> Mapping[Service, Row]:
    """The events that say a broken connection works again, for the services that were given credentials."""
    given = {Service.PROCOUNTOR: company, Service.TRUSTMARY: organization}
    services = [service for service, one in given.items() if one]
    events = [ConnectionRestored(integration=seen.id, id=uuid4(), service=service) for service in services]
    rows = await context.log.prepare([Draft(event=event, actor=context.actor) for event in events])
    return dict(zip(services, rows, strict=True))


async def write(
    context: Context, connection: Connection, event: IntegrationReconnected, restored: Mapping[Service, Row]
) -> None:
    sealed = context.vault.seal_names(event.integration, event.names)
    await connection.execute(
        SQL["write_credentials"], event.integration, sealed, event.procountor_secret, event.trustmary_secret
    )
    partition = await connection.fetchval(SQL["read_partition"], event.integration)
    for service, row in restored.items():
        if await connection.fetchval(SQL["restore_connection"], event.integration, service):
            await context.log.append(connection, partition, [row])
    await connection.execute(SQL["wake_ingest"], event.integration)
    await connection.execute(SQL["wake_lane"], event.organization)


def refuse_others(seen: Integration, company: Company | None, organization: Organization | None) -> None:
    """Another company's invoices belong to another integration: their ids would be mistaken for these."""
    if company is None and organization is None:
        raise Misconfigured("Nothing to reconnect: give new credentials for Procountor, Trustmary or both.")
    if company and company.company_id != seen.company_id:
        raise Misconfigured(
            f"These credentials open {company.name} ({company.company_id}), not {seen.company} ({seen.company_id}). "
            f"Log in again and choose the right company, or connect the other one "
            f"with the same rules: ptm integration connect --like {str(seen.id)[:8]}."
        )
    if organization and organization.id != seen.organization:
        raise Misconfigured(
            f"This key opens {organization.name} ({organization.id}), not {seen.organization_name} "
            f"({seen.organization}). Give that organization's key, or connect the other one with the same rules: "
            f"ptm integration connect --like {str(seen.id)[:8]}."
        )


def renamed(company: Company | None, organization: Organization | None) -> dict[str, str]:
    names: dict[str, str] = {}
    if company:
        names |= {"company": company.name, "business_id": company.business_id or "", "user": company.user}
    if organization:
        names |= {"organization": organization.name}
    return names
