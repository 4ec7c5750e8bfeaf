"""The operator's stories of replay, with real workers: what was planned arrives, and nothing else."""

from __future__ import annotations

import os
import signal
from dataclasses import replace
from pathlib import Path

import pytest

from desk import drawing
from events.integration import OFF, FieldMapping, Settings
from events.plan import Class, Wanted
from events.replay import Reach
from eventually import eventually
from servers.postgres import Database
from stage import Stage, staged, to_contact, to_list
from terminal import command
from worker.operations import planning, replays, triggers
from worker.operations.integrations import Integration
from worker.operations.planning import Kept
from worker.operations.replays import Line, Order, Replay

pytestmark = pytest.mark.acceptance

ALL = Wanted(upto=2**63 - 1)
RIGHT = to_contact().mapping
WRONG = FieldMapping(fields={**RIGHT.fields, "name": "customer.name"})


async def plan(stage: Stage, seen: Integration, wanted: Wanted = ALL) -> Kept:
    await stage.settled()
    return await planning.plan(stage.context, await stage.again(seen), wanted)


async def start(stage: Stage, kept: Kept, reach: Reach) -> Replay:
    found = await replays.find(stage.context, str(kept.id))
    return await replays.apply(stage.context, found, Order(reach=reach), name="korjaus", reason="väärä nimi")


async def done(stage: Stage, kept: Kept, *, within: float = 60) -> Replay:
    """Carried out to its end, settled and proven."""

    async def ended() -> bool:
        return (await replays.find(stage.context, str(kept.id))).state == "done"

    await eventually(ended, within=within)
    await stage.settled()
    await stage.sound()
    return await replays.find(stage.context, str(kept.id))


async def lines(stage: Stage, replay: Replay) -> list[Line]:
    return [line async for line in replays.lines(stage.context, replay)]


def names(stage: Stage, after: int = 0) -> list[tuple[str, str | None]]:
    return [(each.email, each.name) for each in stage.arrivals[after:] if each.call == "contact"]


async def test_five_hundred_contacts_with_the_companys_name_are_put_right_though_a_worker_is_killed(
    database: Database, tansu: str, topic: str, tmp_path: Path
) -> None:
    async with staged(database, tansu, topic=topic, directory=tmp_path, seed=11) as stage:
        trigger = replace(to_list(stage.survey_list()), mapping=WRONG)
        seen = await stage.connect(trigger=trigger, settings=Settings(brake=OFF))
        workers = await stage.start(2)
        stage.send(500)
        await stage.arrived(within=60)
        await stage.settled()
        companies = {one.name for one in stage.sandbox.world.company(stage.company(0)).customers.values()}
        assert {name for _, name in names(stage)} <= companies
        await triggers.save(stage.context, await stage.again(seen), replace(trigger, mapping=RIGHT))

        kept = await plan(stage, seen)
        assert {kind.value: count for kind, count in kept.plan.counts.items() if count} == {"changed": 500}
        before, surveys = len(stage.arrivals), stage.verdict().surveys
        await start(stage, kept, Reach.CONTACT)
        victim = await stage.busy(workers)
        os.kill(victim.pid, signal.SIGKILL)
        replay = await done(stage, kept)

        assert replay.results == {"delivered": 500}
        planned = {(item.after["email"], item.after["name"]) for item in kept.plan.items}
        arrived = names(stage, before)
        assert set(arrived) == planned
        # A call that was under way when its worker died may be made again: contact only, so nobody is asked twice.
        assert len(arrived) <= 500 + 40
        assert stage.verdict().surveys == surveys
        again = await plan(stage, seen)
        assert again.plan.sendable == ()


