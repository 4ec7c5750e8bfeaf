"""Deliveries in every position of what the facts leave open: once each, and nobody against their will."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pytest
import pytest_asyncio

from dispatching import BRISK, Post, posting
from events.contact import ContactDelivered, ContactRefused, ContactWithdrawn, Withdrawal
from eventually import eventually
from sandbox.contacts import STATUSES
from sandbox.lists import ContactList
from sandbox.server import Sandbox
from servers.postgres import Database

MAIJA = "maija.meikalainen@esimerkki-asiakas.fi"


@pytest_asyncio.fixture
async def post(database: Database) -> AsyncIterator[Post]:
    async with Sandbox(organizations=1, customers=1) as sandbox, posting(database.database_url, sandbox) as made:
        yield made


def survey_list(post: Post) -> str:
    return next(each.id for each in post.sandbox.world.organization().lists.values() if each.survey)


def started(post: Post) -> list[list[str]]:
    return [arrival.started for arrival in post.sandbox.world.books.arrivals]


async def settled(post: Post, *states: str) -> None:
    async with post.worker():
        await eventually(lambda: post.all_in(*states))


POSITIONS: list[dict[str, Any]] = [
    {"created_status": 201, "update_action": "ANYTHING"},
    {"wrapped_lists": False, "echo_email": False, "default_type": ""},
    {"omitted_fields": "clear", "empty_fields": "clear", "strange_fields": "refuse"},
    {"undefined_fields": "refuse"},
    {"readded_counts": True, "readded_starts": True},
]


@pytest.mark.parametrize("position", POSITIONS, ids=str)
async def test_a_contact_and_its_automation_arrive_once(post: Post, position: dict[str, Any]) -> None:
    post.sandbox.switches.throw(position)
    integration, aim = await post.integration(), survey_list(post)
    automation = next(iter(post.sandbox.world.organization().automations))
    listed = await post.add(integration, MAIJA, lists=(aim,))
    asked = await post.add(integration, MAIJA, automation=automation)
    await settled(post, "delivered")
    calls = [(one.call, one.lists) for one in post.sandbox.world.books.arrivals]
    assert calls == [("contact", [aim]), ("contact", []), ("automation", [automation])]
    outcomes = [*await post.outcomes(listed), *await post.outcomes(asked)]
    assert [type(event) for event in outcomes] == [ContactDelivered] * 3


UNSURE: list[dict[str, Any]] = [
    {"readded_starts": True},
    {"undefined_fields": "ignore", "defined_fields": ""},
    {"wrapped_lists": False, "echo_email": False},
    {"omitted_fields": "clear", "default_type": ""},
]


@pytest.mark.parametrize("position", UNSURE, ids=str)
@pytest.mark.parametrize("answered", ["timeout_after_effect", "drop", "502"])
async def test_a_survey_starts_once_though_a_call_was_not_answered(
    post: Post, position: dict[str, Any], answered: str
) -> None:
    post.sandbox.switches.throw(position)
    post.sandbox.faults.add(f"trustmary.contacts.post={answered}:1x1")
    await post.add(await post.integration(), MAIJA, lists=(survey_list(post),))
    async with post.worker(replace(BRISK, timeout=1.0)):
        await eventually(lambda: post.all_in("delivered"))
    assert len([one for one in started(post) if one]) == 1


@pytest.mark.parametrize("status", sorted(STATUSES - {"active"}))
@pytest.mark.parametrize("again", [False, True])
async def test_nobody_who_is_not_active_is_touched_whether_or_not_that_would_make_them_active(
    post: Post, status: str, again: bool
) -> None:
    post.sandbox.switches.throw({"upsert_resubscribes": again, "wrapped_lists": again, "echo_email": not again})
    post.sandbox.world.add_contact(MAIJA)
    post.sandbox.world.set_contact(MAIJA, status=status)
    added = await post.add(await post.integration(), MAIJA, lists=(survey_list(post),))
    await settled(post, "withdrawn")
    [outcome] = await post.outcomes(added)
    assert isinstance(outcome, ContactWithdrawn)
    assert (outcome.reason, outcome.detail) == (Withdrawal.NOT_ACTIVE, status)
    assert post.sandbox.world.books.arrivals == []


@pytest.mark.parametrize("revives", [False, True])
async def test_nobody_who_was_deleted_there_is_touched_whether_or_not_that_would_revive_them(
    post: Post, revives: bool
) -> None:
    post.sandbox.switches.revive_deleted = revives
    post.sandbox.world.add_contact(MAIJA)
    post.sandbox.world.set_contact(MAIJA, deleted=True)
    await post.add(await post.integration(), MAIJA)
    await settled(post, "withdrawn")
    assert post.sandbox.world.books.arrivals == []


@pytest.mark.parametrize("status", [404, 410, 400, 422, 0])
@pytest.mark.parametrize("shown", [False, True])
async def test_a_dead_list_is_known_in_whatever_way_trustmary_tells_it_and_nobody_is_lost(
    post: Post, status: int, shown: bool
) -> None:
    post.sandbox.switches.unknown_list, post.sandbox.switches.deleted_shown = status, shown
    aim, home = survey_list(post), post.sandbox.world.organization()
    home.lists[aim].deleted = post.sandbox.world.clock()
    added = await post.add(await post.integration(), MAIJA, lists=(aim,))
    async with post.worker(replace(BRISK, probe=0.2)):
        await eventually(lambda: post.all_in("parked"))
        assert (await post.row(added))["fingerprint"] == f"gone:trustmary:list:{aim}"
        assert home.lists[aim].members == set()
        home.lists[aim].deleted = None
        await eventually(lambda: post.all_in("delivered"))
    assert len(home.lists[aim].members) == 1
    assert [starts for starts in started(post) if starts] == [[next(iter(home.surveys))]]


async def test_a_contact_that_was_on_its_list_already_is_no_sign_that_the_list_is_gone(post: Post) -> None:
    aim, integration = survey_list(post), await post.integration()
    for _ in range(2):
        await post.add(integration, MAIJA, lists=(aim,))
    await settled(post, "delivered")
    assert await post.pool.fetchval("select state from connection") == "connected"


@pytest.mark.parametrize(("rule", "arrives"), [("accept", True), ("ignore", True), ("refuse", False)])
async def test_a_custom_field_that_is_not_defined(post: Post, rule: str, arrives: bool) -> None:
    post.sandbox.switches.undefined_fields = rule
    added = await post.add(await post.integration(), MAIJA, contact={"field_unknown": "x"})
    await settled(post, "delivered" if arrives else "refused")
    [outcome] = await post.outcomes(added)
    assert isinstance(outcome, ContactDelivered if arrives else ContactRefused)
    if isinstance(outcome, ContactRefused):
        assert "field_unknown" in outcome.answer["message"]


@pytest.mark.parametrize(("rule", "starts"), [("any", 1), ("change", 1), ("never", 0)])
async def test_whoever_is_watched_on_a_list_may_be_asked_by_a_contact_alone_unless_those_there_are_left_alone(
    post: Post, rule: str, starts: int
) -> None:
    """Lists cannot be read back: that a contact only starts no survey is true where no automation watches updates."""
    post.sandbox.switches.update_starts = rule
    home = post.sandbox.world.organization()
    home.lists["watched"] = ContactList(id="watched", name="Seurattu", updating=(next(iter(home.automations)),))
    post.sandbox.world.add_contact(MAIJA, name="Vanha Nimi", addToLists=["watched"])
    integration = await post.integration()
    await post.add(integration, MAIJA)
    await settled(post, "delivered")
    await post.add(integration, MAIJA, existing="leave")
    await settled(post, "delivered", "withdrawn")
    assert len([one for one in started(post) if one]) == starts
    assert len(started(post)) == 1


@pytest.mark.parametrize(("needed", "state"), [(False, "delivered"), (True, "refused")])
async def test_an_automation_without_a_manual_trigger(post: Post, needed: bool, state: str) -> None:
    post.sandbox.switches.trigger_needs_manual = needed
    [automation, *_] = post.sandbox.world.organization().automations.values()
    automation.manual = False
    added = await post.add(await post.integration(), MAIJA, automation=automation.id)
    await settled(post, "delivered", "refused")
    assert [(await post.row(added, step))["state"] for step in (1, 2)] == ["delivered", state]
