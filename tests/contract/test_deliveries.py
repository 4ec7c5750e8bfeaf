"""Deliveries as dispatch uses them: in memory, and in PostgreSQL."""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection
from dataclasses import replace
from datetime import timedelta
from typing import Any, Protocol
from uuid import UUID, uuid4

import pytest
import pytest_asyncio

from dispatching import PARTITION, Post, posting
from events.codec import Event
from events.contact import ContactAdded, ContactDelivered, ContactRefused, ContactWithdrawn, Withdrawal
from events.delivery import Again, Broken, Delivered, Delivery, Parked, Rejected, Silence, Verdict, Withheld
from events.integration import ConnectionBroken, ConnectionRestored
from facts import to_add
from memory.clock import Clock
from memory.deliveries import Deliveries as InMemory
from memory.deliveries import Shop
from sandbox.server import Sandbox
from servers.postgres import Database
from worker.adapters.deliveries import Deliveries, Ended
from worker.adapters.postgres import Ringer
from worker.dispatch import Claims

MAIJA = "maija.meikalainen@esimerkki-asiakas.fi"
PEKKA = "pekka.virtanen@esimerkki-toinen.fi"
TIMEOUT = 10.0
LEASE = 60.0

TOLD = ContactDelivered | ContactRefused | ContactWithdrawn | ConnectionBroken | ConnectionRestored


class Depot(Protocol):
    """Deliveries, the workers at them, and the hands of those who decide and operate."""

    organizations: list[str]

    def worker(self) -> Claims: ...

    async def connect(self, organization: str | None = None) -> UUID:
        """An integration of *organization*; of the first, if None."""

    async def add(self, integration: UUID, email: str = MAIJA, *, replay: bool = False, **how: Any) -> ContactAdded: ...

    async def state(self, added: ContactAdded, step: int = 1) -> str: ...

    async def events(self) -> list[Event]:
        """Outcomes and what became of keys, in order."""

    async def turn(self, integration: UUID, state: str) -> None: ...

    async def save(self, integration: UUID, *, met: bool) -> None:
        """A rule, which the projector has met or not."""

    async def replace_key(self, integration: UUID) -> None: ...

    async def block(self, integration: UUID, who: str) -> None:
        """An address, or a domain as `@example.fi`."""

    async def passes(self, seconds: float) -> None: ...


class Memory:
    def __init__(self) -> None:
        self.organizations = ["first", "second", "third"]
        self._clock = Clock()
        self._shop = Shop(clock=self._clock)
        self._invoices = 1000

    def worker(self) -> InMemory:
        return InMemory(self._shop)

    async def connect(self, organization: str | None = None) -> UUID:
        return self._shop.connect(organization or self.organizations[0]).id

    async def add(self, integration: UUID, email: str = MAIJA, *, replay: bool = False, **how: Any) -> ContactAdded:
        self._invoices += 1
        added = to_add(integration, self._invoices, email, **how)
        self._shop.put(added, replay=replay)
        return added

    async def state(self, added: ContactAdded, step: int = 1) -> str:
        row = self._shop.step(added.id, step)
        assert row is not None
        return row.state

    async def events(self) -> list[Event]:
        return self._shop.events

    async def turn(self, integration: UUID, state: str) -> None:
        self._shop.integrations[integration].state = state

    async def save(self, integration: UUID, *, met: bool) -> None:
        self._shop.integrations[integration].unmet = not met

    async def replace_key(self, integration: UUID) -> None:
        self._shop.integrations[integration].secret = uuid4()

    async def block(self, integration: UUID, who: str) -> None:
        self._shop.block(integration, who)

    async def passes(self, seconds: float) -> None:
        self._clock.passes(seconds)


