"""An activation link: customers accept it, and the integrator answers for several companies at once."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest

from memory.clock import Clock
from sandbox import Sandbox
from visitor import Visitor, visiting

CALLBACK = "https://ptm.esimerkki.fi/activated"


@pytest.fixture
def clock() -> Clock:
    return Clock(datetime.now(UTC))


@pytest.fixture
async def visitor(clock: Clock) -> AsyncIterator[Visitor]:
    async with visiting(Sandbox(seed=4, companies=4, clock=clock)) as visitor:
        yield visitor


async def accepted(visitor: Visitor, *companies: int) -> str:
    """The path of the request that the customer's browser brings along."""
    body = {"companies": companies, "callback": CALLBACK}
    async with visitor.http.post(f"{visitor.sandbox.books_url}/control/activation", json=body) as answer:
        location = (await answer.json())["location"]
    name = visitor.sandbox.switches.activation_parameter
    return f"/integrations/{dict(parse_qsl(urlsplit(location).query))[name]}"


async def decided(visitor: Visitor, path: str, approve: list[int], *reject: int) -> tuple[int, Any]:
    body = {"approve": approve, "reject": [{"companyId": number, "reason": "Ei asiakas"} for number in reject]}
    answer = await visitor.call("PUT", path, json=body)
    return answer.status, await answer.json()


@pytest.mark.parametrize("name", ["requestId", "activation"])
async def test_several_companies_are_joined_at_once_each_with_a_key_of_its_own(visitor: Visitor, name: str) -> None:
    visitor.sandbox.switches.activation_parameter = name
    path = await accepted(visitor, 14002, 14003, 14004)
    asked = await visitor.get(path)
    assert [one["companyId"] for one in asked["companiesToIntegrate"]] == [14002, 14003, 14004]
    assert asked["initiator"]["email"]
    status, made = await decided(visitor, path, [14002, 14003], 14004)
    assert (status, [one["companyId"] for one in made["companiesIntegrated"]]) == (200, [14002, 14003])
    using = await visitor.get(f"/integrations/{made['integrationId']}/customers")
    assert using == [{"companyId": number, "integrationVersionStatus": "APPROVED"} for number in (14002, 14003)]
    for one in made["companiesIntegrated"]:
        granted = await visitor.grant(grant_type="client_credentials", api_key=one["apiKey"])
        visitor.token = (await granted.json())["access_token"]
        assert (await visitor.get("/sessioninfo"))["companyId"] == one["companyId"]
        assert (await visitor.get("/users/rights"))["role"] == "API technical user"


async def test_every_company_is_answered_for_once(visitor: Visitor) -> None:
    path = await accepted(visitor, 14002, 14003)
    for approve, reject in (([14002], ()), ([14002, 14003], (14004,)), ([14002, 14002], ())):
        assert (await decided(visitor, path, approve, *reject))[0] == 400
    assert (await decided(visitor, path, [14002, 14003]))[0] == 200
    assert (await decided(visitor, path, [14002, 14003]))[0] == 404
    answer = await visitor.call("PUT", path, json={"approve": ["x"]})
    assert answer.status == 404


async def test_an_answer_is_of_ids_and_of_reasons_that_are_not_too_long(visitor: Visitor) -> None:
    path = await accepted(visitor, 14002)
    bodies: list[dict[str, Any]] = [{"approve": ["x"]}, {"reject": [14002]}, {"reject": [{"reason": "Ei asiakas"}]}]
    for body in bodies:
        assert (await visitor.call("PUT", path, json=body)).status == 400
    for length, status in ((256, 400), (255, 200)):
        body = {"reject": [{"companyId": 14002, "reason": "x" * length}]}
        assert (await visitor.call("PUT", path, json=body)).status == status


async def test_a_technical_user_that_is_there_already_keeps_its_key(visitor: Visitor) -> None:
    keys = []
    for _ in range(2):
        _, made = await decided(visitor, await accepted(visitor, 14002), [14002])
        keys.append(made["companiesIntegrated"][0]["apiKey"])
    assert keys[0] == keys[1]


async def test_a_technical_user_stays_when_another_user_goes(visitor: Visitor) -> None:
    _, made = await decided(visitor, await accepted(visitor, 14002), [14002])
    visitor.sandbox.world.edit_company(14002, user_valid=False)
    keys = (visitor.sandbox.companies[1]["api_key"], made["companiesIntegrated"][0]["apiKey"])
    granted = [await visitor.grant(grant_type="client_credentials", api_key=key) for key in keys]
    assert [answer.status for answer in granted] == [401, 200]
    visitor.token = (await granted[1].json())["access_token"]
    assert (await visitor.call("GET", "/invoices")).status == 200


async def test_only_the_integrator_is_told_in_time(visitor: Visitor, clock: Clock) -> None:
    path = await accepted(visitor, 14002)
    assert (await visitor.call("GET", "/integrations/1")).status == 404
    assert (await visitor.call("GET", "/integrations/other-1/customers")).status == 403
    await visitor.log_in(1)
    for asked in (path, "/integrations/ptm-1/customers"):
        assert (await visitor.call("GET", asked)).status == 403
    await visitor.log_in(0)
    clock.now += timedelta(days=8)
    await visitor.log_in(0)
    assert (await visitor.call("GET", path)).status == 410
