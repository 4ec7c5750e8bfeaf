"""One integration with everything about it: who let it in, until when, what refuses it, and what both services say."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import uuid4

from desk import desk
from events.connection import ConnectionBroken
from events.integration import Service
from servers.postgres import Database
from worker.adapters.credentials import CredentialKind, Credentials, ends_at, to_secret
from worker.adapters.log import Draft
from worker.operations import blocks, connections, labels, whole

NOW = datetime(2026, 3, 2, tzinfo=UTC)


async def test_who_let_it_in_and_how_long_that_lasts(database: Database) -> None:
    async with desk(database) as at:
        seen = await at.connect()
        found = await whole.read(at.context, seen.id)
        for login in found.logins.values():
            assert (login.kind, login.actor, login.ends_at) == ("api_key", at.context.actor, None)
            assert login.since is not None
        [company] = [one for one in at.sandbox.world.companies.values() if one.id == seen.company_id]
        token = at.sandbox.world.access.refresh_token(company.id, company.user.id)
        ends = ends_at(Credentials(kind=CredentialKind.REFRESH_TOKEN, value=token))
        assert ends is not None
        assert timedelta(days=175) < ends - datetime.now(UTC) < timedelta(days=190)
        assert seen.procountor_secret
        secret = to_secret(Credentials(kind=CredentialKind.REFRESH_TOKEN, value=token))
        await at.context.vault.replace_secret(seen.procountor_secret, secret)
        login = (await whole.read(at.context, seen.id)).logins[Service.PROCOUNTOR]
        assert (login.kind, login.ends_at) == ("refresh_token", ends)


def test_a_token_that_says_nothing_of_its_end_has_none() -> None:
    for value in ("opaque", "a.b.c", "a.e30.c", "a.eyJleHAiOiJzb29uIn0.c"):
        assert ends_at(Credentials(kind=CredentialKind.REFRESH_TOKEN, value=value)) is None


async def test_what_is_as_it_was_is_not_read_again(database: Database) -> None:
    async with desk(database) as at:
        seen = await at.connect()
        first = await whole.read(at.context, seen.id)
        again = await whole.read(at.context, seen.id, first)
        assert again.told is first.told
        assert again.logins is first.logins
        await blocks.add(at.context, seen, "@asiakas.fi", reason="competitor")
        await labels.add(at.context, await at.again(seen), "pilotti")
        newer = await whole.read(at.context, seen.id, again)
        assert [one.address for one in newer.blocked] == ["@asiakas.fi"]
        assert [act.says[0] for act in newer.acts] == ["connected", "@asiakas.fi blocked", "labels changed"]


async def test_what_a_service_said_when_it_refused_is_at_hand(database: Database) -> None:
    async with desk(database) as at:
        seen = await at.connect()
        first = await whole.read(at.context, seen.id)
        event = ConnectionBroken(
            integration=seen.id,
            id=uuid4(),
            service=Service.TRUSTMARY,
            reason="refused",
            detail="Trustmary answered 402",
        )
        rows = await at.context.log.prepare([Draft(event=event)])
        async with at.context.pool.acquire() as connection, connection.transaction():
            await at.context.log.append(connection, seen.partition, rows)
            await connection.execute(
                "update connection set state = 'broken', reason = 'refused' where service = 'trustmary'"
            )
        logins = (await whole.read(at.context, seen.id, first)).logins
        assert logins[Service.TRUSTMARY].refusal == "Trustmary answered 402"
        assert logins[Service.PROCOUNTOR].refusal is None


async def test_both_services_are_asked_and_one_that_refuses_hides_nothing(database: Database) -> None:
    async with desk(database) as at:
        seen = await at.connect()
        said = await connections.ask(at.context, seen, NOW)
        assert (said.failures, said.lacking, bool(said.user)) == ({}, (), True)
        assert said.invoices.endswith("RIGHTS")
        await at.context.vault.replace_secret(seen.trustmary_secret or uuid4(), b"wrong")
        refused = await connections.ask(at.context, seen, NOW)
        assert refused.user == said.user
        assert "does not know this API key" in refused.failures[Service.TRUSTMARY]