class Tables:
    def __init__(self, post: Post, ringer: Ringer) -> None:
        self.organizations = list(post.sandbox.world.organizations)
        self._post = post
        self._ringer = ringer

    def worker(self) -> Deliveries:
        return Deliveries(self._post.pool, self._post.log, self._ringer, self._post.vault.contact_key, worker=uuid4())

    async def connect(self, organization: str | None = None) -> UUID:
        return await self._post.integration(organization)

    async def add(self, integration: UUID, email: str = MAIJA, *, replay: bool = False, **how: Any) -> ContactAdded:
        return await self._post.add(integration, email, replay=replay, **how)

    async def state(self, added: ContactAdded, step: int = 1) -> str:
        return str((await self._post.row(added, step))["state"])

    async def events(self) -> list[Event]:
        log = self._post.log
        head = (await log.heads())[PARTITION].position
        return [one for one in await log.open(await log.read(PARTITION, 0, head)) if isinstance(one, TOLD)]

    async def turn(self, integration: UUID, state: str) -> None:
        await self._post.pool.execute("update integration set state = $2 where id = $1", integration, state)

    async def save(self, integration: UUID, *, met: bool) -> None:
        await self._post.pool.execute(
            "insert into rules (integration, version, rules) values ($1, $2, '{}')"
            " on conflict (integration) do update set version = excluded.version",
            *(integration, 1 if met else 0),
        )

    async def replace_key(self, integration: UUID) -> None:
        secret = await self._post.vault.put_secret("trustmary", b"another key")
        await self._post.pool.execute("update integration set trustmary_secret = $2 where id = $1", integration, secret)

    async def block(self, integration: UUID, who: str) -> None:
        await self._post.block(integration, who)

    async def passes(self, seconds: float) -> None:
        """Whatever is written of times moves into the past."""
        by = timedelta(seconds=seconds)
        await self._post.pool.execute(
            "update lane set lease_until = lease_until - $1::interval, broken_until = broken_until - $1::interval,"
            " due_at = due_at - $1::interval",
            by,
        )
        await self._post.pool.execute(
            "update delivery set next_at = next_at - $1::interval, attempted_at = attempted_at - $1::interval", by
        )


@pytest.fixture
def memory() -> Memory:
    return Memory()


@pytest_asyncio.fixture
async def postgres(database: Database) -> AsyncIterator[Tables]:
    sandbox = Sandbox(organizations=3, customers=1)
    async with posting(database.database_url, sandbox) as post, Ringer(post.pool) as ringer:
        yield Tables(post, ringer)


@pytest.fixture(params=["memory", pytest.param("postgres", marks=pytest.mark.integration)])
def depot(request: pytest.FixtureRequest) -> Depot:
    found: Depot = request.getfixturevalue(request.param)
    return found


@pytest.fixture
def worker(depot: Depot) -> Claims:
    return depot.worker()


@pytest_asyncio.fixture
async def integration(depot: Depot) -> UUID:
    return await depot.connect()


async def hold(worker: Claims, depot: Depot) -> list[str]:
    """The lanes of all organizations, as far as they are free."""
    return sorted(await worker.lease(depot.organizations, most=10, seconds=LEASE))


async def claim(worker: Claims, depot: Depot, room: int = 100) -> list[Delivery]:
    return await worker.claim(dict.fromkeys(depot.organizations, room), timeout=TIMEOUT)


async def look_up(worker: Claims, depot: Depot, *, flying: Collection[int] = (), most: int = 100) -> list[Delivery]:
    return await worker.claim_unanswered(depot.organizations, flying, timeout=TIMEOUT, most=most)


async def end(worker: Claims, verdict: Verdict, *deliveries: Delivery) -> None:
    contacts = await worker.contacts(deliveries)
    ended = [Ended(delivery=one, added=contacts[one.id], verdict=verdict, at=0.0) for one in deliveries]
    await worker.settle(ended, now=0.0)


def invoices(deliveries: list[Delivery]) -> list[int]:
    return [delivery.invoice for delivery in deliveries]


AGAIN = Again(wait=timedelta(seconds=30), failure="Trustmary answered 503.", status=503)
PARKED = Parked(fingerprint="not_found:trustmary:404", failure="Trustmary answered 404.", status=404)
SILENCE = Silence(failure="Trustmary did not answer.")
BROKEN = Broken(reason="credentials", failure="Trustmary answered 401.", status=401)


# Lanes


