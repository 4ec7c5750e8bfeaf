"""After a restore a replay may repeat what the lost machine had sent: whom somebody touched since is asked about."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta

import asyncpg
import pytest
import pytest_asyncio

from dispatching import Post, posting
from events.delivery import UNKNOWN
from eventually import eventually
from sandbox.server import Sandbox
from servers.postgres import Database

MAIJA = "maija.meikalainen@esimerkki-asiakas.fi"
OTHERS = {"before": "pekka.virtanen@esimerkki-toinen.fi", "never": "liisa.lahtinen@esimerkki-kolmas.fi"}
HOUR = timedelta(hours=1)


@pytest_asyncio.fixture
async def post(database: Database) -> AsyncIterator[Post]:
    async with Sandbox(organizations=1, customers=1) as sandbox, posting(database.database_url, sandbox) as made:
        yield made


async def restore(post: Post, database: Database, integration: object) -> None:
    """Of a backup an hour ago, released just now; Maija was added meanwhile, another one before."""
    post.sandbox.world.let_pass(-2 * HOUR.total_seconds())
    post.sandbox.world.add_contact(OTHERS["before"], name="Pekka Virtanen")
    post.sandbox.world.let_pass(1.5 * HOUR.total_seconds())
    post.sandbox.world.add_contact(MAIJA, name="Maija Meikäläinen")
    post.sandbox.world.let_pass(0.5 * HOUR.total_seconds())
    owner = await asyncpg.connect(database.owner_url)
    await owner.execute(
        "insert into restored (integration, taken_at, restored_at, released_at, released_by)"
        " values ($1, now() - interval '1 hour', now(), now(), 'maija')",
        integration,
    )
    await owner.close()


def survey(post: Post) -> tuple[str, ...]:
    return (next(each.id for each in post.sandbox.world.organization().lists.values() if each.survey),)


async def test_a_replay_holds_whom_the_lost_machine_may_have_asked_until_a_person_says_so(
    post: Post, database: Database
) -> None:
    integration = await post.integration()
    await restore(post, database, integration)
    added = await post.add_all(integration, [MAIJA, *OTHERS.values()], replay=True, lists=survey(post))
    async with post.worker():
        await eventually(lambda: post.all_in("delivered", "parked"))
        assert await post.states() == ["parked", "delivered", "delivered"]
        assert (await post.row(added[0]))["fingerprint"] == UNKNOWN
        assert sorted(email for email, _ in post.arrived()) == sorted(OTHERS.values())
        await post.pool.execute("update delivery set state = 'waiting', fingerprint = null where state = 'parked'")
        await post.pool.execute("select pg_notify('ptm_delivery', $1)", post.organizations[integration])
        await eventually(lambda: post.all_in("delivered"))
    assert post.arrived()[-1] == (MAIJA, str(added[0].invoice_id))


async def test_an_automation_is_held_before_its_contact_is_touched_again(post: Post, database: Database) -> None:
    integration = await post.integration()
    await restore(post, database, integration)
    automation = next(iter(post.sandbox.world.organization().automations))
    added = await post.add(integration, MAIJA, replay=True, automation=automation)
    async with post.worker():
        await eventually(lambda: post.all_in("parked", "waiting"))
        await eventually(lambda: post.pool.fetchval("select true from delivery where state = 'parked'"))
    assert [(await post.row(added, step))["state"] for step in (1, 2)] == ["parked", "waiting"]
    assert (post.arrived(), post.arrived("automation")) == ([], [])


@pytest.mark.parametrize("what", ["live", "contact only"])
async def test_what_is_found_live_and_what_may_be_repeated_is_sent(post: Post, database: Database, what: str) -> None:
    """The release has looked up what waited; to update a contact twice starts nothing."""
    integration = await post.integration()
    await restore(post, database, integration)
    lists = survey(post) if what == "live" else ()
    await post.add(integration, MAIJA, replay=what != "live", lists=lists)
    async with post.worker():
        await eventually(lambda: post.all_in("delivered"))
