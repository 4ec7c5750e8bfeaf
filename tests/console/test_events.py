"""The log on the screen: as it comes, held still, narrowed, and followed along causes and effects."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from uuid import uuid4

import asyncpg
import pytest

from desk import MAIJA, Desk
from driving import Driver, Opening
from events.envelope import WORKER
from events.integration import Trigger
from events.words import Language
from eventually import eventually
from servers.postgres import Database
from tui import window
from tui.screens.events import EventsView
from tui.widgets.split import Split
from worker.adapters.log import Draft
from worker.operations import browse
from worker.operations.integrations import Integration

pytestmark = pytest.mark.integration

OTHER = "pekka@toinen.fi"


async def many(at_desk: Desk, seen: Integration, count: int) -> Sequence[int]:
    """Changes of one invoice after the other, in appends of a hundred."""
    event = await at_desk.see(seen, 1)
    drafts = [Draft(event=replace(event, invoice_id=100 + n), actor=WORKER) for n in range(count)]
    for start in range(0, count, 100):
        rows = await at_desk.context.log.prepare(drafts[start : start + 100])
        async with at_desk.context.pool.acquire() as connection, connection.transaction():
            await at_desk.context.log.append(connection, seen.partition, rows)
    at_desk.context.ringer.ring("ptm_log", str(seen.partition))
    return range(100, 100 + count)


async def happens(at_desk: Desk, seen: Integration, invoice: int, *, email: str = MAIJA) -> None:
    await at_desk.see(seen, invoice, email=email)
    await at_desk.project(seen)
    at_desk.context.ringer.ring("ptm_log", str(seen.partition))


async def at_events(at: Driver) -> None:
    await at.press("2")
    await at.sees("● following")


async def press_until(at: Driver, key: str, text: str) -> None:
    """Each time once the last one is on the screen."""

    async def there() -> bool:
        await at.press(key)
        return text in at.text

    await eventually(there)


async def test_an_empty_log_says_so(opening: Opening) -> None:
    async with opening() as at:
        await at.press("2")
        await at.sees("Nothing has happened yet.", "no worker")
        await at.looks_like("events-empty")


async def test_nothing_is_said_to_match_while_the_database_is_still_asked(
    at_desk: Desk, opening: Opening, database: Database
) -> None:
    seen = await at_desk.connect(0)
    await happens(at_desk, seen, 1)
    async with opening() as at:
        await at_events(at)
        await at.press("slash")
        await at.types("nowhere")
        await at.sees("Nothing matches the filter.")
        owner = await asyncpg.connect(database.owner_url)
        async with owner.transaction():
            await owner.execute("lock table event in access exclusive mode")
            await at.types(" type:skipped")
            await at.press("enter")
            await at.misses("Nothing matches the filter.")
        await owner.close()
        await at.sees("Nothing matches the filter.", "● following")


async def test_what_happens_is_seen_as_it_comes_and_counted_while_held(at_desk: Desk, opening: Opening) -> None:
    seen = await at_desk.connect(0)
    async with opening() as at:
        await at_events(at)
        await happens(at_desk, seen, 1)
        await at.sees("10001", "+ to be added", MAIJA[:20], "from the beginning")
        await at.press("p")
        await at.sees("‖ held still")
        await happens(at_desk, seen, 2)
        await at.sees("2 new, G goes to them")
        assert "10002" not in at.text
        await at.press("p")
        await at.sees("● following", "10002")


async def test_going_up_holds_it_still_and_the_end_goes_on(at_desk: Desk, opening: Opening) -> None:
    seen = await at_desk.connect(0)
    await happens(at_desk, seen, 1)
    async with opening() as at:
        await at_events(at)
        await at.sees("10001")
        await at.press("k")
        await at.sees("‖ held still")
        await happens(at_desk, seen, 2)
        await at.sees("2 new")
        await at.press("G")
        await at.sees("● following", "10002")


async def test_the_whole_log_is_within_reach_and_little_of_it_is_held(
    at_desk: Desk, opening: Opening, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(window, "MOST", 400)
    seen = await at_desk.connect(0)
    await many(at_desk, seen, 1500)
    async with opening() as at:
        await at_events(at)
        await at.sees("1599", "200 loaded")
        await press_until(at, "home", "■ connected")
        await at.sees("■ connected", "400 loaded", "from the beginning")
        await at.press("G")
        await at.sees("1599", "● following")
        await at.press("ctrl+g")
        await at.types(f"{seen.partition}:900")
        await at.press("enter")
        await at.sees(" 996 ", "‖ held still")
        await press_until(at, "pagedown", "● following")
        await at.sees("1599", "● following")


async def test_terms_ask_the_database_and_words_what_is_loaded(at_desk: Desk, opening: Opening) -> None:
    one, two = await at_desk.connect(0), await at_desk.connect(1, trigger=Trigger(id=uuid4(), name="Toinen"))
    await happens(at_desk, one, 1)
    await happens(at_desk, two, 2, email=OTHER)
    async with opening() as at:
        await at_events(at)
        await at.sees("10001", "10002")
        await at.press("slash")
        await at.types("email:" + OTHER)
        await at.misses("10001")
        await at.sees("● following", "10002", "2 loaded")
        await at.types(" !status")
        await at.sees("1 of 2 loaded", "+ to be added")
        await at.press("escape")
        await at.types("stuff:1")
        await at.sees("✖ There is no term stuff:")
        await happens(at_desk, two, 3, email=OTHER)
        await at.sees("10003", "✖ There is no term stuff:")
        await at.press("escape")
        await at.types("invoice:99")
        await at.press("enter")
        await at.sees("✖ Invoice 99 was never seen")
        await at.press("slash", "escape")
        await at.types(f"in:{two.company.split()[0].lower()} type:trigger")
        await at.sees("■ trigger saved", "1 loaded")
        await at.press("enter", "colon")
        await at.sees(f"ptm events --integration {two.company.split()[0].lower()} --type trigger --follow --people")


async def test_a_log_with_an_end_stands_still_and_says_until_when(at_desk: Desk, opening: Opening) -> None:
    seen = await at_desk.connect(0)
    await happens(at_desk, seen, 1)
    await at_desk.see(seen, 2)
    last = (await browse.latest(at_desk.context, browse.Filter(), limit=1))[0].record.at
    async with opening(notifications=True, now=last) as at:
        await at_events(at)
        await at.sees("10001", "10002")
        await at.press("slash")
        await at.types(f"until:{last.isoformat()}")
        await at.misses("10002")
        await at.sees("‖ until", "10001")
        await happens(at_desk, seen, 3)
        await at.press("enter", "p")
        await at.sees("until: ends the log")
        await at.press("colon")
        await at.sees(f"ptm events --until {last.isoformat()} --people")
        await at.press("escape", "slash", "escape")
        await at.sees("● following", "10002", "10003")


async def test_what_is_rare_is_searched_for_step_by_step(
    at_desk: Desk, opening: Opening, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(browse, "LOOKS", 3200)
    seen = await at_desk.connect(0)
    await many(at_desk, seen, 1000)
    async with opening() as at:
        await at_events(at)
        await at.press("slash")
        await at.types("type:TriggerSaved")
        await at.sees("■ trigger saved", "1 loaded", "from the beginning")


async def test_causes_and_effects_are_one_key_away(at_desk: Desk, opening: Opening) -> None:
    seen = await at_desk.connect(0)
    await happens(at_desk, seen, 1)
    async with opening() as at:
        await at_events(at)
        await at.sees("▲ ◆ status  Not sent → Sent", "✔ total above zero: 10.0", "▼ none so far")
        await at.press("u")
        await at.sees("▲ none in the log", "▼ + to be added", "contact person's e-mail", "‖ held still")
        await at.press("d")
        await at.sees("▲ ◆ status  Not sent → Sent")
        await at.press("v")
        await at.sees('"type": "ContactAdded"')


async def test_enter_opens_the_invoice_and_escape_comes_back(at_desk: Desk, opening: Opening) -> None:
    seen = await at_desk.connect(0)
    await happens(at_desk, seen, 1)
    async with opening() as at:
        await at_events(at)
        await at.sees("10001")
        await at.press("enter")
        await at.sees("Invoice 10001")
        await at.press("e")
        await at.sees(f"invoice:10001 in:{seen.id}", "2 loaded")
        await at.press("escape", "escape")
        await at.sees("● following")


async def test_nothing_from_outside_is_read_as_markup(at_desk: Desk, opening: Opening) -> None:
    seen = await at_desk.connect(0)
    await at_desk.see(seen, 1, name="[bold]Maija[/bold] \x1b[31m")
    await at_desk.project(seen)
    async with opening() as at:
        await at_events(at)
        await at.sees("[bold]Maija[/bold]")
        assert "\x1b" not in at.text


async def test_finnish_names_the_fields(at_desk: Desk, opening: Opening) -> None:
    seen = await at_desk.connect(0)
    await happens(at_desk, seen, 1)
    async with opening(language=Language.FINNISH) as at:
        await at.press("2")
        await at.sees("● seurataan", "lisätään", "Lähettämättä → Lähetetty", "loppusumma yli nollan", "käynnistin")
        await at.press("u")
        await at.sees("Ensimmäisen yhteyshenkilön sähköposti")


async def test_eighty_columns_show_rows_above_and_the_event_below(at_desk: Desk, opening: Opening) -> None:
    seen = await at_desk.connect(0)
    await happens(at_desk, seen, 1)
    async with opening(size=(80, 24)) as at:
        await at_events(at)
        await at.sees("10001", "to be added", "cause (u) and effects (d)", "▲ ◆ status", "no worker")
        await at.looks_like("events-narrow")


async def test_a_look_that_begins_while_the_screen_is_made_anew_is_no_error(at_desk: Desk, opening: Opening) -> None:
    await at_desk.connect(0)
    async with opening() as at:
        await at_events(at)
        screen = at.app.screen
        assert isinstance(screen, EventsView)
        await screen.query_one(Split).remove()
        assert (await screen.load()).of is screen.of
        await screen.recompose()
