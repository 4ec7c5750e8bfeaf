"""What a path of the sandbox's Procountor means, and what versions differ in."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from sandbox import Sandbox
from visitor import DRAFT, Visitor, visiting


@pytest.fixture
async def visitor() -> AsyncIterator[Visitor]:
    async with visiting(Sandbox(seed=6, history=8)) as visitor:
        yield visitor


@pytest.mark.parametrize(
    ("base", "counter_party", "sums", "total"),
    [
        ("/api", True, True, True),
        ("/latest/api", True, True, True),
        ("/v2604/api", True, True, True),
        ("/supported/api", False, True, True),
        ("/v2411/api", False, True, True),
        ("/v2405/api", False, False, True),
        ("/v2309/api", False, False, False),
    ],
)
async def test_older_versions_tell_less(
    visitor: Visitor, base: str, counter_party: bool, sums: bool, total: bool
) -> None:
    visitor.base = base
    await visitor.log_in()
    body = await visitor.get("/invoices", size=1)
    row = body["results"][0]
    for name in ("counterParty", "newDueDate", "creatorId", "isOffer"):
        assert (name in row) is counter_party
    assert ("invoiceSumInfo" in row, "totalCount" in body["meta"]) == (sums, total)
    assert (await visitor.get(f"/invoices/{row['id']}"))["counterParty"]


async def test_plain_paths_may_mean_an_older_version(visitor: Visitor) -> None:
    for old in (False, True):
        visitor.sandbox.switches.plain_api_is_old = old
        assert ("counterParty" in (await visitor.get("/invoices"))["results"][0]) is not old


@pytest.mark.parametrize("since", ["v2412", "v2604"])
async def test_somewhere_between_two_versions_the_counter_party_came_into_the_list(
    visitor: Visitor, since: str
) -> None:
    visitor.sandbox.switches.counter_party_since = since
    for number in ("v2411", "v2508", "v2604"):
        visitor.base = f"/{number}/api"
        assert ("counterParty" in (await visitor.get("/invoices"))["results"][0]) is (number >= since)
        found = (await visitor.get("/invoices", searchTerm="ei tätä ole"))["results"]
        assert bool(found) is (number < since)


async def test_the_supported_version_moves(visitor: Visitor) -> None:
    visitor.base = "/supported/api"
    for number in ("v2411", "v2604"):
        visitor.sandbox.switches.supported_version = number
        assert ("counterParty" in (await visitor.get("/invoices"))["results"][0]) is (number == "v2604")
    visitor.sandbox.switches.oldest_version = visitor.sandbox.switches.supported_version = "v2605"
    assert (await visitor.call("GET", "/status")).status == 404


async def test_searches_of_newer_versions_are_passed_over_by_older_ones(visitor: Visitor) -> None:
    for base, found in (("/v2604/api", 0), ("/v2411/api", 8)):
        visitor.base = base
        assert len((await visitor.get("/invoices", searchTerm="ei tätä ole"))["results"]) == found
        assert len((await visitor.get("/invoices", dueStartDate="2999-01-01"))["results"]) == found


async def test_names_are_searched_for_in_headers_and_long_ago_in_the_query_too(visitor: Visitor) -> None:
    for base, found in (("/v2604/api", 24), ("/v2307/api", 0)):
        visitor.base = base
        assert len((await visitor.get("/businesspartners", name="Ei Tätä Ole"))["results"]) == found
        answer = await visitor.call("GET", "/businesspartners", headers={"name": "Ei Tata Ole"})
        assert (await answer.json())["results"] == []


async def test_an_invoice_is_changed_without_its_version_long_ago_and_never_with_a_wrong_one(visitor: Visitor) -> None:
    made = await (await visitor.call("POST", "/invoices", json=DRAFT)).json()
    for base, status in (("/v2402/api", 400), ("/v2401/api", 200)):
        visitor.base = base
        assert (await visitor.call("PUT", f"/invoices/{made['id']}", json=DRAFT)).status == status
        wrong = DRAFT | {"version": "2020-01-01T00:00:00"}
        assert (await visitor.call("PUT", f"/invoices/{made['id']}", json=wrong)).status == 400


@pytest.mark.parametrize("base", ["/v2605/api", "/v2613/api", "/v2302/api"])
async def test_a_version_that_is_not_served_is_404_for_tokens_too(visitor: Visitor, base: str) -> None:
    visitor.base = base
    for shape, kind in (("page", "text/html"), ("errors", "application/json")):
        visitor.sandbox.switches.gone_version = shape
        answer = await visitor.call("GET", "/status")
        assert (answer.status, answer.content_type) == (404, kind)
        answer = await visitor.grant(grant_type="client_credentials", api_key="any")
        assert (answer.status, answer.content_type) == (404, kind)


async def test_a_version_is_retired_under_who_uses_it(visitor: Visitor) -> None:
    visitor.base = "/v2405/api"
    assert (await visitor.call("GET", "/status/")).status == 200
    visitor.sandbox.switches.oldest_version = "v2411"
    assert (await visitor.call("GET", "/status/")).status == 404


@pytest.mark.parametrize("path", ["/sessioninfo", "/invoices", "/businesspartners", "/users/rights", "/webhooks"])
async def test_a_trailing_slash_is_the_same_path(visitor: Visitor, path: str) -> None:
    for base in ("/api", "/latest/api", "/supported/api", "/v2411/api"):
        visitor.base = base
        assert await visitor.get(path) == await visitor.get(path + "/")
