"""The stage on deliveries and a Trustmary in memory: hours of trouble in no time."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from contextlib import AsyncExitStack
from functools import partial
from itertools import pairwise
from random import Random
from typing import Any
from uuid import UUID

import pytest
import pytest_asyncio

from events.connection import ConnectionBroken, ConnectionRestored
from events.contact import Carried, ContactAdded, ContactDelivered, ContactWithdrawn, Withdrawal
from events.errors import Unavailable
from facts import to_add, to_take_off
from memory.clock import Clock
from memory.deliveries import Deliveries, Shop
from memory.trustmary import Home, Trustmary
from worker.adapters.deliveries import Ended
from worker.adapters.trustmary import Answer
from worker.dispatch import Dispatch, Manner

MAIJA = "maija.meikalainen@esimerkki-asiakas.fi"
PEKKA = "pekka.virtanen@esimerkki-toinen.fi"
MANNER = Manner(pace=0, timeout=10, lease=6, linger=0)


class Office:
    """Workers at one shop and one Trustmary, and the clock that all go by."""

    def __init__(self, stack: AsyncExitStack) -> None:
        home = Home(id="firm", key="key", lists={"survey": set()}, automations={"ask": "active"})
        self.clock = Clock()
        self.shop = Shop(clock=self.clock)
        self.trustmary = Trustmary(home, clock=self.clock, trouble=self.strike)
        self.integration = self.shop.connect(home.id)
        self.workers: list[Dispatch] = []
        self.trouble: Callable[[str], str] = lambda route: ""
        """How a call of *route* goes wrong."""
        self.asked: list[tuple[str, float]] = []
        """Every call: its route, and when."""
        self.invoices = 0
        self._stack = stack

    def strike(self, route: str) -> str:
        self.asked.append((route, self.clock.monotonic()))
        return self.trouble(route)

    async def worker(
        self, seed: int = 0, *, deliveries: Deliveries | None = None, trustmary: Trustmary | None = None
    ) -> Dispatch:
        async def secret(_: UUID) -> bytes:
            return b"key"

        stage = Dispatch(
            deliveries or Deliveries(self.shop),
            trustmary or self.trustmary,
            secret,
            wake=asyncio.Event(),
            manner=MANNER,
            clock=self.clock.monotonic,
            jitter=Random(seed).random,
        )
        self.workers.append(await self._stack.enter_async_context(stage))
        return stage

    def add(self, email: str = MAIJA, *, lists: tuple[str, ...] = (), automation: str | None = None) -> ContactAdded:
        self.invoices += 1
        added = to_add(self.integration.id, self.invoices, email, lists=lists, automation=automation)
        self.shop.put(added)
        return added

    def state(self, decision: Carried) -> str:
        row = self.shop.step(decision.id, 1)
        assert row is not None
        return row.state

    async def until(self, so: Callable[[], bool], *, within: float = 120, step: float = 0.5) -> None:
        """Turn after turn of every worker, *step* seconds apart."""
        end = self.clock.monotonic() + within
        while not so():
            assert self.clock.monotonic() < end, [row.state for row in self.shop.rows.values()]
            for stage in self.workers:
                await stage.run_once()
            await breathe()
            self.one_at_a_time()
            self.clock.passes(step)

    def one_at_a_time(self) -> None:
        flying = Counter(row.contact for row in self.shop.rows.values() if row.state == "attempting")
        assert set(flying.values()) <= {1}

    def all_in(self, *states: str) -> bool:
        return {row.state for row in self.shop.rows.values()} <= set(states)

    def arrived(self, call: str = "contact") -> list[int]:
        """The invoices, in the order that their contacts came."""
        arrivals = [each for each in self.trustmary.arrivals if each.call == call]
        return [int(each.fields["field_invoice"]) for each in arrivals]

    def withdrawn(self) -> list[ContactWithdrawn]:
        return [event for event in self.shop.events if isinstance(event, ContactWithdrawn)]

    def called(self, route: str) -> list[float]:
        return [at for called, at in self.asked if called == route]


async def breathe() -> None:
    """Calls that are under way come to their end: none waits for anything but its turn."""
    for _ in range(20):
        await asyncio.sleep(0)


@pytest_asyncio.fixture
async def office() -> AsyncIterator[Office]:
    async with AsyncExitStack() as stack:
        yield Office(stack)


def once(route: str, way: str) -> Callable[[str], str]:
    """The first call of *route* goes wrong."""
    coming = [way]
    return lambda called: coming.pop() if called == route and coming else ""


async def test_what_fails_for_hours_is_parked_and_the_contacts_next_one_goes(office: Office) -> None:
    stuck, later = office.add(), office.add()
    await office.worker()
    first = office.shop.step(stuck.id, 1)
    assert first is not None
    office.trouble = lambda route: "503" if route == "contacts.post" else ""
    await office.until(lambda: first.state == "parked", within=2 * 86400, step=30)
    assert (first.attempts, first.fingerprint) == (12, "unavailable:trustmary:503")
    assert office.clock.monotonic() > 8 * 3600
    assert office.arrived() == []
    office.trouble = lambda route: ""
    await office.until(lambda: office.arrived() == [later.invoice_id], within=86400, step=30)


@pytest.mark.parametrize("known", [False, True])
async def test_a_list_call_without_an_answer_is_looked_up_when_it_is_over_and_not_sent_twice(
    office: Office, known: bool
) -> None:
    if known:
        await office.trustmary.add("key", {"email": MAIJA, "name": "Vanha Nimi", "field_invoice": "0"})
        office.clock.passes(60)
    office.trouble = once("contacts.post", "timeout_after_effect")
    added = office.add(lists=("survey",))
    await office.worker()
    await office.until(partial(office.all_in, "delivered"))
    assert office.arrived()[known:] == [added.invoice_id]
    before, after = office.called("contacts.get")
    assert after - before >= MANNER.timeout


@pytest.mark.parametrize("way", ["drop", "502"])
async def test_a_list_call_that_did_not_arrive_is_sent_again_after_the_look_up(office: Office, way: str) -> None:
    office.trouble = once("contacts.post", way)
    added = office.add(lists=("survey",))
    later = office.add()
    await office.worker()
    await office.until(partial(office.all_in, "delivered"))
    assert office.arrived() == [added.invoice_id, later.invoice_id]
    first, again, _ = office.called("contacts.post")
    assert again - first >= MANNER.timeout


async def test_an_automation_without_an_answer_is_not_started_twice(office: Office) -> None:
    office.trouble = once("automations.post", "timeout_after_effect")
    office.add(automation="ask")
    later = office.add()
    await office.worker()
    await office.until(partial(office.all_in, "delivered", "parked"))
    assert [row.state for row in office.shop.rows.values()] == ["delivered", "parked", "delivered"]
    assert office.arrived("automation") == [1]
    assert office.arrived() == [1, later.invoice_id]


async def test_whether_an_automation_is_there_is_not_asked_for_each_contact(office: Office) -> None:
    office.add(automation="ask")
    await office.worker()
    await office.until(partial(office.all_in, "delivered"))
    office.add(PEKKA, automation="ask")
    await office.until(partial(office.all_in, "delivered"))
    assert len(office.arrived("automation")) == 2
    assert len(office.called("automations.get")) == 1


@pytest.mark.parametrize("entry", [MAIJA, "@esimerkki-asiakas.fi"])
async def test_who_is_blocked_while_a_delivery_waits_is_left_alone(office: Office, entry: str) -> None:
    """It was paused, waited for its turn, or was to be sent again: nothing is asked of Trustmary about it any more."""
    office.trouble = once("contacts.post", "503")
    tried, behind = office.add(lists=("survey",)), office.add(automation="ask")
    other = office.add(PEKKA)
    await office.worker()
    await office.until(lambda: len(office.called("contacts.post")) == 2)
    called = len(office.asked)
    office.shop.block(office.integration.id, entry)
    await office.until(partial(office.all_in, "delivered", "withdrawn"))
    assert len(office.asked) == called
    assert office.arrived() == [other.invoice_id]
    said = [(one.decision, one.step, one.reason, one.attempts) for one in office.withdrawn()]
    assert said == [
        (tried.id, 1, Withdrawal.BLOCKED, 2),
        (behind.id, 1, Withdrawal.BLOCKED, 1),
        (behind.id, 2, Withdrawal.FIRST_STEP_FAILED, 0),
    ]


async def test_who_is_blocked_between_the_steps_gets_no_survey(office: Office) -> None:
    office.trouble = once("automations.post", "503")
    office.add(automation="ask")
    await office.worker()
    await office.until(lambda: bool(office.called("automations.post")))
    office.shop.block(office.integration.id, MAIJA)
    await office.until(partial(office.all_in, "delivered", "withdrawn"))
    assert office.arrived("automation") == []
    assert [(one.step, one.reason) for one in office.withdrawn()] == [(2, Withdrawal.BLOCKED)]


@pytest.mark.parametrize("left", [{"status": "unsubscribed"}, {"deleted_at": "2026-03-02T09:00:00Z"}])
async def test_who_leaves_trustmary_between_the_steps_gets_no_survey(office: Office, left: dict[str, str]) -> None:
    office.trouble = once("automations.post", "503")
    office.add(automation="ask")
    await office.worker()
    await office.until(lambda: bool(office.called("automations.post")))
    office.trustmary.homes["key"].contacts[MAIJA] |= left
    await office.until(partial(office.all_in, "delivered", "withdrawn"))
    assert office.arrived("automation") == []
    reason = Withdrawal.NOT_ACTIVE if "status" in left else Withdrawal.DELETED_THERE
    assert [(one.step, one.reason) for one in office.withdrawn()] == [(2, reason)]


@pytest.mark.parametrize(("way", "ends"), [("timeout_after_effect", "delivered"), ("drop", "withdrawn")])
async def test_who_is_blocked_while_a_call_is_unanswered_is_looked_up_all_the_same(
    office: Office, way: str, ends: str
) -> None:
    """The log says what became of it; where it did not arrive, it is not sent again."""
    office.trouble = once("contacts.post", way)
    office.add(lists=("survey",))
    await office.worker()
    await office.until(lambda: bool(office.called("contacts.post")))
    office.shop.block(office.integration.id, MAIJA)
    await office.until(partial(office.all_in, "delivered", "withdrawn"))
    assert office.all_in(ends)
    assert len(office.called("contacts.post")) == 1
    assert len(office.called("contacts.get")) == 2


async def test_a_refused_key_is_not_used_until_it_works_again(office: Office) -> None:
    home = office.trustmary.homes.pop("key")
    added = [office.add(), office.add(PEKKA)]
    await office.worker()
    await office.until(lambda: not office.integration.connected)
    tried = len(office.called("contacts.get"))
    await office.until(lambda: len(office.called("test.get")) == 3, within=1000)
    assert len(office.called("contacts.get")) == tried
    assert all(later - sooner >= MANNER.probe for sooner, later in pairwise(office.called("test.get")))
    office.trustmary.homes["key"] = home
    await office.until(partial(office.all_in, "delivered"), within=1000)
    assert sorted(office.arrived()) == [each.invoice_id for each in added]
    keys = [type(event) for event in office.shop.events if isinstance(event, ConnectionBroken | ConnectionRestored)]
    assert keys == [ConnectionBroken, ConnectionRestored]


async def test_a_silent_workers_lane_is_taken_over_when_its_lease_is_over(office: Office) -> None:
    """It called, and is gone before it could say how that ended."""
    added = office.add(lists=("survey",))
    gone = await office.worker()
    await office.until(lambda: bool(office.arrived()))
    office.workers.remove(gone)
    died_at = office.clock.monotonic()
    await office.worker()
    await office.until(partial(office.all_in, "delivered"))
    assert office.clock.monotonic() - died_at <= MANNER.lease + MANNER.timeout
    assert office.arrived() == [added.invoice_id]


class Deaf(Deliveries):
    """Believes that every lane it ever had is still its own."""

    async def renew(self, organizations: Iterable[str], *, seconds: float) -> set[str]:
        await super().renew(organizations, seconds=seconds)
        return set(organizations)


class Away(Deliveries):
    """A database that can be away."""

    away = False

    def there(self) -> None:
        if self.away:
            raise Unavailable("PostgreSQL does not answer")

    async def renew(self, organizations: Iterable[str], *, seconds: float) -> set[str]:
        self.there()
        return await super().renew(organizations, seconds=seconds)

    async def settle(self, ended: Sequence[Ended], *, now: float) -> None:
        self.there()
        await super().settle(ended, now=now)


async def test_what_failed_while_the_database_was_away_is_told_once_and_holds_up_nothing_after_it(
    office: Office,
) -> None:
    deliveries = Away(office.shop)
    stage = await office.worker(deliveries=deliveries)
    added = office.add()
    await office.until(lambda: bool(office.arrived()))
    deliveries.away = True
    for _ in range(10):
        office.clock.passes(MANNER.lease / 2)
        with pytest.raises(Unavailable):
            await stage.run_once()
        await breathe()
    deliveries.away = False
    with pytest.raises(Unavailable):
        await stage.run_once()
    await office.until(lambda: office.state(added) == "delivered")


class Slow(Trustmary):
    """What is added leaves, or has its answer, only when it is let go."""

    def __init__(self, there: Trustmary, clock: Clock, *, leaves: bool) -> None:
        super().__init__(*there.homes.values(), clock=clock)
        self.arrivals, self.leaves = there.arrivals, leaves
        self.held, self.go = asyncio.Event(), asyncio.Event()

    async def add(self, *args: Any, **options: Any) -> Answer:
        answer = await super().add(*args, **options) if self.leaves else None
        self.held.set()
        await self.go.wait()
        return answer or await super().add(*args, **options)


@pytest.mark.parametrize(("lists", "leaves"), [(("survey",), True), (("survey",), False), ((), False)])
async def test_a_worker_that_does_not_notice_that_its_lane_is_lost_changes_nothing(
    office: Office, lists: tuple[str, ...], leaves: bool
) -> None:
    """Its call goes on, or leaves, only after another has taken over what it had begun."""
    slow = Slow(office.trustmary, office.clock, leaves=leaves)
    deaf = await office.worker(deliveries=Deaf(office.shop), trustmary=slow)
    added = [office.add(lists=lists), office.add(lists=lists)]
    await office.until(slow.held.is_set)
    office.workers.remove(deaf)
    office.clock.passes(MANNER.lease + MANNER.timeout)
    await office.worker()
    await office.until(partial(office.all_in, "delivered"))
    office.add()
    slow.go.set()
    for _ in range(3):
        await deaf.run_once()
        await breathe()
        office.clock.passes(1)
    assert [row.state for row in office.shop.rows.values()] == ["delivered", "delivered", "waiting"]
    assert office.arrived() == [each.invoice_id for each in added]
    assert [type(event) for event in office.shop.events] == [ContactDelivered] * 2


WAYS = ("503", "429", "502", "drop", "timeout_after_effect")


@pytest.mark.parametrize("seed", range(8))
async def test_whatever_goes_wrong_a_contacts_deliveries_keep_their_order_and_nobody_is_asked_twice(
    office: Office, seed: int
) -> None:
    chance = Random(seed)
    office.trouble = lambda route: chance.choice(WAYS) if chance.random() < 0.3 else ""
    for email in (MAIJA, PEKKA) * 6:
        lists, automation = chance.choice([((), None), (("survey",), None), ((), "ask")])
        office.add(email, lists=lists, automation=automation)
    await office.worker(seed)
    await office.worker(seed + 1)
    for _ in range(4):
        await office.until(lambda: chance.random() < 0.1)
        office.workers.pop(0)
        await office.worker(chance.randrange(1000))
    await office.until(partial(office.all_in, "delivered", "parked"), within=86400, step=30)
    for email in {MAIJA, PEKKA}:
        came = [int(each.fields["field_invoice"]) for each in office.trustmary.arrivals if each.email == email]
        assert came == sorted(came)
    asked = Counter((each.fields["field_invoice"], each.lists) for each in office.trustmary.arrivals if each.lists)
    assert set(asked.values()) == {1}
    delivered = {
        row.added.invoice_id for row in office.shop.rows.values() if row.step == 1 and row.state == "delivered"
    }
    assert delivered <= set(office.arrived())
    assert len(delivered) >= 6


# Taking off


async def on_the_list(office: Office) -> ContactAdded:
    added = office.add(lists=("survey",))
    await office.worker()
    await office.until(lambda: office.state(added) == "delivered")
    assert office.trustmary.homes["key"].lists["survey"] == {MAIJA}
    return added


@pytest.mark.parametrize("way", ["drop", "timeout_after_effect", "503", "502"])
async def test_a_contact_is_taken_off_whatever_becomes_of_the_first_call(office: Office, way: str) -> None:
    added = await on_the_list(office)
    office.trustmary.failing["contacts.post"] = [way]
    off = to_take_off(added)
    office.shop.put(off, replay=True)
    await office.until(lambda: office.state(off) == "delivered")
    assert office.trustmary.homes["key"].lists["survey"] == set()
    assert office.trustmary.homes["key"].contacts[MAIJA]["name"] == added.contact["name"]


@pytest.mark.parametrize(
    ("state", "reason"),
    [
        (None, Withdrawal.NOT_THERE),
        ({"deleted_at": "2026-11-01T00:00:00Z"}, Withdrawal.DELETED_THERE),
        ({"status": "unsubscribed"}, Withdrawal.NOT_ACTIVE),
    ],
)
async def test_who_is_not_there_any_more_is_left_alone(
    office: Office, state: dict[str, Any] | None, reason: Withdrawal
) -> None:
    added = await on_the_list(office)
    home, calls = office.trustmary.homes["key"], len(office.trustmary.arrivals)
    if state is None:
        del home.contacts[MAIJA]
    else:
        home.contacts[MAIJA] |= state
    off = to_take_off(added)
    office.shop.put(off, replay=True)
    await office.until(lambda: office.state(off) == "withdrawn")
    last = office.shop.events[-1]
    assert isinstance(last, ContactWithdrawn)
    assert last.reason is reason
    assert len(office.trustmary.arrivals) == calls


async def test_whom_something_newer_puts_on_stays_on_whichever_call_leaves_first(office: Office) -> None:
    added = await on_the_list(office)
    off = to_take_off(added)
    office.shop.put(off, replay=True)
    newer = office.add(lists=("survey",))
    await office.until(lambda: office.state(newer) == "delivered" and office.state(off) == "withdrawn")
    last = [event for event in office.shop.events if isinstance(event, ContactWithdrawn)]
    assert [event.reason for event in last] == [Withdrawal.PUT_ON_AGAIN]
    assert office.trustmary.homes["key"].lists["survey"] == {MAIJA}
