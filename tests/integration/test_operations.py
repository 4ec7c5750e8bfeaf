"""What operators do to a connected integration: each act an event on the version seen, nothing sent by accident."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from desk import MAIJA, Desk, desk, environ_for
from events.contact import ContactAdded, ContactSkipped, ContactWithdrawn, Skip, Withdrawal
from events.errors import Conflict, Misconfigured
from events.integration import Condition, Destination, DestinationKind, StartsSurveys, Trigger, Waiting
from servers.postgres import Database
from terminal import command
from worker import presence
from worker.loop import Beats
from worker.operations import (
    blocks,
    browse,
    cluster,
    deliveries,
    lifecycle,
    saving,
    status,
    tail,
    together,
    triggers,
    why,
)
from worker.operations.integrations import Integration, State
from worker.operations.narrowing import Terms


async def test_two_operators_do_not_overwrite_each_other(database: Database) -> None:
    async with desk(database) as at:
        seen = await at.connect()
        await saving.edit(at.context, seen, cool_down_days=30)
        with pytest.raises(Conflict):
            await saving.edit(at.context, seen, cool_down_days=7)
        assert (await at.again(seen)).rules.settings.cool_down_days == 30


async def test_a_trigger_is_saved_changed_and_removed(database: Database) -> None:
    async with desk(database) as at:
        seen = await at.connect()
        paid = Trigger(id=uuid4(), name="Maksettu", condition=Condition(statuses=frozenset({"PAID"})))
        seen = await triggers.save(at.context, seen, paid)
        assert seen.trigger("maksettu").id == paid.id
        seen = await triggers.save(at.context, seen, replace(paid, name="Maksettu heti"))
        assert {one.name for one in seen.rules.triggers.values()} == {"Lähetetty", "Maksettu heti"}
        seen = await triggers.remove(at.context, seen, paid.id)
        assert {one.name for one in seen.rules.triggers.values()} == {"Lähetetty"}


@pytest.mark.parametrize(
    ("trigger", "said"),
    [
        (Trigger(id=uuid4(), name="x", condition=Condition(statuses=frozenset({"SNET"}))), "no status 'SNET'"),
        (Trigger(id=uuid4(), name="x", condition=Condition(statuses=frozenset())), "at least one status"),
        (Trigger(id=uuid4(), name="x", destination=Destination(kind=DestinationKind.LISTS)), "names no list"),
        (
            Trigger(id=uuid4(), name="x", destination=Destination(kind=DestinationKind.SURVEY, survey="s")),
            "by its list",
        ),
        (Trigger(id=uuid4(), name="x", destination=Destination(kind=DestinationKind.AUTOMATION)), "no automation"),
    ],
)
def test_a_trigger_that_cannot_work_is_refused_with_the_reason(trigger: Trigger, said: str) -> None:
    with pytest.raises(Misconfigured, match=said):
        triggers.check(trigger)


async def test_destinations_are_picked_by_name_and_a_survey_by_its_list(database: Database) -> None:
    async with desk(database) as at:
        seen = await at.connect()
        offered = await triggers.choices_of(at.context, seen)
        survey = next(one for one in offered.surveys if offered.list_of(one))
        through = offered.list_of(survey)
        assert through is not None
        assert triggers.pick(offered.surveys, survey.name.upper(), "survey") == survey
        assert triggers.to_survey(survey, through, StartsSurveys.YES).targets == (f"list:{through.id}",)
        with pytest.raises(Misconfigured, match="no list called Nowhere"):
            triggers.pick(offered.lists, "Nowhere", "list")


async def decided(at: Desk, count: int = 2) -> Integration:
    seen = await at.connect()
    for invoice in range(1, count + 1):
        await at.see(seen, invoice, email=f"asiakas{invoice}@asiakas.fi")
    await at.project(seen)
    return await at.again(seen)


async def test_a_pause_holds_what_waits_and_says_how_many_calls_are_under_way(database: Database) -> None:
    async with desk(database) as at:
        seen = await decided(at)
        await at.context.pool.execute("update delivery set state = 'attempting' where invoice = 1")
        paused = await lifecycle.pause(at.context, seen, within=0.2)
        assert (paused.integration.state, paused.under_way, paused.waiting) == (State.PAUSED, 1, 1)
        await at.context.pool.execute("update delivery set state = 'waiting' where invoice = 1")
        assert (await lifecycle.pause(at.context, paused.integration)).under_way == 0


async def test_resuming_with_decide_again_lets_nothing_old_leave_and_decides_under_todays_rules(
    database: Database,
) -> None:
    async with desk(database) as at:
        seen = await decided(at)
        seen = (await lifecycle.pause(at.context, seen)).integration
        assert (await saving.held(at.context, seen.id)).count == 2
        seen = await lifecycle.resume(at.context, seen, Waiting.DECIDE_AGAIN)
        assert seen.state is State.ACTIVE
        assert {one.next_at for one in await deliveries.read(at.context, deliveries.Filter())} == {None}
        await at.project(seen)
        assert sorted(await at.states(seen)) == ["waiting", "waiting", "withdrawn", "withdrawn"]
        fresh = await deliveries.read(at.context, deliveries.Filter(states=("waiting",)))
        assert all(one.next_at for one in fresh)


async def test_resuming_with_send_sends_as_decided(database: Database) -> None:
    async with desk(database) as at:
        seen = (await lifecycle.pause(at.context, await decided(at))).integration
        seen = await lifecycle.resume(at.context, seen, Waiting.SEND)
        await at.project(seen)
        assert await at.states(seen) == ["waiting", "waiting"]
        assert all(one.next_at for one in await deliveries.read(at.context, deliveries.Filter()))


async def test_resuming_with_drop_sends_nothing_of_it(database: Database) -> None:
    async with desk(database) as at:
        seen = (await lifecycle.pause(at.context, await decided(at))).integration
        seen = await lifecycle.resume(at.context, seen, Waiting.DROP)
        await at.project(seen)
        assert await at.states(seen) == ["withdrawn", "withdrawn"]


async def test_removing_discards_what_waits_forgets_the_credentials_and_keeps_the_log(database: Database) -> None:
    async with desk(database) as at:
        seen = await decided(at)
        removed = await lifecycle.remove(at.context, seen)
        await at.project(seen)
        assert removed.discarded == 2
        assert removed.integration.state is State.REMOVED
        assert await at.states(seen) == ["withdrawn", "withdrawn"]
        assert await at.context.pool.fetchval("select count(*) from vault.secret where kind <> 'contact_key'") == 0
        assert await at.context.pool.fetchval("select count(*) from ingest") == 0
        added = [event for _, event in await at.events(seen) if isinstance(event, ContactAdded)]
        assert all(event.contact for event in added)


async def test_removing_with_erase_leaves_nobody_in_the_log(database: Database) -> None:
    async with desk(database) as at:
        seen = await decided(at)
        removed = await lifecycle.remove(at.context, seen, erase=True)
        assert removed.erased_keys >= 2
        await at.project(seen)
        told = repr(await at.events(seen)) + repr(await at.again(seen))
        assert "asiakas1@" not in told
        assert at.sandbox.companies[0]["name"] not in told


async def test_a_parked_delivery_is_retried_or_discarded_with_its_later_steps(database: Database) -> None:
    automation = Destination(kind=DestinationKind.AUTOMATION, automation="a1")
    async with desk(database) as at:
        seen = await at.connect(trigger=replace(at.trigger, destination=automation))
        await at.see(seen, 1)
        await at.project(seen)
        assert await at.states(seen) == ["waiting", "waiting"]
        first, second = sorted(one.id for one in await deliveries.read(at.context, deliveries.Filter()))
        await at.context.pool.execute(
            "update delivery set state = 'parked', fingerprint = 'unknown:1', attempts = 1 where id = $1", first
        )
        assert await deliveries.retry(at.context, [first, second]) == [first]
        assert await deliveries.discard(at.context, [first], reason="wrong person") == [first, second]
        assert await deliveries.discard(at.context, [first]) == []
        assert await at.states(seen) == ["withdrawn", "withdrawn"]
        gone = [event for _, event in await at.events(seen) if isinstance(event, ContactWithdrawn)]
        assert {(one.step, one.reason, one.detail) for one in gone} == {
            (1, Withdrawal.DISCARDED, "wrong person"),
            (2, Withdrawal.DISCARDED, "wrong person"),
        }


async def test_two_who_discard_the_same_withdraw_it_once(database: Database) -> None:
    async with desk(database) as at:
        seen = await decided(at)
        ids = [one.id for one in await deliveries.read(at.context, deliveries.Filter())]
        both = await asyncio.gather(deliveries.discard(at.context, ids), deliveries.discard(at.context, ids))
        assert sorted(id for each in both for id in each) == sorted(ids)
        assert sum(isinstance(event, ContactWithdrawn) for _, event in await at.events(seen)) == 2


async def test_a_blocked_address_or_domain_is_listed_and_skipped(database: Database) -> None:
    async with desk(database) as at:
        seen = await at.connect()
        assert await blocks.add(at.context, seen, MAIJA, reason="asked to be left alone") == MAIJA
        seen = await at.again(seen)
        assert await blocks.add(at.context, seen, "@Esimerkki.fi") == "@esimerkki.fi"
        listed = await blocks.read(at.context, seen)
        assert [one.address for one in listed] == [MAIJA, "@esimerkki.fi"]
        assert listed[0].actor == at.context.actor
        await at.see(seen, 1)
        await at.see(seen, 2, email="joku@esimerkki.fi")
        await at.project(seen)
        skips = [event.reason for _, event in await at.events(seen) if isinstance(event, ContactSkipped)]
        assert skips == [Skip.BLOCKED, Skip.BLOCKED]
        await blocks.remove(at.context, await at.again(seen), MAIJA)
        assert [one.address for one in await blocks.read(at.context, seen)] == ["@esimerkki.fi"]
        with pytest.raises(Misconfigured, match="not on the block list"):
            await blocks.remove(at.context, await at.again(seen), MAIJA)
        with pytest.raises(Misconfigured, match="neither an address"):
            await blocks.add(at.context, await at.again(seen), "nonsense")


async def test_why_tells_the_whole_life_of_an_invoice(database: Database) -> None:
    async with desk(database) as at:
        seen = await decided(at, count=1)
        [life] = await why.why(at.context, "10001")
        assert life.integration.id == seen.id
        assert [type(entry.event).__name__ for entry in life.entries] == ["InvoiceStatusChanged", "ContactAdded"]
        assert [one.state for one in life.deliveries] == ["waiting"]
        assert life.undecided == ()
        assert life.today == ()


async def test_why_not_is_told_where_nothing_was_decided(database: Database) -> None:
    async with desk(database) as at:
        paid = replace(at.trigger, condition=Condition(statuses=frozenset({"PAID"})))
        seen = await at.connect(trigger=paid)
        await at.see(seen, 1)
        [life] = await why.why(at.context, "10001")
        assert len(life.undecided) == 1
        await at.project(seen)
        [life] = await why.why(at.context, "1")
        assert life.undecided == ()
        assert [one.says for one in life.today] == ["It is SENT; the trigger waits for PAID."]


async def test_an_invoice_that_was_never_seen_is_said_to_be(database: Database) -> None:
    async with desk(database, history=3) as at:
        seen = await at.connect()
        with pytest.raises(Misconfigured, match=f"never seen. {seen.company} was read up to"):
            await why.why(at.context, "99999999")
        with pytest.raises(Misconfigured, match="no invoice number"):
            await why.why(at.context, "ABC")


async def test_events_are_browsed_by_filter_and_followed(database: Database) -> None:
    async with desk(database, companies=2) as at:
        seen, other = await at.connect(0), await at.connect(1, trigger=Trigger(id=uuid4(), name="Toinen"))
        every = await browse.latest(at.context, browse.Filter())
        assert len(every) == 4
        assert [entry.record.at for entry in every] == sorted(entry.record.at for entry in every)
        mine = await browse.latest(at.context, browse.Filter(among=(seen,)))
        assert {entry.record.partition for entry in mine} == {seen.partition}
        saved = await browse.latest(at.context, browse.Filter(types=browse.check(["TriggerSaved"])), limit=1)
        assert len(saved) == 1
        assert await browse.latest(at.context, browse.Filter(since=datetime.now(UTC) + timedelta(hours=1))) == []
        following = tail.follow(at.context, Terms(integrations=(str(other.id),)), await tail.heads(at.context))
        next_one = asyncio.ensure_future(anext(following))
        await saving.edit(at.context, seen, cool_down_days=1)
        await saving.edit(at.context, other, cool_down_days=1)
        entry = await asyncio.wait_for(next_one, 5)
        assert (type(entry.event).__name__, entry.record.partition) == ("SettingsSaved", other.partition)
        with pytest.raises(Misconfigured, match="no event type Invoiced"):
            browse.check(["Invoiced"])


async def test_status_names_what_waits_for_a_person(database: Database) -> None:
    async with desk(database) as at:
        seen = await decided(at)
        await at.context.pool.execute(
            "update connection set state = 'broken', reason = 'credentials' where service = 'trustmary'"
        )
        await at.context.pool.execute("update delivery set state = 'parked', fingerprint = 'x' where invoice = 1")
        now = await status.read(at.context)
        said = " ".join(need.says for need in now.needs)
        assert "No worker is running." in said
        assert "Trustmary (credentials): Trustmary knows the key no more." in said
        assert "1 deliveries are parked (x)" in said
        assert now.undecided == 0
        assert now.unrelayed == sum(lag.head for lag in now.lags)
        assert now.deliveries == {"waiting": 1, "parked": 1}
        assert seen.id in {need.integration for need in now.needs}


async def test_status_is_told_in_the_language_of_the_settings_and_to_programs_in_english(database: Database) -> None:
    async with desk(database) as at:
        seen = await decided(at)
        await at.context.pool.execute(
            "update connection set state = 'broken', reason = 'credentials' where service = 'trustmary'"
        )
        master = at.context.settings.master_key
        assert master is not None
        environ = environ_for(database, at.sandbox, PTM_MASTER_KEY=master.get_secret_value(), PTM_LANGUAGE="fi")
        told = await command(environ, "status")
        said = " ".join(told.out.split())
        assert told.code == 3
        for part in ("tapahtumat", "0 ratkaisematta", f"{seen.name} (yhteys evätty)", "odottaa ihmistä", "mitä tehdä"):
            assert part in said, (part, said)
        assert "Yhtään työprosessia ei ole käynnissä." in said and "Käynnistä työprosessi: ptm worker." in said
        assert "worker is" not in said and "waiting" not in said
        needs = (await command(environ, "status", "--json")).json["needs"]
        assert needs[0]["says"] == "No worker is running."
        line = (await command(environ, "status", "--check")).out
        assert line.startswith("PTM CRITICAL - työprosesseja käynnissä 0/1; 1 yhteys poikki | lag=0s;60;300;0 ")
        checked = (await command(environ, "status", "--check", "--json")).json
        assert checked["says"].startswith("PTM CRITICAL - 1 connection broken; 0 workers alive of 1 | ")
        away = environ | {"PTM_DATABASE_URL": "postgresql://ptm_worker@127.0.0.1:9/ptm"}
        line = (await command(away, "status", "--check")).out
        assert line.startswith("PTM CRITICAL - ") and "PostgreSQL ei " in line, line


async def test_a_stage_that_goes_on_failing_is_told_with_its_reason(database: Database) -> None:
    async with desk(database) as at:
        pool, beats = at.context.pool, Beats()
        beats.came_round("dispatch", 1)
        for _ in range(2):
            beats.failed("project", "Kafka refuses: wrong password")
        await presence.sign(pool, uuid4(), beats)
        assert (await status.read(at.context)).needs == ()
        beats.failed("project", "Kafka refuses: wrong password")
        await presence.sign(pool, uuid4(), beats)
        [need] = (await status.read(at.context)).needs
        assert need.says.startswith("project fails in the worker ")
        assert need.says.endswith(": Kafka refuses: wrong password")
        assert not need.urgent


async def test_a_worker_says_what_it_holds(database: Database) -> None:
    async with desk(database) as at:
        beats = Beats()
        await presence.sign(at.context.pool, uuid4(), beats)
        [running] = (await status.read(at.context)).workers
        assert running.partitions == ()
        assert running.memory_mib is None or 10 < running.memory_mib < 4000
        beats.partitions = lambda: {5, 3}
        await presence.sign(at.context.pool, running.id, beats)
        assert [one.partitions for one in (await status.read(at.context)).workers] == [(3, 5)]


async def test_how_long_contacts_took_is_read_from_those_that_live_changes_led_to(database: Database) -> None:
    async with desk(database) as at:
        seen = await at.connect()
        for invoice in (1, 2):
            await at.see(seen, invoice, partner=invoice, email=f"maija{invoice}@asiakas.fi")
        await at.project(seen)
        await at.context.pool.execute(
            "update delivery set state = 'delivered', settled_at = now() + interval '3 seconds', replay = (invoice = 2)"
        )
        [one] = (await cluster.read(at.context)).latencies
        assert 0 <= one.decided < one.delivered
        assert 3 <= one.delivered < 60


async def test_what_is_read_no_more_for_lack_of_credentials_is_said_once(database: Database) -> None:
    async with desk(database) as at:
        seen = await decided(at)
        await at.context.pool.execute("update ingest set failing_since = now(), failure = 'no answer'")
        failing = {need.says for need in (await status.read(at.context)).needs if need.integration == seen.id}
        await at.context.pool.execute(
            "update connection set state = 'broken', reason = 'credentials' where service = 'procountor'"
        )
        refused = {need.says for need in (await status.read(at.context)).needs if need.integration == seen.id}
        assert failing == {f"{seen.name}: reading fails: no answer"}
        [said] = refused
        assert said.startswith(f"{seen.name}: Procountor (credentials): ")


async def test_metrics_name_nobody(database: Database) -> None:
    async with desk(database) as at:
        await decided(at)
        numbers = await status.measure(at.context.pool)
        assert {one.name for one in numbers} >= {"events", "unrelayed", "undecided", "deliveries", "connections"}
        assert "asiakas" not in repr(numbers)


async def test_all_are_paused_and_resumed_each_by_its_own_event(database: Database) -> None:
    async with desk(database, companies=3) as at:
        first = await decided(at)
        second = await at.connect(1, trigger=Trigger(id=uuid4(), name="Toinen"))
        third = await at.connect(2, trigger=Trigger(id=uuid4(), name="Kolmas"))
        await lifecycle.pause(at.context, third, reason="own")
        done = await together.pause(at.context, reason="alarm")
        assert ({one.id for one in done.paused}, done.already, done.waiting) == ({first.id, second.id}, 1, 2)
        assert {(await at.again(one)).state for one in (first, second, third)} == {State.PAUSED}
        reasons = [await together.paused_by(at.context, await at.again(one)) for one in (first, second, third)]
        assert [by and by.reason for by in reasons] == ["alarm", "alarm", "own"]
        again = await together.pause(at.context, reason="alarm")
        assert (again.paused, again.already) == ((), 3)

        paused = await together.paused_ones(at.context)
        assert (await together.held(at.context, paused)).count == 2
        await triggers.save(at.context, await at.again(second), Trigger(id=uuid4(), name="Uusi"))
        back = await together.resume(at.context, paused, Waiting.SEND)
        assert ({one.id for one in back.resumed}, [one.id for one in back.changed]) == (
            {first.id, third.id},
            [second.id],
        )
        assert (await at.again(second)).state is State.PAUSED
        assert (await together.resume(at.context, await together.paused_ones(at.context), Waiting.SEND)).already == 2
        await at.project(first)
        assert await at.states(first) == ["waiting", "waiting"]


async def test_a_pause_of_all_is_not_kept_off_by_somebody_who_saves(database: Database) -> None:
    async with desk(database) as at:
        seen = await at.connect()
        await saving.edit(at.context, seen, cool_down_days=1)
        done = await together.insist(at.context, seen, "alarm")
        assert done is not None
        assert (await at.again(seen)).state is State.PAUSED
        assert await together.insist(at.context, seen, "alarm") is None
