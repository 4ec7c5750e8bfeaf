"""Old addresses, and who is no longer matched, are taken off where a plan is asked for it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from decimal import Decimal
from uuid import uuid4

import pytest
import pytest_asyncio

from events.contact import ContactUnlisted
from events.errors import Misconfigured
from events.integration import Condition, FieldMapping, StartsSurveys, Trigger
from events.plan import SENDABLE, Class
from events.replay import Reach
from eventually import eventually
from office import Office, a_list, kinds, lines, members, on_list, opened, prepared, undo
from servers.postgres import Database
from worker.operations import replays, triggers
from worker.operations.planning import Kept
from worker.operations.replays import Replay
from worker.operations.shown import looked_up
from worker.operations.summary import taking_off


@pytest_asyncio.fixture
async def office(database: Database) -> AsyncIterator[Office]:
    async with opened(database, companies=2) as made:
        yield made


async def to_move(office: Office, marked: StartsSurveys = StartsSurveys.YES) -> tuple[str, Kept]:
    """1 was put on a list, and leads to another address under a new mapping; 2 is no longer matched."""
    list_ = await a_list(office)
    await office.save(destination=on_list(list_, marked), mapping=FieldMapping())
    await office.sent(1, invoice=invoice(1, email="uusi1@asiakas.fi"))
    await office.sent(2, invoice=invoice(2, email="asiakas2@asiakas.fi", total=5.0))
    condition = replace(office.trigger.condition, minimum=Decimal(8))
    mapping = FieldMapping(fields={"email": "invoice.counterParty.email", "name": "person.name"})
    await office.save(condition=condition, mapping=mapping)
    kept = await office.plan()
    assert kinds(kept.plan) == {"other_address": 1, "no_longer_matched": 1, "take_off": 2}
    return list_, kept


async def moved(office: Office, *, reach: Reach = Reach.SURVEY, remove_old: bool = True) -> tuple[str, Replay]:
    list_, kept = await to_move(office)
    classes = SENDABLE | {Class.TAKE_OFF} if remove_old else SENDABLE
    await office.apply(kept, reach, classes=classes)
    return list_, await office.carry_out(kept)


def invoice(number: int, *, email: str, total: float = 10.0) -> dict[str, object]:
    return {
        "id": number,
        "invoiceNumber": 10_000 + number,
        "type": "SALES_INVOICE",
        "partnerId": 7,
        "counterParty": {"email": email},
        "invoiceSumInfo": [{"invoiceSumTotal": total}],
    }


async def test_old_addresses_and_the_no_longer_matched_are_taken_off_where_that_is_asked_for(office: Office) -> None:
    list_, done = await moved(office)
    assert done.results == {"delivered": 3}
    assert members(office, list_) == {"uusi1@asiakas.fi"}
    off = [line for line in await lines(office, done) if line.kind is Class.TAKE_OFF]
    assert [(line.email, line.targets) for line in off] == [
        ("asiakas1@asiakas.fi", (f"list:{list_}",)),
        ("asiakas2@asiakas.fi", (f"list:{list_}",)),
    ]
    events = [event for _, event in await office.at.events(office.integration)]
    assert len([event for event in events if isinstance(event, ContactUnlisted)]) == 2
    assert "take_off" not in kinds((await office.plan()).plan)


@pytest.mark.parametrize(
    ("marked", "says"),
    [
        (StartsSurveys.NO, "--remove-old to --reach list or survey."),
        (StartsSurveys.UNKNOWN, "--remove-old to --reach survey: --reach list takes off nobody, as it leaves lists"),
    ],
)
async def test_a_plan_says_which_reach_taking_off_needs_and_that_reach_does_it(
    office: Office, marked: StartsSurveys, says: str
) -> None:
    list_, kept = await to_move(office, marked)
    shown = await looked_up(office.at.context, str(kept.id))
    assert f"To take 2 contacts off old lists too, add {says}" in taking_off(shown.old)
    reach = Reach.LIST if marked is StartsSurveys.NO else Reach.SURVEY
    await office.apply(kept, reach, classes=SENDABLE | {Class.TAKE_OFF})
    await office.carry_out(kept)
    assert members(office, list_) == {"uusi1@asiakas.fi"}
    after = await office.plan()
    assert taking_off((await looked_up(office.at.context, str(after.id))).old) == ""


async def test_without_being_asked_for_nobody_is_taken_off(office: Office) -> None:
    list_, done = await moved(office, remove_old=False)
    assert done.results == {"delivered": 1}
    assert members(office, list_) == {"asiakas1@asiakas.fi", "asiakas2@asiakas.fi", "uusi1@asiakas.fi"}


async def test_where_the_reach_leaves_lists_alone_the_old_address_stays(office: Office) -> None:
    list_, done = await moved(office, reach=Reach.LIST)
    assert done.results == {"delivered": 1, "beyond_reach": 2}
    assert members(office, list_) == {"asiakas1@asiakas.fi", "asiakas2@asiakas.fi"}
    with pytest.raises(Misconfigured, match="leaves lists alone"):
        await office.apply(await office.plan(), Reach.CONTACT, classes=SENDABLE | {Class.TAKE_OFF})


async def test_where_the_new_address_is_turned_down_the_old_one_stays(office: Office) -> None:
    world = office.at.sandbox.world
    world.organization().upsert({"email": "uusi1@asiakas.fi"}, at=world.clock(), switches=world.switches)
    world.set_contact("uusi1@asiakas.fi", status="unsubscribed")
    list_, done = await moved(office)
    assert done.results == {"withdrawn": 1, "delivered": 1, "new_not_delivered": 1}
    assert members(office, list_) == {"asiakas1@asiakas.fi"}


async def test_an_old_address_that_something_else_holds_is_not_offered(office: Office) -> None:
    await office.save(destination=on_list(await a_list(office)))
    await office.sent(1, invoice=invoice(1, email="uusi1@asiakas.fi"))
    await office.sent(2, email="asiakas1@asiakas.fi", invoice=invoice(2, email="asiakas1@asiakas.fi"))
    await office.save(mapping=FieldMapping(fields={"email": "invoice.counterParty.email"}))
    plan = (await office.plan()).plan
    assert kinds(plan)["other_address"] == 1
    assert "take_off" not in kinds(plan)


async def test_who_belongs_on_the_list_by_another_trigger_is_not_offered(office: Office) -> None:
    """The second trigger added nobody, since the first one had put the contact there."""
    list_ = await a_list(office)
    await office.save(destination=on_list(list_), mapping=FieldMapping())
    second = Trigger(
        id=uuid4(), name="Maksettu", condition=Condition(statuses=frozenset({"PAID"})), destination=on_list(list_)
    )
    await triggers.save(office.at.context, await office.seen(), second)
    await office.sent(1, invoice=invoice(1, email="", total=5.0))
    await office.sent(1, invoice=invoice(1, email="", total=5.0), before="SENT", after="PAID", change=2)
    await office.save(condition=replace(office.trigger.condition, minimum=Decimal(8)))
    assert kinds((await office.plan()).plan) == {"same": 1, "no_longer_matched": 1}


async def test_an_old_address_stays_while_one_of_its_new_ones_is_not_there(office: Office) -> None:
    list_ = await a_list(office)
    await office.save(destination=on_list(list_), mapping=FieldMapping())
    old = "vanha@asiakas.fi"
    await office.sent(1, email=old, invoice=invoice(1, email="uusi1@asiakas.fi"))
    await office.sent(2, email=old, invoice=invoice(2, email="uusi2@asiakas.fi"))
    await office.save(mapping=FieldMapping(fields={"email": "invoice.counterParty.email", "name": "person.name"}))
    world = office.at.sandbox.world
    world.organization().upsert({"email": "uusi1@asiakas.fi"}, at=world.clock(), switches=world.switches)
    world.set_contact("uusi1@asiakas.fi", status="unsubscribed")
    kept = await office.plan()
    assert kinds(kept.plan) == {"other_address": 2, "take_off": 1}
    await office.apply(kept, Reach.SURVEY, classes=SENDABLE | {Class.TAKE_OFF})
    done = await office.carry_out(kept)
    assert done.results == {"withdrawn": 1, "delivered": 1, "new_not_delivered": 1}
    assert members(office, list_) == {old, "uusi2@asiakas.fi"}


async def test_old_addresses_that_wait_to_be_taken_off_stay_when_the_replay_is_undone(office: Office) -> None:
    list_ = await a_list(office)
    await office.save(destination=on_list(list_), mapping=FieldMapping())
    await office.sent(1, invoice=invoice(1, email="uusi1@asiakas.fi"))
    await office.save(mapping=FieldMapping(fields={"email": "invoice.counterParty.email", "name": "person.name"}))
    kept = await office.plan()
    await office.apply(kept, Reach.SURVEY, classes=SENDABLE | {Class.TAKE_OFF})

    async def taking_off() -> bool:
        await office.replaying.run_once()
        await office.at.project(office.integration)
        if await office.at.context.pool.fetchval("select count(*) from delivery where call = 'unlist'"):
            return True
        await office.stage.run_once()
        return False

    await eventually(taking_off)
    replay = await replays.cancel(office.at.context, await replays.find(office.at.context, str(kept.id)))
    await undo(office, await prepared(office, replay))
    assert members(office, list_) == {"asiakas1@asiakas.fi"}
