"""The sandbox's Trustmary takes contacts as the facts say, and its books know what took effect."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from memory.clock import Clock
from sandbox import Sandbox
from sandbox.clock import zulu
from sandbox.organization import STATUSES, ContactList
from visitor import Visitor, visiting

MAIJA = "maija.hamalainen@esimerkki-oy.fi"


@pytest.fixture
def clock() -> Clock:
    return Clock(datetime(2026, 7, 1, 9, 0, tzinfo=UTC))


@pytest.fixture
async def visitor(clock: Clock) -> AsyncIterator[Visitor]:
    async with visiting(Sandbox(seed=8, organizations=2, clock=clock)) as visitor:
        yield visitor


def list_named(visitor: Visitor, name: str) -> ContactList:
    return next(item for item in visitor.sandbox.world.organization().lists.values() if item.name == name)


async def upsert(visitor: Visitor, **fields: Any) -> dict[str, Any]:
    answer = await visitor.trustmary("POST", "/contacts", json={"email": MAIJA} | fields)
    assert answer.status == 200, await answer.text()
    body: dict[str, Any] = await answer.json()
    return body


async def test_a_key_is_checked_and_names_its_organization(visitor: Visitor) -> None:
    body = await (await visitor.trustmary("GET", "/test")).json()
    assert body.keys() == {"message", "organization_id", "organization_name", "api_key_name"}
    assert body["organization_id"] == visitor.sandbox.organizations[0]["id"]
    key = visitor.sandbox.trustmary_api_key
    for scheme in (f"Bearer {key}", key, "Apikey wrong"):
        assert (await visitor.trustmary("GET", "/test", headers={"Authorization": scheme})).status == 401
    visitor.sandbox.world.switches.throw({"trustmary_schemes": "apikey,bearer"})
    assert (await visitor.trustmary("GET", "/test", headers={"Authorization": f"Bearer {key}"})).status == 200
    visitor.sandbox.world.edit_organization(body["organization_id"], key_works=False)
    assert (await visitor.trustmary("GET", "/test")).status == 401


async def test_an_upsert_creates_then_updates_one_contact(visitor: Visitor) -> None:
    first = await upsert(visitor, name="Maija Hämäläinen", processName=True, field_invoice="1")
    assert first["action"] == "IMPORT_CREATE"
    assert (first["contact"]["firstname"], first["contact"]["lastname"]) == ("Maija", "Hämäläinen")
    second = await upsert(visitor, email=MAIJA.upper(), company="Esimerkki Oy", field_invoice="2")
    assert second["action"] == "IMPORT_UPDATE"
    found = (await (await visitor.trustmary("GET", "/contacts", params={"email": MAIJA})).json())["contacts"]
    assert [(one["name"], one["company"], one["field_invoice"]) for one in found] == [
        ("Maija Hämäläinen", "Esimerkki Oy", "2")
    ]
    assert [arrival.fields["field_invoice"] for arrival in visitor.sandbox.world.books.arrivals] == ["1", "2"]


async def test_a_contact_says_when_it_was_made_changed_and_acted_upon(visitor: Visitor, clock: Clock) -> None:
    (made, changed, acted) = (clock.now + timedelta(minutes=minute) for minute in (0, 1, 2))
    await upsert(visitor)
    clock.now = changed
    await upsert(visitor)
    clock.now = acted
    automation = next(iter(visitor.sandbox.world.organization().automations))
    told = {"email": MAIJA, "field_invoice": "7"}
    await visitor.trustmary("POST", f"/automations/{automation}/trigger", json=told)
    found = (await (await visitor.trustmary("GET", "/contacts", params={"email": MAIJA})).json())["contacts"][0]
    times = [found[name] for name in ("created_at", "updated_at", "last_action", "deleted_at")]
    assert times == [zulu(made), zulu(changed), zulu(acted), None]
    assert found["field_invoice"] == "7"


async def test_lists_are_joined_once_and_left(visitor: Visitor) -> None:
    plain = list_named(visitor, "Procountor laskutetut")
    assert (await upsert(visitor, addToLists=[plain.id]))["listsUpdated"] == 1
    assert (await upsert(visitor, addToLists=[plain.id]))["listsUpdated"] == 0
    rows = (await (await visitor.trustmary("GET", "/lists")).json())["lists"]
    assert {row["name"]: row["count"] for row in rows}[plain.name] == 1
    assert (await upsert(visitor, removeFromLists=[plain.id]))["listsUpdated"] == 1
    assert plain.members == set()
    assert visitor.sandbox.world.books.arrivals[-1].removed == [plain.id]


async def test_the_books_know_when_a_survey_would_have_started(visitor: Visitor) -> None:
    steps = (
        ("Procountor laskutetut", False),
        ("NPS laskutuksen jälkeen", True),
        ("NPS laskutuksen jälkeen", False),
        ("Automaation lista", True),
    )
    for name, _ in steps:
        await upsert(visitor, addToLists=[list_named(visitor, name).id])
    starts = [arrival.survey_starts for arrival in visitor.sandbox.world.books.arrivals]
    assert starts == [expected for _, expected in steps]
    visitor.sandbox.world.switches.readded_starts = True
    await upsert(visitor, addToLists=[list_named(visitor, "NPS laskutuksen jälkeen").id])
    assert visitor.sandbox.world.books.arrivals[-1].survey_starts
    visitor.sandbox.world.set_contact(MAIJA, status="unsubscribed")
    await upsert(visitor, addToLists=[list_named(visitor, "NPS laskutuksen jälkeen").id])
    assert not visitor.sandbox.world.books.arrivals[-1].survey_starts


async def test_an_unknown_smart_or_deleted_list_is_refused_and_nothing_took_effect(visitor: Visitor) -> None:
    plain, smart = list_named(visitor, "Procountor laskutetut"), list_named(visitor, "Suosittelijat")
    visitor.sandbox.world.edit_organization(visitor.sandbox.organizations[0]["id"], delete_list=plain.id)
    for status in (404, 400):
        visitor.sandbox.world.switches.unknown_list = status
        wrong = [{"addToLists": [name]} for name in ("nobody", smart.id, plain.id)]
        for aim in [*wrong, {"removeFromLists": ["nobody"]}, {"removeFromLists": [plain.id]}]:
            answer = await visitor.trustmary("POST", "/contacts", json={"email": MAIJA} | aim)
            assert answer.status == status
    assert visitor.sandbox.world.books.arrivals == []
    assert (await (await visitor.trustmary("GET", "/contacts", params={"email": MAIJA})).json())["contacts"] == []
    visitor.sandbox.world.switches.unknown_list = 0
    ignored = await upsert(visitor, addToLists=["nobody"], removeFromLists=["nobody"])
    assert ignored["listsUpdated"] == 0


@pytest.mark.parametrize(
    "body",
    [
        *(b"{", b"[]", b"{}", b'{"email": "not an address"}', b'{"email": "a@b.fi", "addToLists": "x"}'),
        *(b'{"email": "a@b.fi", "removeFromLists": "x"}', b'{"email": "a@b.fi", "removeFromLists": [["x"]]}'),
    ],
)
async def test_bad_bodies_are_refused(visitor: Visitor, body: bytes) -> None:
    json = {"Content-Type": "application/json"}
    assert (await visitor.trustmary("POST", "/contacts", data=body, headers=json)).status == 400


async def test_undefined_custom_fields_are_accepted_ignored_or_refused(visitor: Visitor) -> None:
    switches = visitor.sandbox.world.switches
    assert (await upsert(visitor, field_other="x"))["contact"]["field_other"] == "x"
    switches.undefined_fields = "ignore"
    await upsert(visitor, field_other="y", field_invoice="3")
    assert visitor.sandbox.world.books.arrivals[-1].fields == {"field_invoice": "3"}
    switches.defined_fields = "field_other,field_city"
    await upsert(visitor, field_other="y", field_invoice="3")
    assert visitor.sandbox.world.books.arrivals[-1].fields == {"field_other": "y"}
    switches.defined_fields = "field_invoice"
    switches.undefined_fields = "refuse"
    answer = await visitor.trustmary("POST", "/contacts", json={"email": MAIJA, "field_other": "z"})
    assert answer.status == 400


async def test_a_deleted_contact_is_hidden_and_an_upsert_revives_it_unless_switched(visitor: Visitor) -> None:
    await upsert(visitor)
    assert (await visitor.trustmary("DELETE", "/contacts", json={"email": MAIJA})).status == 200
    assert (await visitor.trustmary("DELETE", "/contacts", json={"email": "x@y.fi"})).status == 404
    query = {"email": MAIJA}
    for said in ({}, {"includeAll": "false"}):
        shown = await (await visitor.trustmary("GET", "/contacts", params=query | said)).json()
        assert shown["contacts"] == []
    everything = await (await visitor.trustmary("GET", "/contacts", params=query | {"includeAll": "true"})).json()
    assert everything["contacts"][0]["deleted_at"] is not None
    visitor.sandbox.world.switches.revive_deleted = False
    assert (await upsert(visitor))["contact"]["deleted_at"] is not None
    visitor.sandbox.world.switches.revive_deleted = True
    assert (await upsert(visitor))["contact"]["deleted_at"] is None
    assert [arrival.call for arrival in visitor.sandbox.world.books.arrivals].count("delete") == 1


async def test_a_contact_is_found_by_all_of_its_address(visitor: Visitor) -> None:
    await upsert(visitor)
    for asked, count in ((MAIJA, 1), (MAIJA.upper(), 1), (MAIJA[1:], 0), ("maija", 0)):
        body = await (await visitor.trustmary("GET", "/contacts", params={"email": asked})).json()
        assert len(body["contacts"]) == count


@pytest.mark.parametrize("status", sorted(STATUSES))
async def test_trustmary_writes_to_nobody_who_is_not_active(visitor: Visitor, status: str) -> None:
    visitor.sandbox.world.add_contact(MAIJA)
    visitor.sandbox.world.set_contact(MAIJA, status=status)
    await upsert(visitor, addToLists=[list_named(visitor, "NPS laskutuksen jälkeen").id])
    automation = next(iter(visitor.sandbox.world.organization().automations))
    answer = await visitor.trustmary("POST", f"/automations/{automation}/trigger", json={"email": MAIJA})
    assert answer.status == 200
    starts = [arrival.survey_starts for arrival in visitor.sandbox.world.books.arrivals]
    assert starts == [status == "active"] * 2


async def test_trustmary_writes_to_nobody_who_stays_deleted(visitor: Visitor) -> None:
    visitor.sandbox.world.switches.revive_deleted = False
    visitor.sandbox.world.add_contact(MAIJA)
    visitor.sandbox.world.set_contact(MAIJA, deleted=True)
    await upsert(visitor, addToLists=[list_named(visitor, "NPS laskutuksen jälkeen").id])
    assert not visitor.sandbox.world.books.arrivals[-1].survey_starts


async def test_an_upsert_leaves_an_unsubscribed_contact_unsubscribed(visitor: Visitor) -> None:
    visitor.sandbox.world.add_contact(MAIJA, name="Maija")
    visitor.sandbox.world.set_contact(MAIJA, status="unsubscribed")
    assert (await upsert(visitor))["contact"]["status"] == "unsubscribed"


async def test_an_active_automation_starts_for_a_known_contact(visitor: Visitor) -> None:
    rows = (await (await visitor.trustmary("GET", "/automations")).json())["automations"]
    active, draft = (row["id"] for row in rows)
    path = f"/automations/{active}/trigger"
    assert (await visitor.trustmary("POST", path, json={"email": MAIJA})).status == 404
    await upsert(visitor)
    answer = await visitor.trustmary("POST", path, json={"email": MAIJA, "field_invoice": "7"})
    assert (answer.status, await answer.json()) == (200, {"action": "TRIGGER_AUTOMATION"})
    arrival = visitor.sandbox.world.books.arrivals[-1]
    assert (arrival.call, arrival.lists, arrival.survey_starts) == ("automation", [active], True)
    assert (await visitor.trustmary("POST", f"/automations/{draft}/trigger", json={"email": MAIJA})).status == 400
    assert (await visitor.trustmary("POST", "/automations/x/trigger", json={"email": MAIJA})).status == 404


async def test_lists_surveys_and_contacts_come_wrapped_or_bare(visitor: Visitor) -> None:
    for name in ("lists", "surveys", "contacts"):
        visitor.sandbox.world.switches.wrapped_lists = True
        wrapped = await (await visitor.trustmary("GET", f"/{name}")).json()
        visitor.sandbox.world.switches.wrapped_lists = False
        assert await (await visitor.trustmary("GET", f"/{name}")).json() == wrapped[name]
    assert (await (await visitor.trustmary("GET", "/lists", params={"offset": "1000"})).json()) == []
    assert (await (await visitor.trustmary("GET", "/surveys", params={"type": "employee"})).json()) == []


async def test_a_page_has_a_thousand_rows_and_the_offset_asks_for_the_next(visitor: Visitor) -> None:
    world = visitor.sandbox.world
    for number in range(1001):
        world.add_contact(f"a{number}@esimerkki.fi")
        made = ContactList(id=f"li{number}", name="Lista")
        world.organization().lists[made.id] = made
    for name, last in (("contacts", 1), ("lists", 5)):
        for offset, count in ((None, 1000), (1000, last), (2000, 0)):
            query = {} if offset is None else {"offset": str(offset)}
            body = await (await visitor.trustmary("GET", f"/{name}", params=query)).json()
            assert len(body[name]) == count


async def test_a_contact_need_not_name_its_email(visitor: Visitor) -> None:
    visitor.sandbox.world.switches.echo_email = False
    assert "email" not in (await upsert(visitor))["contact"]


async def test_organizations_do_not_see_each_other(visitor: Visitor) -> None:
    await upsert(visitor)
    other = {"Authorization": f"Apikey {visitor.sandbox.organizations[1]['api_key']}"}
    found = await (await visitor.trustmary("GET", "/contacts", params={"email": MAIJA}, headers=other)).json()
    assert found["contacts"] == []
