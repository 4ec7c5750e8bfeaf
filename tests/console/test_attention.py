"""What waits for a person: causes, what is in them, and what ends them."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from desk import Desk
from driving import Driver, Opening
from events.contact import ContactRefused
from events.delivery import UNKNOWN
from events.integration import Braked, IntegrationPaused
from events.words import Language
from tui.app import MODES, Console
from tui.messages import OpenIntegration, OpenInvoice, OpenReplay
from tui.run import desk_of
from worker.adapters.log import Draft
from worker.operations import deliveries, labels, lifecycle
from worker.operations.integrations import Integration, State
from worker.operations.saving import saving

pytestmark = pytest.mark.integration

EARLY = datetime(2026, 1, 1, 12, tzinfo=UTC)
"""What the console takes for now."""
HERE = str(list(MODES).index("attention") + 1)
KEY = "not_found:trustmary:404"


async def works(at: Desk) -> None:
    """A worker is there, however long the test takes."""
    await at.context.pool.execute(
        "insert into worker (id, host, pid, version, seen_at) values ($1, 'here', 1, '1', now() + interval '1 hour')",
        uuid4(),
    )


async def park(at: Desk, seen: Integration, count: int, *, fingerprint: str = KEY, first: int = 1) -> None:
    for invoice in range(first, first + count):
        await at.see(seen, invoice, partner=invoice, email=f"maija{invoice}@asiakas.fi")
    await at.project(seen)
    await at.context.pool.execute(
        "update delivery set state = 'parked', fingerprint = $2, failure = 'Trustmary answered 404.'"
        " where integration = $1 and state = 'waiting'",
        seen.id,
        fingerprint,
    )


async def brake(at: Desk, seen: Integration) -> None:
    braked = Braked(contacts=412, limit=100, usual=9)
    event = IntegrationPaused(integration=seen.id, id=uuid4(), braked=braked, reason="far more than usual")
    async with saving(at.context, seen, event, state=State.PAUSED):
        pass
    await at.project(seen)


async def test_nothing_waits_where_all_is_well(at_desk: Desk, opening: Opening) -> None:
    await works(at_desk)
    await at_desk.connect(0)
    async with opening() as at:
        await at.press(HERE)
        await at.sees("Nothing waits for a person.", "1 integration")
        await at.looks_like("attention-empty")


async def test_each_cause_says_how_much_since_when_and_what_ends_it(at_desk: Desk, opening: Opening) -> None:
    await works(at_desk)
    first, second = await at_desk.connect(0), await at_desk.connect(1)
    await park(at_desk, first, 3)
    await at_desk.see(second, 50, email=None)
    await at_desk.project(second)
    async with opening() as at:
        await at.press(HERE)
        await at.sees("✖ urgent", "Trustmary turned the call down: not found", "3 deliveries", first.company)
        await at.sees("See what it answered", f"$ ptm delivery retry --fingerprint {KEY}")
        await at.press("down")
        await at.sees("Add the e-mail to the contact person", "$ ptm why 10050")
        await at.looks_like("attention")


async def test_parked_deliveries_are_sent_again_all_at_once_by_their_number(at_desk: Desk, opening: Opening) -> None:
    await works(at_desk)
    seen = await at_desk.connect(0)
    await park(at_desk, seen, 3)
    async with opening(notifications=True) as at:
        await at.press(HERE)
        await at.sees("3 deliveries")
        await at.press("enter")
        await at.sees("Trustmary answered 404.", "10003")
        await at.press("s")
        await at.sees("Send 3 deliveries again", f"ptm delivery retry --fingerprint {KEY}", "Type 3 to go on")
        await at.types("2")
        await at.press("enter")
        assert await at_desk.states(seen) == ["parked"] * 3
        await at.press("backspace")
        await at.types("3")
        await at.press("enter")
        await at.sees("3 deliveries are sent again.", "Nothing of this waits any more.")
    assert await at_desk.states(seen) == ["waiting"] * 3


async def test_what_is_marked_is_given_up_with_a_reason_and_nothing_else(at_desk: Desk, opening: Opening) -> None:
    await works(at_desk)
    seen = await at_desk.connect(0)
    await park(at_desk, seen, 3)
    async with opening(notifications=True) as at:
        await at.press(HERE)
        await at.sees("3 deliveries")
        await at.press("enter")
        await at.sees("10003")
        await at.press("space", "space", "d")
        await at.sees("Discard 2 deliveries?")
        await at.press("enter")
        await at.types("wrong list")
        await at.press("enter")
        await at.types("2")
        await at.press("enter")
        await at.sees("2 deliveries are discarded.")
        await at.misses("10003")
    assert await at_desk.states(seen) == ["parked", "withdrawn", "withdrawn"]
    [withdrawn, _] = [event for _, event in await at_desk.events(seen) if event.type == "ContactWithdrawn"]
    assert getattr(withdrawn, "detail", None) == "wrong list"


async def test_who_may_have_been_asked_already_is_said_before_sending_again(at_desk: Desk, opening: Opening) -> None:
    await works(at_desk)
    seen = await at_desk.connect(0)
    await park(at_desk, seen, 1, fingerprint=UNKNOWN)
    await at_desk.context.pool.execute("update delivery set starts_surveys = true")
    async with opening() as at:
        await at.press(HERE)
        await at.sees("Nobody knows whether the call took effect")
        await at.press("enter")
        await at.sees("10001")
        await at.press("s")
        await at.sees("1 of them arrived: who did may be asked twice", "y: yes")
        await at.press("escape")
    assert await at_desk.states(seen) == ["parked"]


async def test_what_the_brake_holds_is_told_then_released_or_dropped(at_desk: Desk, opening: Opening) -> None:
    await works(at_desk)
    seen = await at_desk.connect(0)
    await at_desk.see(seen, 1)
    await at_desk.project(seen)
    await brake(at_desk, seen)
    async with opening(notifications=True) as at:
        await at.press(HERE)
        await at.sees("The brake holds an integration")
        await at.press("enter")
        await at.sees("412 contacts within 24 hours", seen.company)
        await at.press("r")
        await at.sees("1 integration: 1 decision waits", "send as they were decided", "drop them")
        await at.press("down", "enter")
        await at.sees("Resume 1 integration: send as they were decided?", "--waiting send")
        await at.press("y")
        await at.sees("1 integration sends again.", "Nothing of this waits any more.")
    assert (await at_desk.again(seen)).state is State.ACTIVE


async def test_read_only_shows_everything_and_ends_nothing(at_desk: Desk, opening: Opening) -> None:
    await works(at_desk)
    seen = await at_desk.connect(0)
    await park(at_desk, seen, 2)
    async with opening(read_only=True) as at:
        await at.press(HERE)
        await at.sees("2 deliveries")
        await at.press("enter")
        await at.sees("10002")
        await at.press("s", "d")
        await at.misses("Type 2 to go on")
    assert await at_desk.states(seen) == ["parked"] * 2


async def test_a_label_narrows_what_is_asked_and_what_is_acted_on(at_desk: Desk, opening: Opening) -> None:
    await works(at_desk)
    first, second = await at_desk.connect(0), await at_desk.connect(1)
    await labels.add(at_desk.context, first, "pilot")
    await park(at_desk, first, 1)
    await park(at_desk, second, 2, first=20)
    async with opening() as at:
        await at.press(HERE)
        await at.sees("3 deliveries, 2 companies")
        await at.press("n")
        await at.sees("All integrations", "pilot")
        await at.types("pilot")
        await at.press("enter")
        await at.sees("1 delivery", "▼ pilot", "--label pilot")
        await at.press("enter")
        await at.sees("10001")
        await at.press("s")
        await at.sees("Send 1 delivery again?", f"ptm delivery retry --fingerprint {KEY} --label pilot")
        await at.press("y")
        await at.sees("Nothing of this waits any more.")
    assert (await at_desk.states(first), await at_desk.states(second)) == (["waiting"], ["parked"] * 2)


async def test_what_an_item_is_about_is_opened_from_it(at_desk: Desk, opening: Opening) -> None:
    await works(at_desk)
    seen = await at_desk.connect(0)
    await at_desk.see(seen, 50, email=None)
    await at_desk.project(seen)
    async with opening() as at:
        told = listening(at)
        await at.press(HERE)
        await at.sees("Nobody was asked")
        await at.press("enter")
        await at.sees("customer 7", "10050")
        await at.press("enter", "i", "p")
        await at.pilot.pause()
        invoice, integration, replay = told
        assert isinstance(invoice, OpenInvoice) and (invoice.integration, invoice.invoice) == (seen.id, 50)
        assert isinstance(integration, OpenIntegration) and integration.integration == seen.id
        assert isinstance(replay, OpenReplay) and replay.integration == seen.id and replay.wanted
        assert (replay.wanted.skips, replay.wanted.latest, replay.wanted.invoices) == (
            frozenset({"no_email"}),
            True,
            frozenset(),
        )
        assert replay.wanted.since and EARLY - replay.wanted.since == timedelta(days=30)
        await at.press("space", "p")
        await at.pilot.pause()
        assert isinstance(replay := told[-1], OpenReplay) and replay.wanted
        assert replay.wanted.invoices == {10050}


async def test_who_was_refused_is_planned_with_what_the_register_has_now(at_desk: Desk, opening: Opening) -> None:
    await works(at_desk)
    seen, other = await at_desk.connect(0), await at_desk.connect(1)
    for one, invoice in ((seen, 1), (seen, 2), (other, 3)):
        await at_desk.see(one, invoice, partner=invoice, email=f"maija{invoice}@asiakas.fi")
        await at_desk.project(one)
        await refuse(at_desk, one, invoice)
    async with opening() as at:
        told = listening(at)
        await at.press(HERE)
        await at.sees("refused")
        await at.press("enter")
        await at.sees("10001", "10002", "10003")
        await at.press("slash")
        await at.types(seen.company.split()[0])
        await at.press("enter", "p")
        await at.pilot.pause()
    [replay] = told
    assert isinstance(replay, OpenReplay) and replay.integration == seen.id and replay.wanted
    assert (replay.wanted.invoices, replay.wanted.latest) == (frozenset({10001, 10002}), True)


async def refuse(at: Desk, seen: Integration, invoice: int) -> None:
    [one] = await deliveries.of_invoice(at.context, seen.id, invoice)
    event = ContactRefused(
        integration=seen.id, invoice_id=invoice, partner=invoice, decision=one.decision, status=400, reason="invalid"
    )
    rows = await at.context.log.prepare([Draft(event=event, cause=one.decision)])
    async with at.context.pool.acquire() as connection, connection.transaction():
        await at.context.log.append(connection, seen.partition, rows)
        await connection.execute(
            "update delivery set state = 'refused', settled_at = now() where invoice = $1", invoice
        )


def listening(at: Driver) -> list[object]:
    """What leads to other screens, instead of leading there."""
    told: list[object] = []
    whole = at.app.post_message

    def hears(message: object) -> bool:
        if isinstance(message, OpenInvoice | OpenIntegration | OpenReplay):
            told.append(message)
            return True
        return whole(message)  # type: ignore[arg-type] # what the app is sent

    at.app.post_message = hears  # type: ignore[method-assign] # the screens behind it have tests of their own
    return told


async def test_a_cause_with_long_commands_leaves_room_for_its_items_in_eighty_columns(
    at_desk: Desk,
) -> None:
    await works(at_desk)
    seen = await at_desk.connect(0)
    await at_desk.see(seen, 50, email="laskutus@asiakas.fi")
    await at_desk.project(seen)
    elsewhere = f"export PTM_CONFIG=/{'there/' * 20}ptm.toml; "
    console = Console(replace(desk_of(at_desk.context), before_lines=elsewhere))
    async with console.run_test(size=(80, 24)) as pilot:
        at = Driver(console, pilot)
        await at.press(HERE)
        await at.sees("Nobody was asked")
        await at.press("enter")
        await at.sees("10050")
        assert console.screen.query_one("#cause").outer_size.height <= 10


async def test_a_reconciliation_is_run_from_here(at_desk: Desk, opening: Opening) -> None:
    await works(at_desk)
    await at_desk.connect(0)
    async with opening(notifications=True) as at:
        await at.press(HERE)
        await at.sees("Nothing waits for a person.")
        await at.press("c")
        await at.sees("Hold 1 integration against Procountor and Trustmary?", "ptm reconcile")
        await at.press("y")
        await at.sees("Reconciled 1 of 1")


async def test_it_looks_again_at_once_where_somebody_acted_and_not_with_every_event(
    at_desk: Desk, opening: Opening
) -> None:
    await works(at_desk)
    seen = await at_desk.connect(0)
    async with opening() as at:
        await at.press(HERE)
        await at.sees("Nothing waits for a person.")
        looked = looks(at.app)
        for invoice in range(30):
            await at_desk.see(seen, invoice, email=None)
            await at_desk.project(seen)
            await at.pilot.pause(0.05)
        assert len(looked) <= 1
        await lifecycle.pause(at_desk.context, await at_desk.again(seen))
        await at.sees("The integration is paused", "Nobody was asked")


def looks(app: Console) -> list[datetime]:
    """When the screen loads from now on."""
    seen: list[datetime] = []
    screen = app.screen
    whole = screen.load  # type: ignore[attr-defined] # every screen of the console has it

    async def load() -> object:
        seen.append(datetime.now(UTC))
        return await whole()

    screen.load = load  # type: ignore[attr-defined] # the very same
    return seen


async def test_finnish_all_the_way(at_desk: Desk, opening: Opening) -> None:
    await works(at_desk)
    seen = await at_desk.connect(0)
    await brake(at_desk, seen)
    async with opening(size=(80, 24), language=Language.FINNISH) as at:
        await at.press(HERE)
        await at.sees("Huomiota vaativat", "kiireellinen", "Jarru pidättää", "1 yritys")
        await at.looks_like("attention-finnish-narrow")
        await at.press("enter")
        await at.sees("412 kontaktia 24 tunnis")


async def test_finnish_down_to_the_customers_number(at_desk: Desk, opening: Opening) -> None:
    await works(at_desk)
    seen = await at_desk.connect(0)
    await at_desk.see(seen, 1, email=None)
    await at_desk.project(seen)
    async with opening(size=(120, 40), language=Language.FINNISH) as at:
        await at.press(HERE)
        await at.sees("Keneltäkään ei kysytty", "1 asiakas")
        await at.press("enter")
        await at.sees("asiakas 7", "Maija Meikäläinen")


@pytest.mark.parametrize(("reason", "offered"), [("credentials", True), ("rights", False)])
async def test_what_a_new_login_ends_asks_for_it_there(
    at_desk: Desk, opening: Opening, reason: str, offered: bool
) -> None:
    await works(at_desk)
    seen = await at_desk.connect(0)
    await at_desk.context.pool.execute(
        "update connection set state = 'broken', reason = $1, since = now() where service = 'procountor'", reason
    )
    async with opening(size=(120, 40)) as at:
        await at.press(HERE)
        await at.sees("1 connection", seen.company)
        await at.press("enter")
        shown = await at.sees("Cause", f"{seen.company} · since", *(["L Log in again"] if offered else []))
        assert ("L Log in again" in shown) is offered
        await at.press("L")
        await at.sees("How do you get into Procountor?" if offered else "Cause")
