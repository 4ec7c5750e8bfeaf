"""Somebody answers a survey: the sandbox's Trustmary remembers it, fills its smart list and tells its webhooks."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from sandbox import Sandbox
from sandbox.clock import zulu
from sandbox.replying import reply
from sandbox.world import NotAllowed
from trustmary_witness import against
from visitor import Visitor, visiting

MAIJA = "maija.hamalainen@esimerkki-oy.fi"


@pytest.fixture
async def visitor() -> AsyncIterator[Visitor]:
    async with visiting(Sandbox(seed=8, customers=1, organizations=2)) as visitor:
        visitor.sandbox.world.add_contact(MAIJA, name="Maija")
        yield visitor


@asynccontextmanager
async def listening(visitor: Visitor, name: str) -> AsyncIterator[list[dict[str, Any]]]:
    """What is posted to a webhook of that *name*."""
    heard: list[dict[str, Any]] = []

    async def hear(request: web.Request) -> web.Response:
        heard.append(await request.json())
        return web.Response()

    app = web.Application()
    app.router.add_post("/hook", hear)
    async with TestServer(app) as server:
        body = {"name": name, "hookUrl": str(server.make_url("/hook")), "events": ["answer"]}
        answer = await visitor.trustmary("POST", "/webhooks", json=body)
        assert answer.status == 200
        yield heard


async def listed(visitor: Visitor) -> dict[str, Any]:
    answer = await visitor.trustmary("GET", "/contacts", params={"email": MAIJA})
    found: dict[str, Any] = (await answer.json())["contacts"][0]
    return found


@pytest.mark.parametrize("place", ["inside", "beside"])
async def test_a_webhook_is_told_of_an_answer_and_who_gave_it(visitor: Visitor, place: str) -> None:
    visitor.sandbox.world.switches.hook_contact = place
    async with listening(visitor, "one") as one, listening(visitor, "other") as other:
        given = await reply(visitor.sandbox.world, 9, email=MAIJA, feedback="Nopea palvelu", publicConsent="true")
        await reply(visitor.sandbox.world, 3)
    assert one == other
    known, anonymous = one
    where = known["answer"] if place == "inside" else known
    assert where["contact"]["email"] == MAIJA
    assert (known["answer"]["answer_id"], known["answer"]["answer_values"]["nps"]) == (given.id, 9)
    assert anonymous.keys() == {"answer"}
    assert "contact" not in anonymous["answer"]
    assert [against(each, "Delivery") for each in one] == [[], []]


async def test_a_webhook_is_its_organizations(visitor: Visitor) -> None:
    other = visitor.sandbox.organizations[1]
    async with listening(visitor, "mine") as heard:
        await reply(visitor.sandbox.world, 9, organization=other["id"])
        assert heard == []
        await reply(visitor.sandbox.world, 9)
    assert len(heard) == 1
    [hook] = visitor.sandbox.world.organization().hooks
    foreign = {"Authorization": f"Apikey {other['api_key']}"}
    assert (await visitor.trustmary("DELETE", f"/webhooks/{hook}", headers=foreign)).status == 404
    assert await (await visitor.trustmary("GET", "/webhooks", headers=foreign)).json() == {"webhooks": []}


async def test_a_webhook_that_is_gone_or_does_not_answer_stops_nobody(visitor: Visitor) -> None:
    async with listening(visitor, "gone"):
        pass
    await reply(visitor.sandbox.world, 9)
    [hook] = visitor.sandbox.world.organization().hooks
    for status in (200, 404):
        assert (await visitor.trustmary("DELETE", f"/webhooks/{hook}")).status == status


@pytest.mark.parametrize(
    "body",
    [
        {"name": "x", "hookUrl": "https://example.com"},
        {"name": "x", "hookUrl": "https://example.com", "events": "answer"},
        {"name": "x", "hookUrl": "example.com", "events": ["answer"]},
        {"hookUrl": "https://example.com", "events": ["answer"]},
    ],
)
async def test_a_webhook_without_name_address_or_events_is_refused(visitor: Visitor, body: dict[str, Any]) -> None:
    assert (await visitor.trustmary("POST", "/webhooks", json=body)).status == 400


async def test_a_contact_shows_what_its_answers_told_and_a_smart_list_fills_itself(visitor: Visitor) -> None:
    world = visitor.sandbox.world
    smart = next(each for each in world.organization().lists.values() if each.source == "smart")
    assert [(await listed(visitor))[name] for name in ("nps_status", "last_action")] == [None, None]
    for score, mood, members in ((9, "promoter", 1), (7, "passive", 0), (6, "detractor", 0)):
        await reply(world, score, email=MAIJA)
        shown = await listed(visitor)
        assert (shown["nps_status"], shown["last_action"]) == (mood, zulu(world.organization().replies[-1].at))
        assert len(smart.members) == members
    assert (await listed(visitor))["original_nps_status"] == "promoter"
    with pytest.raises(NotAllowed):
        await reply(world, 9, email="nobody@example.com")


@pytest.mark.parametrize("wrapped", [True, False])
async def test_a_surveys_answers_are_counted_and_listed(visitor: Visitor, wrapped: bool) -> None:
    visitor.sandbox.world.switches.wrapped_lists = wrapped
    given = await reply(visitor.sandbox.world, 9, email=MAIJA)
    path = f"/survey/{given.survey}"
    survey = await (await visitor.trustmary("GET", path)).json()
    assert (survey["survey"] if wrapped else survey)["count"] == 1
    answers = await (await visitor.trustmary("GET", f"{path}/responses")).json()
    assert [each["answer_id"] for each in (answers["responses"] if wrapped else answers)] == [given.id]
    assert (await visitor.trustmary("GET", "/survey/nobody")).status == 404
    other = next(each for each in visitor.sandbox.world.organization().surveys if each != given.survey)
    survey = await (await visitor.trustmary("GET", f"/survey/{other}")).json()
    assert (survey["survey"] if wrapped else survey)["count"] == 0
    answers = await (await visitor.trustmary("GET", f"/survey/{other}/responses")).json()
    assert (answers["responses"] if wrapped else answers) == []


async def test_the_example_is_what_is_posted(visitor: Visitor) -> None:
    payload = (await (await visitor.trustmary("GET", "/webhooks/example")).json())["payload"]
    assert payload[0]["answer"]["contact"]["email"]


async def test_a_survey_is_answered_by_the_sandboxs_own_door(visitor: Visitor) -> None:
    url = f"{visitor.sandbox.books_url}/control/reply"
    told = await (await visitor.http.post(url, json={"score": 9, "email": MAIJA})).json()
    assert [one.id for one in visitor.sandbox.world.organization().replies] == [told["answer"]]
    assert (await visitor.http.post(url, json={"score": 9, "email": "nobody@example.com"})).status == 400
