"""Procountor as ingest reads it: in memory, and by HTTP."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from itertools import count
from typing import Protocol
from uuid import UUID, uuid4

import aiohttp
import pytest
import pytest_asyncio

from events.errors import Refused, Unavailable
from events.observe import Seen, see
from ingesting import Unlimited
from memory.procountor import Company
from memory.procountor import Procountor as InMemory
from memory.secrets import Secrets
from sandbox.server import Sandbox
from sandbox.statuses import Status
from worker.adapters.procountor import PAGE, Page, Procountor
from worker.reading import Shows

SALES = ("SALES_INVOICE",)
SINCE = "2026-01-01T00:00:00"


class Side(Protocol):
    """One Procountor with two companies, and the hands that make things happen in it."""

    port: Shows
    access: UUID
    """To the first company, where all that is added goes."""
    other: UUID
    """To the second."""
    unknown: UUID
    """Credentials that open nothing."""

    def add(self, version: str, *, status: str = "SENT", order: bool = False) -> int:
        """The id of an invoice to a customer in the register, or of an order."""

    def moves(self, id: int, version: str, status: str) -> None: ...

    def forget_customer(self, id: int) -> None: ...

    def fails(self, route: str, status: int) -> None:
        """The next request for *route*, `invoices` or `businesspartners`, is answered with *status*."""


class Memory:
    def __init__(self) -> None:
        self.access, self.other, self.unknown = uuid4(), uuid4(), uuid4()
        self._home = Company()
        self.port = InMemory({self.access: self._home, self.other: Company()})
        self._ids = count(1)

    def add(self, version: str, *, status: str = "SENT", order: bool = False) -> int:
        id = next(self._ids)
        self._home.customers[1000 + id] = {"id": 1000 + id, "name": "Kirjakauppa Oy"}
        self._home.invoices[id] = {
            "id": id,
            "partnerId": 1000 + id,
            "type": "SALES_ORDER" if order else "SALES_INVOICE",
            "status": status,
            "version": version,
            "created": version,
        }
        return id

    def moves(self, id: int, version: str, status: str) -> None:
        self._home.invoices[id] |= {"version": version, "status": status}

    def forget_customer(self, id: int) -> None:
        del self._home.customers[id]

    def fails(self, route: str, status: int) -> None:
        self.port.failing.setdefault(route, []).append(status)


@dataclass(slots=True, kw_only=True)
class ByHttp:
    port: Shows
    access: UUID
    other: UUID
    unknown: UUID
    sandbox: Sandbox

    def add(self, version: str, *, status: str = "SENT", order: bool = False) -> int:
        kind = "order" if order else "named_contact"
        return self.sandbox.world.add_invoice(kind=kind, status=status, created=version).id

    def moves(self, id: int, version: str, status: str) -> None:
        self.sandbox.world.company().move(self.sandbox.world.invoice(id), Status(status), version)

    def forget_customer(self, id: int) -> None:
        del self.sandbox.world.company().customers[id]

    def fails(self, route: str, status: int) -> None:
        self.sandbox.faults.add(f"procountor.{route}={status}:1x1")


@pytest.fixture
def memory() -> Memory:
    return Memory()


@pytest_asyncio.fixture
async def sandbox() -> AsyncIterator[ByHttp]:
    async with Sandbox(companies=2) as sandbox, aiohttp.ClientSession() as session:
        secrets = Secrets()
        first, second = sandbox.world.companies.values()
        port = Procountor(
            session,
            url=sandbox.procountor_url,
            client_id=sandbox.client_id,
            client_secret=sandbox.client_secret,
            budget=Unlimited(),
            secrets=secrets,
        )
        access, other, unknown = (secrets.put_key(key) for key in (first.api_key, second.api_key, "no key"))
        yield ByHttp(port=port, access=access, other=other, unknown=unknown, sandbox=sandbox)


@pytest.fixture
def narrow(sandbox: ByHttp) -> ByHttp:
    """Whose ranges leave their ends out: which of the two Procountor does is not known."""
    sandbox.sandbox.world.switches.version_range_inclusive = False
    return sandbox


@pytest.fixture
def older(sandbox: ByHttp) -> ByHttp:
    """The oldest version, whose lists hold least."""
    sandbox.sandbox.world.switches.plain_api_is_old = True
    return sandbox


@pytest.fixture(params=["memory", "sandbox", "narrow", "older"])
def side(request: pytest.FixtureRequest) -> Side:
    found: Side = request.getfixturevalue(request.param)
    return found


def second(number: int) -> str:
    return f"2026-01-05T10:00:{number:02}"


def seen(page: Page) -> list[Seen]:
    rows = [see(row) for row in page.items]
    assert all(rows)
    return [row for row in rows if row]


def ids(page: Page) -> list[int]:
    return [row.invoice for row in seen(page)]


async def test_a_list_comes_in_the_order_of_versions_and_says_what_is_observed(side: Side) -> None:
    late, early = side.add(second(9)), side.add(second(1), status="NOT_SENT")
    page = await side.port.invoices(side.access, types=SALES, version_start=SINCE)
    assert ids(page) == [early, late]
    [row, _] = seen(page)
    assert (row.status, row.version, row.created) == ("NOT_SENT", second(1), second(1))
    assert row.partner
    assert not page.full


async def test_a_page_is_full_when_there_may_be_more(side: Side) -> None:
    made = [side.add(second(number)) for number in range(3)]
    for size in (2, 3, 4):
        page = await side.port.invoices(side.access, types=SALES, version_start=SINCE, size=size)
        assert page.full == (len(page.items) == size)
    whole = await side.port.invoices(side.access, types=SALES, size=2)
    assert (ids(whole), whole.full) == (made[:2], True)


async def test_all_of_a_list_is_met_by_going_on_a_second_before_the_last_row(side: Side) -> None:
    """The version cursor, whether or not a range holds its ends."""
    made = [side.add(second(number // 2)) for number in range(20)]
    met, since = list[int](), SINCE
    for _ in range(20):
        page = await side.port.invoices(side.access, types=SALES, version_start=since, size=8)
        met += [id for id in ids(page) if id not in met]
        if not page.full:
            break
        since = second(int(str(seen(page)[-1].version)[-2:]) - 1)
    assert met == made


async def test_a_row_that_is_modified_meanwhile_comes_again_at_the_end(side: Side) -> None:
    first, other = side.add(second(1), status="NOT_SENT"), side.add(second(2))
    assert ids(await side.port.invoices(side.access, types=SALES, version_start=SINCE, size=1)) == [first]
    side.moves(first, second(3), "SENT")
    page = await side.port.invoices(side.access, types=SALES, version_start=SINCE)
    assert [(row.invoice, row.status) for row in seen(page)] == [(other, "SENT"), (first, "SENT")]
    assert (await side.port.invoice_details(side.access, [first]))[first]["status"] == "SENT"


async def test_a_stretch_of_versions_is_read_on_by_id(side: Side) -> None:
    before, *crowd, after = [side.add(second(at)) for at in (0, 10, 10, 10, 10, 20)]
    met: list[int] = []
    previous = None
    for _ in range(4):
        page = await side.port.invoices(
            side.access,
            types=SALES,
            version_start=second(9),
            version_end=second(11),
            by="id",
            previous=previous,
            size=3,
        )
        met += ids(page)
        if not page.full:
            break
        previous = met[-1]
    assert met == crowd
    assert before not in met
    assert after not in met


async def test_only_the_types_and_statuses_asked_for_are_listed(side: Side) -> None:
    sent, draft = side.add(second(3)), side.add(second(2), status="UNFINISHED")
    order = side.add(second(1), status="NOT_SENT", order=True)
    assert ids(await side.port.invoices(side.access, types=SALES)) == [draft, sent]
    page = await side.port.invoices(side.access, types=[*SALES, "SALES_ORDER"], by="id")
    assert ids(page) == [sent, draft, order]
    page = await side.port.invoices(side.access, types=SALES, statuses=["UNFINISHED", "NOT_SENT"], by="id")
    assert ids(page) == [draft]


async def test_a_company_without_invoices_has_an_empty_page(side: Side) -> None:
    side.add(second(1))
    for answered in (None, 404):
        if answered:
            side.fails("invoices", answered)
        page = await side.port.invoices(side.other, types=SALES)
        assert (list(page.items), page.full) == ([], False)


async def test_a_batch_answers_by_id_whatever_its_size(side: Side) -> None:
    made = [side.add(second(number)) for number in range(3)]
    assert (await side.port.invoice_details(side.access, made)).keys() == set(made)
    assert (await side.port.invoice_details(side.access, made[:1])).keys() == {made[0]}
    found = (await side.port.invoice_details(side.access, made[1:2]))[made[1]]
    row = see(found)
    assert row is not None
    assert (row.invoice, row.status, row.version) == (made[1], "SENT", second(1))


async def test_a_customer_of_the_register_is_found_by_the_invoices_partner(side: Side) -> None:
    invoices = [side.add(second(number)) for number in range(3)]
    details = await side.port.invoice_details(side.access, invoices)
    partners = sorted({detail["partnerId"] for detail in details.values()})
    found = await side.port.customers(side.access, partners)
    assert found.keys() == set(partners)
    assert all(entry["id"] == id and entry["name"] for id, entry in found.items())


async def test_what_is_not_there_is_not_in_the_answer(side: Side) -> None:
    invoice = side.add(second(1))
    partner = (await side.port.invoice_details(side.access, [invoice]))[invoice]["partnerId"]
    side.forget_customer(partner)
    assert (await side.port.invoice_details(side.access, [invoice, 7])).keys() == {invoice}
    assert await side.port.invoice_details(side.access, [7, 8]) == {}
    assert await side.port.customers(side.access, [partner]) == {}
    assert await side.port.invoice_details(side.access, []) == {}
    assert await side.port.customers(side.access, []) == {}


async def test_a_companys_invoices_are_its_own(side: Side) -> None:
    invoice = side.add(second(1))
    partner = (await side.port.invoice_details(side.access, [invoice]))[invoice]["partnerId"]
    assert await side.port.invoice_details(side.other, [invoice]) == {}
    assert await side.port.customers(side.other, [partner]) == {}


async def test_a_batch_is_two_hundred_at_most(side: Side) -> None:
    assert await side.port.invoice_details(side.access, range(1, PAGE + 1)) == {}
    for ask in (side.port.invoice_details, side.port.customers):
        with pytest.raises(ValueError, match="201"):
            await ask(side.access, range(PAGE + 1))


Ask = Callable[[], Awaitable[object]]


def requests(side: Side) -> list[tuple[str, Ask]]:
    return [
        ("invoices", lambda: side.port.invoices(side.access, types=SALES)),
        ("invoices", lambda: side.port.invoice_details(side.access, [1, 2])),
        ("businesspartners", lambda: side.port.customers(side.access, [1, 2])),
    ]


@pytest.mark.parametrize(("status", "reason"), [(403, "rights"), (400, "invalid"), (406, "invalid")])
async def test_a_no_says_why(side: Side, status: int, reason: str) -> None:
    for route, ask in requests(side):
        side.fails(route, status)
        with pytest.raises(Refused) as refused:
            await ask()
        assert (refused.value.reason, refused.value.status) == (reason, status)
        await ask()


@pytest.mark.parametrize("status", [429, 500, 502, 503])
async def test_a_bad_moment_passes(side: Side, status: int) -> None:
    for route, ask in requests(side):
        side.fails(route, status)
        with pytest.raises(Unavailable) as unavailable:
            await ask()
        assert (unavailable.value.retry_after is not None) == (status == 429)
        await ask()


async def test_a_batch_of_which_nothing_is_found_is_empty(side: Side) -> None:
    for route, ask in requests(side)[1:]:
        side.fails(route, 404)
        assert await ask() == {}


async def test_credentials_that_open_nothing_are_refused_whatever_is_asked(side: Side) -> None:
    for asked in (
        side.port.invoices(side.unknown, types=SALES),
        side.port.invoice_details(side.unknown, [1]),
        side.port.customers(side.unknown, [1]),
    ):
        with pytest.raises(Refused) as refused:
            await asked
        assert refused.value.reason == "credentials"
