"""The client and every oddity of Procountor that the sandbox knows: each has a clear end, and both sides of what is
not known are borne.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import aiohttp
import pytest
import pytest_asyncio

from events.errors import Misconfigured, Refused, Unavailable
from events.observe import see
from ingesting import Unlimited
from memory.secrets import Secrets
from sandbox.server import Sandbox
from worker.adapters.credentials import CredentialKind, Credentials
from worker.adapters.procountor import Procountor
from worker.adapters.trustmary import open_session

CALLBACK = "http://127.0.0.1:9/callback"
SALES = ("SALES_INVOICE",)


@dataclass(slots=True)
class Meeting:
    """A client with the first company's key, and the sandbox that it meets."""

    sandbox: Sandbox
    session: aiohttp.ClientSession
    secrets: Secrets

    def client(self, **more: Any) -> Procountor:
        options = {"url": self.sandbox.procountor_url, "client_id": self.sandbox.client_id, **more}
        secret = self.sandbox.client_secret
        return Procountor(
            self.session, client_secret=secret, budget=Unlimited(), secrets=self.secrets, timeout=0.5, **options
        )

    def key(self) -> UUID:
        return self.secrets.put_key(self.sandbox.companies[0]["api_key"])

    def throw(self, **changes: Any) -> None:
        self.sandbox.switches.throw(changes)

    def reads(self, client: Procountor | None = None) -> list[Callable[[], Awaitable[object]]]:
        """Every kind of read, by a client whose token is fetched already or not."""
        port, access = client or self.client(), self.key()
        invoice = next(iter(self.sandbox.world.company().invoices))
        customer = next(iter(self.sandbox.world.company().customers))
        return [
            lambda: port.session(access),
            lambda: port.rights(access),
            lambda: port.invoices(access, types=SALES),
            lambda: port.invoice_details(access, [invoice, 7]),
            lambda: port.customers(access, [customer]),
        ]


@pytest_asyncio.fixture
async def meeting() -> AsyncIterator[Meeting]:
    async with Sandbox(companies=2, history=6) as sandbox, open_session() as session:
        yield Meeting(sandbox, session, Secrets())


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        ("garbage", "unreadable"),
        ("truncated", "unreadable"),
        ("418", "invalid"),
        ("403", "rights"),
    ],
)
async def test_what_cannot_be_read_or_is_refused_says_which(meeting: Meeting, fault: str, reason: str) -> None:
    for read in meeting.reads():
        meeting.sandbox.faults.replace(f"procountor.invoices={fault}:1x1, procountor.businesspartners={fault}:1x1")
        meeting.sandbox.faults.add(f"procountor.sessioninfo={fault}:1x1, procountor.users={fault}:1x1")
        with pytest.raises(Refused) as refused:
            await read()
        assert refused.value.reason == reason
        await read()


@pytest.mark.parametrize(
    "fault",
    [
        *("drop", "drop_after_effect", "half_close", "timeout_after_effect", "drip:2000"),
        *("no_connection:400", "no_connection:403", "no_connection:404", "no_connection:500"),
        *("page:200", "page:403", "page:404", "page:503", "429", "429_bare", "5xx", "maintenance:60"),
    ],
)
async def test_a_bad_moment_is_over_the_next_time(meeting: Meeting, fault: str) -> None:
    client = meeting.client()
    for read in meeting.reads(client):
        await read()
        meeting.sandbox.faults.replace(f"procountor={fault}:1x2")
        with pytest.raises(Unavailable):
            await read()
        meeting.sandbox.faults.clear()
        await read()


@pytest.mark.parametrize(
    "api_path", ["/api", "/latest/api/", "supported/api", "/v2411/api", "/v2405/api", "/v2309/api"]
)
async def test_every_version_is_read(meeting: Meeting, api_path: str) -> None:
    client, access = meeting.client(api_path=api_path), meeting.key()
    page = await client.invoices(access, types=SALES, size=4)
    assert (len(page.items), page.full) == (4, True)
    rows = [seen for item in page.items if (seen := see(item))]
    details = await client.invoice_details(access, [row.invoice for row in rows])
    assert len(details) == 4
    assert all(detail["counterParty"] for detail in details.values())


@pytest.mark.parametrize("shape", ["page", "errors"])
async def test_a_version_that_is_gone_is_named_before_anything_is_read(meeting: Meeting, shape: str) -> None:
    meeting.throw(gone_version=shape)
    for read in meeting.reads(meeting.client(api_path="/v2302/api")):
        with pytest.raises(Misconfigured, match="PTM_PROCOUNTOR_API_PATH"):
            await read()


async def test_a_version_that_goes_is_not_taken_for_a_company_without_invoices(meeting: Meeting) -> None:
    client = meeting.client(api_path="/v2405/api")
    reads = meeting.reads(client)
    for read in reads:
        await read()
    meeting.throw(oldest_version="v2411")
    for read in reads:
        with pytest.raises(Unavailable, match="404"):
            await read()


@pytest.mark.parametrize("shape", ["errors", "oauth", "text"])
@pytest.mark.parametrize("status", [400, 401, 403])
async def test_a_revoked_key_is_told_apart_however_it_is_said(meeting: Meeting, shape: str, status: int) -> None:
    meeting.throw(token_errors=shape, bad_grant_status=status)
    client = meeting.client()
    reads = meeting.reads(client)
    await reads[0]()
    meeting.sandbox.world.edit_company(14001, revoke_key=True)
    for read in reads:
        with pytest.raises(Refused) as refused:
            await read()
        assert refused.value.reason == "credentials"


