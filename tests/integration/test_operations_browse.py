"""The log page by page, both ways, through every filter: nothing twice, nothing left out."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

import pytest

from desk import MAIJA, Desk, desk
from events.contact import ContactAdded
from events.errors import Misconfigured
from events.integration import Trigger
from events.invoice import InvoiceStatusChanged
from servers.postgres import Database
from worker.adapters.log import Draft
from worker.operations import browse, narrowing, related, tail
from worker.operations.browse import Entry, Filter, Key
from worker.operations.integrations import Integration
from worker.operations.narrowing import Terms
from worker.operations.related import Known

OTHER = "pekka@toinen.fi"


async def two_companies(at: Desk) -> tuple[Integration, Integration]:
    """With invoices that were sent and decided, in turn."""
    one, two = await at.connect(0), await at.connect(1, trigger=Trigger(id=uuid4(), name="Toinen"))
    for number in range(1, 11):
        await at.see(one, number, partner=number % 2 + 7)
        await at.see(two, number, email=OTHER, partner=9)
    await at.project(one)
    await at.project(two)
    return one, two


def keys(entries: list[Entry]) -> list[Key]:
    return [entry.key for entry in entries]


async def backwards(at: Desk, wanted: Filter, *, limit: int) -> list[Entry]:
    page = await browse.before(at.context, wanted, limit=limit)
    found = list(page.entries)
    while page.further:
        page = await browse.before(at.context, wanted, page.further, limit=limit)
        found[:0] = page.entries
    return found


async def forwards(at: Desk, wanted: Filter, key: Key, *, limit: int) -> list[Entry]:
    page = await browse.after(at.context, wanted, key, limit=limit)
    found = list(page.entries)
    while page.further:
        page = await browse.after(at.context, wanted, page.further, limit=limit)
        found += page.entries
    return found


@pytest.mark.parametrize("looks", [browse.LOOKS, 32])
async def test_pages_join_without_a_seam_both_ways(
    database: Database, monkeypatch: pytest.MonkeyPatch, looks: int
) -> None:
    """Also where a page may look at two positions of each partition only."""
    monkeypatch.setattr(browse, "LOOKS", looks)
    async with desk(database, companies=2) as at:
        one, _ = await two_companies(at)
        every = keys(await backwards(at, Filter(), limit=200))
        assert every == sorted(set(every)) and len(every) == 44
        start = Key(at=every[0].at)
        for limit in (2, 7):
            assert keys(await backwards(at, Filter(), limit=limit)) == every
            assert keys(await forwards(at, Filter(), start, limit=limit)) == every
        for wanted in (
            Filter(types=("ContactAdded",)),
            Filter(among=(one,)),
            Filter(since=every[10].at),
            Filter(until=every[10].at),
            Filter(since=every[10].at, until=every[20].at, types=("InvoiceStatusChanged",)),
            await narrowing.resolve(at.context, Terms(emails=(OTHER,))),
            await narrowing.resolve(at.context, Terms(emails=(OTHER,), until=every[20].at)),
        ):
            some = keys(await backwards(at, wanted, limit=3))
            assert 0 < len(some) < 44 and set(some) < set(every)
            assert keys(await forwards(at, wanted, start, limit=3)) == some
            assert keys(await browse.latest(at.context, wanted, limit=5)) == some[-5:]


async def test_a_log_that_has_an_end_ends_before_it_both_ways(database: Database) -> None:
    async with desk(database, companies=2) as at:
        await two_companies(at)
        every = keys(await backwards(at, Filter(), limit=200))
        start, first, end = Key(at=every[0].at), every[4].at, every[35].at
        within = [key for key in every if first <= key.at < end]
        for limit in (1, len(within), 200):
            wanted = Filter(since=first, until=end)
            assert keys(await backwards(at, wanted, limit=limit)) == within
            assert keys(await forwards(at, wanted, start, limit=limit)) == within
            assert (await browse.after(at.context, wanted, within[-1], limit=limit)).entries == ()
            assert keys([*(await browse.before(at.context, wanted, every[-1], limit=1)).entries]) == within[-1:]
        nothing = tail.between({}, await tail.heads(at.context), Filter(until=end))
        assert nothing.length == await tail.count(at.context, Filter(until=end), nothing) == 0


async def test_what_lies_beyond_where_all_were_looked_at_waits_for_its_turn(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A quiet partition shows its oldest events in one look; a busy one's are newer, and come first."""
    monkeypatch.setattr(browse, "LOOKS", 32)
    async with desk(database, companies=2) as at:
        busy, _ = await at.connect(0), await at.connect(1, trigger=Trigger(id=uuid4(), name="Toinen"))
        for number in range(1, 31):
            await at.see(busy, number)
        every = keys(await backwards(at, Filter(), limit=200))
        wanted = Filter(types=("IntegrationConnected", "TriggerSaved"))
        assert keys(await backwards(at, wanted, limit=5)) == every[:4]
        assert keys(await forwards(at, wanted, Key(at=every[0].at), limit=5)) == every[:4]


async def test_a_page_begins_at_any_time_or_place(database: Database) -> None:
    async with desk(database, companies=2) as at:
        await two_companies(at)
        every = keys(await backwards(at, Filter(), limit=200))
        middle = every[20]
        assert keys(list((await browse.before(at.context, Filter(), middle)).entries)) == every[:20]
        assert keys(list((await browse.after(at.context, Filter(), middle)).entries)) == every[21:]
        at_that_time = await browse.after(at.context, Filter(), Key(at=middle.at))
        assert at_that_time.entries[0].key == next(key for key in every if key.at == middle.at)
        later = Key(at=every[-1].at + timedelta(seconds=1))
        assert (await browse.after(at.context, Filter(), later)).entries == ()
        found = await related.at(at.context, middle.partition, middle.position)
        assert found is not None and found.key == middle
        assert await related.at(at.context, middle.partition, 10_000) is None


