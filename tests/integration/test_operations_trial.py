"""One real contact to the operator's own address: sent once, recorded before it leaves, and nobody else's business."""

from __future__ import annotations

from dataclasses import replace
from uuid import uuid4

import pytest

from desk import Desk, desk
from events.errors import Misconfigured, Refused, Unavailable
from events.integration import Condition, StartsSurveys, Trigger
from events.trial import TrialAnswered, TrialOutcome, TrialSent
from servers.postgres import Database
from worker.adapters import trustmary
from worker.operations import blocks, trial, triggers, why
from worker.operations.integrations import Integration
from worker.verify import verify_partition

OWN = "ville@toimisto.fi"


async def seen_two(at: Desk, *, trigger: Trigger | None = None) -> Integration:
    seen = await at.connect(trigger=trigger)
    await at.see(seen, 1, email="eino@asiakas.fi")
    await at.see(seen, 2)
    await at.project(seen)
    return await at.again(seen)


async def trials(at: Desk, seen: Integration) -> list[TrialSent | TrialAnswered]:
    return [event for _, event in await at.events(seen) if isinstance(event, TrialSent | TrialAnswered)]


async def test_the_newest_matching_contact_goes_to_the_own_address_and_uses_nothing_up(database: Database) -> None:
    async with desk(database) as at:
        seen = await seen_two(at)
        await at.see(seen, 3, email=None)
        await at.project(seen)
        states = await at.states(seen)
        prepared = await trial.prepare(at.context, seen, at.trigger, f" {OWN} ")
        assert (prepared.number, prepared.added.contact["email"]) == (10_002, OWN)
        assert at.sandbox.world.books.arrivals == []
        tried = await trial.send(at.context, seen, prepared, reason="does it arrive?")
        assert tried.well
        [arrival] = at.sandbox.world.books.arrivals
        assert (arrival.email, arrival.name, arrival.lists) == (OWN, "Maija Meikäläinen", [])
        sent, answered = await trials(at, seen)
        assert isinstance(sent, TrialSent)
        assert isinstance(answered, TrialAnswered)
        assert (sent.contact, sent.reason, sent.rules_version) == (
            {"email": OWN, "name": "Maija Meikäläinen"},
            "does it arrive?",
            seen.version,
        )
        assert (answered.trial, answered.outcome, answered.status) == (sent.id, TrialOutcome.DELIVERED, 200)
        assert await at.states(seen) == states
        await at.project(seen)
        found = await verify_partition(at.context.log, at.context.vault, seen.partition)
        assert (found.faults, found.undecided) == ((), 0)
        assert (await at.again(seen)).version == seen.version
        [life] = await why.why(at.context, "10002")
        assert [entry.event.type for entry in life.entries][-2:] == ["TrialSent", "TrialAnswered"]
        assert [entry.record.row.actor for entry in life.entries][-2:] == [at.context.actor] * 2
        assert OWN not in str([record.row.data for record, _ in await at.events(seen)])


async def test_a_trial_takes_every_step_of_the_destination(database: Database) -> None:
    async with desk(database) as at:
        seen = await seen_two(at)
        offered = await triggers.choices_of(at.context, seen)
        listed = triggers.to_lists(offered.lists[:1], StartsSurveys.YES)
        started = triggers.to_automation(next(one for one in offered.automations if one.status == "active"))
        for aim in (listed, started):
            draft = replace(at.trigger, id=uuid4(), destination=aim, live=False)
            prepared = await trial.prepare(at.context, seen, draft, OWN)
            assert prepared.added.starts_surveys
            assert (await trial.send(at.context, seen, prepared)).well
        added, contact, automation = at.sandbox.world.books.arrivals
        assert added.lists == [offered.lists[0].id]
        assert (contact.call, automation.call) == ("contact", "automation")
        assert {one.email for one in at.sandbox.world.books.arrivals} == {OWN}
        assert [one.step for one in await trials(at, seen) if isinstance(one, TrialAnswered)] == [1, 1, 2]


