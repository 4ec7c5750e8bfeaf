"""A public client of Procountor's, written by others and in use, meets the sandbox and notices nothing."""

from __future__ import annotations

import asyncio
import warnings
from collections.abc import AsyncIterator
from typing import Any

import pytest

from sandbox import Sandbox
from visitor import DRAFT

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # it is older than what Python says of its patterns today
    from procountor.client import Client

CALLBACK = "http://127.0.0.1:9/callback"


@pytest.fixture
async def sandbox(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Sandbox]:
    async with Sandbox(seed=6, companies=2, history=8) as made:
        monkeypatch.setitem(Client._endpoints["hosts"], "test", made.procountor_url)
        yield made


async def entered(sandbox: Sandbox, version: str, key: str = "") -> Client:
    key = key or sandbox.companies[0]["api_key"]
    options = {"test_mode": True, "api_version": version}
    return await asyncio.to_thread(Client, key, sandbox.client_id, sandbox.client_secret, CALLBACK, **options)


async def content(call: Any, *arguments: Any, **more: Any) -> Any:
    answer = await asyncio.to_thread(call, *arguments, **more)
    assert answer["status"] == 200, answer
    return answer["content"]


@pytest.mark.parametrize("version", ["latest", "supported", "26.04", "24.05", "23.09"])
async def test_it_reads_session_company_user_register_and_invoices(sandbox: Sandbox, version: str) -> None:
    client = await entered(sandbox, version)
    assert (await content(client.get_session_info))["companyId"] == 14001
    assert (await content(client.get_company))["id"] == 14001
    user = (await content(client.get_users))["id"]
    assert (await content(client.get_user_profile, user))["surname"]
    rows = (await content(client.get_invoices, types="SALES_INVOICE,SALES_ORDER", size=3, orderById="ASC"))["results"]
    assert len(rows) == 3
    invoice = await content(client.get_invoice, rows[0]["id"])
    assert invoice["counterParty"]["counterPartyAddress"]["name"]
    several = await content(client.get_invoice, f"{rows[0]['id']},{rows[1]['id']}")
    assert [one["id"] for one in several] == [rows[0]["id"], rows[1]["id"]]
    partners = (await content(client.get_business_partners, size=2))["results"]
    assert (await content(client.get_business_partner, partners[0]["id"]))["invoicingInfo"]


@pytest.mark.parametrize("version", ["latest", "supported", "24.05"])
async def test_it_drives_an_invoice_to_its_end(sandbox: Sandbox, version: str) -> None:
    client = await entered(sandbox, version)
    made = (await content(client.post_invoice, **DRAFT))["id"]
    await content(client.approve_invoice, made, comment="ok")
    await content(client.send_invoice, made)
    paid = {"paymentDate": "2026-03-09", "amount": 125.5, "currency": "EUR"}
    assert (await content(client.markpaid_invoice, made, **paid))["invoiceId"] == made
    assert (await content(client.get_invoice, made))["status"] == "MARKED_PAID"
    assert len((await content(client.get_invoice_paymentevents, made))["results"]) == 1


async def test_its_token_ends_and_it_understands_what_it_is_refused(sandbox: Sandbox) -> None:
    client = await entered(sandbox, "latest")
    assert (await asyncio.to_thread(client.invalidate_token))["status"] == 204
    assert (await asyncio.to_thread(client.request, "GET", "sessioninfo"))["status"] == 401
    assert (await content(client.request, "GET", "sessioninfo"))["companyId"] == 14001
    with pytest.raises(RuntimeError, match="check your credentials"):
        await entered(sandbox, "latest", key="a.b.c")
    with pytest.raises(RuntimeError, match="check your API version"):
        await entered(sandbox, "20.01")
