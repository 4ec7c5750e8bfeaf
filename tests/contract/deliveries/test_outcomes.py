"""How attempts end, what becomes of those without an end, and of keys that are refused."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from uuid import UUID, uuid4

import pytest

from depot import (
    BROKEN,
    LEASE,
    MAIJA,
    PARKED,
    PEKKA,
    SILENCE,
    TIMEOUT,
    Depot,
    claim,
    end,
    hold,
    invoices,
    look_up,
)
from events.codec import Event
from events.connection import ConnectionBroken, ConnectionRestored
from events.contact import ContactAdded, ContactDelivered, ContactRefused, ContactWithdrawn, Withdrawal
from events.delivery import Again, Delivered, Gone, Parked, Rejected, Verdict, Withheld
from worker.adapters.deliveries import Ended
from worker.dispatch import Claims

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


# What is gone, and what is down


GONE = Gone(target="list:a", status=404)


async def lost(depot: Depot, worker: Claims, integration: UUID) -> ContactAdded:
    """A delivery to a list that is gone."""
    added = await depot.add(integration, lists=("a",))
    await hold(worker, depot)
    [delivery] = [one for one in await claim(worker, depot) if one.integration == integration]
    ended = Ended(delivery=delivery, added=added, verdict=GONE, at=0.0)
    await worker.break_connection(ended, GONE, retry=100)
    await worker.settle([ended], now=0.0)
    return added


async def reasons(depot: Depot) -> list[str | None]:
    return [event.reason if isinstance(event, ConnectionBroken) else None for event in await depot.events()]


async def test_what_is_gone_holds_what_names_it_and_nothing_else(
    depot: Depot, worker: Claims, integration: UUID
) -> None:
    added = await lost(depot, worker, integration)
    assert await depot.state(added) == "parked"
    assert await worker.gone([integration]) == {integration: {"list:a"}}
    other = await depot.add(integration)
    assert invoices(await claim(worker, depot)) == [other.invoice_id]
    assert await reasons(depot) == ["list_gone"]


async def test_what_comes_back_is_sent_and_what_does_not_waits(depot: Depot, worker: Claims, integration: UUID) -> None:
    added = await lost(depot, worker, integration)
    await depot.passes(101)
    [probe] = await worker.take_probes(every=50)
    assert (probe.reason, probe.missed) == ("list_gone", frozenset({"list:a"}))
    await worker.bring_back(probe, ["list:b"])
    assert await depot.state(added) == "parked"
    await worker.bring_back(probe, ["list:a"])
    await worker.restore_connection(probe, uuid4())
    await hold(worker, depot)
    assert invoices(await claim(worker, depot)) == [added.invoice_id]
    assert await reasons(depot) == ["list_gone", None]


async def test_what_is_parked_for_what_is_gone_is_looked_for_though_the_connection_stands(
    depot: Depot, worker: Claims, integration: UUID
) -> None:
    await lost(depot, worker, integration)
    await depot.passes(101)
    [probe] = await worker.take_probes(every=50)
    await worker.restore_connection(probe, uuid4())
    await depot.passes(51)
    [again] = await worker.take_probes(every=50)
    assert (again.reason, again.missed) == (None, frozenset({"list:a"}))


async def test_a_refused_key_is_told_in_place_of_what_is_gone_and_not_the_other_way_round(
    depot: Depot, worker: Claims, integration: UUID
) -> None:
    await lost(depot, worker, integration)
    await broken(depot, worker, integration)
    await depot.passes(101)
    [probe] = await worker.take_probes(every=50)
    await worker.tell(probe, "list_gone", "gone", uuid4(), retry=50)
    assert await reasons(depot) == ["list_gone", "credentials"]


async def test_a_lane_says_for_how_long_it_has_failed(depot: Depot, worker: Claims, integration: UUID) -> None:
    await depot.add(integration)
    [organization] = await hold(worker, depot)
    assert (await worker.close_lane(organization, 1, None)).total_seconds() < 1
    await depot.passes(LEASE / 2)
    assert (await worker.close_lane(organization, 2, None)).total_seconds() >= LEASE / 2
    assert (await worker.close_lane(organization, 0, None)).total_seconds() == 0


async def test_what_failed_while_trustmary_was_down_is_sent_when_it_is_over(
    depot: Depot, worker: Claims, integration: UUID
) -> None:
    given_up, waiting = await depot.add(integration), await depot.add(integration, PEKKA)
    await hold(worker, depot)
    first, second = await claim(worker, depot)
    await end(worker, Parked(fingerprint="unavailable:trustmary:503", failure="Trustmary answered 503."), first)
    await end(worker, Again(wait=timedelta(hours=8), failure="Trustmary answered 503.", status=503), second)
    [probe] = await worker.standing(depot.organizations[0])
    for _ in range(2):
        await worker.tell(probe, "down", "Trustmary answered 503.", uuid4(), retry=0)
    assert await claim(worker, depot) == []
    await depot.passes(1)
    [probe] = await worker.take_probes(every=50)
    await worker.restore_connection(probe, uuid4())
    await hold(worker, depot)
    assert invoices(await claim(worker, depot)) == [given_up.invoice_id, waiting.invoice_id]
    assert await reasons(depot) == ["down", None]