async def test_a_lane_is_one_workers_at_a_time(depot: Depot, worker: Claims, integration: UUID) -> None:
    other = depot.worker()
    assert await hold(worker, depot) == depot.organizations[:1]
    assert await hold(other, depot) == []
    assert await other.renew(depot.organizations, seconds=LEASE) == set()
    await other.release(depot.organizations)
    assert await worker.renew(depot.organizations, seconds=LEASE) == set(depot.organizations[:1])


async def test_a_lane_given_back_is_anothers_at_once(depot: Depot, worker: Claims, integration: UUID) -> None:
    await hold(worker, depot)
    await worker.release(depot.organizations)
    assert await hold(depot.worker(), depot) == depot.organizations[:1]
    assert await worker.renew(depot.organizations, seconds=LEASE) == set()


async def test_a_lane_whose_lease_is_over_is_there_to_be_taken(depot: Depot, worker: Claims, integration: UUID) -> None:
    await hold(worker, depot)
    await depot.passes(LEASE + 1)
    assert await hold(depot.worker(), depot) == depot.organizations[:1]
    assert await worker.renew(depot.organizations, seconds=LEASE) == set()


async def test_a_lane_that_nobody_took_is_renewed_however_late(depot: Depot, worker: Claims, integration: UUID) -> None:
    await hold(worker, depot)
    await depot.passes(LEASE + 1)
    assert await worker.renew(depot.organizations, seconds=LEASE) == set(depot.organizations[:1])
    assert await hold(depot.worker(), depot) == []


async def test_no_more_lanes_are_leased_than_asked_for(depot: Depot, worker: Claims) -> None:
    for organization in depot.organizations:
        await depot.add(await depot.connect(organization))
    assert len(await worker.lease(depot.organizations, most=2, seconds=LEASE)) == 2
    assert await worker.lease(depot.organizations, most=0, seconds=LEASE) == {}
    assert len(await depot.worker().lease_due([], most=5, seconds=LEASE)) == 1


async def test_a_closed_lane_is_nobodys_until_it_opens_and_remembers_its_failures(
    depot: Depot, worker: Claims, integration: UUID
) -> None:
    await depot.add(integration)
    await hold(worker, depot)
    await worker.close_lane(depot.organizations[0], 7, 30.0)
    await worker.release(depot.organizations)
    assert await hold(worker, depot) == []
    assert await worker.lease_due([], most=5, seconds=LEASE) == {}
    await depot.passes(31)
    assert await worker.lease_due([], most=5, seconds=LEASE) == {depot.organizations[0]: 7}
    await worker.close_lane(depot.organizations[0], 0, None)
    await worker.release(depot.organizations)
    assert await worker.lease(depot.organizations, most=5, seconds=LEASE) == {depot.organizations[0]: 0}


async def test_a_lane_is_closed_and_opened_by_who_holds_it(depot: Depot, worker: Claims, integration: UUID) -> None:
    other = depot.worker()
    await hold(worker, depot)
    await depot.passes(LEASE + 1)
    await hold(other, depot)
    await other.close_lane(depot.organizations[0], 7, 30.0)
    await worker.close_lane(depot.organizations[0], 0, None)
    await other.release(depot.organizations)
    assert await hold(worker, depot) == []
    await depot.passes(31)
    assert await worker.lease(depot.organizations, most=5, seconds=LEASE) == {depot.organizations[0]: 7}


async def test_the_net_brings_lanes_with_something_to_send(depot: Depot, worker: Claims) -> None:
    waiting, idle, held = depot.organizations
    for organization in (waiting, held):
        await depot.add(await depot.connect(organization))
    await depot.connect(idle)
    assert set(await worker.lease_due([held], most=5, seconds=LEASE)) == {waiting}


async def test_the_net_leaves_lanes_that_could_send_nothing(depot: Depot, worker: Claims) -> None:
    paused, broken, resting = depot.organizations
    at = {organization: await depot.connect(organization) for organization in depot.organizations}
    for integration in at.values():
        await depot.add(integration)
    await hold(worker, depot)
    for delivery in await claim(worker, depot):
        if delivery.integration == at[broken]:
            ended = Ended(delivery=delivery, added=None, verdict=BROKEN, at=0.0)
            await worker.break_connection(ended, BROKEN, retry=1000)
        await end(worker, AGAIN if delivery.integration == at[resting] else BROKEN, delivery)
    await depot.turn(at[paused], "paused")
    await worker.release(depot.organizations)
    assert await worker.lease_due([], most=5, seconds=LEASE) == {}
    await depot.passes(31)
    assert set(await worker.lease_due([], most=5, seconds=LEASE)) == {resting}