@pytest.mark.parametrize("status", [401, 403])
@pytest.mark.parametrize("place", ["login", "token", "call"])
async def test_an_api_that_is_not_allowed_is_refused_and_works_again(meeting: Meeting, place: str, status: int) -> None:
    meeting.throw(api_off_at=place, api_off_status=status)
    reads = meeting.reads()
    meeting.sandbox.world.edit_company(14001, api_enabled=False)
    for read in reads:
        with pytest.raises(Refused) as refused:
            await read()
        assert refused.value.reason == ("rights" if (place, status) == ("call", 403) else "credentials")
    meeting.sandbox.world.edit_company(14001, api_enabled=True)
    for read in reads:
        await read()


@pytest.mark.parametrize("status", [429, 503])
@pytest.mark.parametrize("told", [False, True])
async def test_too_many_requests_are_a_bad_moment(meeting: Meeting, status: int, told: bool) -> None:
    reads = meeting.reads()
    await reads[0]()
    meeting.throw(requests_per_second=1, over_limit_status=status, over_limit_retry_after=told)
    stopped = datetime.now(UTC)
    meeting.sandbox.world.clock = lambda: stopped
    await reads[0]()
    for read in reads:
        with pytest.raises(Unavailable) as unavailable:
            await read()
        assert (unavailable.value.retry_after is not None) is told


@pytest.mark.parametrize(
    "fault",
    [
        *("drop", "half_close", "timeout_after_effect", "drip:2000", "garbage", "truncated", "no_connection:403"),
        *("page:200", "page:403", "page:404", "page:503", "429", "429_bare", "5xx", "maintenance:0"),
    ],
)
async def test_a_token_that_cannot_be_had_for_a_moment_says_nothing_of_the_key(meeting: Meeting, fault: str) -> None:
    client = meeting.client()
    meeting.sandbox.faults.replace(f"procountor.token={fault}:1x1")
    for read in meeting.reads(client):
        try:
            await read()
        except (Unavailable, Misconfigured, Refused) as error:
            assert getattr(error, "reason", "") in {"", "unreadable"}
            meeting.sandbox.faults.clear()
            await read()


@pytest.mark.parametrize("needed", [False, True])
async def test_the_redirect_uri_goes_along_where_there_is_one(meeting: Meeting, needed: bool) -> None:
    meeting.throw(key_grant_needs_redirect=needed)
    assert (await meeting.client(redirect_uri=CALLBACK).session(meeting.key())).company_id == 14001


@pytest.mark.parametrize("rotates", [False, True])
@pytest.mark.parametrize("dies", [False, True])
async def test_a_refresh_token_lives_on_whether_it_is_replaced_or_not(
    meeting: Meeting, rotates: bool, dies: bool
) -> None:
    meeting.throw(rotate_refresh=rotates, old_refresh_dies=dies)
    access = meeting.sandbox.world.access
    token = access.refresh_token(14001, meeting.sandbox.world.company().user.id)
    credentials = Credentials(kind=CredentialKind.REFRESH_TOKEN, value=token)
    client = meeting.client()
    for _ in range(3):
        assert (await client.session(credentials)).company_id == 14001
        access.expire_access_tokens()
    assert (client.latest(credentials) != credentials) is rotates


@pytest.mark.parametrize("shape", ["errors", "constraintViolations"])
async def test_what_procountor_says_of_a_bad_request_is_kept(meeting: Meeting, shape: str) -> None:
    meeting.throw(error_shape=shape)
    client, access = meeting.client(), meeting.key()
    with pytest.raises(Refused) as refused:
        await client.invoices(access, types=["CREDIT_NOTE"])
    assert refused.value.reason == "invalid"
    assert any("CREDIT_NOTE" in note for note in refused.value.__notes__)


@pytest.mark.parametrize("means", ["first", "all", "refuse"])
async def test_lists_go_as_one_value_with_commas(meeting: Meeting, means: str) -> None:
    meeting.throw(repeated_keys=means)
    meeting.sandbox.world.add_invoice(kind="order")
    page = await meeting.client().invoices(meeting.key(), types=["SALES_INVOICE", "SALES_ORDER"])
    assert {item["type"] for item in page.items} == {"SALES_INVOICE", "SALES_ORDER"}


@pytest.mark.parametrize("missing", [False, True])
async def test_missing_rights_are_seen_before_data_is_missed(meeting: Meeting, missing: bool) -> None:
    meeting.throw(missing_rights_are_403=missing)
    meeting.sandbox.world.edit_company(14001, sales_invoices="NOT_ENABLED", personal_sales_invoices_only=True)
    client, access = meeting.client(), meeting.key()
    rights = await client.rights(access)
    assert (rights.sees_invoices, rights.only_own_invoices) == (False, True)
    if missing:
        with pytest.raises(Refused) as refused:
            await client.invoices(access, types=SALES)
        assert refused.value.reason == "rights"
    else:
        assert list((await client.invoices(access, types=SALES)).items) == []


async def test_an_inactive_customer_is_read_by_its_id(meeting: Meeting) -> None:
    customer = next(iter(meeting.sandbox.world.company().customers))
    meeting.sandbox.world.edit_customer(14001, customer, active=False)
    found = await meeting.client().customers(meeting.key(), [customer])
    assert found[customer]["registryInfo"]["active"] is False
