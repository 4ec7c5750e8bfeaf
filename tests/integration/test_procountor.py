"""Procountor by HTTP against the sandbox: what the contract of the port does not say."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from math import inf
from typing import Any
from urllib.parse import parse_qs, urlsplit

import aiohttp
import pytest
import pytest_asyncio

from events.errors import Misconfigured, Refused, Unavailable
from memory.secrets import Secrets
from sandbox.company import NO_ACCESS
from sandbox.server import Sandbox
from sandbox.statuses import Status
from worker.adapters import answers
from worker.adapters.credentials import CredentialKind, Credentials, from_secret
from worker.adapters.procountor import LoginKind, Procountor
from worker.adapters.trustmary import open_session

pytestmark = pytest.mark.integration

CALLBACK = "http://127.0.0.1:9/callback"


class Counting:
    """A budget that only counts."""

    drawn = 0

    async def draw(self, *, live: bool = True) -> float:
        self.drawn += 1
        return inf


class Stalling(Counting):
    """A budget whose leave is over once the event loop goes on, as often as *stalls* says."""

    def __init__(self, stalls: int = 0) -> None:
        self.stalls = stalls

    async def draw(self, *, live: bool = True) -> float:
        until = await super().draw(live=live)
        if not self.stalls:
            return until
        self.stalls -= 1
        loop = asyncio.get_running_loop()
        over = loop.time() + 0.02

        def stall() -> None:
            while loop.time() < over:
                pass

        loop.call_soon(stall)
        return over


class Full(Counting):
    """A budget whose first leave is over at once, and that has no other."""

    async def draw(self, *, live: bool = True) -> float:
        if self.drawn:
            await asyncio.Event().wait()
        await super().draw(live=live)
        return -inf


@pytest_asyncio.fixture
async def sandbox() -> AsyncIterator[Sandbox]:
    async with Sandbox(companies=2) as made:
        yield made


@pytest_asyncio.fixture
async def session() -> AsyncIterator[aiohttp.ClientSession]:
    async with open_session() as made:
        yield made


@pytest.fixture
def budget() -> Counting:
    return Counting()


@pytest.fixture
def secrets() -> Secrets:
    return Secrets()


@pytest.fixture
def procountor(sandbox: Sandbox, session: aiohttp.ClientSession, budget: Counting, secrets: Secrets) -> Procountor:
    return client(sandbox, session, budget, secrets)


def client(
    sandbox: Sandbox, session: aiohttp.ClientSession, budget: Counting, secrets: Secrets, **more: Any
) -> Procountor:
    options = {
        "url": sandbox.procountor_url,
        "client_id": sandbox.client_id,
        "client_secret": sandbox.client_secret,
        "redirect_uri": CALLBACK,
        **more,
    }
    return Procountor(session, budget=budget, secrets=secrets, **options)


def key(sandbox: Sandbox) -> Credentials:
    return Credentials(kind=CredentialKind.API_KEY, value=sandbox.companies[0]["api_key"])


async def log_in(session: aiohttp.ClientSession, url: str, company: dict[str, Any]) -> dict[str, list[str]]:
    """What the browser brings back."""
    form = {"username": company["login"], "password": company["password"], "company": str(company["id"])}
    async with session.post(url, data=form, allow_redirects=False) as response:
        assert response.status == 302
        return parse_qs(urlsplit(response.headers["Location"]).query)


@pytest.mark.parametrize(
    ("kind", "credentials"), [("key", CredentialKind.API_KEY), ("code", CredentialKind.REFRESH_TOKEN)]
)
async def test_a_login_in_the_browser_ends_in_credentials_of_the_chosen_company(
    sandbox: Sandbox,
    session: aiohttp.ClientSession,
    procountor: Procountor,
    kind: LoginKind,
    credentials: CredentialKind,
) -> None:
    company = sandbox.companies[0]
    back = await log_in(session, procountor.login_url(kind, "the state"), company)
    assert back["state"] == ["the state"]
    found = await procountor.exchange_code(kind, back["code"][0])
    assert found.kind is credentials
    assert (await procountor.session(found)).company_id == company["id"]
    with pytest.raises(Refused) as refused:
        await procountor.exchange_code(kind, back["code"][0])
    assert refused.value.reason == "credentials"


async def test_company_user_and_rights_are_named(sandbox: Sandbox, procountor: Procountor) -> None:
    home = sandbox.world.company()
    session = await procountor.session(key(sandbox))
    assert (session.company_id, session.company, session.user) == (home.id, home.name, home.user.login)
    company = await procountor.company(key(sandbox))
    assert company is not None
    assert company.business_id == home.business_id
    rights = await procountor.rights(key(sandbox))
    assert rights.sees_invoices
    assert rights.sees_customers
    assert not rights.only_own_invoices
    home.rights.company_info = NO_ACCESS
    home.rights.sales_invoices = NO_ACCESS
    home.rights.personal_sales_invoices_only = True
    assert await procountor.company(key(sandbox)) is None
    rights = await procountor.rights(key(sandbox))
    assert (rights.sees_invoices, rights.only_own_invoices) == (False, True)


async def test_many_callers_share_one_token(sandbox: Sandbox, procountor: Procountor, budget: Counting) -> None:
    await asyncio.gather(*(procountor.session(key(sandbox)) for _ in range(10)))
    routes: Any = sandbox.procountor_meter.report()["routes"]
    assert routes["procountor.token.post"] == 1
    assert budget.drawn == sandbox.procountor_meter.total == 11


async def test_a_request_that_is_repeated_is_drawn_again(
    sandbox: Sandbox, procountor: Procountor, budget: Counting
) -> None:
    """aiohttp repeats a GET by itself where a connection that it had kept is closed under it."""
    await procountor.session(key(sandbox))
    sandbox.faults.add("procountor.sessioninfo.get=drop:1x1")
    await procountor.session(key(sandbox))
    assert budget.drawn == sandbox.procountor_meter.total == 4


async def test_a_request_whose_leave_was_over_before_it_left_is_drawn_again(
    sandbox: Sandbox, session: aiohttp.ClientSession, secrets: Secrets
) -> None:
    """The loop stalls while a connection is made, and again before the body is written."""
    budget = Stalling(stalls=2)
    await client(sandbox, session, budget, secrets).session(key(sandbox))
    assert budget.stalls == 0
    assert budget.drawn == sandbox.procountor_meter.total + 2 == 4


async def test_a_request_that_finds_no_room_in_time_is_no_fault_of_procountors(
    sandbox: Sandbox, session: aiohttp.ClientSession, secrets: Secrets
) -> None:
    """It did not leave: so it was not answered either."""
    with pytest.raises(Unavailable, match=r"did not leave within .* no room in the request budget") as refused:
        await client(sandbox, session, Full(), secrets, timeout=0.3).session(key(sandbox))
    assert not refused.value.unanswered
    assert sandbox.procountor_meter.total == 0


async def test_what_went_before_a_connection_broke_may_have_arrived(
    sandbox: Sandbox, session: aiohttp.ClientSession, budget: Counting, secrets: Secrets
) -> None:
    procountor = client(sandbox, session, budget, secrets)
    await procountor.session(key(sandbox))
    sandbox.faults.replace("procountor.sessioninfo=drop")
    with pytest.raises(Unavailable) as dropped:
        await procountor.session(key(sandbox))
    assert dropped.value.unanswered
    with pytest.raises(Unavailable) as nobody:
        await client(sandbox, session, budget, secrets, url="http://127.0.0.1:9").session(key(sandbox))
    assert not nobody.value.unanswered


async def test_a_token_is_not_used_to_its_very_end(sandbox: Sandbox, procountor: Procountor) -> None:
    sandbox.world.switches.access_token_seconds = 0
    for _ in range(3):
        with pytest.raises(Refused):
            await procountor.session(key(sandbox))
    sandbox.world.switches.access_token_seconds = 3600
    assert (await procountor.session(key(sandbox))).company_id


async def test_a_revoked_token_is_fetched_again_once(sandbox: Sandbox, procountor: Procountor) -> None:
    await procountor.session(key(sandbox))
    sandbox.world.access.expire_access_tokens()
    assert (await procountor.session(key(sandbox))).company_id
    routes: Any = sandbox.procountor_meter.report()["routes"]
    assert routes == {"procountor.token.post": 2, "procountor.sessioninfo.get": 3}


@pytest.mark.parametrize("shape", ["errors", "oauth"])
async def test_a_company_that_forbids_the_api_refuses_the_credentials(
    sandbox: Sandbox, procountor: Procountor, shape: str
) -> None:
    sandbox.world.switches.token_errors = shape
    sandbox.world.company().api_enabled = False
    with pytest.raises(Refused, match="API clients") as refused:
        await procountor.session(key(sandbox))
    assert refused.value.reason == "credentials"
    assert "not allowed" in refused.value.__notes__[0]


async def test_a_wrong_api_path_is_a_setting(
    sandbox: Sandbox, session: aiohttp.ClientSession, budget: Counting, secrets: Secrets
) -> None:
    lost = client(sandbox, session, budget, secrets, api_path="/v9/api/x")
    with pytest.raises(Misconfigured, match="PTM_PROCOUNTOR_API_PATH"):
        await lost.session(key(sandbox))


async def test_a_login_without_an_address_to_come_back_to_is_a_setting(
    sandbox: Sandbox, session: aiohttp.ClientSession, budget: Counting, secrets: Secrets
) -> None:
    with pytest.raises(Misconfigured, match="PTM_PUBLIC_URL"):
        client(sandbox, session, budget, secrets, redirect_uri=None).login_url("key", "state")


async def test_a_rotated_refresh_token_is_kept(
    sandbox: Sandbox, session: aiohttp.ClientSession, procountor: Procountor, secrets: Secrets
) -> None:
    sandbox.world.switches.rotate_refresh = True
    home = sandbox.world.company()
    first = sandbox.world.access.refresh_token(home.id, home.user.id)
    id = secrets.put(Credentials(kind=CredentialKind.REFRESH_TOKEN, value=first))
    await procountor.session(id)
    second = from_secret(secrets.kept[id]).value
    assert second != first
    # Another worker, whose token has ended, finds the new one in the vault.
    sandbox.world.access.revoke(first, "refresh")
    other = client(sandbox, session, Counting(), secrets)
    assert (await other.session(id)).company_id == home.id


async def test_a_refresh_token_that_rotates_before_it_is_saved_is_not_lost(
    sandbox: Sandbox, procountor: Procountor
) -> None:
    sandbox.world.switches.rotate_refresh = True
    home = sandbox.world.company()
    given = Credentials(
        kind=CredentialKind.REFRESH_TOKEN, value=sandbox.world.access.refresh_token(home.id, home.user.id)
    )
    await procountor.session(given)
    assert procountor.latest(given) != given
    assert (await procountor.session(procountor.latest(given))).company_id == home.id


async def test_lists_are_paged_ordered_and_filtered(sandbox: Sandbox, procountor: Procountor) -> None:
    made = [sandbox.world.add_invoice(created=f"2026-01-01T10:00:0{second}", status=Status.SENT) for second in range(5)]
    draft = sandbox.world.add_invoice(created="2026-01-01T10:00:09", status=Status.UNFINISHED)
    types = ["SALES_INVOICE"]
    page = await procountor.invoices(key(sandbox), types=types, size=4)
    assert ([item["id"] for item in page.items], page.full, page.total) == ([one.id for one in made[:4]], True, 6)
    page = await procountor.invoices(key(sandbox), types=types, size=4, page=1)
    assert ([item["id"] for item in page.items], page.full) == ([made[4].id, draft.id], False)
    page = await procountor.invoices(key(sandbox), types=types, order="DESC", size=1)
    assert [item["version"] for item in page.items] == ["2026-01-01T10:00:09"]
    page = await procountor.invoices(key(sandbox), types=types, by="id", previous=made[2].id)
    assert [item["id"] for item in page.items] == [made[3].id, made[4].id, draft.id]
    page = await procountor.invoices(
        key(sandbox), types=types, version_start=made[1].version, version_end=made[2].version, by="id"
    )
    assert [item["id"] for item in page.items] == [made[1].id, made[2].id]
    page = await procountor.invoices(key(sandbox), types=types, statuses=["UNFINISHED", "EMPTY"])
    assert [item["id"] for item in page.items] == [draft.id]


async def test_no_invoices_at_all_is_an_empty_page_however_it_is_said(sandbox: Sandbox, procountor: Procountor) -> None:
    for said in (False, True):
        sandbox.world.switches.empty_list_is_404 = said
        page = await procountor.invoices(key(sandbox), types=["SALES_INVOICE"])
        assert (list(page.items), page.full) == ([], False)


@pytest.mark.parametrize("fault", ["5xx", "drop", "429", "429_bare"])
async def test_a_bad_moment_is_unavailable(sandbox: Sandbox, procountor: Procountor, fault: str) -> None:
    sandbox.faults.add(f"procountor.invoices={fault}")
    with pytest.raises(Unavailable) as unavailable:
        await procountor.invoices(key(sandbox), types=["SALES_INVOICE"])
    assert (unavailable.value.retry_after is not None) == (fault == "429")
    sandbox.faults.replace(f"procountor.token={fault}")
    sandbox.world.access.expire_access_tokens()
    with pytest.raises(Unavailable):
        await procountor.session(key(sandbox))


async def test_a_service_that_does_not_answer_in_time_is_unavailable(
    sandbox: Sandbox, session: aiohttp.ClientSession, budget: Counting, secrets: Secrets
) -> None:
    sandbox.faults.add("procountor.sessioninfo=timeout_after_effect")
    with pytest.raises(Unavailable):
        await client(sandbox, session, budget, secrets, timeout=0.3).session(key(sandbox))


async def test_an_address_where_nobody_listens_is_unavailable(
    sandbox: Sandbox, session: aiohttp.ClientSession, budget: Counting, secrets: Secrets
) -> None:
    with pytest.raises(Unavailable):
        await client(sandbox, session, budget, secrets, url="http://127.0.0.1:9").session(key(sandbox))


async def test_an_answer_without_end_is_not_read_to_its_end(
    sandbox: Sandbox, procountor: Procountor, monkeypatch: pytest.MonkeyPatch
) -> None:
    await procountor.session(key(sandbox))
    monkeypatch.setattr(answers, "LARGEST", 100)
    with pytest.raises(Refused) as refused:
        await procountor.company(key(sandbox))
    assert refused.value.reason == "unreadable"
