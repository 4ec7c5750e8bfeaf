"""Configuration from a document on a real log: shown, checked, saved whole or not at all, never over a newer one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest

from desk import Desk, desk
from events import document, written
from events.document import Entry
from events.errors import Misconfigured
from events.integration import Condition, FieldMapping, Settings, Trigger, Waiting
from servers.postgres import Database
from worker.adapters import documents
from worker.operations import blocks, drafts, importing, saving, triggers
from worker.operations.importing import Checker, Planned
from worker.operations.integrations import Integration
from worker.operations.saving import Overtaken
from worker.verify import verify_partition


async def planned(at: Desk, seen: Integration, one: Entry, **more: Any) -> Planned:
    return await Checker(at.context).plan("integrations[0]", one, seen, **more)


def edited(one: Entry, name: str, change: Callable[[Trigger], Trigger]) -> Entry:
    """*one* as if somebody had edited the file: what is not known by name in it is not there."""
    wanted = document.id_of(name)
    return replace(one, triggers=tuple(change(each) if each.id == wanted else each for each in one.triggers))


async def proven(at: Desk, seen: Integration) -> None:
    await at.project(seen)
    found = await verify_partition(at.context.log, at.context.vault, seen.partition)
    assert (found.faults, found.undecided) == ((), 0)


async def rich(at: Desk) -> Integration:
    """With settings, a list trigger, and a draft of the first."""
    seen = await saving.edit(at.context, await at.connect(), cool_down_days=30)
    offered = await triggers.choices_of(at.context, seen)
    listed = Trigger(
        id=uuid4(),
        name="Maksetut",
        condition=Condition(statuses=frozenset({"PAID"})),
        mapping=FieldMapping(fields={"email": "person.email", "phone": "trim(person.phone)"}),
        destination=triggers.to_lists(offered.lists[:2]),
        existing="leave",
    )
    seen = await triggers.save(at.context, seen, listed)
    return await triggers.save(at.context, seen, drafts.beside(seen, at.trigger))


async def test_an_unchanged_document_changes_nothing_and_writes_no_event(database: Database) -> None:
    async with desk(database) as at:
        seen = await rich(at)
        one = importing.described(seen)
        text = documents.dump(written.plain((one,)))
        assert written.read(documents.load(text, "x")) == (one,)
        plan = await planned(at, seen, one)
        assert (plan.says, plan.events(Waiting.SEND, None), plan.others) == ((), (), ())
        assert await importing.save(at.context, plan) == seen
        assert (await at.again(seen)).version == seen.version


async def test_an_export_holds_no_secret_and_no_id_of_this_database(database: Database) -> None:
    async with desk(database) as at:
        seen = await rich(at)
        text = documents.dump(written.plain((importing.described(seen),)))
        ids = [seen.id, seen.procountor_secret, seen.trustmary_secret, *seen.rules.triggers]
        keys = [at.sandbox.companies[0]["api_key"], at.sandbox.trustmary_api_key, at.sandbox.client_secret]
        for each in (*ids, *keys):
            assert str(each) not in text


async def test_an_export_of_one_company_makes_another_the_same(database: Database) -> None:
    async with desk(database, companies=2) as at:
        first = await rich(at)
        second = await at.connect(1)
        theirs = importing.described(second)
        wanted = replace(importing.described(first), company=theirs.company, names=theirs.names)
        seen = await importing.save(at.context, await planned(at, second, wanted))
        assert importing.described(seen) == wanted
        assert seen.rules.triggers.keys().isdisjoint(first.rules.triggers.keys() - {at.trigger.id})
        draft = seen.trigger("Lähetetty draft")
        assert draft.draft_of == seen.trigger("Lähetetty").id
        await proven(at, seen)


async def test_what_changes_is_told_in_words_and_saved_in_one_transaction(database: Database) -> None:
    async with desk(database) as at:
        seen = await rich(at)
        one = replace(importing.described(seen), settings=Settings())
        one = edited(one, "Maksetut", lambda each: replace(each, existing="update"))
        new = Trigger(id=document.id_of("Uusi"), name="Uusi", live=False, draft_of=document.id_of("maksetut"))
        plan = await planned(at, seen, replace(one, triggers=(*one.triggers, new)))
        assert plan.says[:3] == (
            "trigger Maksetut changed",
            "    existing contacts: leave → update",
            "trigger Uusi saved",
        )
        assert plan.says[-2:] == ("settings changed", "    cool-down days: 30 → 0")
        saved = await importing.save(at.context, plan, reason="from the file")
        told = [(record, event) for record, event in await at.events(seen) if record.position > seen.version]
        assert [event.type for _, event in told] == ["TriggerSaved", "TriggerSaved", "SettingsSaved"]
        assert {getattr(event, "reason", None) for _, event in told} == {"from the file"}
        assert saved.version == seen.version + 3
        assert saved.trigger("Uusi").draft_of == saved.trigger("Maksetut").id
        assert (await planned(at, saved, importing.described(saved))).says == ()
        await proven(at, saved)


async def test_a_newer_version_is_shown_and_nothing_of_the_document_is_saved(database: Database) -> None:
    async with desk(database) as at:
        seen = await rich(at)
        one = edited(importing.described(seen), "Maksetut", lambda each: replace(each, existing="update"))
        plan = await planned(at, seen, replace(one, settings=Settings()))
        await blocks.add(at.context, seen, "@asiakas.fi")
        with pytest.raises(Overtaken) as met:
            await importing.save(at.context, plan)
        assert met.value.newer[0].says == ("@asiakas.fi blocked",)
        after = await at.again(seen)
        assert (after.version, after.rules.settings) == (seen.version + 1, seen.rules.settings)


async def test_triggers_that_the_document_does_not_name_stay_unless_they_are_to_go(database: Database) -> None:
    async with desk(database) as at:
        seen = await rich(at)
        one = importing.described(seen)
        fewer = replace(one, triggers=tuple(each for each in one.triggers if each.name != "Maksetut"))
        plan = await planned(at, seen, fewer)
        assert ([each.name for each in plan.others], plan.says) == (["Maksetut"], ())
        going = replace(plan, removing=True)
        assert going.says == ("trigger Maksetut removed",)
        after = await importing.save(at.context, going)
        assert [each.name for each in after.rules.triggers.values()] == ["Lähetetty", "Lähetetty draft"]
        await proven(at, after)


@pytest.mark.parametrize("settings", [False, True])
async def test_what_waits_is_decided_again_by_all_of_the_document_at_once(database: Database, settings: bool) -> None:
    """With settings changed too, nothing is decided by the new trigger and the old settings, to be sent meanwhile."""
    async with desk(database) as at:
        seen = await at.connect()
        await at.see(seen, 1)
        await at.see(seen, 2, email="laskutus@asiakas.fi")
        await at.see(seen, 3, total=500.0, email="ville@asiakas.fi")
        await at.project(seen)
        assert await at.states(seen) == ["waiting", "waiting"]
        seen = await at.again(seen)
        one = edited(
            importing.described(seen),
            "Lähetetty",
            lambda each: replace(each, condition=replace(each.condition, minimum=Decimal(100))),
        )
        plan = await planned(at, seen, replace(one, settings=Settings(role_addresses=True)) if settings else one)
        assert (await importing.held(at.context, plan)).count == 2
        saved = await importing.save(at.context, plan, waiting=Waiting.DECIDE_AGAIN)
        due = "select count(*) from delivery where integration = $1 and state = 'waiting' and next_at < 'infinity'"
        assert await at.context.pool.fetchval(due, seen.id) == 0
        await at.project(saved)
        assert await at.states(seen) == ["withdrawn", "withdrawn", "waiting"]
        decided = [event for _, event in await at.events(seen) if event.type in ("ContactAdded", "ContactSkipped")]
        again = [event for event in decided if getattr(event, "asked_by", None)]
        assert len({getattr(event, "rules_version", 0) for event in again}) == 1
        assert [getattr(event, "rules_version", 0) for event in again] == [saved.version] * 2
        await proven(at, saved)


async def test_what_waits_of_a_removed_trigger_is_dropped_or_sent(database: Database) -> None:
    async with desk(database) as at:
        seen = await at.connect()
        await at.see(seen, 1)
        await at.project(seen)
        empty = replace(importing.described(seen), triggers=())
        plan = await planned(at, await at.again(seen), empty, removing=True)
        assert (await importing.held(at.context, plan)).count == 1
        saved = await importing.save(at.context, plan, waiting=Waiting.DECIDE_AGAIN)
        await at.project(saved)
        assert await at.states(seen) == ["withdrawn"]
        await proven(at, saved)


async def test_what_cannot_work_here_is_refused_with_its_place(database: Database) -> None:
    async with desk(database) as at:
        seen = await rich(at)
        one = importing.described(seen)
        place = r"integrations\[0\]\.triggers\[1\]"
        path = FieldMapping(fields={"email": "person.email", "phone": "customer.registryInfo.phones"})
        [first, *_] = one.triggers[1].destination.lists
        aim = one.triggers[1].destination
        cases: list[tuple[dict[str, Any], str]] = [
            ({"mapping": path}, rf"{place}: phone is mapped to customer.registryInfo.phones: .*did you mean"),
            (
                {"destination": replace(aim, lists=("none",))},
                rf"{place}\.destination\.lists\[0\]: Trustmary has no list none;",
            ),
            (
                {"destination": replace(aim, names={first: "Toinen"})},
                rf"{place}\.destination\.lists\[0\]: list {first} is called .* in Trustmary and Toinen here",
            ),
        ]
        for change, says in cases:
            with pytest.raises(Misconfigured, match=says):
                await planned(at, seen, edited(one, "Maksetut", lambda each, change=change: replace(each, **change)))  # type: ignore[misc]
        assert (await at.again(seen)).version == seen.version


async def test_an_id_alone_is_enough_and_its_name_is_asked_for(database: Database) -> None:
    async with desk(database) as at:
        seen = await rich(at)
        one = importing.described(seen)
        offered = await triggers.choices_of(at.context, seen)
        last = offered.lists[-1]
        aim = replace(one.triggers[1].destination, lists=(last.id,), names={})
        plan = await planned(at, seen, edited(one, "Maksetut", lambda each: replace(each, destination=aim)))
        [wanted] = plan.saved
        assert wanted.destination.names == {last.id: last.name}
        assert last.name in plan.says[1]


async def test_a_document_finds_its_integrations_by_company_and_organization(database: Database) -> None:
    async with desk(database, companies=2) as at:
        seen = await at.connect()
        one = importing.described(seen)
        other = replace(one, company=4711, names={"company": "Vieras Oy"})
        assert [found[2].id for found in await importing.find(at.context, (one,))] == [seen.id]
        with pytest.raises(Misconfigured, match=r"integrations\[1\]: Vieras Oy \(4711\) is not connected to"):
            await importing.find(at.context, (one, other))
        assert [found[0] for found in await importing.find(at.context, (other, one), [seen])] == ["integrations[1]"]
        with pytest.raises(Misconfigured, match="The document does not name"):
            await importing.find(at.context, (other,), [seen])