async def test_what_trustmary_refuses_is_recorded_and_told(database: Database) -> None:
    async with desk(database) as at:
        seen = await seen_two(at)
        fault = triggers.to_automation(trustmary.Target(id="gone", name="Poissa"))
        draft = replace(at.trigger, destination=fault)
        tried = await trial.send(at.context, seen, await trial.prepare(at.context, seen, draft, OWN))
        assert not tried.well
        assert [(one.step, one.outcome, one.status) for one in tried.answers] == [
            (1, TrialOutcome.DELIVERED, 200),
            (2, TrialOutcome.REFUSED, 404),
        ]
        assert (await trials(at, seen))[-1] == tried.answers[-1]


@pytest.mark.parametrize(
    ("fault", "outcome", "status"),
    [
        ("drop", TrialOutcome.UNANSWERED, None),
        ("503", TrialOutcome.REFUSED, 503),
        ("504", TrialOutcome.UNANSWERED, 504),
        ("422", TrialOutcome.REFUSED, 422),
    ],
)
async def test_a_call_that_fails_is_told_by_whether_it_may_have_arrived_and_is_not_repeated(
    database: Database, fault: str, outcome: TrialOutcome, status: int | None
) -> None:
    async with desk(database) as at:
        seen = await seen_two(at)
        started = triggers.to_automation(trustmary.Target(id="any", name="Kiitos"))
        prepared = await trial.prepare(at.context, seen, replace(at.trigger, destination=started), OWN)
        at.sandbox.faults.add(f"trustmary.contacts.post={fault}:1x1")
        tried = await trial.send(at.context, seen, prepared)
        assert [(one.step, one.outcome, one.status) for one in tried.answers] == [(1, outcome, status)]
        assert await trials(at, seen) == [tried.sent, *tried.answers]


async def test_a_service_that_cannot_be_reached_was_sent_nothing(database: Database) -> None:
    async with desk(database) as at:
        seen = await seen_two(at)
        prepared = await trial.prepare(at.context, seen, at.trigger, OWN)
        async with trustmary.open_session() as session:
            away = trustmary.Trustmary(session, url="http://127.0.0.1:9/v1")
            with pytest.raises(Unavailable, match="cannot be reached"):
                await trial.send(replace(at.context, trustmary=away), seen, prepared)
        assert await trials(at, seen) == []


async def test_a_contact_that_has_left_or_is_to_be_left_alone_is_not_touched(database: Database) -> None:
    async with desk(database) as at:
        seen = await seen_two(at)
        key = at.sandbox.trustmary_api_key
        await at.context.trustmary.add(key, {"email": OWN})
        at.sandbox.world.books.arrivals.clear()
        leaving = replace(at.trigger, existing="leave")
        with pytest.raises(Refused, match="Trustmary has the contact already"):
            await trial.send(at.context, seen, await trial.prepare(at.context, seen, leaving, OWN))
        at.sandbox.world.organization().contacts[OWN].status = "unsubscribed"
        with pytest.raises(Refused, match="not active"):
            await trial.send(at.context, seen, await trial.prepare(at.context, seen, at.trigger, OWN))
        assert at.sandbox.world.books.arrivals == []
        assert await trials(at, seen) == []


async def test_an_organization_that_rests_is_left_alone(database: Database) -> None:
    async with desk(database) as at:
        seen = await seen_two(at)
        await at.context.pool.execute("update lane set failures = 5, broken_until = now() + interval '1 minute'")
        with pytest.raises(Unavailable, match="asks for rest"):
            await trial.send(at.context, seen, await trial.prepare(at.context, seen, at.trigger, OWN))
        assert await trials(at, seen) == []


async def test_what_cannot_be_tried_says_what_is_missing(database: Database) -> None:
    async with desk(database) as at:
        seen = await seen_two(at)
        paid = replace(at.trigger, condition=Condition(statuses=frozenset({"PAID"})))
        with pytest.raises(Misconfigured, match="No invoice in the log"):
            await trial.prepare(at.context, seen, paid, OWN)
        with pytest.raises(Misconfigured, match="--send-to ville"):
            await trial.prepare(at.context, seen, at.trigger, "ville")
        await blocks.add(at.context, seen, "@toimisto.fi")
        with pytest.raises(Misconfigured, match="on the block list"):
            await trial.prepare(at.context, await at.again(seen), at.trigger, OWN)
