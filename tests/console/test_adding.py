"""Adding an integration: from nothing to saved by keys, what is told on the way, and back out again."""

from __future__ import annotations

import pytest

from desk import Desk
from driving import Driver, Opening
from events.integration import DestinationKind, StartsSurveys
from events.invoice import InvoiceStatusChanged
from events.words import Language
from eventually import eventually
from worker.operations import integrations
from worker.operations.integrations import Integration

pytestmark = pytest.mark.integration


async def let_in(at: Driver, at_desk: Desk, company: int = 0) -> None:
    """Into Procountor, by its key."""
    await at.press("a")
    await at.sees("How do you get into Procountor?")
    await at.press("down", "down", "enter")
    await at.sees("Procountor's API key")
    await at.types(at_desk.sandbox.companies[company]["api_key"])
    await at.press("enter")
    await at.sees(at_desk.sandbox.companies[company]["name"], "This is the right one")


async def by_keys(at: Driver, at_desk: Desk, company: int = 0) -> None:
    """Into both services, as far as the condition."""
    await let_in(at, at_desk, company)
    await at.press("enter")
    await at.sees("Trustmary's API key")
    await at.types(at_desk.sandbox.trustmary_api_key)
    await at.press("enter")
    await at.sees(at_desk.sandbox.organizations[0]["name"], "This is the right one")
    await at.press("enter")
    await at.sees("Sent is recommended", "Of the latest 6 invoices")


async def test_from_nothing_to_saved_by_keys(at_desk: Desk, opening: Opening) -> None:
    async with opening() as at:
        await at.sees("No company is connected yet")
        await by_keys(at, at_desk)
        await at.press("n")
        await at.sees("What Trustmary gets to know", "Contact person's e-mail", "6/6")
        await at.looks_like("adding-mapping")
        await at.press("n")
        await at.sees("not said yet")
        await at.press("enter")
        await at.sees("Only add the contact", "are made in Trustmary")
        await at.press("down", "enter")
        await at.sees("To which lists?")
        await at.press("slash")
        await at.types("nps")
        await at.misses("Procountor laskutetut")
        await at.press("down", "space", "enter")
        await at.sees("Does that send surveys to people?")
        await at.press("home", "enter")
        await at.sees("Starts surveys           yes")
        await at.press("n")
        await at.sees("The past is not sent", "lists: NPS laskutuksen jälkeen", "May start surveys")
        await at.looks_like("adding-review")
        assert await integrations.read_all(at_desk.context) == []
        await at.press("enter")
        await at.sees("Connected: from now on.", "ptm replay plan")
        await at.press("n")
        await at.sees("● active")
    [one] = await integrations.read_all(at_desk.context)
    [trigger] = one.rules.triggers.values()
    assert trigger.destination.kind is DestinationKind.LISTS
    assert trigger.destination.starts_surveys is StartsSurveys.YES
    assert trigger.live


async def test_what_was_sent_before_is_read_and_planned_as_it_is_offered(at_desk: Desk, opening: Opening) -> None:
    async with opening(notifications=True) as at:
        await by_keys(at, at_desk)
        await at.press("n")
        await at.sees("What Trustmary gets to know")
        await at.press("n")
        await at.sees("not said yet")
        await at.press("enter")
        await at.sees("Only add the contact")
        await at.press("enter", "n")
        await at.sees("The past is not sent")
        await at.press("enter")
        await at.sees("those of the last 30 days", "--backfill 30")
        await at.press("y")
        await at.sees("New replay", "what the last 30 days have is read from Procountor first")
        await at.press("end", "enter")
        await at.sees("Of how many days")
        await at.press("ctrl+u")
        await at.types("401")
        await at.sees("write 1 to 400")
        await at.press("backspace")
        await at.types("0")
        await at.press("enter")
        await at.sees("what the last 400 days have")
        await at.press("colon")
        await at.sees("ptm replay plan", "--backfill 400")
        await at.press("escape", "p")
        [one] = await integrations.read_all(at_desk.context)
        await eventually(lambda: changes(at_desk, one))
        await at_desk.project(one)
        await at.sees("○ planned", "+ new", "Meant: all that can be sent")
    assert await at_desk.states(one) == []


async def changes(at_desk: Desk, one: Integration) -> bool:
    return any(isinstance(event, InvoiceStatusChanged) for _, event in await at_desk.events(one))


async def test_a_key_is_never_shown_and_a_wrong_one_is_told(at_desk: Desk, opening: Opening) -> None:
    async with opening() as at:
        await at.press("a")
        await at.sees("How do you get into Procountor?")
        await at.press("down", "down", "enter")
        await at.types("a-wrong-key")
        assert "a-wrong-key" not in at.text
        await at.press("enter")
        await at.sees("✖")
        assert "Procountor's API key" in at.text
        await at.press("n")
        await at.sees("▶ Procountor")
        await at.press("escape")
        await at.misses("▶ Procountor")


