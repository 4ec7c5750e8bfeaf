"""Coming in to the sandbox's Procountor: by browser, by key, and the traps at the token endpoint."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest

from memory.clock import Clock
from sandbox import Sandbox
from visitor import Visitor, visiting

CALLBACK = "http://127.0.0.1:9/callback"


@pytest.fixture
def clock() -> Clock:
    return Clock(datetime.now(UTC))


@pytest.fixture
async def visitor(clock: Clock) -> AsyncIterator[Visitor]:
    async with visiting(Sandbox(seed=4, companies=3, clock=clock)) as visitor:
        yield visitor


async def log_in(visitor: Visitor, page: str = "login", *, user: int = 0, company: int = 0) -> dict[str, str]:
    """Go through the pages as a browser does; what the callback would receive."""
    address = f"{visitor.sandbox.procountor_url}/{page}"
    query = {
        "response_type": "code",
        "client_id": visitor.sandbox.client_id,
        "redirect_uri": CALLBACK,
        "state": "tenant 1/ä",
    }
    async with visitor.http.get(address, params=query) as form:
        assert form.status == 200
        assert 'name="password"' in await form.text()
    who = visitor.sandbox.companies[user]
    credentials = {"username": who["login"], "password": who["password"]}
    async with visitor.http.post(address, params=query, data=credentials) as choice:
        text = await choice.text()
    hidden = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', text))
    chosen = {"company": str(visitor.sandbox.companies[company]["id"])}
    assert f'value="{chosen["company"]}"' in text
    async with visitor.http.post(address, params=query, data=hidden | chosen, allow_redirects=False) as back:
        assert back.status == 302
        return dict(parse_qsl(urlsplit(back.headers["Location"]).query))


async def test_a_login_gives_a_code_then_tokens_then_the_chosen_company(visitor: Visitor) -> None:
    back = await log_in(visitor, company=1)
    assert back["state"] == "tenant 1/ä"
    assert "expires_in" not in back
    answer = await visitor.grant(grant_type="authorization_code", code=back["code"], redirect_uri=CALLBACK)
    tokens = await answer.json()
    assert tokens["expires_in"] == 3600
    visitor.token = tokens["access_token"]
    assert (await visitor.get("/sessioninfo"))["companyId"] == visitor.sandbox.companies[1]["id"]
    answer = await visitor.grant(grant_type="refresh_token", refresh_token=tokens["refresh_token"])
    refreshed = await answer.json()
    assert "refresh_token" not in refreshed
    visitor.token = refreshed["access_token"]
    assert (await visitor.get("/sessioninfo"))["companyId"] == visitor.sandbox.companies[1]["id"]


async def test_a_key_login_gives_an_api_key_that_gives_tokens(visitor: Visitor) -> None:
    back = await log_in(visitor, "keylogin", user=2, company=2)
    assert back["expires_in"] == "300"
    answer = await visitor.grant("key", grant_type="authorization_code", code=back["code"], redirect_uri=CALLBACK)
    key = (await answer.json())["api_key"]
    answer = await visitor.grant(grant_type="client_credentials", api_key=key, redirect_uri=CALLBACK)
    tokens = await answer.json()
    assert "refresh_token" not in tokens
    visitor.token = tokens["access_token"]
    assert (await visitor.get("/sessioninfo"))["companyId"] == visitor.sandbox.companies[2]["id"]


@pytest.mark.parametrize(
    ("page", "endpoint", "given", "grant"),
    [
        ("login", "token", "refresh_token", "refresh_token"),
        ("keylogin", "key", "api_key", "client_credentials"),
    ],
)
async def test_who_logged_in_is_who_its_key_or_token_is_for(
    visitor: Visitor, page: str, endpoint: str, given: str, grant: str
) -> None:
    """The first company's user may choose another company too."""
    code = (await log_in(visitor, page, user=0, company=1))["code"]
    answer = await visitor.grant(endpoint, grant_type="authorization_code", code=code, redirect_uri=CALLBACK)
    first = await answer.json()
    second = await (await visitor.grant(grant_type=grant, **{given: first[given]})).json()
    for token in [made["access_token"] for made in (first, second) if "access_token" in made]:
        visitor.token = token
        session = await visitor.get("/sessioninfo")
        assert (session["companyId"], session["userName"]) == (14002, visitor.sandbox.companies[0]["login"])


