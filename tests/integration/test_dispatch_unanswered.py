"""Calls without an answer: looked up, not repeated on a guess."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest
import pytest_asyncio

from dispatching import BRISK, Post, posting
from events.contact import ContactDelivered
from events.delivery import Unanswered
from eventually import eventually
from sandbox.server import Sandbox
from servers.postgres import Database

MAIJA = "maija.meikalainen@esimerkki-asiakas.fi"
QUICK = replace(BRISK, timeout=1.0)


@pytest_asyncio.fixture
async def post(database: Database) -> AsyncIterator[Post]:
    async with Sandbox(organizations=1, customers=1) as sandbox, posting(database.database_url, sandbox) as made:
        yield made


@pytest.fixture
def survey(post: Post) -> tuple[str, ...]:
    """A list that asks people."""
    home = post.sandbox.world.organization()
    return (next(each.id for each in home.lists.values() if each.survey),)


async def attempts(post: Post) -> list[tuple[int, str]]:
    rows = await post.pool.fetch("select number, outcome from attempt order by delivery, number")
    return [tuple(row) for row in rows]


@pytest.mark.parametrize("known", [False, True])
async def test_a_list_call_that_took_effect_unanswered_is_looked_up_and_not_sent_twice(
    post: Post, survey: tuple[str, ...], known: bool
) -> None:
    if known:
        post.sandbox.world.add_contact(MAIJA, name="Vanha Nimi")
    post.sandbox.faults.add("trustmary.contacts.post=timeout_after_effect:1x1")
    added = await post.add(await post.integration(), MAIJA, lists=survey)
    async with post.worker(QUICK):
        await eventually(lambda: post.all_in("delivered"))
    assert post.arrived() == [(MAIJA, str(added.invoice_id))]
    outcome = (await post.outcomes(added))[-1]
    assert isinstance(outcome, ContactDelivered)
    assert outcome.status is None
    assert await attempts(post) == [(1, "delivered")]


@pytest.mark.parametrize("fault", ["drop", "502", "page:200"])
async def test_a_list_call_that_did_not_arrive_is_sent_again(post: Post, survey: tuple[str, ...], fault: str) -> None:
    post.sandbox.faults.add(f"trustmary.contacts.post={fault}:1x1")
    added = await post.add(await post.integration(), MAIJA, lists=survey)
    async with post.worker(QUICK):
        await eventually(lambda: post.all_in("delivered"))
    assert post.arrived() == [(MAIJA, str(added.invoice_id))]
    assert await attempts(post) == [(1, "failed"), (2, "delivered")]


async def test_the_look_up_waits_until_the_call_is_surely_over(post: Post, survey: tuple[str, ...]) -> None:
    """A call may take effect as late as its time-out: looking earlier would find nothing and send again."""
    post.sandbox.faults.add("trustmary.contacts.post=drop:1x1")
    added = await post.add(await post.integration(), MAIJA, lists=survey)
    async with post.worker(QUICK):
        await eventually(lambda: post.all_in("delivered"))
    apart = await post.pool.fetchval(
        "select b.started_at - a.started_at from attempt a join attempt b using (delivery)"
        " where a.number = 1 and b.number = 2"
    )
    assert apart.total_seconds() >= QUICK.timeout
    assert (await post.row(added))["attempts"] == 2


async def test_contact_only_is_simply_sent_again(post: Post) -> None:
    post.sandbox.faults.add("trustmary.contacts.post=timeout_after_effect:1x1")
    added = await post.add(await post.integration(), MAIJA)
    async with post.worker(QUICK):
        await eventually(lambda: post.all_in("delivered"))
    assert post.arrived() == [(MAIJA, str(added.invoice_id))] * 2
    assert await attempts(post) == [(1, "failed"), (2, "delivered")]


async def test_a_contact_made_by_the_unanswered_call_itself_was_not_there_before(post: Post) -> None:
    """The trigger leaves known contacts alone; this one is known only because of the first attempt."""
    post.sandbox.faults.add("trustmary.contacts.post=timeout_after_effect:1x1")
    added = await post.add(await post.integration(), MAIJA, existing="leave")
    async with post.worker(QUICK):
        await eventually(lambda: post.all_in("delivered"))
    assert post.arrived() == [(MAIJA, str(added.invoice_id))]


async def test_an_update_that_may_be_somebody_elses_proves_nothing(post: Post, survey: tuple[str, ...]) -> None:
    post.sandbox.faults.add("trustmary.contacts.post=timeout_after_effect:1x1")
    added = await post.add(await post.integration(), MAIJA, lists=survey)
    async with post.worker(QUICK):
        await eventually(lambda: len(post.arrived()) == 1)
        post.sandbox.world.add_contact(MAIJA, name="Joku Muu")
        await eventually(lambda: post.all_in("parked"))
    row = await post.row(added)
    assert row["fingerprint"] == "unknown:trustmary:no_answer"
    assert len(post.arrived()) == 1


async def test_an_automation_without_an_answer_asks_a_person(post: Post) -> None:
    automation = next(iter(post.sandbox.world.organization().automations))
    post.sandbox.faults.add("trustmary.automations.post=timeout_after_effect:1x1")
    added = await post.add(await post.integration(), MAIJA, automation=automation)
    async with post.worker(QUICK):
        await eventually(lambda: post.all_in("delivered", "parked"))
    assert (await post.row(added, 2))["fingerprint"] == "unknown:trustmary:no_answer"
    assert len(post.arrived("automation")) == 1


async def test_an_operator_may_say_that_the_unknown_is_sent_again(post: Post) -> None:
    automation = next(iter(post.sandbox.world.organization().automations))
    post.sandbox.faults.add("trustmary.automations.post=timeout_after_effect:1x1")
    await post.add(await post.integration(), MAIJA, automation=automation)
    async with post.worker(replace(QUICK, unanswered=Unanswered.RESEND)):
        await eventually(lambda: post.all_in("delivered"))
    assert len(post.arrived("automation")) == 2


async def test_a_look_up_that_fails_is_repeated_and_decides_nothing(post: Post, survey: tuple[str, ...]) -> None:
    post.sandbox.faults.add("trustmary.contacts.post=timeout_after_effect:1x1")
    await post.add(await post.integration(), MAIJA, lists=survey)
    async with post.worker(QUICK):
        await eventually(lambda: len(post.arrived()) == 1)
        post.sandbox.faults.add("trustmary.contacts.get=503:1x1")
        await eventually(lambda: post.all_in("delivered"))
    assert len(post.arrived()) == 1
    assert await attempts(post) == [(1, "delivered")]
