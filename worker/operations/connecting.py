"""Connecting a company to an organization."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from uuid import UUID, uuid4

import orjson

from events import codec
from events.cursor import local
from events.errors import Conflict
from events.integration import Configuration, IntegrationConnected, Rules, fold
from events.invoice import ZONE
from events.observe import Seen
from worker import unsent
from worker.adapters.credentials import ends_at, to_secret
from worker.adapters.invoices import note
from worker.adapters.log import Draft
from worker.adapters.postgres import Connection, Pool, translating
from worker.operations import catalogue, recipients
from worker.operations.access import SALES, Company, Organization
from worker.operations.beginning import Beginning
from worker.operations.context import SQL, Context
from worker.operations.integrations import Integration, read_one
from worker.operations.triggers import check


async def connect(
    context: Context,
    company: Company,
    organization: Organization,
    *,
    beginning: Beginning | None = None,
    reason: str | None = None,
    progress: Callable[[int], None] = lambda read: None,
) -> Integration:
    """Saves the integration with what it begins with. Invoices of the past fire nothing.

    The newest `version` is taken before anything is written: what happens from here on is seen. Then the invoices that
    are not sent yet are listed, so that the sending of one counts, however late a worker comes to it; *progress* is
    told how many there are so far. Until everything is saved together nothing is saved.
    """
    beginning = beginning or Beginning()
    for trigger in beginning.triggers:
        check(trigger)
        await catalogue.check_new(context, company.credentials, trigger)
    types = SALES.union(*(trigger.condition.types for trigger in beginning.triggers))
    await refuse_twice(context, company, organization)
    baseline = await newest_version(context, company, types)
    waiting = await unsent.read(context.procountor, company.credentials, types, progress)
    connected = IntegrationConnected(
        integration=uuid4(),
        id=uuid4(),
        reason=reason,
        company_id=company.company_id,
        organization=organization.id,
        procountor_secret=await context.vault.put_secret(
            "procountor", to_secret(context.procountor.latest(company.credentials))
        ),
        trustmary_secret=await context.vault.put_secret("trustmary", organization.key.encode()),
        baseline=baseline,
        names=names_of(company, organization),
    )
    try:
        partition = await write(context, connected, beginning, waiting)
    except BaseException:
        await forget(context, connected.procountor_secret, connected.trustmary_secret)
        raise
    await note_end(context.pool, connected.integration, company)
    context.ringer.ring("ptm_log", str(partition))
    context.ringer.ring("ptm_configuration", str(connected.integration))
    return await read_one(context, connected.integration)


async def note_end(connection: Connection | Pool, integration: UUID, company: Company) -> None:
    """When the login ends, for screens; a worker that looks later says the same."""
    ends = ends_at(company.credentials, given=datetime.now(UTC))
    with translating():
        await connection.execute(SQL["write_end"], integration, ends)


async def refuse_twice(context: Context, company: Company, organization: Organization) -> None:
    with translating():
        known = await context.pool.fetchval(SQL["find_joined"], company.company_id, organization.id)
    if known is not None:
        raise Conflict(
            f"{company.name} is joined to {organization.name} already (integration {known}): add a trigger to it, "
            f"or give it new credentials: ptm integration reconnect {known}."
        )


async def newest_version(context: Context, company: Company, types: frozenset[str]) -> str | None:
    """None for a company without invoices."""
    page = await context.procountor.invoices(company.credentials, types=types, order="DESC", size=1)
    return unsent.past(page, now=local(datetime.now(UTC), ZONE)) or None


async def write(
    context: Context, connected: IntegrationConnected, beginning: Beginning, waiting: Sequence[Seen]
) -> int:
    """Log and tables in one transaction; answers the partition."""
    events: list[Configuration] = [connected, *beginning.events(connected.integration)]
    rows = await context.log.prepare([Draft(event=event, actor=context.actor) for event in events])
    with translating():
        async with context.pool.acquire() as connection, connection.transaction():
            partition: int = await connection.fetchval(SQL["choose_partition"])
            placed = await context.log.append(connection, partition, rows, expected=0)
            rules: Rules | None = None
            for event, place in zip(events, placed, strict=True):
                assert place.position is not None, "appended or refused"
                rules = fold(rules, event, place.position)
            assert rules is not None, "the first event made them"
            await insert(context, connection, connected=connected, rules=rules, partition=partition)
            await note(connection, connected.integration, waiting)
            await recipients.keep(context, connection, connected.integration, beginning.told.secrets)
    return partition


async def insert(
    context: Context, connection: Connection, *, connected: IntegrationConnected, rules: Rules, partition: int
) -> None:
    await connection.execute(
        SQL["insert_integration"],
        connected.integration,
        partition,
        rules.version,
        connected.company_id,
        connected.organization,
        context.vault.seal_names(connected.integration, connected.names),
        connected.procountor_secret,
        connected.trustmary_secret,
        codec.rules_to_json(rules),
    )
    await connection.execute(SQL["insert_connections"], connected.integration)
    newest = connected.baseline or ""
    since = orjson.dumps(dict.fromkeys(SALES | rules.types, newest)).decode()
    await connection.execute(SQL["insert_ingest"], connected.integration, newest, since)
    await connection.execute(SQL["ensure_lane"], connected.organization)


def names_of(company: Company, organization: Organization) -> dict[str, str]:
    return {
        "company": company.name,
        "business_id": company.business_id or "",
        "user": company.user,
        "organization": organization.name,
    }


async def forget(context: Context, *secrets: UUID) -> None:
    with translating():
        for secret in secrets:
            await context.pool.execute(SQL["delete_secret"], secret)
