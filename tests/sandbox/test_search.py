"""How the sandbox's Procountor searches, orders and pages invoices."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from memory.clock import Clock
from sandbox.answers import Rejected
from sandbox.founding import add_history
from sandbox.search import search
from sandbox.world import World
from table import each


@pytest.fixture
def clock() -> Clock:
    return Clock(datetime(2026, 3, 2, 8, 0, tzinfo=UTC))


@pytest.fixture
def world(clock: Clock) -> World:
    return World(seed=1, customers=12, clock=clock)


def ids(world: World, **query: str) -> list[int]:
    found = search(world.company(), query, creator=None, inclusive=world.switches.version_range_inclusive)
    return [invoice.id for invoice in found.invoices]


def test_times_are_helsinki_local_without_a_zone(world: World) -> None:
    assert world.add_invoice().version == "2026-03-02T10:00:00"


def test_the_newest_id_comes_first_by_default(world: World) -> None:
    made = [world.add_invoice().id for _ in range(3)]
    assert ids(world) == made[::-1]


def test_versions_order_by_id_within_one_second(world: World) -> None:
    made = [world.add_invoice().id for _ in range(6)]
    for number in (made[4], made[1]):
        world.act(number, "approve")
    assert ids(world, orderByVersion="ASC") == made


def test_a_changed_row_moves_to_the_end_while_being_paged(world: World, clock: Clock) -> None:
    made = [world.add_invoice().id for _ in range(4)]
    first_page = ids(world, orderByVersion="ASC", size="2", page="0")
    clock.passes(1)
    world.act(made[0], "approve")
    second_page = ids(world, orderByVersion="ASC", size="2", page="1")
    assert first_page == made[:2]
    assert second_page == [made[3], made[0]]  # made[2] slid onto the page already read


def test_a_version_range_takes_in_both_ends_unless_switched(world: World, clock: Clock) -> None:
    made = []
    for _ in range(3):
        made.append(world.add_invoice().id)
        clock.passes(1)
    ends = {"versionStartDate": "2026-03-02T10:00:00", "versionEndDate": "2026-03-02T10:00:02"}
    assert ids(world, orderByVersion="ASC", **ends) == made
    world.switches.version_range_inclusive = False
    assert ids(world, orderByVersion="ASC", **ends) == made[1:2]


def test_rows_are_ordered_by_date_and_by_when_they_were_made_and_within_these_by_id(world: World) -> None:
    days = ("2025-02-03", "2025-01-09", "2025-02-03", "2025-01-09")
    made = [world.add_invoice(created=f"{day}T10:00:00").id for day in days]
    rising = [made[1], made[3], made[0], made[2]]
    for name in ("orderByDate", "orderByCreated", "orderByVersion"):
        assert ids(world, **{name: "ASC"}) == rising
        assert ids(world, **{name: "DESC"}) == ids(world, **{name: "desc"}) == rising[::-1]


def test_an_offer_is_an_order_that_says_so(world: World) -> None:
    order, offer = (world.add_invoice(kind=kind).id for kind in ("order", "offer"))
    invoice = world.add_invoice(kind="invoice").id
    assert ids(world) == [invoice, offer, order]
    assert (ids(world, isOffer="true"), ids(world, isOffer="false")) == ([offer], [order])


def test_key_set_paging_by_id_gives_every_row_once(world: World) -> None:
    made = [world.add_invoice().id for _ in range(7)]
    seen: list[int] = []
    while page := ids(world, orderById="ASC", size="3", previousId=str(seen[-1] if seen else 0)):
        seen += page
    assert seen == made


def test_comma_lists_narrow_by_status_and_type(world: World) -> None:
    draft, order = world.add_invoice(kind="invoice").id, world.add_invoice(kind="order").id
    approved = world.add_invoice(kind="invoice", channel="EMAIL").id
    world.act(approved, "approve")
    assert ids(world, status="NOT_SENT,SENT") == [approved]
    assert ids(world, types="SALES_INVOICE,SALES_ORDER") == [approved, order, draft]
    assert ids(world, types="SALES_ORDER", isOffer="false") == [order]


def test_every_other_parameter_narrows(world: World) -> None:
    old = world.add_invoice(created="2024-05-06T10:00:00", kind="named_contact", channel="MAIL")
    new = world.add_invoice(kind="one_off", channel="EMAIL")
    assert ids(world, endDate="2024-12-31") == [old.id]
    assert ids(world, startDate="2025-01-01") == [new.id]
    assert ids(world, createdEndDate="2024-05-06T10:00:00") == [old.id]
    assert ids(world, dueStartDate="2024-05-20", dueEndDate="2024-05-20") == [old.id]
    assert ids(world, businessPartnerId=str(old.partner)) == [old.id]
    assert ids(world, invoiceNumber=str(new.number)) == [new.id]
    assert ids(world, invoiceChannel="MAIL,PAPER_INVOICE") == [old.id]
    old.paper["originalInvoiceNumber"], old.paper["invoiceRows"][0]["productId"] = "X-1", 7
    old.paper["additionalInformation"] = "Lisätyö syksyllä"
    name = new.paper["counterParty"]["counterPartyAddress"]["name"].upper()
    for term, found in ((str(new.number), new), (name, new), ("LISÄTYÖ", old)):
        assert ids(world, searchTerm=term) == [found.id]
    assert ids(world, productId="1,7") == ids(world, originalInvoiceNumber="X-1") == [old.id]
    assert ids(world, factoringContractId="7") == []
    assert ids(world, productId="1,2") == []
    assert ids(world, originalInvoiceNumber="X-2") == []


@each(
    ("name", "value"),
    [
        ("size", "201"),
        ("size", "0"),
        ("page", "-1"),
        ("page", "one"),
        ("status", "OVERDUE"),
        ("types", "INVOICE"),
        ("versionStartDate", "2026-03-02T10:00:00Z"),
        ("versionStartDate", "2026-03-02"),
        ("startDate", "2.3.2026"),
        ("orderByVersion", "UP"),
    ],
)
def test_a_bad_value_is_refused_by_name(name: str, value: str) -> None:
    world = World(seed=1, customers=0)
    with pytest.raises(Rejected) as refused:
        ids(world, **{name: value})
    assert (refused.value.status, refused.value.field) == (400, name)


def test_the_version_can_be_left_where_it_was(world: World, clock: Clock) -> None:
    invoice = world.add_invoice(status="NOT_SENT")
    before = invoice.version
    clock.passes(60)
    world.switches.throw({"version_on_send": False, "version_on_payment": False})
    world.act(invoice.id, "send")
    world.act(invoice.id, "pay")
    assert (invoice.status, invoice.version) == ("PAID", before)
    world.switches.throw({"version_on_payment": True})
    with pytest.raises(ValueError, match="no switch"):
        world.switches.throw({"version_on_sending": True})


def test_the_same_seed_makes_the_same_world(clock: Clock) -> None:
    one, two = World(seed=1, companies=3, clock=clock), World(seed=1, companies=3, clock=clock)
    assert [item.api_key for item in one.companies.values()] == [item.api_key for item in two.companies.values()]
    assert one.company().customers == two.company().customers
    assert one.add_invoice().detail() == two.add_invoice().detail()


def test_history_is_old_changed_in_runs_and_unknown_to_the_books(world: World) -> None:
    add_history(world, 14001, 20)
    past = list(world.company().invoices.values())
    assert all(invoice.created < invoice.version < "2026-03-02" for invoice in past)
    assert len({invoice.version for invoice in past}) == 4
    assert len({invoice.status for invoice in past}) > 1
    assert world.books.changes == []