async def test_the_net_brings_what_a_dead_worker_left(depot: Depot, worker: Claims, integration: UUID) -> None:
    await hold(worker, depot)
    other = depot.worker()
    assert await other.lease_due([], most=5, seconds=LEASE) == {}
    await depot.passes(LEASE + 1)
    assert set(await other.lease_due([], most=5, seconds=LEASE)) == set(depot.organizations[:1])


async def test_the_lane_that_waited_longest_has_the_next_turn(depot: Depot, worker: Claims) -> None:
    for organization in depot.organizations:
        await depot.add(await depot.connect(organization))
    turns: list[str] = []
    for _ in range(6):
        [taken] = await worker.lease_due([], most=1, seconds=LEASE)
        turns.append(taken)
        await depot.passes(1)
        await worker.release([taken])
    assert sorted(turns[:3]) == sorted(depot.organizations)
    assert turns[3:] == turns[:3]


# Claims


async def test_what_is_claimed_is_marked_and_not_claimed_again(depot: Depot, worker: Claims, integration: UUID) -> None:
    added = await depot.add(integration)
    await hold(worker, depot)
    [delivery] = await claim(worker, depot)
    assert (delivery.decision, delivery.step, delivery.attempts, delivery.unresolved) == (added.id, 1, 1, False)
    assert (delivery.integration, delivery.organization) == (integration, depot.organizations[0])
    assert await depot.state(added) == "attempting"
    assert await claim(worker, depot) == []


async def test_each_delivery_comes_with_what_it_is_to_carry(depot: Depot, worker: Claims, integration: UUID) -> None:
    added = [await depot.add(integration, email) for email in (MAIJA, PEKKA)]
    await hold(worker, depot)
    claimed = await claim(worker, depot)
    contacts = await worker.contacts(claimed)
    assert [contacts[delivery.id] for delivery in claimed] == added
    strange = replace(claimed[0], decision=uuid4())
    assert await worker.contacts([strange]) == {strange.id: None}


@pytest.mark.parametrize("entry", [MAIJA.upper(), "@Esimerkki-Asiakas.fi"])
async def test_who_was_blocked_since_the_decision_is_named_by_its_own_integration_only(
    depot: Depot, worker: Claims, integration: UUID, entry: str
) -> None:
    mine = [await depot.add(integration, email) for email in (MAIJA, PEKKA)]
    theirs = await depot.add(await depot.connect(), MAIJA)
    assert await worker.blocked([*mine, theirs]) == set()
    for _ in range(2):
        await depot.block(integration, entry)
    assert await worker.blocked([*mine, theirs]) == {mine[0].id}
    await depot.block(integration, PEKKA)
    await depot.block(integration, MAIJA)
    assert await worker.blocked([*mine, theirs]) == {one.id for one in mine}
    assert await worker.blocked([replace(mine[0], contact={})]) == set()
    assert await worker.blocked([]) == set()


async def test_nothing_is_claimed_without_the_lane(depot: Depot, worker: Claims, integration: UUID) -> None:
    await depot.add(integration)
    other = depot.worker()
    await hold(worker, depot)
    assert await claim(other, depot) == []
    await depot.passes(LEASE + 1)
    assert await claim(worker, depot) == []
    await hold(other, depot)
    assert len(await claim(other, depot)) == 1


async def test_a_lane_gets_as_many_as_it_has_room_for(depot: Depot, worker: Claims) -> None:
    for organization in depot.organizations[:2]:
        home = await depot.connect(organization)
        for number in range(4):
            await depot.add(home, f"asiakas{number}@esimerkki-asiakas.fi")
    await hold(worker, depot)
    first, second, _ = depot.organizations
    claimed = await worker.claim({first: 1, second: 3}, timeout=TIMEOUT)
    assert [each.organization for each in claimed].count(first) == 1
    assert [each.organization for each in claimed].count(second) == 3


