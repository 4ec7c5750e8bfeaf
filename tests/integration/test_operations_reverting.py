"""Undoing the last change of a configuration, on a real log: what it does is shown, saved as an event, never unseen."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace
from uuid import uuid4

import pytest

from desk import Desk, desk
from events.errors import Misconfigured
from events.integration import Rules, Trigger, Waiting
from servers.postgres import Database
from worker.operations import blocks, drafts, labels, lifecycle, reverting, saving, triggers
from worker.operations.integrations import Integration, State
from worker.operations.saving import Overtaken


async def undone(at: Desk, seen: Integration, waiting: Waiting = Waiting.SEND) -> Integration:
    return await reverting.save(at.context, await reverting.prepare(at.context, seen), waiting=waiting)


def told(seen: Integration) -> Rules:
    return replace(seen.rules, version=0)


async def test_each_change_is_taken_back_by_an_event_that_says_which(database: Database) -> None:
    async with desk(database) as at:
        trigger = at.trigger
        changes: list[Callable[[Integration], Awaitable[Integration]]] = [
            lambda seen: triggers.save(at.context, seen, replace(trigger, name="Toinen")),
            lambda seen: triggers.save(at.context, seen, Trigger(id=uuid4(), name="Uusi")),
            lambda seen: triggers.remove(at.context, seen, trigger.id),
            lambda seen: saving.edit(at.context, seen, cool_down_days=30, brake=7),
            lambda seen: labels.add(at.context, seen, "pilotti"),
        ]
        seen = await at.connect()
        for change in changes:
            changed = await change(seen)
            assert told(changed) != told(seen)
            back = await undone(at, changed)
            assert told(back) == told(seen)
            assert (await at.events(back))[-1][1].reason == f"version {changed.version} undone"  # type: ignore[union-attr]
            seen = back


async def test_undone_twice_is_as_it_was_said(database: Database) -> None:
    async with desk(database) as at:
        seen = await at.connect()
        changed = await triggers.save(at.context, seen, replace(at.trigger, name="Toinen"))
        assert told(await undone(at, await undone(at, changed))) == told(changed)


async def test_a_promotion_is_undone_whole(database: Database) -> None:
    async with desk(database) as at:
        seen = await at.connect()
        draft = replace(drafts.beside(seen, at.trigger), existing="leave")
        before = await triggers.save(at.context, seen, draft)
        promoted = await drafts.promote(at.context, before, draft)
        assert list(promoted.rules.triggers) == [at.trigger.id]
        undoing = await reverting.prepare(at.context, promoted)
        assert undoing.act.reason == f"promoted: {draft.name}"
        assert [line for line in undoing.says if line.startswith("trigger")] == [
            f"trigger {draft.name} saved",
            "trigger Lähetetty changed",
        ]
        assert told(await undone(at, promoted)) == told(before)


async def test_a_pause_is_undone_by_resuming_and_what_waits_is_asked_about(database: Database) -> None:
    async with desk(database) as at:
        seen = await at.connect()
        await at.see(seen, 1)
        await at.project(seen)
        paused = (await lifecycle.pause(at.context, await at.again(seen))).integration
        undoing = await reverting.prepare(at.context, paused)
        assert (await reverting.held(at.context, undoing)).count == 1
        resumed = await reverting.save(at.context, undoing, waiting=Waiting.DROP)
        await at.project(seen)
        assert (resumed.state, resumed.rules.paused) == (State.ACTIVE, False)
        assert await at.states(seen) == ["withdrawn"]
        assert (await undone(at, resumed)).state is State.PAUSED


async def test_what_waits_of_the_newer_rule_is_held_until_it_is_decided_again(database: Database) -> None:
    async with desk(database) as at:
        seen = await at.connect()
        changed = await triggers.save(at.context, seen, replace(at.trigger, existing="leave"))
        await at.see(seen, 1)
        await at.project(seen)
        await undone(at, await at.again(changed), Waiting.DECIDE_AGAIN)
        assert await at.context.pool.fetchval("select count(*) from delivery where next_at = 'infinity'") == 1
        await at.project(seen)
        assert await at.states(seen) == ["withdrawn", "waiting"]


async def test_an_address_that_had_been_blocked_before_stays_blocked(database: Database) -> None:
    async with desk(database) as at:
        seen = await at.connect()
        await blocks.add(at.context, seen, "@asiakas.fi")
        await blocks.add(at.context, await at.again(seen), "@Asiakas.fi")
        with pytest.raises(Misconfigured, match="changed nothing"):
            await reverting.prepare(at.context, await at.again(seen))
        await blocks.remove(at.context, await at.again(seen), "@asiakas.fi")
        await undone(at, await at.again(seen))
        assert [one.address for one in await blocks.read(at.context, seen)] == ["@asiakas.fi"]
        await blocks.add(at.context, await at.again(seen), "maija@muu.fi")
        await undone(at, await at.again(seen))
        assert [one.address for one in await blocks.read(at.context, seen)] == ["@asiakas.fi"]


async def test_what_somebody_saved_meanwhile_is_not_undone_unseen(database: Database) -> None:
    async with desk(database) as at:
        seen = await labels.add(at.context, await at.connect(), "yksi")
        undoing = await reverting.prepare(at.context, seen)
        await labels.add(at.context, seen, "kaksi")
        with pytest.raises(Overtaken) as met:
            await reverting.save(at.context, undoing)
        assert met.value.newer[0].says[0] == "labels changed"
        assert (await at.again(seen)).rules.labels == ("kaksi", "yksi")


async def test_what_cannot_be_undone_says_so(database: Database) -> None:
    async with desk(database) as at:
        seen = await at.connect()
        with pytest.raises(Misconfigured, match="remove the integration instead"):
            await reverting.prepare(at.context, seen)
        removed = (await lifecycle.remove(at.context, seen)).integration
        with pytest.raises(Misconfigured, match="does not come back"):
            await reverting.prepare(at.context, removed)
