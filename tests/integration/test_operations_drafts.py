"""Drafts beside a live trigger: they send nothing, are watched in its shadow, and take its place in one transaction."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from random import Random
from uuid import uuid4

import pytest

from desk import MAIJA, Desk, desk
from events.contact import ContactAdded, ContactSkipped, Skip
from events.errors import Misconfigured
from events.integration import Condition, Destination, DestinationKind, FieldMapping, Trigger, Waiting
from events.invoice import InvoiceStatusChanged
from events.proof import Decided
from events.shadow import Shadow, Verdict, compared
from servers.postgres import Database
from worker.adapters import log
from worker.operations import blocks, drafts, lifecycle, saving, triggers
from worker.operations.integrations import Integration
from worker.operations.saving import Overtaken
from worker.verify import verify_partition

BOTH = Condition(statuses=frozenset({"SENT", "PAID"}))
PAID = {"change": 2, "before": "SENT", "after": "PAID"}


async def with_draft(at: Desk, seen: Integration | None = None, **changes: object) -> tuple[Integration, Trigger]:
    seen = seen or await at.connect()
    draft = replace(drafts.beside(seen, at.trigger), **changes)  # type: ignore[arg-type]
    return await triggers.save(at.context, seen, draft), draft


async def watched(at: Desk, seen: Integration, draft: Trigger) -> Shadow:
    await at.project(seen)
    return (await drafts.watch(at.context, await at.again(seen), draft)).shadow


def said(shadow: Shadow) -> dict[str, int]:
    return {verdict.value: count for verdict, count in shadow.counts.items() if count}


async def proven(at: Desk, seen: Integration) -> None:
    await at.project(seen)
    found = await verify_partition(at.context.log, at.context.vault, seen.partition)
    assert (found.faults, found.undecided) == ((), 0)


async def test_a_draft_stands_beside_its_live_trigger_and_decides_nothing(database: Database) -> None:
    async with desk(database) as at:
        seen, draft = await with_draft(at, condition=BOTH)
        assert (draft.draft_of, draft.live, draft.name) == (at.trigger.id, False, "Lähetetty draft")
        await at.see(seen, 1)
        await at.see(seen, 1, **PAID)
        await at.project(seen)
        assert await at.states(seen) == ["waiting"]
        decided = [event for _, event in await at.events(seen) if isinstance(event, ContactAdded | ContactSkipped)]
        assert {one.trigger for one in decided} == {at.trigger.id}
        assert drafts.beside(seen, at.trigger).name == "Lähetetty draft 2"
        with pytest.raises(Misconfigured, match="is a draft already"):
            drafts.beside(seen, draft)


async def test_a_draft_of_another_is_not_saved_as_live_beside_it(database: Database) -> None:
    async with desk(database) as at:
        seen, draft = await with_draft(at)
        with pytest.raises(Misconfigured, match="ptm trigger promote"):
            await triggers.save(at.context, seen, replace(draft, live=True))


async def test_a_promoted_draft_takes_the_place_of_the_live_trigger_under_its_id(database: Database) -> None:
    async with desk(database) as at:
        seen, draft = await with_draft(at, condition=BOTH, existing="leave")
        before = seen.version
        seen = await drafts.promote(at.context, seen, draft, reason="it does better")
        assert seen.rules.triggers == {at.trigger.id: replace(at.trigger, condition=BOTH, existing="leave")}
        [saved, removed] = [(record, event) for record, event in await at.events(seen) if record.position > before]
        assert [event.type for _, event in (saved, removed)] == ["TriggerSaved", "TriggerRemoved"]
        assert saved[0].at == removed[0].at
        assert {event.reason for _, event in (saved, removed)} == {"it does better"}  # type: ignore[union-attr]
        await proven(at, seen)


async def test_what_the_live_trigger_had_added_a_promoted_draft_does_not_add_again(database: Database) -> None:
    async with desk(database) as at:
        seen, draft = await with_draft(at, condition=BOTH)
        await at.see(seen, 1)
        await at.project(seen)
        seen = await drafts.promote(at.context, await at.again(seen), draft)
        await at.see(seen, 1, **PAID)
        await at.see(seen, 2, before=None, after="PAID")
        await at.project(seen)
        last = [event for _, event in await at.events(seen)][-2:]
        assert [getattr(event, "reason", event.type) for event in last] == [Skip.ALREADY_ADDED, "ContactAdded"]
        await proven(at, seen)


async def test_a_plain_draft_that_is_promoted_just_becomes_live(database: Database) -> None:
    async with desk(database) as at:
        seen = await at.connect()
        plain = Trigger(id=uuid4(), name="Maksettu", live=False)
        seen = await triggers.save(at.context, seen, plain)
        seen = await drafts.promote(at.context, seen, plain)
        assert seen.rules.triggers[plain.id] == replace(plain, live=True)
        assert set(seen.rules.triggers) == {at.trigger.id, plain.id}
        with pytest.raises(Misconfigured, match="live already"):
            await drafts.promote(at.context, seen, seen.trigger("Maksettu"))


async def test_a_draft_whose_live_trigger_was_removed_brings_it_back(database: Database) -> None:
    async with desk(database) as at:
        seen, draft = await with_draft(at, condition=BOTH)
        seen = await triggers.remove(at.context, seen, at.trigger.id)
        seen = await drafts.promote(at.context, seen, draft)
        assert seen.rules.triggers == {at.trigger.id: replace(at.trigger, name="Lähetetty draft", condition=BOTH)}


async def test_a_promotion_that_fails_half_way_changes_nothing(database: Database) -> None:
    async with desk(database) as at:
        seen, draft = await with_draft(at, condition=BOTH)
        await blocks.add(at.context, seen, "@asiakas.fi")
        count = len(await at.events(seen))
        with pytest.raises(Overtaken) as met:
            await drafts.promote(at.context, seen, draft)
        assert met.value.newer[0].says == ("@asiakas.fi blocked",)
        now = await at.again(seen)
        with pytest.raises(RuntimeError):
            async with saving.saving(at.context, now, triggers.saved(now, at.trigger), triggers.saved(now, draft)):
                raise RuntimeError("the process dies before the commit")
        assert len(await at.events(seen)) == count
        assert (await at.again(seen)).rules == now.rules


async def test_what_waits_of_the_live_trigger_is_decided_again_under_the_promoted_rule(database: Database) -> None:
    async with desk(database) as at:
        seen, draft = await with_draft(at, mapping=FieldMapping(fields={"email": "person.email"}))
        await at.see(seen, 1)
        await at.project(seen)
        seen = await drafts.promote(at.context, await at.again(seen), draft, waiting=Waiting.DECIDE_AGAIN)
        await at.project(seen)
        assert await at.states(seen) == ["withdrawn", "waiting"]
        added = [event for _, event in await at.events(seen) if isinstance(event, ContactAdded)]
        assert [one.contact for one in added] == [
            {"email": MAIJA, "name": "Maija Meikäläinen"},
            {"email": MAIJA},
        ]
        await proven(at, seen)


async def test_a_draft_that_says_the_same_is_equal_everywhere(database: Database) -> None:
    async with desk(database) as at:
        seen, draft = await with_draft(at)
        for invoice in (1, 2, 3):
            await at.see(seen, invoice, email=f"asiakas{invoice}@asiakas.fi")
        await at.see(seen, 4, email=None)
        await at.see(seen, 1, change=2)
        await at.see(seen, 5, before="SENT", after="RECEIVED")
        shadow = await watched(at, seen, draft)
        assert said(shadow) == {"equal": 3, "neither": 2}
        assert shadow.unmet == 1
        assert shadow.samples == {}


async def test_each_kind_of_difference_is_counted_and_shown(database: Database) -> None:
    async with desk(database) as at:
        seen, draft = await with_draft(
            at,
            condition=replace(BOTH, minimum=None, maximum=None),
            mapping=FieldMapping(fields={"email": "customer.invoicingInfo.email", "name": "person.name"}),
        )
        people = [{"name": "Maija Meikäläinen", "email": MAIJA}]
        await at.see(seen, 1, customer={"contactPersons": people, "invoicingInfo": {"email": MAIJA}})
        await at.see(seen, 2, customer={"contactPersons": people, "invoicingInfo": {"email": "toinen@asiakas.fi"}})
        await at.see(seen, 3, customer={"contactPersons": people})
        await at.see(
            seen, 4, customer={"contactPersons": people, "invoicingInfo": {"email": MAIJA}}, before="SENT", after="PAID"
        )
        shadow = await watched(at, seen, draft)
        assert said(shadow) == {"equal": 1, "other_address": 1, "only_live": 1, "only_draft": 1}
        [sample] = shadow.samples[Verdict.OTHER_ADDRESS]
        assert isinstance(sample.live, ContactAdded)
        assert isinstance(sample.draft, ContactAdded)
        assert (sample.number, sample.live.contact["email"]) == (10_002, MAIJA)
        assert sample.draft.contact["email"] == "toinen@asiakas.fi"
        [missed] = shadow.samples[Verdict.ONLY_LIVE]
        assert isinstance(missed.draft, ContactSkipped)
        [more] = shadow.samples[Verdict.ONLY_DRAFT]
        assert (more.invoice, more.live) == (4, None)
        assert await at.states(seen) == ["waiting"] * 3


async def test_other_fields_and_another_destination_are_told_apart(database: Database) -> None:
    async with desk(database) as at:
        seen, fields = await with_draft(at, mapping=FieldMapping(fields={"email": "person.email"}))
        lists = Destination(kind=DestinationKind.LISTS, lists=("l1",), names={"l1": "Lista"})
        seen, goal = await with_draft(at, seen, destination=lists)
        await at.see(seen, 1)
        assert said(await watched(at, seen, fields)) == {"other_fields": 1}
        assert said(await watched(at, seen, goal)) == {"other_destination": 1}


async def test_what_the_live_trigger_added_before_the_draft_was_saved_the_draft_does_not_add(
    database: Database,
) -> None:
    async with desk(database) as at:
        seen = await at.connect()
        await at.see(seen, 1)
        await at.project(seen)
        seen, draft = await with_draft(at, await at.again(seen), condition=BOTH)
        await at.see(seen, 1, **PAID)
        await at.see(seen, 2, **PAID)
        assert said(await watched(at, seen, draft)) == {"neither": 1, "only_draft": 1}


async def test_what_other_triggers_use_up_meanwhile_holds_the_draft_as_well(database: Database) -> None:
    async with desk(database) as at:
        other = Trigger(id=uuid4(), name="Maksettu", condition=Condition(statuses=frozenset({"PAID"})))
        seen, draft = await with_draft(at, await triggers.save(at.context, await at.connect(), other), condition=BOTH)
        await at.see(seen, 1, before="SENT", after="PAID")
        shadow = await watched(at, seen, draft)
        # The live rules decide in their order, and the trigger whose place the draft takes comes first.
        assert said(shadow) == {"only_draft": 1}
        await at.see(seen, 1, change=2, before="PAID", after="SENT")
        await at.see(seen, 2, before="SENT", after="PAID")
        await at.see(seen, 2, change=2, before="PAID", after="SENT")
        shadow = await watched(at, seen, replace(draft, condition=at.trigger.condition))
        assert said(shadow) == {"neither": 2}


async def test_the_cool_down_and_the_block_list_of_each_moment_hold_the_draft(database: Database) -> None:
    async with desk(database) as at:
        seen = await saving.edit(at.context, await at.connect(), cool_down_days=30)
        await at.see(seen, 1)
        await at.project(seen)
        seen, draft = await with_draft(at, await at.again(seen), condition=BOTH)
        await at.see(seen, 2, **PAID)
        await at.see(seen, 3, email="eino@asiakas.fi", **PAID)
        await blocks.add(at.context, await at.again(seen), "aino@asiakas.fi")
        await at.see(seen, 4, email="aino@asiakas.fi", **PAID)
        await blocks.remove(at.context, await at.again(seen), "aino@asiakas.fi")
        await at.see(seen, 5, email="aino@asiakas.fi", **PAID)
        await saving.edit(at.context, await at.again(seen), cool_down_days=0)
        await at.see(seen, 6, **PAID)
        shadow = await watched(at, seen, draft)
        assert said(shadow) == {"neither": 2, "only_draft": 3}
        assert [one.invoice for one in shadow.samples[Verdict.ONLY_DRAFT]] == [3, 5, 6]


async def test_a_decision_made_again_is_compared_as_it_was_made_last(database: Database) -> None:
    async with desk(database) as at:
        seen, draft = await with_draft(at, mapping=FieldMapping(fields={"email": "person.email"}))
        await at.see(seen, 1)
        assert said(await watched(at, seen, draft)) == {"other_fields": 1}
        paused = await lifecycle.pause(at.context, await at.again(seen))
        now = replace(at.trigger, mapping=draft.mapping)
        seen = await triggers.save(at.context, paused.integration, now)
        seen = await lifecycle.resume(at.context, seen, Waiting.DECIDE_AGAIN)
        assert said(await watched(at, seen, draft)) == {"equal": 1}


async def test_watching_begins_where_the_draft_was_saved_last_or_where_it_is_asked_to(database: Database) -> None:
    async with desk(database) as at:
        seen = await at.connect()
        await at.see(seen, 1)
        seen, draft = await with_draft(at, seen)
        await at.see(seen, 2, email="toinen@asiakas.fi")
        assert said(await watched(at, seen, draft)) == {"equal": 1}
        since = datetime.now(UTC) - timedelta(days=1)
        whole = await drafts.watch(at.context, await at.again(seen), draft, since=since)
        assert said(whole.shadow) == {"equal": 2}
        await triggers.save(at.context, await at.again(seen), replace(draft, existing="leave"))
        assert said(await watched(at, seen, draft)) == {}


async def test_a_plain_draft_is_compared_with_nobody(database: Database) -> None:
    async with desk(database) as at:
        seen = await at.connect()
        paid = Condition(statuses=frozenset({"PAID"}))
        plain = Trigger(id=uuid4(), name="Maksettu", condition=paid, live=False)
        seen = await triggers.save(at.context, seen, plain)
        await at.see(seen, 1)
        await at.see(seen, 1, **PAID)
        await at.see(seen, 2, email="eino@asiakas.fi", **PAID)
        shadow = await watched(at, seen, plain)
        # Once per target: the first invoice has added this contact already, by the other trigger.
        assert said(shadow) == {"neither": 1, "only_draft": 1}
        assert shadow.unmet == 1


@pytest.mark.parametrize("seed", range(3))
async def test_what_a_draft_is_said_to_decide_is_what_it_decides_once_it_is_in_force(
    database: Database, seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two companies live the same life; in one the draft stands beside the live trigger, in the other in its place."""
    monkeypatch.setattr(log, "CHUNK", 5)  # so that a window has more than one
    random = Random(seed)
    async with desk(database, companies=2) as at:
        other = Trigger(id=uuid4(), name="Muu", condition=Condition(statuses=frozenset({"PAID"})))
        one, two = [await triggers.save(at.context, await at.connect(each), other) for each in (0, 1)]
        if seed % 2:
            one, two = [await saving.edit(at.context, each, cool_down_days=1) for each in (one, two)]
        await live(at, [one, two], random)
        draft = replace(drafts.beside(one, at.trigger), condition=BOTH, mapping=FieldMapping(fields=SHARED))
        await triggers.save(at.context, await at.again(one), draft)
        await triggers.save(at.context, await at.again(two), replace(draft, id=at.trigger.id, live=True, draft_of=None))
        start = len(await at.events(one))
        await live(at, [one, two], random)
        shadow = await watched(at, one, draft)
        was, becomes = [await decisions(at, each, at.trigger) for each in (one, two)]
        changes = [event for _, event in (await at.events(one))[start:] if isinstance(event, InvoiceStatusChanged)]
        places = [(event.invoice_id, event.change) for event in changes]
        pairs = [(was.get(place), becomes.get(place)) for place in places]
        wanted = Counter(compared(*pair) for pair in pairs if pair != (None, None))
        assert shadow.counts == wanted
        assert shadow.unmet == pairs.count((None, None))
        assert len(wanted) > 2, "else nothing was compared"