async def test_a_contacts_deliveries_leave_one_at_a_time_and_in_order(
    depot: Depot, worker: Claims, integration: UUID
) -> None:
    same = await depot.connect()
    mine = [await depot.add(home, email) for home, email in ((integration, MAIJA), (same, MAIJA.upper()))]
    mine.append(await depot.add(integration, MAIJA, lists=("a",)))
    theirs = await depot.add(integration, PEKKA)
    await hold(worker, depot)
    [first, other] = await claim(worker, depot)
    assert invoices([first, other]) == [mine[0].invoice_id, theirs.invoice_id]
    for expected in mine[1:]:
        assert await claim(worker, depot) == []
        await end(worker, Delivered(status=200), first)
        [first] = await claim(worker, depot)
        assert first.invoice == expected.invoice_id


async def test_a_call_under_way_is_not_overtaken_though_its_integration_is_paused(
    depot: Depot, worker: Claims, integration: UUID
) -> None:
    await depot.add(integration)
    await hold(worker, depot)
    claimed = await claim(worker, depot)
    later = await depot.add(await depot.connect())
    await depot.turn(integration, "paused")
    assert await claim(worker, depot) == []
    await end(worker, Delivered(status=200), *claimed)
    assert invoices(await claim(worker, depot)) == [later.invoice_id]


async def test_the_same_address_in_another_organization_is_another_contact(depot: Depot, worker: Claims) -> None:
    for organization in depot.organizations[:2]:
        await depot.add(await depot.connect(organization))
    await hold(worker, depot)
    assert len(await claim(worker, depot)) == 2


async def test_live_goes_before_replay(depot: Depot, worker: Claims, integration: UUID) -> None:
    old = [await depot.add(integration, f"vanha{n}@esimerkki-asiakas.fi", replay=True) for n in range(2)]
    new = [await depot.add(integration, f"uusi{n}@esimerkki-asiakas.fi") for n in range(2)]
    await hold(worker, depot)
    assert invoices(await claim(worker, depot, 3)) == [each.invoice_id for each in [*new, old[0]]]


async def test_one_contacts_live_delivery_goes_before_its_replay(
    depot: Depot, worker: Claims, integration: UUID
) -> None:
    await depot.add(integration, replay=True)
    live = await depot.add(integration)
    await hold(worker, depot)
    assert invoices(await claim(worker, depot)) == [live.invoice_id]


async def test_what_is_to_be_sent_later_holds_its_contact_until_then(
    depot: Depot, worker: Claims, integration: UUID
) -> None:
    first = await depot.add(integration)
    await depot.add(integration)
    await hold(worker, depot)
    await end(worker, AGAIN, *await claim(worker, depot))
    assert await depot.state(first) == "waiting"
    await depot.passes(29)
    assert await claim(worker, depot) == []
    await depot.passes(2)
    [again] = await claim(worker, depot)
    assert (again.invoice, again.attempts) == (first.invoice_id, 2)


async def test_a_replay_that_was_tried_before_keeps_its_turn(depot: Depot, worker: Claims, integration: UUID) -> None:
    """What may have left already is finished before anything of the contact overtakes it."""
    tried = await depot.add(integration, replay=True)
    await hold(worker, depot)
    await end(worker, AGAIN, *await claim(worker, depot))
    await depot.add(integration)
    assert await claim(worker, depot) == []
    await depot.passes(31)
    assert invoices(await claim(worker, depot)) == [tried.invoice_id]


async def test_what_is_parked_lets_its_contacts_later_ones_go(depot: Depot, worker: Claims, integration: UUID) -> None:
    parked, later = await depot.add(integration), await depot.add(integration)
    await hold(worker, depot)
    await end(worker, PARKED, *await claim(worker, depot))
    assert invoices(await claim(worker, depot)) == [later.invoice_id]
    assert await depot.state(parked) == "parked"
    await depot.passes(100_000)
    assert await depot.state(parked) == "parked"
    assert await depot.events() == []