async def test_a_code_works_once_for_its_own_endpoint_and_address_and_for_five_minutes(
    visitor: Visitor, clock: Clock
) -> None:
    wrong: tuple[tuple[str, str], ...] = (("key", CALLBACK), ("token", CALLBACK + "/elsewhere"))
    for endpoint, address in wrong:
        code = (await log_in(visitor))["code"]
        answer = await visitor.grant(endpoint, grant_type="authorization_code", code=code, redirect_uri=address)
        assert answer.status == 400
        answer = await visitor.grant(grant_type="authorization_code", code=code, redirect_uri=CALLBACK)
        assert answer.status == 400
    code = (await log_in(visitor))["code"]
    clock.now += timedelta(seconds=301)
    answer = await visitor.grant(grant_type="authorization_code", code=code, redirect_uri=CALLBACK)
    assert answer.status == 400


async def test_a_wrong_password_or_a_foreign_company_goes_no_further(visitor: Visitor) -> None:
    query = {"response_type": "code", "client_id": visitor.sandbox.client_id, "redirect_uri": CALLBACK}
    address, who = f"{visitor.sandbox.procountor_url}/login", visitor.sandbox.companies[1]
    wrong = {"username": who["login"], "password": "salasana"}
    assert (await visitor.http.post(address, params=query, data=wrong)).status == 401
    foreign = {"username": who["login"], "password": who["password"], "company": "14003"}
    assert (await visitor.http.post(address, params=query, data=foreign)).status == 403


@pytest.mark.parametrize(
    "change",
    [{"client_id": "another"}, {"response_type": "token"}, {"redirect_uri": CALLBACK + "?tenant=1"}],
)
async def test_a_wrong_login_address_says_so(visitor: Visitor, change: dict[str, str]) -> None:
    query = {"response_type": "code", "client_id": visitor.sandbox.client_id, "redirect_uri": CALLBACK} | change
    answer = await visitor.http.get(f"{visitor.sandbox.procountor_url}/keylogin", params=query)
    assert answer.status == 400


async def test_another_redirect_uri_than_the_one_kept_is_refused(visitor: Visitor) -> None:
    visitor.sandbox.world.switches.redirect_uri = "https://ptm.esimerkki.fi/callback"
    query = {"response_type": "code", "client_id": visitor.sandbox.client_id, "redirect_uri": CALLBACK}
    answer = await visitor.http.get(f"{visitor.sandbox.procountor_url}/login", params=query)
    assert "redirect uri mismatch" in await answer.text()


async def test_credentials_in_the_url_and_a_charset_are_refused(visitor: Visitor) -> None:
    sandbox = visitor.sandbox
    form = {
        "grant_type": "client_credentials",
        "client_id": sandbox.client_id,
        "client_secret": sandbox.client_secret,
        "api_key": sandbox.companies[0]["api_key"],
    }
    url = f"{sandbox.procountor_url}/api/oauth/token"
    kinds: tuple[dict[str, Any], ...] = (
        {"params": form},
        *({"params": {name: value}, "data": form} for name, value in form.items()),
        {"params": {"code": "x"}, "data": form},
        {"params": {"refresh_token": "x"}, "data": form},
        {"json": form},
        {"data": form, "headers": {"Content-Type": "application/x-www-form-urlencoded; charset=utf-8"}},
    )
    for kind in kinds:
        answer = await visitor.http.post(url, **kind)
        assert answer.status == 400
        assert (await answer.json())["errors"][0]["status"] == 400
    assert (await visitor.http.post(url, data=form)).status == 200
    for wrong in ("client_id", "client_secret"):
        assert (await visitor.http.post(url, data=form | {wrong: "wrong"})).status == 401
    assert (await visitor.http.post(url, data=form | {"api_key": "a.b.c"})).status == 401
    assert (await visitor.http.post(url, data=form | {"grant_type": "password"})).status == 400


async def test_tokens_and_keys_say_whose_they_are_and_until_when(visitor: Visitor, clock: Clock) -> None:
    def claims(token: str) -> dict[str, Any]:
        told: dict[str, Any] = json.loads(base64.urlsafe_b64decode(token.split(".")[1] + "=="))
        return told

    user, now = str(visitor.sandbox.world.company().user.id), int(clock.now.timestamp())
    access, key = claims(visitor.token), claims(visitor.sandbox.companies[0]["api_key"])
    known = {"aud": visitor.sandbox.client_id, "sub": user, "cid": 14001}
    assert key.keys() == known.keys() | {"iss", "iat", "jti"}
    assert key.items() >= known.items()
    times = {"iat": now, "auth_time": now, "exp": now + 3600}
    told = known | times | {"iss": visitor.sandbox.procountor_url, "scope": "m2m"}
    assert access == told | {"jti": access["jti"]}


