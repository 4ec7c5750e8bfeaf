"""Public clients of Trustmary, pointed at the sandbox: the calls that they make, as they make them.

No library is published for it, on PyPI or npm. There are the vendor's own WordPress plugin (GET only, PHP), modules of
Make and Zapier, which are forms over the API, and a generated reference by MindCloud with fifteen operations.
"""

from __future__ import annotations

import http.client
import json
from asyncio import to_thread
from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import urlsplit

import pytest

from sandbox import Sandbox
from visitor import Visitor, visiting

AVA = "ava@example.com"


@pytest.fixture
async def visitor() -> AsyncIterator[Visitor]:
    async with visiting(Sandbox(seed=8, customers=1)) as visitor:
        yield visitor


async def call(visitor: Visitor, method: str, path: str, headers: dict[str, str], body: Any = None) -> tuple[int, Any]:
    """By another HTTP client than ours, which adds no header of its own but Host and Content-Length."""
    root = urlsplit(visitor.sandbox.trustmary_url)

    def ask() -> tuple[int, Any]:
        connection = http.client.HTTPConnection(root.netloc, timeout=30)
        try:
            raw = None if body is None else json.dumps(body).encode()
            connection.request(method, f"{root.path}/{path}", body=raw, headers=headers)
            answer = connection.getresponse()
            return answer.status, json.loads(answer.read())
        finally:
            connection.close()

    return await to_thread(ask)


async def test_the_vendors_wordpress_plugin_tests_a_key_and_lists_widgets_and_experiments(visitor: Visitor) -> None:
    """trustmary/wordpress, includes/connect.php: looks at bodies only, never at the status."""
    good = {"Authorization": f"Apikey {visitor.sandbox.trustmary_api_key}"}
    _, tested = await call(visitor, "GET", "test", good)
    home = visitor.sandbox.organizations[0]
    assert (tested["organization_id"], tested["organization_name"]) == (home["id"], home["name"])
    for name in ("widgets", "experiments"):
        _, found = await call(visitor, "GET", name, good)
        assert found[name] == []
    for status in (401, 403, 200):
        visitor.sandbox.world.switches.bad_key_status = status
        _, refused = await call(visitor, "GET", "test", {"Authorization": "Apikey wrong"})
        assert not refused.keys() & {"organization_id", "organization_name"}


async def test_mindclouds_fifteen_operations(visitor: Visitor) -> None:
    """mindcloud-inc/universal-api-reference, apis/t/trustmary/native-api: Bearer, and two JSON headers always."""
    visitor.sandbox.world.switches.trustmary_schemes = "apikey,bearer"
    headers = {
        "Authorization": f"Bearer {visitor.sandbox.trustmary_api_key}",
        "Accept": "application/json",
        "Content-Type": "application/json",
    }

    async def done(method: str, path: str, body: Any = None) -> Any:
        status, answer = await call(visitor, method, path, headers, body)
        assert status == 200, (method, path, answer)
        return answer

    contact = {"email": AVA, "name": "Ava", "eid": "1", "phone": "+358401234567", "company": "Oy", "type": "customer"}
    assert (await done("POST", "contacts", contact))["contact"].items() >= contact.items()
    assert [one["email"] for one in (await done("GET", f"contacts?email={AVA}&offset=0"))["contacts"]] == [AVA]
    hook = {"name": "Hook", "hookUrl": "https://example.com/hook", "events[]": ["answer"]}
    made = (await done("POST", "webhooks", hook))["webhook"]
    assert [one["id"] for one in (await done("GET", "webhooks"))["webhooks"]] == [made["id"]]
    assert (await done("GET", "webhooks/example"))["payload"]
    assert (await done("DELETE", f"webhooks/{made['id']}"))["webhook"] == made
    survey = (await done("GET", "surveys?type=customer&offset=0"))["surveys"][0]
    assert (await done("GET", f"survey/{survey['id']}"))["survey"] == survey
    assert (await done("GET", f"survey/{survey['id']}/responses"))["responses"] == []
    for name in ("lists", "embeds", "experiments", "widgets"):
        assert isinstance((await done("GET", name))[name], list)
    assert (await done("GET", "test"))["api_key_name"]
    assert (await done("DELETE", "contacts", {"email": AVA}))["contact"]["deleted_at"]


async def test_makes_modules_create_a_contact_list_all_or_one_and_call_any_path(visitor: Visitor) -> None:
    """Make's help: a path relative to the host, such as /v1/test, and a webhook for each new completed answer."""
    headers = {"Authorization": f"Apikey {visitor.sandbox.trustmary_api_key}", "Content-Type": "application/json"}
    assert (await call(visitor, "POST", "contacts", headers, {"email": AVA}))[0] == 200
    for query in ("", f"?email={AVA}"):
        status, found = await call(visitor, "GET", f"contacts{query}", headers)
        assert (status, len(found["contacts"])) == (200, 1)


async def test_the_woocommerce_plugin_sends_first_last_and_full_name_and_the_order_as_eid(visitor: Visitor) -> None:
    """Known by its description only: an order's status is met, lists were picked, each is sent once."""
    headers = {"Authorization": f"Apikey {visitor.sandbox.trustmary_api_key}", "Content-Type": "application/json"}
    _, lists = await call(visitor, "GET", "lists", headers)
    body = {"email": AVA, "name": "Ava Oy", "firstname": "Ava", "lastname": "Oy", "eid": "1045"}
    for takes in (False, True):
        visitor.sandbox.world.switches.takes_first_and_last = takes
        aim = {"addToLists": [lists["lists"][0]["id"]]}
        status, answer = await call(visitor, "POST", "contacts", headers, body | aim)
        assert (status, answer["contact"]["eid"]) == (200, "1045")
        assert answer["contact"]["firstname"] == ("Ava" if takes else None)
