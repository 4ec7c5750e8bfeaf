"""Our client of Trustmary in every position of what the facts leave open."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest
import pytest_asyncio
from aiohttp import web
from aiohttp.test_utils import TestServer

from events.errors import Refused
from events.mapping import FIELDS
from events.reconcile import State, compare
from sandbox.lists import ContactList
from sandbox.organization import Organization
from sandbox.server import Sandbox
from worker.adapters.trustmary import Trustmary, open_session
from worker.operations.triggers import Choices

MAIJA = "maija.meikalainen@esimerkki-asiakas.fi"
CONTACT = {"email": MAIJA, "name": "Maija Meikäläinen", "field_invoice": "45"}


@pytest_asyncio.fixture
async def sandbox() -> AsyncIterator[Sandbox]:
    async with Sandbox(customers=1) as running:
        yield running


@pytest_asyncio.fixture
async def session() -> AsyncIterator[aiohttp.ClientSession]:
    async with open_session() as opened:
        yield opened


@pytest.fixture
def trustmary(sandbox: Sandbox, session: aiohttp.ClientSession) -> Trustmary:
    return Trustmary(session, url=sandbox.trustmary_url, timeout=5)


@pytest.fixture
def home(sandbox: Sandbox) -> Organization:
    return sandbox.world.organization()


@pytest.mark.parametrize("status", [401, 403, 200])
async def test_a_key_that_is_none_is_refused_as_one(sandbox: Sandbox, trustmary: Trustmary, status: int) -> None:
    sandbox.switches.bad_key_status = status
    for asked in (trustmary.test("wrong"), trustmary.add("wrong", CONTACT), trustmary.lists("wrong")):
        with pytest.raises(Refused) as caught:
            await asked
        assert caught.value.reason == "credentials"


@pytest.mark.parametrize("status", [400, 422])
@pytest.mark.parametrize("shape", ["message", "text", "empty"])
async def test_a_refusal_is_one_whatever_its_body(
    sandbox: Sandbox, trustmary: Trustmary, shape: str, status: int
) -> None:
    sandbox.switches.throw({"trustmary_errors": shape, "unfit_status": status})
    with pytest.raises(Refused) as caught:
        await trustmary.add(sandbox.trustmary_api_key, {"email": "nobody"})
    assert (caught.value.reason, caught.value.status) == ("invalid", status)
    assert bool(caught.value.answer) is (shape == "message")


POSITIONS: list[dict[str, Any]] = [
    {"created_status": 201},
    {"update_action": "ANYTHING"},
    {"echo_email": False},
    {"wrapped_lists": False},
    {"default_type": ""},
    {"other_content_type": 0},
    {"omitted_fields": "clear", "empty_fields": "clear"},
    {"strange_fields": "refuse"},
    {"undefined_fields": "ignore"},
    {"undefined_fields": "refuse"},
    {"readded_counts": True},
    {"takes_first_and_last": True},
]


@pytest.mark.parametrize("position", POSITIONS, ids=str)
async def test_a_contact_arrives_with_all_that_can_be_mapped(
    sandbox: Sandbox, trustmary: Trustmary, home: Organization, position: dict[str, Any]
) -> None:
    sandbox.switches.throw(position)
    key, [aim, *_] = sandbox.trustmary_api_key, home.lists.values()
    contact = CONTACT | {name: f"any {name}" for name in FIELDS - {"email"}}
    for _ in range(2):
        answer = await trustmary.add(key, contact, lists=(aim.id,))
        assert 200 <= answer.status < 300
    found = await trustmary.contact(key, MAIJA)
    assert found is not None
    assert found.items() >= {name: contact[name] for name in contact if name != "email"}.items()
    assert len(aim.members) == 1
    assert compare(contact, found).state is State.AS_SENT


@pytest.mark.parametrize("known", [True, False])
async def test_the_lists_key_is_a_setting(
    sandbox: Sandbox, session: aiohttp.ClientSession, home: Organization, known: bool
) -> None:
    """Where the older name is none any more nobody joins, and all that tells is how many lists were updated."""
    sandbox.switches.takes_add_to_list = known
    older = Trustmary(session, url=sandbox.trustmary_url, list_key="addToList")
    [aim, *_] = home.lists.values()
    answer = await older.add(sandbox.trustmary_api_key, CONTACT, lists=(aim.id,))
    assert (answer.body["listsUpdated"], len(aim.members)) == (int(known), int(known))


@pytest.mark.parametrize(("status", "reason"), [(404, "not_found"), (400, "invalid"), (422, "invalid"), (0, "")])
async def test_a_list_that_is_gone(
    sandbox: Sandbox, trustmary: Trustmary, home: Organization, status: int, reason: str
) -> None:
    """Where its id is passed over in silence the contact is on no list, and how many were updated tells."""
    sandbox.switches.unknown_list = status
    [aim, *_] = home.lists.values()
    aim.deleted = home.since
    adding = trustmary.add(sandbox.trustmary_api_key, CONTACT, lists=(aim.id,))
    if not status:
        assert (await adding).body["listsUpdated"] == 0
        return
    with pytest.raises(Refused) as caught:
        await adding
    assert (caught.value.reason, caught.value.status) == (reason, status)
    assert await trustmary.contact(sandbox.trustmary_api_key, MAIJA) is None


@pytest.mark.parametrize("shown", [True, False])
async def test_what_was_deleted_is_not_offered_even_where_it_is_shown(
    sandbox: Sandbox, trustmary: Trustmary, home: Organization, shown: bool
) -> None:
    sandbox.switches.deleted_shown = shown
    lists, surveys = list(home.lists.values()), list(home.surveys.values())
    lists[0].deleted = surveys[0].deleted = home.since
    lists[1].source = ""
    key = sandbox.trustmary_api_key
    assert [one.id for one in await trustmary.lists(key)] == [one.id for one in lists[1:] if one.source != "smart"]
    assert [one.id for one in await trustmary.surveys(key)] == [one.id for one in surveys[1:]]


@pytest.mark.parametrize(("place", "offered"), [("query", 2103), ("body", 1000)])
async def test_thousands_of_lists_are_read_to_an_end_wherever_the_offset_is_looked_for(
    sandbox: Sandbox, trustmary: Trustmary, home: Organization, place: str, offered: int
) -> None:
    sandbox.switches.list_filters = place
    smart = [name for name, one in home.lists.items() if one.source == "smart"]
    home.lists |= {f"x{n}": ContactList(id=f"x{n}", name=f"Lista {n}") for n in range(2100)}
    names = [one.id for one in await trustmary.lists(sandbox.trustmary_api_key)]
    assert len(names) == len(set(names)) == offered - (len(smart) if place == "body" else 0)


@pytest.mark.parametrize(
    ("position", "reason"),
    [
        ({}, "not_found"),
        ({"trigger_needs_contact": False}, ""),
        ({"trigger_needs_contact": False, "trigger_needs_manual": True}, "invalid"),
    ],
    ids=str,
)
async def test_an_automation_is_started_or_says_why_not(
    sandbox: Sandbox, trustmary: Trustmary, home: Organization, position: dict[str, Any], reason: str
) -> None:
    sandbox.switches.throw(position)
    [active, *_] = home.automations.values()
    active.manual = False
    starting = trustmary.trigger(sandbox.trustmary_api_key, active.id, CONTACT)
    if not reason:
        assert (await starting).body == {"action": "TRIGGER_AUTOMATION"}
        return
    with pytest.raises(Refused) as caught:
        await starting
    assert caught.value.reason == reason


async def test_a_row_that_has_no_id_is_passed_by(session: aiohttp.ClientSession) -> None:
    async def answer(_: web.Request) -> web.Response:
        return web.json_response([{"name": "?"}, {"id": None}, 7, {"id": 12, "name": "Kaksitoista"}, {"id": "x"}])

    app = web.Application()
    for name in ("lists", "surveys", "automations"):
        app.router.add_get(f"/{name}", answer)
    async with TestServer(app) as server:
        trustmary = Trustmary(session, url=str(server.make_url("/")))
        for offered in (trustmary.lists("key"), trustmary.surveys("key"), trustmary.automations("key")):
            assert [(one.id, one.name) for one in await offered] == [("12", "Kaksitoista"), ("x", "x")]


@pytest.mark.parametrize("shown", [True, False])
async def test_a_survey_has_a_list_of_its_own_or_one_has_to_be_named(
    sandbox: Sandbox, trustmary: Trustmary, shown: bool
) -> None:
    sandbox.switches.survey_lists_shown = shown
    key = sandbox.trustmary_api_key
    offered = Choices(lists=tuple(await trustmary.lists(key)), surveys=tuple(await trustmary.surveys(key)))
    assert [offered.list_of(one) is not None for one in offered.surveys] == [shown, False]