async def test_a_wrong_key_of_trustmarys_is_told_and_the_right_one_taken(at_desk: Desk, opening: Opening) -> None:
    async with opening() as at:
        await let_in(at, at_desk)
        await at.press("enter")
        await at.sees("Trustmary's API key")
        await at.types("wrong")
        await at.press("enter")
        await at.sees("does not know this API key")
        await at.press(*["backspace"] * 5)
        await at.types(at_desk.sandbox.trustmary_api_key)
        await at.press("enter")
        await at.sees(at_desk.sandbox.organizations[0]["name"])


async def test_what_is_joined_already_is_told_before_anybody_goes_on(at_desk: Desk, opening: Opening) -> None:
    one = await at_desk.connect(0)
    async with opening() as at:
        await let_in(at, at_desk)
        await at.press("enter")
        await at.sees("Trustmary's API key")
        await at.types(at_desk.sandbox.trustmary_api_key)
        await at.press("enter")
        await at.sees("is joined to", str(one.id))
        assert "▶ Trustmary" in at.text


async def test_leaving_with_something_unsaved_asks(at_desk: Desk, opening: Opening) -> None:
    async with opening() as at:
        await let_in(at, at_desk)
        await at.press("escape")
        await at.sees("Leave without saving?")
        await at.press("n")
        await at.misses("Leave without saving?")
        await at.press("q")
        await at.sees("Leave the console all the same?")
        await at.press("n", "escape", "y")
        await at.sees("No company is connected yet")
        await at.press("a")
        await at.sees("How do you get into Procountor?")
        await at.press("escape")
        await at.sees("No company is connected yet")


async def test_the_condition_is_said_line_by_line(at_desk: Desk, opening: Opening) -> None:
    async with opening(size=(120, 40)) as at:
        await by_keys(at, at_desk)
        await at.press("down", "enter")
        await at.sees("recommended")
        await at.press("slash")
        await at.types("partly")
        await at.press("down", "space", "enter")
        await at.sees("Status                   Sent, Partly paid")
        await at.press(*["down"] * 6, "enter")
        await at.sees("an amount with VAT")
        await at.types("abc")
        await at.sees("abc is no amount")
        await at.press("enter", *["backspace"] * 3)
        await at.types("100000")
        await at.press("enter")
        await at.sees("Total from               100000", "it would add 0", "A filter of the trigger leaves it out")
        await at.press("colon")
        await at.sees("ptm integration connect")
        await at.press("escape", "enter")
        await at.sees("an amount with VAT")
        await at.press(*["backspace"] * 6, "enter")
        await at.sees("Total from               no limit")


async def test_fields_are_searched_for_and_expressions_written_with_what_they_give(
    at_desk: Desk, opening: Opening
) -> None:
    async with opening() as at:
        await by_keys(at, at_desk)
        await at.press("n")
        await at.sees("What Trustmary gets to know", " 0/40")  # behind a dialog it stays as it was
        await at.press("a")
        await at.sees("Which contact field?")
        await at.types("phone")
        await at.press("enter")
        await at.sees("Phone comes from")
        await at.types("contact person's phone")
        await at.sees("person.phone gives, 3 times of 6")
        await at.misses("Due date")
        await at.looks_like("adding-field")
        await at.press("enter")
        await at.sees("Phone", "3/6")
        await at.press("a")
        await at.types("ref")
        await at.sees("field_ref")
        await at.press("enter")
        await at.types("default(invoice.orderRefrence")
        await at.sees("at character 30")
        await at.types(', "none")')
        await at.sees("invoice.orderRefrence: Procountor has no such field", "invoice.orderReference?")
        await at.press(*["backspace"] * len('Refrence, "none")'))
        await at.types('Reference, "none")')
        await at.sees("gives, 6 times of 6", "PO-")
        await at.press("enter")
        await at.sees("field_ref", 'default(invoice.orderReference, "none")')
        await at.press("home", "down", "down", "down", "x")
        await at.misses("field_ref")


async def test_the_preview_warns_of_who_cannot_be_asked(at_desk: Desk, opening: Opening) -> None:
    async with opening() as at:
        await by_keys(at, at_desk)
        await at.sees("it would add 4", "1 of 6: The address is a shared mailbox", "○ nobody")


async def test_eighty_columns_in_finnish(at_desk: Desk, opening: Opening) -> None:
    async with opening(size=(80, 24), language=Language.FINNISH) as at:
        await at.sees("Yhtään yritystä")
        await at.press("a")
        await at.sees("Miten pääset Procountoriin?", "ei työprosessia")
        await at.looks_like("adding-narrow")


async def test_nothing_is_added_where_everything_is_read_only(at_desk: Desk, opening: Opening) -> None:
    async with opening(read_only=True) as at:
        await at.sees("No company is connected yet")
        await at.press("a")
        await at.misses("How do you get into Procountor?")


async def test_what_has_to_be_there_is_said_first(opening: Opening) -> None:
    async with opening() as at:
        await at.press("a")
        await at.sees("How do you get into Procountor?")
        await at.sees("client id and secret", "API add-on", "usage of invoiceable API", "an Owner", "activation link")
        await at.sees("A user of its own, of no person", "hosted integration on, save a draft, compare, then switch")
