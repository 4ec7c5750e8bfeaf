"""How a connection to Trustmary stands: each state brought about, told once, and over with nobody lost or doubled."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest
import pytest_asyncio

from dispatching import BRISK, PARTITION, Post, posting
from events.connection import ConnectionBroken, ConnectionRestored, Reason
from eventually import eventually
from sandbox.server import Sandbox
from servers.postgres import Database

pytestmark = pytest.mark.integration

MAIJA = "maija.meikalainen@esimerkki-asiakas.fi"
PEKKA = "pekka.virtanen@esimerkki-toinen.fi"
SOON = replace(BRISK, probe=0.2)


@pytest_asyncio.fixture
async def post(database: Database) -> AsyncIterator[Post]:
    async with Sandbox(organizations=1, customers=1) as sandbox, posting(database.database_url, sandbox) as made:
        yield made


async def told(post: Post) -> list[str]:
    """The reasons that were told, in order, and `restored` in their midst."""
    head = (await post.log.heads())[PARTITION].position
    events = await post.log.open(await post.log.read(PARTITION, 0, head))
    return [
        event.reason if isinstance(event, ConnectionBroken) else "restored"
        for event in events
        if isinstance(event, ConnectionBroken | ConnectionRestored)
    ]


async def stands(post: Post, reason: str | None) -> bool:
    return bool(await post.pool.fetchval("select reason from connection") == reason)


async def tried_again(post: Post, times: int = 2) -> None:
    """Probes came round: what is told once had its chance to be told again."""
    for _ in range(times):
        at = await post.pool.fetchval("select due_at from lane")

        async def moved(before: object = at) -> bool:
            return bool(await post.pool.fetchval("select due_at from lane") != before)

        await eventually(moved)


async def test_what_names_a_list_that_is_gone_waits_and_all_else_is_sent(post: Post) -> None:
    world, integration = post.sandbox.world, await post.integration()
    home = world.organization()
    gone, other = list(home.lists)[:2]
    world.edit_organization(home.id, delete_list=gone)
    stuck = [await post.add(integration, MAIJA, lists=(gone,)), await post.add(integration, PEKKA, lists=(gone,))]
    async with post.worker(SOON):
        await eventually(lambda: post.all_in("parked"))
        assert await stands(post, Reason.LIST_GONE)
        free = await post.add(integration, MAIJA, lists=(other,))
        late = await post.add(integration, MAIJA, lists=(gone,))
        await eventually(lambda: post.arrived() == [(MAIJA, str(free.invoice_id))])
        await eventually(lambda: post.all_in("parked", "delivered"))
        await tried_again(post)
        assert await told(post) == [Reason.LIST_GONE]
        home.lists[gone].deleted = None
        await eventually(lambda: post.all_in("delivered"))
        await eventually(lambda: stands(post, None))
    assert await told(post) == [Reason.LIST_GONE, "restored"]
    came = [invoice for _, invoice in post.arrived()]
    assert sorted(came) == sorted(str(one.invoice_id) for one in (*stuck, free, late))


async def test_nobody_is_added_on_the_way_to_an_automation_that_is_gone(post: Post) -> None:
    home = post.sandbox.world.organization()
    name, automation = next(iter(home.automations.items()))
    del home.automations[name]
    await post.add(await post.integration(), MAIJA, automation=name)
    async with post.worker(SOON):
        await eventually(lambda: post.all_in("parked", "waiting"))
        await eventually(lambda: stands(post, Reason.AUTOMATION_GONE))
        assert post.sandbox.world.books.arrivals == []
        home.automations[name] = automation
        await eventually(lambda: post.all_in("delivered"))
        await eventually(lambda: stands(post, None))
    assert [one.call for one in post.sandbox.world.books.arrivals] == ["contact", "automation"]
    assert await told(post) == [Reason.AUTOMATION_GONE, "restored"]


@pytest.mark.parametrize(("fault", "reason"), [("503", Reason.DOWN), ("429_bare", Reason.SUSPENDED)])
async def test_a_trustmary_that_answers_nothing_is_told_once_it_lasts_and_goes_on_by_itself(
    post: Post, fault: str, reason: Reason
) -> None:
    integration = await post.integration()
    added = [await post.add(integration, who) for who in (MAIJA, PEKKA)]
    post.sandbox.faults.replace(f"trustmary={fault}")
    async with post.worker(SOON):
        await eventually(lambda: post.pool.fetchval("select failing_since is not null from lane"))
        assert await stands(post, None)
        await post.pool.execute("update lane set failing_since = now() - interval '1 hour'")
        await eventually(lambda: stands(post, reason))
        await tried_again(post)
        # One was given up meanwhile, and the other would have waited for hours.
        await eventually(lambda: post.all_in("waiting"))
        await post.pool.execute("update delivery set next_at = now() + interval '8 hours'")
        await post.pool.execute(
            "update delivery set state = 'parked', fingerprint = 'unavailable:trustmary:503' where invoice = $1",
            added[0].invoice_id,
        )
        post.sandbox.faults.clear()
        await eventually(lambda: post.all_in("delivered"))
        await eventually(lambda: stands(post, None))
    assert await told(post) == [reason, "restored"]
    assert sorted(post.arrived()) == sorted((one.contact["email"], str(one.invoice_id)) for one in added)


async def test_what_only_adding_fails_is_no_trustmary_that_is_down(post: Post) -> None:
    await post.add(await post.integration(), MAIJA)
    post.sandbox.faults.replace("trustmary.contacts.post=503")
    async with post.worker(SOON):
        await eventually(lambda: post.pool.fetchval("select failing_since is not null from lane"))
        await post.pool.execute("update lane set failing_since = now() - interval '1 hour'")
        failures = await post.pool.fetchval("select attempts from delivery")

        async def again() -> bool:
            await post.pool.execute("update delivery set next_at = now() where state = 'waiting'")
            await post.pool.execute("update lane set broken_until = null")
            return bool(await post.pool.fetchval("select attempts from delivery") >= failures + 3)

        await eventually(again)
    assert await told(post) == []


async def test_a_key_that_is_revoked_is_told_and_one_that_works_again_loses_nothing(post: Post) -> None:
    world = post.sandbox.world
    home = world.organization()
    world.edit_organization(home.id, key_works=False)
    added = await post.add(await post.integration(), MAIJA)
    async with post.worker(SOON):
        await eventually(lambda: stands(post, Reason.CREDENTIALS))
        await tried_again(post)
        world.edit_organization(home.id, key_works=True)
        await eventually(lambda: post.all_in("delivered"))
    assert await told(post) == [Reason.CREDENTIALS, "restored"]
    assert post.arrived() == [(MAIJA, str(added.invoice_id))]


async def test_a_list_that_is_still_gone_when_the_key_works_again_is_told_then(post: Post) -> None:
    world = post.sandbox.world
    home = world.organization()
    gone = next(iter(home.lists))
    world.edit_organization(home.id, delete_list=gone)
    integration = await post.integration()
    await post.add(integration, MAIJA, lists=(gone,))
    async with post.worker(SOON):
        await eventually(lambda: post.all_in("parked"))
        world.edit_organization(home.id, key_works=False)
        await post.add(integration, PEKKA)
        await eventually(lambda: stands(post, Reason.CREDENTIALS))
        world.edit_organization(home.id, key_works=True)
        await eventually(lambda: stands(post, Reason.LIST_GONE))
        await eventually(lambda: post.all_in("parked", "delivered"))
    assert await told(post) == [Reason.LIST_GONE, Reason.CREDENTIALS, "restored", Reason.LIST_GONE]