async def test_the_forgotten_address_is_put_into_the_register_and_only_that_customer_is_asked(
    database: Database, tansu: str, topic: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with staged(database, tansu, topic=topic, directory=tmp_path, seed=12) as stage:
        seen = await stage.connect()
        await stage.start(1)
        stage.send(3)
        forgotten = stage.customer(kind="no_email")
        for _ in range(2):
            stage.act(stage.invoice(customer=forgotten), "approve", "send")
        await stage.arrived(within=60)
        await stage.settled()
        stage.sandbox.world.edit_customer(
            stage.company(0), forgotten, contacts=[{"name": "Aino Uusi", "email": "aino.uusi@asiakas.fi"}]
        )

        skips = frozenset({"no_email", "no_contact_person"})
        snapshot = await plan(stage, seen, replace(ALL, skips=skips))
        assert snapshot.plan.items == ()
        drawn = drawing(monkeypatch)
        kept = await plan(stage, seen, replace(ALL, skips=skips, latest=True))
        assert drawn[-1] is False, "what is read for a plan goes behind what is read live"
        assert [(item.kind.value, item.after["name"], item.invoices) for item in kept.plan.items] == [
            ("new", "Aino Uusi", 2)
        ]
        before = len(stage.arrivals)
        await start(stage, kept, Reach.SURVEY)
        replay = await done(stage, kept)
        assert replay.results == {"delivered": 1}
        assert names(stage, before) == [("aino.uusi@asiakas.fi", "Aino Uusi")]
        assert stage.arrivals[-1].lists == [stage.survey_list()]


async def test_a_corrected_address_is_shown_as_another_and_what_is_sent_meanwhile_is_left_out(
    database: Database, tansu: str, topic: str, tmp_path: Path
) -> None:
    async with staged(database, tansu, topic=topic, directory=tmp_path, seed=13) as stage:
        seen = await stage.connect()
        await stage.start(1)
        customers = [stage.customer() for _ in range(2)]
        for customer in customers:
            stage.act(stage.invoice(customer=customer), "approve", "send")
        await stage.arrived(within=60)
        for place, customer in enumerate(customers):
            stage.sandbox.world.edit_customer(
                stage.company(0), customer, contact_person="", contacts=[{"name": "Uusi", "email": f"uusi{place}@a.fi"}]
            )
        kept = await plan(stage, seen, replace(ALL, latest=True))
        assert [(item.kind.value, item.email) for item in kept.plan.sendable] == [
            ("other_address", "uusi0@a.fi"),
            ("other_address", "uusi1@a.fi"),
        ]
        old = {item.email for item in kept.plan.items if item.kind is Class.TAKE_OFF}
        assert old == {item.before["email"] for item in kept.plan.sendable}, "offered, and left where they are"
        # The second customer gets an invoice, and so a survey, before the plan is applied.
        stage.act(stage.invoice(customer=customers[1]), "approve", "send")
        await eventually(lambda: ("uusi1@a.fi", "Uusi") in names(stage))
        await stage.settled()
        before = len(stage.arrivals)
        await start(stage, kept, Reach.SURVEY)
        replay = await done(stage, kept)
        assert replay.results == {"delivered": 1, "moved": 1}
        assert names(stage, before) == [("uusi0@a.fi", "Uusi")]
        assert [(line.email, line.left_out) for line in await lines(stage, replay) if line.email not in old] == [
            ("uusi0@a.fi", None),
            ("uusi1@a.fi", "moved"),
        ]


async def test_a_replay_to_the_wrong_list_is_undone_and_the_books_say_who_is_on_it_in_the_end(
    database: Database, tansu: str, topic: str, tmp_path: Path
) -> None:
    async with staged(database, tansu, topic=topic, directory=tmp_path, seed=14) as stage:
        trigger = replace(to_contact(), mapping=WRONG)
        seen = await stage.connect(trigger=trigger)
        await stage.start(1)
        stage.send(5)
        await stage.arrived(within=60)
        await stage.settled()
        members = stage.sandbox.world.organization().lists[stage.survey_list()].members
        live = replace(to_list(stage.survey_list()), id=trigger.id, name=trigger.name, mapping=RIGHT)
        await triggers.save(stage.context, await stage.again(seen), live)
        kept = await plan(stage, seen)
        await start(stage, kept, Reach.SURVEY)
        await done(stage, kept)
        replayed = set(members)
        assert len(replayed) == len(kept.plan.sendable)
        # One of them gets an invoice after the replay: who is on the list for that one stays on it.
        customer = next(item.partner for item in kept.plan.items if item.partner is not None)
        stage.act(stage.invoice(customer=customer), "approve", "send")
        await stage.arrived(within=60)
        await stage.settled()

        number = str(len(replayed) - 1)
        asked = ("replay", "undo", str(kept.id), "--name", "peruutus", "--reason", "väärä lista")
        refused = await command(stage.environment, *asked, "--yes", "99")
        assert (refused.code, "nothing was started" in refused.err) == (2, True)
        assert members == replayed
        begun = await command(stage.environment, *asked, "--yes", number)
        assert begun.code == 0, begun.err
        for said in (f"Taken off: {number}", "Stays on: 1", "What cannot be undone:", "A survey may have started"):
            assert said in begun.out
        [undone] = [one for one in await replays.listed(stage.context) if one.undoes == kept.id]
        assert (await done(stage, replace(kept, id=undone.id))).results == {"delivered": int(number)}
        assert len(members) == 1
        shown = await command(stage.environment, "replay", "show", str(undone.id))
        why = await command(stage.environment, "why", str(kept.plan.items[-1].invoice))
        listed = await command(stage.environment, "replay", "list")
        twice = await command(stage.environment, *asked, "--yes", "0")
        assert twice.code == 2
        assert "Something else has put the contact on it too" in shown.out
        assert f"by replay {str(undone.id)[:8]}" in why.out
        assert ", as peruutus: väärä lista" in shown.out
        assert f"done, undoes {str(kept.id)[:8]}" in listed.out
        assert "peruutus" in listed.out