SHARED = {"email": "customer.invoicingInfo.email", "name": "person.name"}
EMAILS = [*(f"asiakas{number}@asiakas.fi" for number in range(20)), "eino@asiakas.fi", "laskutus@asiakas.fi", None]


async def live(at: Desk, companies: list[Integration], random: Random) -> None:
    """Some changes, an address blocked among them, decided now and then."""
    for step in range(16):
        invoice, change = random.randrange(18), random.randrange(1, 1 << 30)
        before, after = random.choice([("NOT_SENT", "SENT"), ("SENT", "PAID"), ("NOT_SENT", "PAID"), ("PAID", "SENT")])
        person, shared = random.choice(EMAILS), random.choice(EMAILS)
        customer = {"invoicingInfo": {"email": shared}, "contactPersons": [{"name": "Maija", "email": person}]}
        late = random.random() < 0.5
        for each in companies:
            await at.see(each, invoice, change=change, before=before, after=after, customer=customer)
            if step == 7:
                await blocks.add(at.context, await at.again(each), "eino@asiakas.fi")
            if not late:
                await at.project(each)
    for each in companies:
        await at.project(each)


async def decisions(at: Desk, seen: Integration, trigger: Trigger) -> dict[tuple[int, int], Decided]:
    """Invoice and change → what the trigger decided."""
    events = [event for _, event in await at.events(seen)]
    places = {event.id: (event.invoice_id, event.change) for event in events if isinstance(event, InvoiceStatusChanged)}
    made = [event for event in events if isinstance(event, ContactAdded | ContactSkipped)]
    return {places[one.cause]: one for one in made if one.trigger == trigger.id}
