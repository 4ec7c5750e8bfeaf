"""What the facts leave open about Procountor, each with both positions of its switch."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

import pytest

from sandbox import Sandbox
from sandbox.switches import Switches
from visitor import Visitor, visiting

CALLBACK = "http://127.0.0.1:9/callback"
NOON = datetime(2026, 7, 1, 9, 0, tzinfo=UTC)


def noon() -> datetime:
    return NOON


@pytest.fixture
async def visitor() -> AsyncIterator[Visitor]:
    async with visiting(Sandbox(seed=6, companies=2, clock=noon)) as visitor:
        yield visitor


def throw(visitor: Visitor, **changes: Any) -> None:
    visitor.sandbox.switches.throw(changes)


async def entered(visitor: Visitor, page: str, company: int = 0) -> tuple[int, str]:
    """Status and Location after a login with all that is asked for."""
    who = visitor.sandbox.companies[company]
    query = {"response_type": "code", "client_id": visitor.sandbox.client_id, "redirect_uri": CALLBACK}
    form = {"username": who["login"], "password": who["password"], "company": str(who["id"])}
    address = f"{visitor.sandbox.procountor_url}/{page}"
    async with visitor.http.post(address, params=query, data=form, allow_redirects=False) as answer:
        return answer.status, answer.headers.get("Location", "")


async def refresh_token(visitor: Visitor) -> str:
    code = (await entered(visitor, "login"))[1].partition("code=")[2].partition("&")[0]
    answer = await visitor.grant(grant_type="authorization_code", code=code, redirect_uri=CALLBACK)
    return str((await answer.json())["refresh_token"])


async def key_grant(visitor: Visitor, company: int = 0, **more: str) -> int:
    key = visitor.sandbox.companies[company]["api_key"]
    return (await visitor.grant(grant_type="client_credentials", api_key=key, **more)).status


@pytest.mark.parametrize(
    ("zone", "written"), [("Europe/Helsinki", "2026-07-01T12:00:00"), ("UTC", "2026-07-01T09:00:00")]
)
async def test_stamps_are_local_to_a_zone_that_they_do_not_say(zone: str, written: str) -> None:
    async with visiting(Sandbox(clock=noon, switches=Switches(local_zone=zone))) as visitor:
        made = visitor.sandbox.world.add_invoice()
        assert (await visitor.get(f"/invoices/{made.id}"))["version"] == written


@pytest.mark.parametrize("taken", [False, True])
async def test_a_range_with_a_zone(visitor: Visitor, taken: bool) -> None:
    throw(visitor, zoned_ranges=taken)
    made = visitor.sandbox.world.add_invoice()
    for start, found in (("2026-07-01T09:00:00Z", 1), ("2026-07-01T12:00:01+03:00", 0)):
        answer = await visitor.call("GET", "/invoices", params={"versionStartDate": start})
        assert answer.status == (200 if taken else 400)
        if taken:
            assert [row["id"] for row in (await answer.json())["results"]] == [made.id][:found]
    answer = await visitor.call("GET", "/invoices", params={"versionEndDate": "2026-07-01T08:59:59Z"})
    assert answer.status == (200 if taken else 400)
    assert not taken or (await answer.json())["results"] == []


@pytest.mark.parametrize(("means", "found"), [("first", 1), ("all", 2), ("refuse", None)])
async def test_a_list_as_a_repeated_key(visitor: Visitor, means: str, found: int | None) -> None:
    throw(visitor, repeated_keys=means)
    for kind in ("named_contact", "order"):
        visitor.sandbox.world.add_invoice(kind=kind)
    pairs = [("types", "SALES_INVOICE"), ("types", "SALES_ORDER")]
    answer = await visitor.call("GET", "/invoices", params=pairs)
    assert (len((await answer.json())["results"]) if found else answer.status) == (found or 400)
    assert len((await visitor.get("/invoices", types="SALES_INVOICE,SALES_ORDER"))["results"]) == 2


@pytest.mark.parametrize("shape", ["errors", "constraintViolations"])
async def test_the_body_of_a_400(visitor: Visitor, shape: str) -> None:
    throw(visitor, error_shape=shape)
    assert shape in await (await visitor.call("GET", "/invoices", params={"size": "0"})).json()
    assert "errors" in await (await visitor.call("GET", "/invoices/7")).json()


@pytest.mark.parametrize("status", [401, 403])
@pytest.mark.parametrize(
    ("place", "page", "token", "call"), [("login", 0, 0, 0), ("token", 1, 0, 0), ("call", 1, 1, 0)]
)
async def test_where_a_closed_api_says_so(
    visitor: Visitor, status: int, place: str, page: bool, token: bool, call: bool
) -> None:
    throw(visitor, api_off_at=place, api_off_status=status)
    await visitor.log_in(1)
    visitor.sandbox.world.edit_company(14002, api_enabled=False)
    for name in ("login", "keylogin"):
        assert (await entered(visitor, name, 1))[0] == (302 if page else 403)
    assert await key_grant(visitor, 1) == (200 if token else status)
    if token:
        assert (await visitor.call("GET", "/sessioninfo")).status == (200 if call else status)
    assert (await key_grant(visitor, 0), (await entered(visitor, "login"))[0]) == (200, 302)
    await visitor.log_in(0)
    assert (await visitor.call("GET", "/sessioninfo")).status == 200


@pytest.mark.parametrize("needed", [False, True])
async def test_a_key_grant_without_a_redirect_uri(visitor: Visitor, needed: bool) -> None:
    throw(visitor, key_grant_needs_redirect=needed)
    assert await key_grant(visitor) == (400 if needed else 200)
    assert await key_grant(visitor, redirect_uri=CALLBACK) == 200
    assert await key_grant(visitor, redirect_uri=CALLBACK, scope="*") == 200


@pytest.mark.parametrize("status", [400, 401, 403])
@pytest.mark.parametrize(("shape", "starts"), [("errors", '{"errors":['), ("oauth", '{"error":"'), ("text", "Invalid")])
async def test_a_grant_that_is_over(visitor: Visitor, status: int, shape: str, starts: str) -> None:
    throw(visitor, bad_grant_status=status, token_errors=shape)
    visitor.sandbox.world.edit_company(14001, revoke_key=True)
    assert await key_grant(visitor) == status
    answer = await visitor.grant(grant_type="refresh_token", refresh_token="a.b.c")
    assert answer.status == status
    assert (await answer.text()).startswith(starts)


@pytest.mark.parametrize("dies", [False, True])
async def test_a_refresh_token_that_was_replaced(visitor: Visitor, dies: bool) -> None:
    throw(visitor, rotate_refresh=True, old_refresh_dies=dies)
    first = await refresh_token(visitor)
    second = await (await visitor.grant(grant_type="refresh_token", refresh_token=first)).json()
    assert (await visitor.grant(grant_type="refresh_token", refresh_token=first)).status == (401 if dies else 200)
    assert (await visitor.grant(grant_type="refresh_token", refresh_token=second["refresh_token"])).status == 200


@pytest.mark.parametrize("told", [False, True])
async def test_the_life_of_a_code(visitor: Visitor, told: bool) -> None:
    throw(visitor, login_tells_expiry=told)
    assert ("expires_in=300" in (await entered(visitor, "login"))[1]) is told
    assert "expires_in=300" in (await entered(visitor, "keylogin"))[1]


@pytest.mark.parametrize("own", [False, True])
async def test_whose_ids_are_whose(own: bool) -> None:
    async with visiting(Sandbox(companies=2, switches=Switches(ids_of_each_company=own))) as visitor:
        made = [visitor.sandbox.world.add_invoice(home, status="NOT_SENT") for home in (14001, 14002)]
        assert (made[0].id == made[1].id) is own
        await visitor.call("PUT", f"/invoices/{made[0].id}/send")
        assert [invoice.status for invoice in made] == ["SENT", "NOT_SENT"]
        seen = {row["id"] for row in (await visitor.get("/businesspartners"))["results"]}
        await visitor.log_in(1)
        others = {row["id"] for row in (await visitor.get("/businesspartners"))["results"]}
        assert bool(seen & others) is own


@pytest.mark.parametrize("way", ["null", "absent"])
async def test_a_field_that_is_empty(visitor: Visitor, way: str) -> None:
    throw(visitor, empty_as=way)
    made = visitor.sandbox.world.add_invoice(kind="one_off")
    for body in (await visitor.get(f"/invoices/{made.id}"), (await visitor.get("/invoices"))["results"][0]):
        assert ("partnerId" in body) is (way == "null")
        assert body.get("partnerId") is None


@pytest.mark.parametrize("lives", [False, True])
async def test_a_logout(visitor: Visitor, lives: bool) -> None:
    throw(visitor, logout_lives=lives)
    bearer = {"Authorization": f"Bearer {visitor.token}"}
    for path in ("logout", "logout/"):
        async with visitor.http.post(f"{visitor.sandbox.procountor_url}/{path}", headers=bearer) as answer:
            assert answer.status == (204 if lives else 404)
    assert (await visitor.call("GET", "/status")).status == (401 if lives else 200)


@pytest.mark.parametrize("inclusive", [False, True])
async def test_the_ends_of_a_range(visitor: Visitor, inclusive: bool) -> None:
    throw(visitor, version_range_inclusive=inclusive)
    made = visitor.sandbox.world.add_invoice()
    for name in ("versionStartDate", "versionEndDate", "createdStartDate", "createdEndDate"):
        assert len((await visitor.get("/invoices", **{name: made.version}))["results"]) == int(inclusive)


@pytest.mark.parametrize("moves", [False, True])
async def test_whether_sending_and_paying_move_the_version(moves: bool) -> None:
    hands = [NOON]
    async with visiting(Sandbox(clock=lambda: hands[0])) as visitor:
        throw(visitor, version_on_send=moves, version_on_payment=moves)
        world = visitor.sandbox.world
        made = world.add_invoice(status="NOT_SENT", channel="EMAIL")
        for act in ("send", "partlypay", "markpaid"):
            before, hands[0] = made.version, hands[0].replace(minute=hands[0].minute + 1)
            world.act(made.id, act)
            assert ((await visitor.get(f"/invoices/{made.id}"))["version"] > before) is moves


@pytest.mark.parametrize("fetches", [False, True])
async def test_a_user_that_is_gone_takes_its_keys_along_and_one_for_the_api_only_cannot_log_in(
    visitor: Visitor, fetches: bool
) -> None:
    throw(visitor, api_only_keylogin=fetches)
    world = visitor.sandbox.world
    token = await refresh_token(visitor)
    world.edit_company(14001, user_valid=False)
    assert await key_grant(visitor) == 401
    assert (await visitor.grant(grant_type="refresh_token", refresh_token=token)).status == 401
    assert (await visitor.call("GET", "/status")).status == 401
    world.edit_company(14001, user_valid=True, api_only=True)
    assert await key_grant(visitor) == 200
    assert [(await entered(visitor, page))[0] for page in ("login", "keylogin")] == [403, 302 if fetches else 403]
