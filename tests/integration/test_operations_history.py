"""Versions of triggers on a real log: shown, restored, and never overwritten unseen."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from uuid import uuid4

import pytest

from desk import desk
from events.errors import Conflict, Misconfigured
from events.integration import Condition, Trigger, Waiting
from servers.postgres import Database
from worker.operations import blocks, history, saving, triggers
from worker.operations.saving import Overtaken


async def test_a_newer_version_is_shown_with_its_author_and_nothing_is_overwritten(database: Database) -> None:
    async with desk(database) as at:
        seen = await at.connect()
        wanted = replace(at.trigger, condition=Condition(statuses=frozenset({"SENT", "PAID"})))
        saved = await triggers.save(at.context, seen, wanted, reason="Päivi asked")
        await blocks.add(at.context, saved, "@asiakas.fi")
        with pytest.raises(Overtaken, match="has changed since version") as met:
            await triggers.save(at.context, seen, replace(at.trigger, name="Toinen"))
        first, second = met.value.newer
        assert (first.position, first.actor, first.reason) == (saved.version, at.context.actor, "Päivi asked")
        assert first.says == ("trigger Lähetetty changed", "status: SENT → SENT, PAID")
        assert second.says == ("@asiakas.fi blocked",)
        assert (await at.again(seen)).rules.triggers == {wanted.id: wanted}


async def test_of_two_operators_at_once_one_saves_and_the_other_is_shown_what(database: Database) -> None:
    async with desk(database) as at:
        seen = await at.connect()
        saves = [triggers.save(at.context, seen, replace(at.trigger, name=name)) for name in ("Yksi", "Kaksi")]
        done = await asyncio.gather(*saves, return_exceptions=True)
        [late] = [one for one in done if isinstance(one, Overtaken)]
        [name] = [one.name for one in (await at.again(seen)).rules.triggers.values()]
        assert late.newer[0].says == ("trigger Lähetetty changed", f"trigger: Lähetetty → {name}")


async def test_a_version_that_never_was_is_told_as_that(database: Database) -> None:
    async with desk(database) as at:
        seen = await at.connect()
        with pytest.raises(Overtaken, match="has no version 99"):
            await triggers.save(at.context, replace(seen, version=99), at.trigger)


async def test_a_conflict_of_what_belongs_with_the_save_stays_what_it_is(database: Database) -> None:
    async with desk(database) as at:
        seen = await at.connect()
        with pytest.raises(Conflict, match="of another kind") as met:
            async with saving.saving(at.context, seen, triggers.saved(seen, at.trigger)):
                raise Conflict("of another kind")
        assert not isinstance(met.value, Overtaken)
        assert (await at.again(seen)).version == seen.version


async def test_an_old_version_is_restored_as_a_new_one_and_a_removed_trigger_under_its_own_id(
    database: Database,
) -> None:
    async with desk(database) as at:
        seen = await at.connect()
        first = seen.version
        seen = await triggers.save(at.context, seen, replace(at.trigger, name="Toinen", existing="leave"))
        known = history.find(await history.read(at.context, seen), "toinen")
        assert [one.position for one in known] == [first, seen.version]
        old = history.to_restore(known, first)
        seen = await history.restore(at.context, seen, old, first)
        assert seen.rules.triggers == {at.trigger.id: at.trigger}

        seen = await triggers.remove(at.context, seen, at.trigger.id)
        known = history.find(await history.read(at.context, seen), "Lähetetty")
        assert [one.trigger is None for one in known] == [False, False, False, True]
        assert known[2].reason == f"version {first} restored"
        seen = await history.restore(at.context, seen, history.to_restore(known, known[1].position), known[1].position)
        assert [one.name for one in seen.rules.triggers.values()] == ["Toinen"]
        assert list(seen.rules.triggers) == [at.trigger.id]


async def test_what_a_restored_trigger_had_added_it_does_not_add_again(database: Database) -> None:
    async with desk(database) as at:
        seen = await at.connect()
        first = seen.version
        await at.see(seen, 1)
        await at.project(seen)
        seen = await triggers.remove(at.context, await at.again(seen), at.trigger.id, waiting=Waiting.SEND)
        await history.restore(at.context, seen, at.trigger, first)
        await at.see(seen, 1, change=2)
        await at.project(seen)
        assert [event.type for _, event in await at.events(seen)][-2:] == ["InvoiceStatusChanged", "ContactSkipped"]
        assert await at.states(seen) == ["waiting"]


async def test_what_cannot_be_restored_is_refused_with_what_can(database: Database) -> None:
    async with desk(database) as at:
        seen = await at.connect()
        first = seen.version
        known = history.find(await history.read(at.context, seen), str(at.trigger.id)[:8])
        with pytest.raises(Misconfigured, match="is as version"):
            history.to_restore(known, first)
        with pytest.raises(Misconfigured, match=f"has no version 99: it has {first}"):
            history.to_restore(known, 99)
        seen = await triggers.remove(at.context, seen, at.trigger.id)
        known = history.find(await history.read(at.context, seen), "Lähetetty")
        with pytest.raises(Misconfigured, match=f"removed Lähetetty: restore one of {first}"):
            history.to_restore(known, seen.version)


async def test_of_two_triggers_of_one_name_the_one_that_is_there_is_meant(database: Database) -> None:
    async with desk(database) as at:
        seen = await triggers.remove(at.context, await at.connect(), at.trigger.id)
        second = Trigger(id=uuid4(), name="Lähetetty")
        seen = await triggers.save(at.context, seen, second)
        known = await history.read(at.context, seen)
        assert history.find(known, "lähetetty")[-1].id == second.id
        seen = await triggers.remove(at.context, seen, second.id)
        with pytest.raises(Misconfigured, match="2 triggers are or were called"):
            history.find(await history.read(at.context, seen), "lähetetty")
