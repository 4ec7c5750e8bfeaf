"""The sandbox's Procountor answers in the shapes of its contract and lets an invoice live its life."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft7Validator

from sandbox import Sandbox
from sandbox.statuses import Status
from visitor import Visitor, visiting

SCHEMA = json.loads((Path(__file__).parents[1] / "contract" / "procountor.schema.json").read_text())


@pytest.fixture
async def visitor() -> AsyncIterator[Visitor]:
    async with visiting(Sandbox(seed=6, companies=2, history=30)) as visitor:
        yield visitor


def check(body: Any, name: str) -> None:
    """*body* is a *name* of the contract; a null there is the same as a field left out."""
    schema = {"$ref": f"#/definitions/{name}", "definitions": SCHEMA["definitions"]}
    problems = [f"{error.json_path}: {error.message}" for error in Draft7Validator(schema).iter_errors(filled(body))]
    assert problems == []


def filled(body: Any) -> Any:
    if isinstance(body, dict):
        return {name: filled(value) for name, value in body.items() if value is not None}
    return [filled(value) for value in body] if isinstance(body, list) else body


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("/sessioninfo", "SessionInfo"),
        ("/company", "Company"),
        ("/users", "User"),
        ("/status", "Status"),
        ("/invoices", "InvoiceSearchResult"),
        ("/businesspartners", "BusinessPartnerSearchResult"),
        ("/businesspartners/groups", "BusinessPartnerGroupSearchResult"),
    ],
)
async def test_answers_have_the_shape_of_the_contract(visitor: Visitor, path: str, name: str) -> None:
    check(await visitor.get(path), name)


async def test_rights_are_told_by_role_and_kind(visitor: Visitor) -> None:
    rights = await visitor.get("/users/rights")
    check(rights["rights"], "UserPermissions")
    assert rights["rights"]["sales"]["personalSalesInvoicesOnly"] is False


async def test_every_invoice_and_every_customer_has_the_shape_of_the_contract(visitor: Visitor) -> None:
    for kind in ("credit_note", "order", "offer", "purchase", "one_off", "no_email", "e_invoice"):
        visitor.sandbox.world.add_invoice(kind=kind)
    rows = (await visitor.get("/invoices", size=200))["results"]
    for row in rows:
        detail = await visitor.get(f"/invoices/{row['id']}")
        check(detail, "Invoice")
        assert (detail["version"], detail["status"]) == (row["version"], row["status"])
        assert "created" not in detail
    for row in (await visitor.get("/businesspartners", size=200))["results"]:
        check(await visitor.get(f"/businesspartners/{row['id']}"), "BusinessPartner")


async def test_an_invoice_has_no_email_where_it_goes_another_way_and_no_partner_where_it_is_a_one_off(
    visitor: Visitor,
) -> None:
    world = visitor.sandbox.world
    e_invoice, one_off = (world.add_invoice(kind=kind).id for kind in ("e_invoice", "one_off"))
    told = await visitor.get(f"/invoices/{e_invoice}")
    assert (told["counterParty"]["email"], told["invoiceChannel"]) == (None, "ELECTRONIC_INVOICE")
    assert (await visitor.get(f"/businesspartners/{told['partnerId']}"))["invoicingInfo"]["email"]
    told = await visitor.get(f"/invoices/{one_off}")
    assert told["partnerId"] is None
    assert told["counterParty"]["email"]


async def test_pages_say_how_many_there_are(visitor: Visitor) -> None:
    body = await visitor.get("/invoices", size=8, page=3)
    assert body["meta"] == {"pageNumber": 3, "pageSize": 8, "resultCount": 6, "totalCount": 30}
    assert len(body["results"]) == 6
    assert len((await visitor.get("/invoices"))["results"]) == 30
    payments = f"/invoices/{body['results'][0]['id']}/paymentevents"
    for path in ("/invoices", "/businesspartners", "/businesspartners/groups", "/webhooks", payments):
        assert (await visitor.get(path))["meta"].items() >= {"pageNumber": 0, "pageSize": 50}.items()


async def test_one_id_is_an_object_and_several_are_an_array(visitor: Visitor) -> None:
    ids = sorted(row["id"] for row in (await visitor.get("/invoices", size=3))["results"])
    assert (await visitor.get(f"/invoices/{ids[0]}"))["id"] == ids[0]
    several = await visitor.get(f"/invoices/{ids[2]},{ids[0]},{ids[0]},999")
    assert [invoice["id"] for invoice in several] == [ids[0], ids[2]]
    assert [invoice["id"] for invoice in await visitor.get(f"/invoices/{ids[1]},999")] == [ids[1]]
    assert (await visitor.call("GET", "/invoices/998,999")).status == 404
    assert (await visitor.call("GET", "/businesspartners/999")).status == 404
    many = ",".join(map(str, range(1, 202)))
    answer = await visitor.call("GET", f"/invoices/{many}")
    check(await answer.json(), "ErrorMessages")
    assert answer.status == 400
    assert (await visitor.call("GET", "/invoices/one")).status == 400


async def test_another_companys_invoices_are_not_there(visitor: Visitor) -> None:
    foreign = visitor.sandbox.world.add_invoice(14002)
    assert (await visitor.call("GET", f"/invoices/{foreign.id}")).status == 404


async def test_bad_requests_have_errors_with_the_field(visitor: Visitor) -> None:
    answer = await visitor.call("GET", "/invoices", params={"size": "201"})
    body = await answer.json()
    check(body, "ErrorMessages")
    assert (answer.status, body["errors"][0]["field"]) == (400, "size")


async def test_a_get_with_a_body_meets_the_gateway(visitor: Visitor) -> None:
    answer = await visitor.call("GET", "/invoices", json={})
    assert (answer.status, answer.content_type) == (403, "text/html")


async def test_without_a_valid_token_nothing_opens(visitor: Visitor) -> None:
    for token in ("", "nonsense", visitor.token + "x", visitor.sandbox.companies[0]["api_key"]):
        visitor.token = token
        assert (await visitor.call("GET", "/sessioninfo")).status == 401


@pytest.mark.parametrize("base", ["/api", "/latest/api", "/supported/api", "/v2402/api", "/v2604/api"])
async def test_every_base_path_serves_and_older_ones_lack_the_counter_party(visitor: Visitor, base: str) -> None:
    visitor.base = base
    await visitor.log_in()
    row = (await visitor.get("/invoices/", size=1))["results"][0]
    assert ("counterParty" in row) is (base not in {"/supported/api", "/v2402/api"})


async def test_an_invoice_lives_by_calls_of_the_api(visitor: Visitor) -> None:
    partner = (await visitor.get("/businesspartners"))["results"][0]
    draft = {
        "partnerId": partner["id"],
        "type": "SALES_INVOICE",
        "date": "2026-03-02",
        "counterParty": {"email": "maija@esimerkki-oy.fi", "counterPartyAddress": {"name": partner["name"]}},
        "paymentInfo": {
            "paymentMethod": "BANK_TRANSFER",
            "currency": "EUR",
            "dueDate": "2026-03-16",
            "currencyRate": 1,
        },
        "extraInfo": {"accountingByRow": False, "unitPricesIncludeVat": False},
        "discountPercent": 0,
        "invoiceRows": [
            {"product": "Työ", "quantity": 2, "unit": "HOUR", "unitPrice": 50, "discountPercent": 0, "vatPercent": 25.5}
        ],
        "invoiceChannel": "EMAIL",
        "language": "FINNISH",
    }
    late = draft | {"paymentInfo": {"dueDate": "2026-03-01"}}
    answer = await visitor.call("POST", "/invoices", json=late)
    assert (await answer.json())["errors"][0]["message"] == "DUE_DATE_BEFORE_BILL_DATE"
    assert (await visitor.call("POST", "/invoices", json={"type": "SALES_INVOICE"})).status == 400
    made = await (await visitor.call("POST", "/invoices", json=draft)).json()
    check(made, "Invoice")
    assert made["invoiceSumInfo"][0]["invoiceSumTotal"] == 125.5
    path = f"/invoices/{made['id']}"
    assert (await visitor.call("PUT", f"{path}/send")).status == 403
    for act, status in (("approve", "NOT_SENT"), ("send", "SENT"), ("send", "SENT"), ("unfinished", "UNFINISHED")):
        assert (await visitor.call("PUT", f"{path}/{act}")).status == 200
        assert (await visitor.get(path))["status"] == status
    for act in ("approve", "send"):
        await visitor.call("PUT", f"{path}/{act}")
    assert (await visitor.call("PUT", f"{path}/invalidate")).status == 403
    payment = {"paymentDate": "2026-03-10", "amount": 25.5, "currency": "EUR"}
    await visitor.call("PUT", f"{path}/paymentevents/markpaid", json=payment)
    assert (await visitor.get(path))["status"] == "PARTLY_PAID"
    await visitor.call("PUT", f"{path}/paymentevents/markpaid", json=payment | {"amount": 125.5})
    assert (await visitor.get(path))["status"] == "MARKED_PAID"


@pytest.mark.parametrize(
    ("act", "after", "allowed"),
    [
        ("approve", "NOT_SENT", {"UNFINISHED"}),
        ("send", "SENT", {"NOT_SENT", "SENT"}),
        ("unfinished", "UNFINISHED", {"NOT_SENT", "APPROVED", "SENT", "PAYMENT_DENIED"}),
        ("invalidate", "INVALIDATED", {"UNFINISHED", "NOT_SENT", "APPROVED"}),
        ("reject", "PAYMENT_DENIED", {"UNFINISHED", "NOT_SENT", "SENT"}),
        ("paymentevents/markpaid", "MARKED_PAID", {"NOT_SENT", "APPROVED", "SENT", "PARTLY_PAID"}),
    ],
)
async def test_an_act_leads_from_some_statuses_to_one(
    visitor: Visitor, act: str, after: str, allowed: set[str]
) -> None:
    paid = {"paymentDate": "2026-03-10", "amount": 10, "currency": "EUR"}
    for status in Status:
        invoice = visitor.sandbox.world.add_invoice(status=status, channel="EMAIL", total=10.0)
        answer = await visitor.call("PUT", f"/invoices/{invoice.id}/{act}", json=paid)
        assert answer.status == (200 if status in allowed else 403)
        assert invoice.status == (after if status in allowed else status)


async def test_every_way_of_paying_elsewhere_leaves_an_event_that_the_contract_knows(visitor: Visitor) -> None:
    invoice = visitor.sandbox.world.add_invoice(status="SENT", total=1000.0)
    path = f"/invoices/{invoice.id}/paymentevents"
    methods = SCHEMA["definitions"]["MarkInvoiceAsPaid"]["properties"]["paymentMethodType"]["enum"]
    for method in methods:
        marked = {"paymentDate": "2026-03-10", "amount": 10, "currency": "EUR", "paymentMethodType": method}
        answer = await visitor.call("PUT", f"{path}/markpaid", json=marked)
        assert answer.status == 200
        check(await answer.json(), "PaymentEvent")
    assert len({event["type"] for event in (await visitor.get(path))["results"]}) == len(methods)


@pytest.mark.parametrize("total", [100.0, -100.0])
async def test_an_invoice_and_a_credit_note_are_paid_in_parts(visitor: Visitor, total: float) -> None:
    invoice = visitor.sandbox.world.add_invoice(status="SENT", total=total)
    for share, status in ((0.4, "PARTLY_PAID"), (0.6, "MARKED_PAID")):
        paid = {"paymentDate": "2026-03-10", "amount": total * share, "currency": "EUR"}
        answer = await visitor.call("PUT", f"/invoices/{invoice.id}/paymentevents/markpaid", json=paid)
        assert (answer.status, invoice.status) == (200, status)


async def test_an_invoice_that_is_not_sent_by_procountor_ends_approved(visitor: Visitor) -> None:
    silent = visitor.sandbox.world.add_invoice(channel="NO_SENDING")
    assert (await visitor.call("PUT", f"/invoices/{silent.id}/approve")).status == 200
    assert (await visitor.get(f"/invoices/{silent.id}"))["status"] == "APPROVED"


async def test_missing_rights_are_empty_data_or_an_error(visitor: Visitor) -> None:
    world = visitor.sandbox.world
    invoice, partner = (next(iter(found)) for found in (world.company().invoices, world.company().customers))
    each = (f"/invoices/{invoice}", f"/invoices/{invoice}/paymentevents", f"/businesspartners/{partner}")
    world.edit_company(14001, sales_invoices="NO_ACCESS", customer_register="NO_ACCESS", company_info="NO_ACCESS")
    assert [(await visitor.call("GET", path)).status for path in each] == [404] * 3
    assert (await visitor.get("/invoices"))["results"] == []
    assert (await visitor.get("/businesspartners"))["results"] == []
    assert (await visitor.call("GET", "/company")).status == 403
    world.switches.throw({"missing_rights_are_403": True})
    for path in ("/invoices", "/businesspartners", "/businesspartners/groups", *each):
        assert (await visitor.call("GET", path)).status == 403


async def test_a_user_may_see_only_its_own_invoices(visitor: Visitor) -> None:
    user = (await visitor.get("/sessioninfo"))["userId"]
    visitor.sandbox.world.edit_company(14001, personal_sales_invoices_only=True)
    seen = (await visitor.get("/invoices", size=200))["results"]
    assert 0 < len(seen) < 30
    assert {row["creatorId"] for row in seen} == {user}


async def test_customers_are_found_by_header_and_inactive_ones_only_by_id(visitor: Visitor) -> None:
    row = (await visitor.get("/businesspartners", orderById="ASC"))["results"][0]
    answer = await visitor.call("GET", "/businesspartners", headers={"identifier": row["invoicingInfo"]["identifier"]})
    assert [found["id"] for found in (await answer.json())["results"]] == [row["id"]]
    answer = await visitor.call("GET", "/businesspartners", headers={"name": "Ei Tätä Ole"})
    assert (await answer.json())["results"] == []
    visitor.sandbox.world.edit_customer(14001, row["id"], active=False)
    listed = (await visitor.get("/businesspartners", size=200))["results"]
    assert row["id"] not in {found["id"] for found in listed}
    assert (await visitor.get(f"/businesspartners/{row['id']}"))["registryInfo"]["active"] is False


async def test_an_empty_list_is_404_when_switched(visitor: Visitor) -> None:
    query = {"versionStartDate": "2999-01-01T00:00:00"}
    assert (await visitor.get("/invoices", **query))["results"] == []
    visitor.sandbox.world.switches.empty_list_is_404 = True
    assert (await visitor.call("GET", "/invoices", params=query)).status == 404


async def test_requests_are_metered_in_all_and_per_company(visitor: Visitor) -> None:
    visitor.sandbox.procountor_meter.reset()
    for _ in range(5):
        await visitor.get("/status")
    assert visitor.sandbox.procountor_meter.max_in_any_second() == 5
    assert visitor.sandbox.procountor_meter.max_in_any_second(14001) == 5
    assert visitor.sandbox.procountor_meter.max_in_any_second(14002) == 0