async def test_id_and_secret_in_a_header_are_none(visitor: Visitor) -> None:
    """Go's OAuth library tries that first, then the body; it sends a scope along."""
    sandbox = visitor.sandbox
    url = f"{sandbox.procountor_url}/api/oauth/token"
    client = base64.b64encode(f"{sandbox.client_id}:{sandbox.client_secret}".encode()).decode()
    form = {"grant_type": "client_credentials", "api_key": sandbox.companies[0]["api_key"], "scope": "*"}
    assert (await visitor.http.post(url, data=form, headers={"Authorization": f"Basic {client}"})).status == 401
    assert (await visitor.grant(**form)).status == 200


@pytest.mark.parametrize(("token", "code"), [(3600, 300), (300, 60)])
async def test_tokens_and_codes_live_as_long_as_is_said(visitor: Visitor, clock: Clock, token: int, code: int) -> None:
    visitor.sandbox.switches.throw({"access_token_seconds": token, "code_seconds": code})
    back = [await log_in(visitor, "keylogin") for _ in range(2)]
    assert back[0]["expires_in"] == str(code)
    for each, late, status in zip(back, (code - 1, 1), (200, 400), strict=True):
        clock.now += timedelta(seconds=late)
        form = {"grant_type": "authorization_code", "code": each["code"], "redirect_uri": CALLBACK}
        assert (await visitor.grant("key", **form)).status == status
    key = visitor.sandbox.companies[0]["api_key"]
    made = await (await visitor.grant(grant_type="client_credentials", api_key=key)).json()
    assert made["expires_in"] == token
    visitor.token = made["access_token"]
    for late, status in ((token - 1, 200), (1, 401)):
        clock.now += timedelta(seconds=late)
        assert (await visitor.call("GET", "/status")).status == status


async def test_a_refused_token_has_the_other_body_when_switched(visitor: Visitor) -> None:
    visitor.sandbox.world.switches.token_errors = "oauth"
    answer = await visitor.grant(grant_type="client_credentials", api_key="nonsense")
    assert (answer.status, (await answer.json())["error"]) == (401, "invalid_client")


async def test_tokens_expire_by_the_clock_by_call_and_by_logout(visitor: Visitor, clock: Clock) -> None:
    assert (await visitor.call("GET", "/status")).status == 200
    clock.now += timedelta(seconds=3600)
    assert (await visitor.call("GET", "/status")).status == 401
    await visitor.log_in()
    visitor.sandbox.world.access.expire_access_tokens()
    assert (await visitor.call("GET", "/status")).status == 401
    await visitor.log_in()
    bearer = {"Authorization": f"Bearer {visitor.token}"}
    assert (await visitor.http.post(f"{visitor.sandbox.procountor_url}/logout", headers=bearer)).status == 204
    assert (await visitor.call("GET", "/status")).status == 401


async def test_a_revoked_key_and_a_closed_api_give_no_token(visitor: Visitor) -> None:
    key = visitor.sandbox.companies[0]["api_key"]
    visitor.sandbox.world.edit_company(14001, api_enabled=False)
    assert (await visitor.grant(grant_type="client_credentials", api_key=key)).status == 403
    visitor.sandbox.world.edit_company(14001, api_enabled=True, revoke_key=True)
    assert (await visitor.grant(grant_type="client_credentials", api_key=key)).status == 401
    assert (await visitor.call("GET", "/status")).status == 401


async def test_a_refresh_token_lives_half_a_year_and_among_a_hundred(visitor: Visitor, clock: Clock) -> None:
    access, user = visitor.sandbox.world.access, visitor.sandbox.world.company().user.id
    first, second, *_, last = [access.refresh_token(14001, user) for _ in range(101)]

    async def granted(token: str) -> int:
        return (await visitor.grant(grant_type="refresh_token", refresh_token=token)).status

    assert [await granted(each) for each in (first, second, last)] == [401, 200, 200]
    clock.now += timedelta(days=182)
    assert await granted(last) == 200
    clock.now += timedelta(days=2)
    assert await granted(last) == 401


async def test_a_refresh_token_is_renewed_when_switched(visitor: Visitor) -> None:
    visitor.sandbox.world.switches.rotate_refresh = True
    code = (await log_in(visitor))["code"]
    answer = await visitor.grant(grant_type="authorization_code", code=code, redirect_uri=CALLBACK)
    first = (await answer.json())["refresh_token"]
    answer = await visitor.grant(grant_type="refresh_token", refresh_token=first)
    assert (await answer.json())["refresh_token"] != first