@pytest.mark.parametrize("state", ["paused", "removed"])
async def test_nothing_leaves_of_an_integration_that_is_not_active(
    depot: Depot, worker: Claims, integration: UUID, state: str
) -> None:
    mine = await depot.add(integration)
    theirs = await depot.add(await depot.connect())
    await depot.turn(integration, state)
    await hold(worker, depot)
    claimed = await claim(worker, depot)
    assert invoices(claimed) == [theirs.invoice_id]
    await end(worker, Delivered(status=200), *claimed)
    assert await claim(worker, depot) == []
    await depot.turn(integration, "active")
    assert invoices(await claim(worker, depot)) == [mine.invoice_id]


async def test_nothing_leaves_while_a_saved_rule_may_take_it_back(
    depot: Depot, worker: Claims, integration: UUID
) -> None:
    await depot.add(integration)
    await hold(worker, depot)
    await depot.save(integration, met=False)
    assert await claim(worker, depot) == []
    await depot.save(integration, met=True)
    assert len(await claim(worker, depot)) == 1


async def test_the_second_step_waits_for_the_first(depot: Depot, worker: Claims, integration: UUID) -> None:
    added = await depot.add(integration, automation="ask")
    later = await depot.add(integration)
    await hold(worker, depot)
    [first] = await claim(worker, depot)
    assert (first.invoice, first.step, first.call) == (added.invoice_id, 1, "contact")
    await end(worker, Delivered(status=200), first)
    [second] = await claim(worker, depot)
    assert (second.invoice, second.step, second.call) == (added.invoice_id, 2, "automation")
    await end(worker, Delivered(status=200), second)
    assert invoices(await claim(worker, depot)) == [later.invoice_id]


async def test_a_second_step_whose_first_is_parked_holds_up_nobody(
    depot: Depot, worker: Claims, integration: UUID
) -> None:
    stuck = await depot.add(integration, automation="ask")
    later = await depot.add(integration)
    await hold(worker, depot)
    await end(worker, PARKED, *await claim(worker, depot))
    assert invoices(await claim(worker, depot)) == [later.invoice_id]
    assert await depot.state(stuck, 2) == "waiting"


# Ends


@pytest.mark.parametrize(
    ("verdict", "state", "said"),
    [
        (Delivered(status=201, answer={"action": "IMPORT_CREATE"}), "delivered", ContactDelivered),
        (Rejected(status=422, reason="invalid"), "refused", ContactRefused),
        (Withheld(reason=Withdrawal.DELETED_THERE), "withdrawn", ContactWithdrawn),
    ],
)
async def test_an_end_is_an_event_and_frees_the_contact(
    depot: Depot, worker: Claims, integration: UUID, verdict: Verdict, state: str, said: type[Event]
) -> None:
    added, later = await depot.add(integration), await depot.add(integration)
    await hold(worker, depot)
    await end(worker, verdict, *await claim(worker, depot))
    assert await depot.state(added) == state
    [event] = await depot.events()
    assert type(event) is said
    assert isinstance(event, ContactDelivered | ContactRefused | ContactWithdrawn)
    assert (event.decision, event.attempts, event.step) == (added.id, 1, 1)
    assert invoices(await claim(worker, depot)) == [later.invoice_id]


@pytest.mark.parametrize("verdict", [Rejected(status=400, reason="invalid"), Withheld(reason=Withdrawal.NOT_ACTIVE)])
async def test_a_contact_that_is_not_added_starts_no_automation(
    depot: Depot, worker: Claims, integration: UUID, verdict: Verdict
) -> None:
    added = await depot.add(integration, automation="ask")
    await hold(worker, depot)
    await end(worker, verdict, *await claim(worker, depot))
    assert await depot.state(added, 2) == "withdrawn"
    last = (await depot.events())[-1]
    assert isinstance(last, ContactWithdrawn)
    assert (last.step, last.reason) == (2, Withdrawal.FIRST_STEP_FAILED)
    assert await claim(worker, depot) == []