async def test_a_search_stops_after_a_while_and_says_where_to_go_on(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(browse, "LOOKS", 32)
    async with desk(database) as at:
        seen = await at.connect()
        for number in range(1, 11):
            await at.see(seen, number)
        page = await browse.before(at.context, Filter(types=("IntegrationConnected",), among=(seen,)), limit=1)
        assert page.entries == () or page.further is not None
        page = await browse.before(at.context, Filter(types=("IntegrationConnected",)), limit=1)
        assert page.entries == () and page.further is not None


async def test_terms_are_answered_by_name_number_and_address(database: Database) -> None:
    async with desk(database, companies=2) as at:
        one, two = await two_companies(at)

        async def found(terms: Terms) -> set[tuple[str, int | None]]:
            wanted = await narrowing.resolve(at.context, terms)
            entries = await browse.latest(at.context, wanted, limit=200)
            return {(str(entry.integration), getattr(entry.event, "invoice_id", None)) for entry in entries}

        assert await found(Terms(invoices=("10003",))) == {(str(one.id), 3), (str(two.id), 3)}
        assert await found(Terms(invoices=("10003",), integrations=(one.company,))) == {(str(one.id), 3)}
        at_both = {(str(each.id), number) for each in (one, two) for number in range(1, 11)}
        assert await found(Terms(customers=(7,))) == at_both, "the desk notes every invoice for the same customer"
        assert await found(Terms(emails=(OTHER.upper(),))) == {(str(two.id), number) for number in range(1, 11)}
        assert await found(Terms(emails=(MAIJA,), invoices=("10001", "10002"))) == {(str(one.id), 1), (str(one.id), 2)}
        assert await found(Terms(types=("added",), integrations=(str(two.id),))) == {
            (str(two.id), number) for number in range(1, 11)
        }


@pytest.mark.parametrize(
    ("terms", "told"),
    [
        (Terms(types=("Invoiced",)), "no event type Invoiced: use AddressBlocked"),
        (Terms(integrations=("nobody",)), "No integration is called nobody"),
        (Terms(labels=("pilot",)), "No integration has the label pilot"),
        (Terms(invoices=("99",)), "Invoice 99 was never seen"),
        (Terms(invoices=("x",)), "x is no invoice number"),
        (Terms(customers=(99,)), "No invoice of customer 99 was seen"),
        (Terms(emails=("nobody@example.fi",)), "No invoice was to add nobody@example.fi"),
        (Terms(emails=("nobody",)), "nobody is no valid address"),
    ],
)
async def test_a_term_that_means_nothing_is_told_in_words(database: Database, terms: Terms, told: str) -> None:
    async with desk(database) as at:
        await at.connect()
        with pytest.raises(Misconfigured, match=told):
            await narrowing.resolve(at.context, terms)


async def test_causes_and_effects_lead_from_one_to_the_other(database: Database) -> None:
    async with desk(database) as at:
        seen = await at.connect()
        change = await at.see(seen, 1)
        await at.project(seen)
        [decision] = await browse.latest(at.context, Filter(types=("ContactAdded",)))
        assert isinstance(decision.event, ContactAdded)
        found = await related.read(at.context, decision)
        assert found.cause is not None and found.cause.event == change and found.effects == ()
        [followed] = (await related.read(at.context, found.cause)).effects
        assert followed.record.row.id == decision.record.row.id
        known = await related.known(at.context, [decision], Known())
        assert (known.companies, known.numbers) == ({seen.id: seen.company}, {(seen.id, 1): 10_001})
        assert await related.known(at.context, [decision], known) == known


async def test_what_is_new_is_counted_without_being_read_and_read_once(database: Database) -> None:
    async with desk(database, companies=2) as at:
        one, two = await at.connect(0), await at.connect(1, trigger=Trigger(id=uuid4(), name="Toinen"))
        before = await tail.heads(at.context)
        await at.see(one, 1)
        await at.see(two, 2)
        await at.see(two, 3)
        now = await tail.heads(at.context)
        for wanted, count in (
            (Filter(), 3),
            (Filter(among=(two,)), 2),
            (Filter(types=("ContactAdded",)), 0),
            (await narrowing.resolve(at.context, Terms(invoices=("10002",))), 1),
        ):
            span = tail.between(before, now, wanted)
            assert await tail.count(at.context, wanted, span) == count
            assert len(await tail.read(at.context, wanted, span)) == count
        assert tail.between(now, now, Filter()).partitions == []


async def test_a_customers_next_invoice_is_followed_too(database: Database) -> None:
    async with desk(database) as at:
        seen = await at.connect()
        await at.see(seen, 1)
        following = tail.follow(at.context, Terms(customers=(7,)), await tail.heads(at.context))
        second = await at.see(seen, 2)
        entry = await anext(following)
        assert isinstance(entry.event, InvoiceStatusChanged) and entry.event.id == second.id


async def test_what_an_event_names_as_its_cause_need_not_stand_in_the_log(database: Database) -> None:
    async with desk(database) as at:
        seen = await at.connect()
        event = replace(await at.see(seen, 1), change=2)
        rows = await at.context.log.prepare([Draft(event=event, cause=uuid4())])
        async with at.context.pool.acquire() as connection, connection.transaction():
            await at.context.log.append(connection, seen.partition, rows)
        [entry] = await browse.latest(at.context, Filter(), limit=1)
        assert (await related.read(at.context, entry)).cause is None
