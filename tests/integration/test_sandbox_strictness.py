"""The sandbox's Procountor takes what its contract says, and nothing that only looks like it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest

from sandbox import Sandbox
from visitor import DRAFT, Visitor, visiting


@pytest.fixture
async def visitor() -> AsyncIterator[Visitor]:
    async with visiting(Sandbox(seed=6, companies=2, history=12)) as visitor:
        yield visitor


async def refused(visitor: Visitor, method: str, path: str, **options: Any) -> tuple[int, str | None]:
    answer = await visitor.call(method, path, **options)
    return answer.status, (await answer.json())["errors"][0].get("field") if answer.status >= 400 else None


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("size", "0"),
        ("size", "201"),
        ("page", "-1"),
        ("page", "first"),
        ("previousId", "2147483648"),
        ("invoiceNumber", "1.5"),
        ("status", "OVERDUE"),
        ("status", "SENT;PAID"),
        ("types", "CREDIT_NOTE"),
        ("invoiceChannel", "FAX"),
        ("startDate", "2026-02-30"),
        ("startDate", "2026-03-01T00:00:00"),
        ("versionStartDate", "2026-03-01"),
        ("versionStartDate", "2026-03-01T00:00"),
        ("versionEndDate", "2026-03-01T25:00:00"),
        ("createdStartDate", "2026-03-01T00:00:00.000"),
        ("orderByVersion", "UP"),
        ("isOffer", "yes"),
        ("productId", ",".join(map(str, range(201)))),
    ],
)
async def test_a_bad_parameter_of_the_list_is_refused_by_its_name(visitor: Visitor, name: str, value: str) -> None:
    assert await refused(visitor, "GET", "/invoices", params={name: value}) == (400, name)


@pytest.mark.parametrize(
    ("name", "value"), [("active", "maybe"), ("type", "FRIEND"), ("size", "500"), ("versionStartDate", "yesterday")]
)
async def test_a_bad_parameter_of_the_register_is_refused_by_its_name(visitor: Visitor, name: str, value: str) -> None:
    assert await refused(visitor, "GET", "/businesspartners", params={name: value}) == (400, name)


async def test_the_registers_moments_may_go_without_seconds(visitor: Visitor) -> None:
    assert len((await visitor.get("/businesspartners", versionStartDate="2016-08-31T00:00"))["results"]) == 24


@pytest.mark.parametrize("ids", ["one", "1,two", "2147483648", "1.0", ",", "²"])
async def test_ids_are_32_bit_numbers(visitor: Visitor, ids: str) -> None:
    for path in ("/invoices/", "/businesspartners/"):
        assert (await refused(visitor, "GET", path + ids))[0] == 400


async def test_pages_and_key_sets_meet_every_row_once_in_the_order_asked_for(visitor: Visitor) -> None:
    for path in ("/invoices", "/businesspartners"):
        newest = [row["id"] for row in (await visitor.get(path, size=200))["results"]]
        assert newest == sorted(newest, reverse=True)
        paged = [row["id"] for page in range(7) for row in (await visitor.get(path, size=4, page=page))["results"]]
        assert paged == newest[:28]
        for order, start in (("ASC", 1), ("DESC", (1 << 31) - 1)):
            met, previous = list[int](), start
            while rows := (await visitor.get(path, size=5, previousId=previous, orderById=order))["results"]:
                met += [row["id"] for row in rows]
                previous = met[-1]
            assert met == (newest if order == "DESC" else newest[::-1])


async def test_a_draft_is_changed_by_who_knows_its_version(visitor: Visitor) -> None:
    made = await (await visitor.call("POST", "/invoices", json=DRAFT)).json()
    path = f"/invoices/{made['id']}"
    later = DRAFT | {"orderReference": "PO-9", "paymentInfo": DRAFT["paymentInfo"] | {"dueDate": "2026-04-01"}}
    for version in (None, "2020-01-01T00:00:00"):
        assert await refused(visitor, "PUT", path, json=later | {"version": version}) == (400, "version")
    changed = await (await visitor.call("PUT", path, json=later | {"version": made["version"]})).json()
    assert (changed["id"], changed["orderReference"], changed["invoiceNumber"]) == (
        made["id"],
        "PO-9",
        made["invoiceNumber"],
    )
    assert (await visitor.get(path))["paymentInfo"]["dueDate"] == "2026-04-01"
    for act in ("approve", "send"):
        await visitor.call("PUT", f"{path}/{act}")
    current = (await visitor.get(path))["version"]
    assert (await refused(visitor, "PUT", path, json=later | {"version": current}))[0] == 403


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"language": None}, "language"),
        ({"extraInfo": None}, "extraInfo"),
        ({"date": "2.3.2026"}, "date"),
        ({"orderReference": "Łódź"}, None),
        ({"notes": "kiitos 🙂"}, None),
        ({"invoiceChannel": "FAX"}, None),
        ({"counterParty": {"email": "a@b.fi"}}, None),
        ({"paymentInfo": {"dueDate": "soon"}}, "paymentInfo.dueDate"),
        ({"invoiceRows": ["x"]}, None),
        ({"orderReference": "x" * 71}, "orderReference"),
        ({"notes": 7}, "notes"),
        ({"counterParty": DRAFT["counterParty"] | {"contactPersonName": "x" * 71}}, "counterParty.contactPersonName"),
    ],
)
async def test_a_bad_invoice_is_not_made(visitor: Visitor, change: dict[str, Any], field: str | None) -> None:
    assert await refused(visitor, "POST", "/invoices", json=DRAFT | change) == (400, field)
    fine = DRAFT | {"orderReference": "Õhtu – 5 €"}
    assert (await visitor.call("POST", "/invoices", json=fine)).status == 200


async def test_what_is_written_on_an_invoice_is_read_from_it(visitor: Visitor) -> None:
    written = {
        "counterParty": DRAFT["counterParty"] | {"contactPersonName": "x" * 70},
        "orderReference": "PO-7",
        "originalInvoiceNumber": "9",
        "additionalInformation": "Kiitos",
        "notes": "Soita",
        "buyerReferenceIdentifier": "B",
        "sellerReferenceIdentifier": "S",
        "deliveryInstructions": "Ovelle",
        "orderNumber": "1",
        "agreementNumber": "2",
        "accountingCode": "3",
        "deliverySite": "4",
        "tenderReference": "5",
    }
    made = await (await visitor.call("POST", "/invoices", json=DRAFT | written)).json()
    assert (await visitor.get(f"/invoices/{made['id']}")).items() >= written.items()


async def test_payments_are_told_one_by_one(visitor: Visitor) -> None:
    invoice = visitor.sandbox.world.add_invoice(status="SENT", total=100.0)
    path = f"/invoices/{invoice.id}/paymentevents"
    assert (await visitor.get(path))["results"] == []
    marked = {"paymentDate": "2026-03-10", "amount": 40, "currency": "EUR", "paymentMethodType": "CREDIT_LOSS"}
    marked["description"] = "Luottotappio"
    event = await (await visitor.call("PUT", f"{path}/markpaid", json=marked)).json()
    assert (event["type"], event["amount"], event["paymentDate"]) == ("CREDITLOSS", 40, "2026-03-10")
    assert event["description"] == "Luottotappio"
    visitor.sandbox.world.act(invoice.id, "pay")
    rows = (await visitor.get(path))["results"]
    assert [(row["type"], row["amount"]) for row in rows] == [("REFERENCEPAYMENT", 60), ("CREDITLOSS", 40)]
    older = await visitor.get(path, previousId=rows[0]["id"], size=1)
    assert [row["id"] for row in older["results"]] == [rows[1]["id"]]
    assert (await visitor.get(f"/invoices/{invoice.id}"))["status"] == "PAID"


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"currency": "SEK"}, "currency"),
        ({"amount": "40"}, "amount"),
        ({"paymentDate": "10.3.2026"}, "paymentDate"),
        ({"paymentMethodType": "BARTER"}, "paymentMethodType"),
        ({"amount": None}, "amount"),
        ({"description": "x" * 141}, "description"),
        ({"description": 7}, "description"),
    ],
)
async def test_a_bad_payment_is_not_marked(visitor: Visitor, change: dict[str, Any], field: str) -> None:
    invoice = visitor.sandbox.world.add_invoice(status="SENT", total=100.0)
    marked = {"paymentDate": "2026-03-10", "amount": 40, "currency": "EUR"} | change
    path = f"/invoices/{invoice.id}/paymentevents/markpaid"
    assert await refused(visitor, "PUT", path, json=marked) == (400, field)
    assert invoice.status == "SENT"


@pytest.mark.parametrize(("level", "sees"), [("VIEWING_RIGHTS", True), ("NO_ACCESS", False), ("NOT_ENABLED", False)])
async def test_who_may_only_look_changes_nothing(visitor: Visitor, level: str, sees: bool) -> None:
    invoice = visitor.sandbox.world.add_invoice(status="NOT_SENT")
    visitor.sandbox.world.edit_company(14001, sales_invoices=level, customer_register=level)
    assert bool((await visitor.get("/invoices"))["results"]) is sees
    assert bool((await visitor.get("/businesspartners"))["results"]) is sees
    path = f"/invoices/{invoice.id}"
    assert (await visitor.call("GET", path)).status == (200 if sees else 404)
    changes: tuple[tuple[str, Any], ...] = (
        (path, DRAFT),
        (f"{path}/send", None),
        (f"{path}/paymentevents/markpaid", {}),
    )
    for each, body in changes:
        assert (await refused(visitor, "PUT", each, json=body))[0] == 403
    assert (await refused(visitor, "POST", "/invoices", json=DRAFT))[0] == 403


async def test_what_only_its_creator_sees_only_its_creator_drives(visitor: Visitor) -> None:
    world = visitor.sandbox.world
    user = world.company().user.id
    made = [world.add_invoice(status="NOT_SENT") for _ in range(12)]
    foreign = next(invoice for invoice in made if invoice.creator != user)
    world.edit_company(14001, personal_sales_invoices_only=True)
    assert (await visitor.call("GET", f"/invoices/{foreign.id}")).status == 404
    assert (await visitor.call("PUT", f"/invoices/{foreign.id}/send")).status == 404
    assert (await visitor.get("/users/rights"))["rights"]["sales"]["personalSalesInvoicesOnly"] is True


async def test_who_made_an_invoice_has_a_name_in_its_own_company(visitor: Visitor) -> None:
    creators = {row["creatorId"] for row in (await visitor.get("/invoices"))["results"]}
    assert len(creators) == 2
    for number in creators:
        assert (await visitor.get(f"/users/profiles/{number}")).keys() == {"firstname", "surname"}
    foreign = visitor.sandbox.world.company(14002).colleague
    assert (await visitor.call("GET", f"/users/profiles/{foreign}")).status == 404


@pytest.mark.parametrize("path", ["/login", "/keylogin", "/api/status", "/api/invoices", "/v2411/api/businesspartners"])
async def test_every_get_with_a_body_meets_the_gateway(visitor: Visitor, path: str) -> None:
    bearer = {"Authorization": f"Bearer {visitor.token}"}
    async with visitor.http.get(visitor.sandbox.procountor_url + path, headers=bearer, json={}) as answer:
        assert (answer.status, answer.content_type) == (403, "text/html")
