"""Bodies and numbers that only a broken caller sends are refused by the sandbox, and never end in a 500."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import orjson
import pytest

from sandbox import Sandbox
from visitor import DRAFT, Visitor, visiting

FORM = "application/x-www-form-urlencoded"
PART = b'--a\r\nContent-Disposition: form-data; name="username"\r\n\r\n\xff\r\n--a--\r\n'
PAYMENT: dict[str, Any] = {"paymentDate": "2026-03-02", "amount": 5, "currency": "EUR"}


@pytest.fixture
async def visitor() -> AsyncIterator[Visitor]:
    async with visiting(Sandbox(seed=6, history=3)) as visitor:
        yield visitor


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        (FORM, b"username=\xff"),
        (f"{FORM}; charset=nonsense", b"username=a"),
        ("multipart/form-data", b"username=a"),
        ("multipart/form-data; boundary=a", b"username=a"),
        ("multipart/form-data; boundary=a", PART),
    ],
)
async def test_a_login_that_is_no_form(visitor: Visitor, kind: str, body: bytes) -> None:
    query = {"response_type": "code", "client_id": visitor.sandbox.client_id, "redirect_uri": "http://127.0.0.1:9/"}
    url = f"{visitor.sandbox.procountor_url}/login"
    answer = await visitor.http.post(url, params=query, data=body, headers={"Content-Type": kind})
    assert answer.status == 400


async def test_a_token_request_that_is_no_form(visitor: Visitor) -> None:
    url = f"{visitor.sandbox.procountor_url}/api/oauth/token"
    answer = await visitor.http.post(url, data=b"a=\xff", headers={"Content-Type": FORM})
    assert answer.status == 400


async def test_a_body_that_is_not_packed_as_it_says(visitor: Visitor) -> None:
    packed = {"Content-Type": "application/json", "Content-Encoding": "gzip"}
    answer = await visitor.call("POST", "/webhooks", data=b"plain", headers=packed)
    assert answer.status == 400
    assert (await visitor.trustmary("POST", "/contacts", data=b"plain", headers=packed)).status == 400


@pytest.mark.parametrize(
    "change",
    [{"amount": 1.7e308}, {"amount": -(2**63)}, {"paymentMethodType": ["CASH"]}, {"paymentMethodType": {"a": 1}}],
)
async def test_a_payment_that_is_none(visitor: Visitor, change: dict[str, Any]) -> None:
    invoice = (await (await visitor.call("POST", "/invoices", data=orjson.dumps(DRAFT))).json())["id"]
    body = orjson.dumps(PAYMENT | change)
    assert (await visitor.call("PUT", f"/invoices/{invoice}/paymentevents/markpaid", data=body)).status == 400


@pytest.mark.parametrize(
    "change", [{"quantity": "1e999"}, {"quantity": 1e300, "unitPrice": 1e300}, {"unitPrice": 1e20}]
)
async def test_an_invoice_whose_sum_is_none(visitor: Visitor, change: dict[str, Any]) -> None:
    rows = [DRAFT["invoiceRows"][0] | change]
    assert (await visitor.call("POST", "/invoices", data=orjson.dumps(DRAFT | {"invoiceRows": rows}))).status == 400


@pytest.mark.parametrize("path", ["/contacts", "/lists", "/surveys"])
async def test_an_offset_of_five_thousand_digits(visitor: Visitor, path: str) -> None:
    assert (await visitor.trustmary("GET", path, params={"offset": "9" * 5000})).status == 400


async def test_a_moment_that_is_none_with_a_zone_behind_it(visitor: Visitor) -> None:
    visitor.sandbox.switches.zoned_ranges = True
    answer = await visitor.call("GET", "/invoices", params={"versionStartDate": "2026-13-01T00:00:00Z"})
    assert (answer.status, (await answer.json())["errors"][0]["field"]) == (400, "versionStartDate")
