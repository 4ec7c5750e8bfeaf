"""What the facts leave open about Trustmary, each switch in every position."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest

from sandbox import Sandbox
from sandbox.automations import Automation
from sandbox.lists import ContactList
from sandbox.organization import Organization
from visitor import Visitor, visiting

MAIJA = "maija.hamalainen@esimerkki-oy.fi"


@pytest.fixture
async def visitor() -> AsyncIterator[Visitor]:
    async with visiting(Sandbox(seed=8, customers=1)) as visitor:
        yield visitor


def home(visitor: Visitor) -> Organization:
    return visitor.sandbox.world.organization()


def throw(visitor: Visitor, **switches: Any) -> None:
    visitor.sandbox.world.switches.throw(switches)


def joined(visitor: Visitor, id: str, **facts: Any) -> ContactList:
    made = ContactList(id=id, name=f"Lista {id}", **facts)
    home(visitor).lists[id] = made
    return made


def started(visitor: Visitor) -> list[list[str]]:
    return [arrival.started for arrival in visitor.sandbox.world.books.arrivals]


async def get(visitor: Visitor, path: str, **query: str) -> Any:
    answer = await visitor.trustmary("GET", path, params=query)
    assert answer.status == 200, await answer.text()
    return await answer.json()


async def post(visitor: Visitor, status: int = 200, **fields: Any) -> Any:
    answer = await visitor.trustmary("POST", "/contacts", json={"email": MAIJA} | fields)
    assert answer.status == status, await answer.text()
    return await answer.json() if answer.content_type == "application/json" else await answer.text()


@pytest.mark.parametrize(("status", "test", "elsewhere"), [(401, 401, 401), (403, 403, 403), (200, 200, 401)])
async def test_a_key_that_is_none(visitor: Visitor, status: int, test: int, elsewhere: int) -> None:
    throw(visitor, bad_key_status=status)
    wrong = {"Authorization": "Apikey wrong"}
    tested = await visitor.trustmary("GET", "/test", headers=wrong)
    assert tested.status == test
    assert (await tested.json()).keys() == {"message"}
    for path in ("/contacts", "/lists", "/surveys", "/automations", "/webhooks", "/survey/x"):
        assert (await visitor.trustmary("GET", path, headers=wrong)).status == elsewhere


@pytest.mark.parametrize(
    ("shape", "kind", "says"),
    [("message", "application/json", "email"), ("text", "text/plain", "email"), ("empty", "", "")],
)
async def test_a_refusals_body(visitor: Visitor, shape: str, kind: str, says: str) -> None:
    throw(visitor, trustmary_errors=shape)
    answer = await visitor.trustmary("POST", "/contacts", json={"email": "nobody"})
    assert (answer.status, answer.content_type if kind else "") == (400, kind)
    assert says in await answer.text()
    assert bool(await answer.text()) is bool(says)


@pytest.mark.parametrize("status", [400, 422])
async def test_a_call_that_is_not_as_it_should_be(visitor: Visitor, status: int) -> None:
    throw(visitor, unfit_status=status)
    await post(visitor, status, email="nobody")
    await post(visitor, status, addToLists="x")
    assert (await visitor.trustmary("GET", "/contacts", params={"offset": "x"})).status == status
    assert (await visitor.trustmary("POST", "/webhooks", json={"name": "x"})).status == status


async def test_another_content_type_is_refused_or_read_all_the_same(visitor: Visitor) -> None:
    body, plain = b'{"email": "maija@esimerkki.fi"}', {"Content-Type": "text/plain"}
    for status in (400, 415):
        throw(visitor, other_content_type=status)
        assert (await visitor.trustmary("POST", "/contacts", data=body, headers=plain)).status == status
    throw(visitor, other_content_type=0)
    assert (await visitor.trustmary("POST", "/contacts", data=body, headers=plain)).status == 200


@pytest.mark.parametrize("status", [200, 201])
async def test_a_contact_that_is_made_has_one_of_two_statuses(visitor: Visitor, status: int) -> None:
    throw(visitor, created_status=status)
    await post(visitor, status)
    await post(visitor, 200)
    hook = {"name": "Hook", "hookUrl": "https://example.com/hook", "events": ["answer"]}
    assert (await visitor.trustmary("POST", "/webhooks", json=hook)).status == status


async def test_lists_and_surveys_are_filtered_by_query_or_by_body(visitor: Visitor) -> None:
    joined(visitor, "staff", kind="employee")
    staff = {"type": "employee"}
    assert [row["id"] for row in (await get(visitor, "/lists", **staff))["lists"]] == ["staff"]
    throw(visitor, list_filters="body")
    assert len((await get(visitor, "/lists", **staff))["lists"]) == 5
    answer = await visitor.trustmary("GET", "/lists", json=staff)
    assert [row["id"] for row in (await answer.json())["lists"]] == ["staff"]
    answer = await visitor.trustmary("GET", "/lists", json={"offset": 4})
    assert len((await answer.json())["lists"]) == 1


async def test_lists_of_surveys_and_deleted_ones_are_shown_or_not(visitor: Visitor) -> None:
    own = next(each for each in home(visitor).lists.values() if each.survey)
    dead = joined(visitor, "dead", deleted=home(visitor).since)
    for survey, deleted in ((True, False), (False, True), (True, True), (False, False)):
        throw(visitor, survey_lists_shown=survey, deleted_shown=deleted)
        rows = {row["id"]: row for row in (await get(visitor, "/lists"))["lists"]}
        assert (own.id in rows, dead.id in rows) == (survey, deleted)
        assert dead.id not in rows or rows[dead.id]["deleted_at"]


@pytest.mark.parametrize("shown", [False, True])
async def test_a_deleted_survey_is_shown_or_not_and_is_not_there_by_its_id(visitor: Visitor, shown: bool) -> None:
    throw(visitor, deleted_shown=shown)
    gone, *others = home(visitor).surveys.values()
    gone.deleted = home(visitor).since
    rows = {row["id"]: row for row in (await get(visitor, "/surveys"))["surveys"]}
    assert rows.keys() - {gone.id} == {each.id for each in others}
    assert (gone.id in rows) is shown
    assert not shown or rows[gone.id]["deleted_at"]
    for path in (f"/survey/{gone.id}", f"/survey/{gone.id}/responses"):
        assert (await visitor.trustmary("GET", path)).status == 404


async def test_a_legacy_list_does_not_say_its_source(visitor: Visitor) -> None:
    joined(visitor, "old", source="")
    rows = {row["id"]: row for row in (await get(visitor, "/lists"))["lists"]}
    assert "source" not in rows["old"]
    assert (await post(visitor, addToLists=["old"]))["listsUpdated"] == 1


async def test_a_contact_without_a_type_is_a_customer_or_has_none(visitor: Visitor) -> None:
    assert (await post(visitor))["contact"]["type"] == "customer"
    throw(visitor, default_type="")
    assert "type" not in (await post(visitor))["contact"]
    assert (await post(visitor, type="employee"))["contact"]["type"] == "employee"
    await post(visitor, 400, type="friend")


async def test_the_action_of_an_update_is_any_text(visitor: Visitor) -> None:
    await post(visitor)
    assert (await post(visitor))["action"] == "IMPORT_UPDATE"
    throw(visitor, update_action="IMPORT_MERGE")
    assert (await post(visitor))["action"] == "IMPORT_MERGE"


async def test_first_and_last_names_are_taken_or_are_names_nobody_knows(visitor: Visitor) -> None:
    names: dict[str, Any] = {"firstname": "Maija", "lastname": "Hämäläinen"}
    assert (await post(visitor, **names))["contact"]["firstname"] is None
    throw(visitor, strange_fields="refuse")
    await post(visitor, 400, **names)
    throw(visitor, takes_first_and_last=True)
    assert (await post(visitor, **names))["contact"].items() >= names.items()


@pytest.mark.parametrize("field", ["name", "eid", "phone", "company", "type", "field_invoice"])
async def test_a_field_is_text(visitor: Visitor, field: str) -> None:
    await post(visitor, 400, **{field: 4711})
    await post(visitor, 400, processName="true")


async def test_what_an_update_does_not_name_or_gives_as_empty_is_kept_or_cleared(visitor: Visitor) -> None:
    await post(visitor, name="Maija", phone="+358401234567", field_invoice="1")
    kept = (await post(visitor, phone="", field_invoice=""))["contact"]
    assert (kept["name"], kept["phone"], kept["field_invoice"]) == ("Maija", "+358401234567", "1")
    throw(visitor, empty_fields="clear")
    emptied = (await post(visitor, phone="", field_invoice=""))["contact"]
    assert (emptied["phone"], emptied["field_invoice"]) == (None, "")
    throw(visitor, omitted_fields="clear")
    cleared = (await post(visitor, company="Oy"))["contact"]
    assert (cleared["name"], cleared["company"], "field_invoice" in cleared) == (None, "Oy", False)


@pytest.mark.parametrize("again", [False, True])
async def test_an_upsert_leaves_somebody_unsubscribed_or_does_not(visitor: Visitor, again: bool) -> None:
    await post(visitor)
    visitor.sandbox.world.set_contact(MAIJA, status="unsubscribed")
    throw(visitor, upsert_resubscribes=again)
    assert (await post(visitor))["contact"]["status"] == ("active" if again else "unsubscribed")


async def test_the_older_name_of_the_lists_counts_or_is_unknown(visitor: Visitor) -> None:
    plain = joined(visitor, "plain")
    assert (await post(visitor, addToList=[plain.id]))["listsUpdated"] == 0
    throw(visitor, takes_add_to_list=True)
    assert (await post(visitor, addToList=[plain.id]))["listsUpdated"] == 1


@pytest.mark.parametrize("key", ["listId", "id"])
async def test_a_segment_starts_the_lists_automation_and_is_given_to_it(visitor: Visitor, key: str) -> None:
    throw(visitor, segment_list_key=key)
    active, draft = home(visitor).automations
    joined(visitor, "plain", automations=(active, draft))
    await post(visitor, addToLists=[{key: "plain", "segment": "invoice"}])
    arrival = visitor.sandbox.world.books.arrivals[-1]
    assert (arrival.started, arrival.segments, arrival.survey_starts) == ([active], {"plain": "invoice"}, True)
    for restarts in (True, False):
        throw(visitor, segment_restarts=restarts)
        await post(visitor, addToLists=[{key: "plain", "segment": "invoice"}])
        assert started(visitor)[-1] == ([active] if restarts else [])
    for item in ({"list": "plain"}, {key: "plain", "segment": 1}, {key: "plain", "name": "x"}, 7):
        await post(visitor, 400, addToLists=[item])


async def test_a_contact_that_is_updated_on_a_list_starts_what_listens_or_does_not(visitor: Visitor) -> None:
    active, _ = home(visitor).automations
    joined(visitor, "watched", updating=(active,))
    await post(visitor, name="Maija", addToLists=["watched"])
    await post(visitor, name="Maija")
    throw(visitor, update_starts="change")
    await post(visitor, name="Maija")
    await post(visitor, name="Maija Hämäläinen")
    throw(visitor, update_starts="never")
    await post(visitor, name="Maija")
    assert started(visitor) == [[], [active], [], [active], []]


async def test_what_listens_to_updates_is_silent_for_a_draft_a_dead_list_or_somebody_out_of_reach(
    visitor: Visitor,
) -> None:
    active, draft = home(visitor).automations
    watched = joined(visitor, "watched", updating=(draft,))
    await post(visitor, addToLists=["watched"])
    await post(visitor)
    watched.updating = (active,)
    visitor.sandbox.world.set_contact(MAIJA, status="bounce")
    await post(visitor)
    visitor.sandbox.world.set_contact(MAIJA, status="active")
    visitor.sandbox.world.edit_organization(home(visitor).id, delete_list="watched")
    await post(visitor)
    assert started(visitor) == [[], [], [], []]


async def test_an_automation_needs_a_contact_or_makes_one(visitor: Visitor) -> None:
    path = f"/automations/{next(iter(home(visitor).automations))}/trigger"
    assert (await visitor.trustmary("POST", path, json={"email": MAIJA})).status == 404
    throw(visitor, trigger_needs_contact=False)
    assert (await visitor.trustmary("POST", path, json={"email": MAIJA})).status == 200
    assert visitor.sandbox.world.books.arrivals[-1].created


@pytest.mark.parametrize("status", [404, 400, 410])
async def test_an_automation_that_is_not_there(visitor: Visitor, status: int) -> None:
    throw(visitor, unknown_automation=status)
    await post(visitor)
    answer = await visitor.trustmary("POST", "/automations/nobody/trigger", json={"email": MAIJA})
    assert answer.status == status


async def test_an_automation_needs_a_manual_trigger_or_does_not(visitor: Visitor) -> None:
    home(visitor).automations["quiet"] = Automation(id="quiet", name="Hiljainen", status="active")
    await post(visitor)
    for needed, status in ((False, 200), (True, 400)):
        throw(visitor, trigger_needs_manual=needed)
        answer = await visitor.trustmary("POST", "/automations/quiet/trigger", json={"email": MAIJA})
        assert answer.status == status


@pytest.mark.parametrize("counts", [False, True])
async def test_a_list_that_the_contact_is_on_is_counted_or_not(visitor: Visitor, counts: bool) -> None:
    throw(visitor, readded_counts=counts)
    joined(visitor, "plain")
    await post(visitor, addToLists=["plain"])
    assert (await post(visitor, addToLists=["plain"]))["listsUpdated"] == counts


@pytest.mark.parametrize("status", [404, 400, 200])
async def test_deleting_nobody(visitor: Visitor, status: int) -> None:
    throw(visitor, unknown_contact=status)
    answer = await visitor.trustmary("DELETE", "/contacts", json={"email": MAIJA})
    assert answer.status == status
    assert status >= 400 or await answer.json() == {"contact": None}


async def test_a_path_or_method_that_the_facts_do_not_have_is_not_there(visitor: Visitor) -> None:
    await post(visitor)
    for method, path in (("GET", "/contacts/x"), ("GET", "/lists/x"), ("POST", "/lists"), ("PUT", "/contacts")):
        answer = await visitor.trustmary(method, path)
        assert answer.status in (404, 405)
        assert (await answer.json()).keys() == {"message"}


async def test_a_delete_whose_body_was_dropped_on_the_way_deletes_nobody(visitor: Visitor) -> None:
    await post(visitor)
    assert (await visitor.trustmary("DELETE", "/contacts")).status == 400
    assert (await visitor.trustmary("DELETE", f"/contacts?email={MAIJA}")).status == 400
    assert len((await get(visitor, "/contacts"))["contacts"]) == 1