async def test_what_another_worker_took_over_is_not_settled_and_the_rest_is(
    depot: Depot, worker: Claims, integration: UUID
) -> None:
    lost, kept = await depot.add(integration, MAIJA), await depot.add(integration, PEKKA, lists=("a",))
    await hold(worker, depot)
    claimed = await claim(worker, depot)
    await depot.passes(LEASE + 1)
    other = depot.worker()
    await hold(other, depot)
    taken = await look_up(other, depot, flying=[claimed[1].id])
    assert invoices(taken) == [lost.invoice_id]
    await end(worker, Delivered(status=200), *claimed)
    assert (await depot.state(lost), await depot.state(kept)) == ("attempting", "delivered")
    await end(other, Rejected(status=400, reason="invalid"), *taken)
    assert await depot.state(lost) == "refused"
    assert [type(event) for event in await depot.events()] == [ContactDelivered, ContactRefused]


async def test_what_is_settled_twice_ended_once(depot: Depot, worker: Claims, integration: UUID) -> None:
    added = await depot.add(integration)
    await hold(worker, depot)
    claimed = await claim(worker, depot)
    await end(worker, Delivered(status=200), *claimed)
    await end(worker, PARKED, *claimed)
    assert await depot.state(added) == "delivered"
    assert len(await depot.events()) == 1


# Attempts without an end


async def test_a_call_without_an_answer_is_looked_up_once_it_is_surely_over(
    depot: Depot, worker: Claims, integration: UUID
) -> None:
    added = await depot.add(integration, lists=("a",))
    await depot.add(integration)
    await hold(worker, depot)
    await end(worker, SILENCE, *await claim(worker, depot))
    await depot.passes(TIMEOUT - 1)
    assert await look_up(worker, depot) == []
    assert await claim(worker, depot) == []
    await depot.passes(2)
    [unanswered] = await look_up(worker, depot)
    assert (unanswered.invoice, unanswered.attempts, unanswered.unresolved) == (added.invoice_id, 1, True)
    assert await look_up(worker, depot) == []


async def test_a_look_up_that_failed_is_repeated_when_it_says(depot: Depot, worker: Claims, integration: UUID) -> None:
    await depot.add(integration, lists=("a",))
    await hold(worker, depot)
    await end(worker, SILENCE, *await claim(worker, depot))
    await depot.passes(TIMEOUT + 1)
    await end(worker, replace(SILENCE, wait=timedelta(seconds=40)), *await look_up(worker, depot))
    await depot.passes(39)
    assert await look_up(worker, depot) == []
    await depot.passes(2)
    assert len(await look_up(worker, depot)) == 1


async def test_what_may_be_repeated_is_taken_from_a_dead_worker_without_waiting(
    depot: Depot, worker: Claims, integration: UUID
) -> None:
    plain = await depot.add(integration, MAIJA)
    await depot.add(integration, PEKKA, lists=("a",))
    await worker.lease(depot.organizations, most=1, seconds=1)
    await claim(worker, depot)
    await depot.passes(2)
    other = depot.worker()
    await hold(other, depot)
    assert invoices(await look_up(other, depot)) == [plain.invoice_id]


async def test_what_is_still_under_way_is_not_looked_up_nor_more_than_asked_for(
    depot: Depot, worker: Claims, integration: UUID
) -> None:
    for number in range(4):
        await depot.add(integration, f"asiakas{number}@esimerkki-asiakas.fi", lists=("a",))
    await hold(worker, depot)
    flying, *others = await claim(worker, depot)
    await depot.passes(TIMEOUT + 1)
    assert invoices(await look_up(worker, depot, flying=[flying.id], most=2)) == invoices(others)[:2]


async def test_nothing_is_looked_up_without_the_lane(depot: Depot, worker: Claims, integration: UUID) -> None:
    await depot.add(integration)
    await hold(worker, depot)
    await claim(worker, depot)
    await depot.passes(LEASE + 1)
    assert await look_up(worker, depot) == []
    assert await look_up(depot.worker(), depot) == []


