"""Webhooks of the sandbox's Procountor: made, found, changed and taken back."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest

from sandbox import Sandbox
from visitor import Visitor, visiting

HOOK: dict[str, Any] = {
    "url": "https://ptm.esimerkki.fi/hook",
    "authenticationType": "HMAC",
    "authenticationMeta": {"any": "thing"},
    "subscriptions": ["INVOICE_PAYMENT_CREATED", "USER_UPDATED"],
}


@pytest.fixture
async def visitor() -> AsyncIterator[Visitor]:
    async with visiting(Sandbox(seed=6, companies=2)) as visitor:
        yield visitor


async def made(visitor: Visitor, **changes: Any) -> str:
    answer = await visitor.call("POST", "/webhooks", json=HOOK | changes)
    assert answer.status == 200
    return str((await answer.json())["uuid"])


async def uuids(visitor: Visitor, **query: str | int) -> list[str]:
    return [one["uuid"] for one in (await visitor.get("/webhooks", **query))["results"]]


async def test_a_webhook_is_made_changed_and_taken_back(visitor: Visitor) -> None:
    uuid = await made(visitor)
    assert (await visitor.get("/webhooks"))["results"] == [HOOK | {"uuid": uuid}]
    changed = HOOK | {"authenticationType": "NONE", "subscriptions": ["PAYMENT_UPDATED"]}
    assert (await visitor.call("PUT", f"/webhooks/{uuid}", json=changed)).status == 200
    assert (await visitor.get("/webhooks"))["results"] == [changed | {"uuid": uuid}]
    assert (await visitor.call("DELETE", f"/webhooks/{uuid}")).status == 204
    assert await uuids(visitor) == []
    for method in ("PUT", "DELETE"):
        assert (await visitor.call(method, f"/webhooks/{uuid}", json=HOOK)).status == 404


async def test_webhooks_are_found_by_url_and_event_the_newest_first(visitor: Visitor) -> None:
    first, second = await made(visitor), await made(visitor, url="https://toinen.fi", subscriptions=["PAYMENT_DELETED"])
    assert await uuids(visitor) == [second, first]
    assert await uuids(visitor, orderByCreatedDate="ASC") == [first, second]
    assert await uuids(visitor, size=1, page=1) == [first]
    assert await uuids(visitor, url="https://toinen.fi") == [second]
    assert await uuids(visitor, eventType="USER_UPDATED") == [first]
    assert await uuids(visitor, eventType="USER_UPDATED,PAYMENT_DELETED") == [second, first]
    for strange in ("INVOICE_SENT", "USER_UPDATED,INVOICE_SENT"):
        assert (await visitor.call("GET", "/webhooks", params={"eventType": strange})).status == 400


async def test_a_webhook_belongs_to_one_company(visitor: Visitor) -> None:
    uuid = await made(visitor)
    await visitor.log_in(1)
    assert await uuids(visitor) == []
    assert (await visitor.call("DELETE", f"/webhooks/{uuid}")).status == 404


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("url", "ptm.esimerkki.fi"),
        ("authenticationType", "BASIC"),
        ("subscriptions", []),
        ("subscriptions", ["INVOICE_SENT"]),
        ("authenticationMeta", "secret"),
    ],
)
async def test_a_bad_webhook_is_refused_by_its_field(visitor: Visitor, field: str, value: Any) -> None:
    answer = await visitor.call("POST", "/webhooks", json=HOOK | {field: value})
    assert (answer.status, (await answer.json())["errors"][0]["field"]) == (400, field)