async def test_what_was_left_unanswered_is_not_looked_up_with_a_refused_key(
    depot: Depot, worker: Claims, integration: UUID
) -> None:
    silent = await depot.add(integration, PEKKA, lists=("a",))
    await hold(worker, depot)
    await end(worker, SILENCE, *await claim(worker, depot))
    await broken(depot, worker, integration)
    await depot.passes(TIMEOUT + 1)
    assert await look_up(worker, depot) == []
    await depot.passes(100)
    [probe] = await worker.take_probes(every=50)
    await worker.restore_connection(probe, uuid4())
    await hold(worker, depot)
    assert invoices(await look_up(worker, depot)) == [silent.invoice_id]


async def test_what_a_removed_integration_left_unanswered_is_looked_up_and_says_so(
    depot: Depot, worker: Claims, integration: UUID
) -> None:
    await depot.add(integration, lists=("a",))
    await hold(worker, depot)
    await claim(worker, depot)
    await depot.turn(integration, "removed")
    await depot.passes(TIMEOUT + 1)
    [unanswered] = await look_up(worker, depot)
    assert (unanswered.unresolved, unanswered.removed) == (True, True)


# Keys


async def broken(depot: Depot, worker: Claims, integration: UUID) -> ContactAdded:
    """A delivery whose key was refused, and the connection with it."""
    added = await depot.add(integration)
    await hold(worker, depot)
    [delivery] = [one for one in await claim(worker, depot) if one.integration == integration]
    ended = Ended(delivery=delivery, added=added, verdict=BROKEN, at=0.0)
    await worker.break_connection(ended, BROKEN, retry=100)
    await worker.break_connection(ended, BROKEN, retry=100)
    await worker.settle([ended], now=0.0)
    return added


async def test_a_refused_key_stops_its_integration_and_is_said_once(
    depot: Depot, worker: Claims, integration: UUID
) -> None:
    added = await broken(depot, worker, integration)
    other = await depot.add(await depot.connect())
    assert await depot.state(added) == "waiting"
    assert invoices(await claim(worker, depot)) == [other.invoice_id]
    [event] = await depot.events()
    assert isinstance(event, ConnectionBroken)
    assert (event.integration, event.reason) == (integration, "credentials")


async def test_a_key_that_was_replaced_meanwhile_is_not_refused(
    depot: Depot, worker: Claims, integration: UUID
) -> None:
    added = await depot.add(integration)
    await hold(worker, depot)
    [delivery] = await claim(worker, depot)
    await depot.replace_key(integration)
    ended = Ended(delivery=delivery, added=added, verdict=BROKEN, at=0.0)
    await worker.break_connection(ended, BROKEN, retry=100)
    await worker.settle([ended], now=0.0)
    assert await depot.events() == []
    [again] = await claim(worker, depot)
    assert again.secret != delivery.secret


async def test_a_refused_key_is_tried_again_by_one_worker_at_a_time(
    depot: Depot, worker: Claims, integration: UUID
) -> None:
    await broken(depot, worker, integration)
    other = depot.worker()
    assert await worker.take_probes(every=50) == []
    await depot.passes(101)
    [probe] = await worker.take_probes(every=50)
    assert (probe.integration, probe.organization) == (integration, depot.organizations[0])
    assert await other.take_probes(every=50) == []
    await depot.passes(51)
    assert await other.take_probes(every=50) == [probe]


async def test_a_key_that_works_again_sends_what_waited(depot: Depot, worker: Claims, integration: UUID) -> None:
    added = await broken(depot, worker, integration)
    await depot.passes(101)
    [probe] = await worker.take_probes(every=50)
    for _ in range(2):
        await worker.restore_connection(probe, uuid4())
    await hold(worker, depot)
    assert invoices(await claim(worker, depot)) == [added.invoice_id]
    assert [type(event) for event in await depot.events()] == [ConnectionBroken, ConnectionRestored]
    await depot.passes(1000)
    assert await worker.take_probes(every=50) == []


async def test_a_removed_integrations_key_is_not_tried(depot: Depot, worker: Claims, integration: UUID) -> None:
    await broken(depot, worker, integration)
    await depot.turn(integration, "removed")
    await depot.passes(1000)
    assert await worker.take_probes(every=50) == []
