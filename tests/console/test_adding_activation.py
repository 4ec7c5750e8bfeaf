"""All companies of an activation link at once: named, approved by their number, joined, and gone on with."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

import pytest

from desk import settings_for
from driving import Driver
from events.words import Language, Words
from sandbox import Sandbox
from servers.postgres import Database
from tui.app import Console
from tui.run import desk_of
from worker.opening import opened
from worker.operations import activating, integrations
from worker.operations.context import Context

pytestmark = pytest.mark.integration

CALLBACK = "https://ptm.esimerkki.fi/activated"
SIZES = [(80, 24), (150, 40)]


@asynccontextmanager
async def office(database: Database, *, own: bool = True) -> AsyncIterator[tuple[Context, Sandbox]]:
    """The first company is our own, which has the API Integrator tool; the others are a customer's."""
    async with Sandbox(companies=4, organizations=1, history=2) as sandbox:
        keys = {"PTM_TRUSTMARY_API_KEY": sandbox.trustmary_api_key}
        if own:
            keys["PTM_PROCOUNTOR_INTEGRATOR_KEY"] = sandbox.companies[0]["api_key"]
        async with opened(settings_for(database, sandbox, **keys)) as context:
            yield context, sandbox


@asynccontextmanager
async def console(
    context: Context, size: tuple[int, int] = (150, 40), language: Language = Language.ENGLISH
) -> AsyncIterator[Driver]:
    made = desk_of(context, read_only=False)
    made.say = Words(language, made.say.zone)
    app = Console(made)
    async with app.run_test(size=size, notifications=True) as pilot:
        yield Driver(app, pilot)


def accepted(sandbox: Sandbox) -> str:
    return sandbox.activate([one["id"] for one in sandbox.companies[1:]], CALLBACK)


async def asked(at: Driver, address: str) -> None:
    await at.press("a")
    await at.sees("How do you get into Procountor?")
    await at.press("down", "down", "down", "enter")
    await at.sees("Where was the customer's browser sent to?")
    await at.types(address)
    await at.press("enter")


async def as_far_as_the_review(at: Driver) -> None:
    """From the companies on: Trustmary by the settings' key, and contacts only."""
    await at.press("enter")
    await at.sees("How do you get into Trustmary?")
    await at.press("down", "enter")
    await at.sees("This is the right one")
    await at.press("enter")
    await at.sees("▶ Condition", "once the companies are joined")
    await at.press("n")
    await at.sees("▶ Mapping")
    await at.press("n")
    await at.sees("not said yet")
    await at.press("enter")
    await at.sees("Only add the contact")
    await at.press("enter", "n")
    await at.sees("▶ Review", "Save as a draft")


async def joined(context: Context) -> Sequence[int]:
    return sorted(one.company_id for one in await integrations.read_all(context))


@pytest.mark.parametrize("size", SIZES, ids=["80x24", "150x40"])
async def test_all_companies_are_named_approved_by_their_number_and_joined(
    database: Database, size: tuple[int, int]
) -> None:
    async with office(database) as (context, sandbox), console(context, size) as at:
        customers = sandbox.companies[1:]
        await asked(at, accepted(sandbox))
        await at.sees("accepted by", "answer before", "Join 3 companies", *(one["name"] for one in customers))
        await as_far_as_the_review(at)
        await at.sees("cannot be taken back", *(f"{one['name']} → " for one in customers))
        await at.press("enter")
        await at.sees("Approve 3 companies", "Type 3", "ptm integration connect --activation 70001")
        assert await joined(context) == []
        await at.types("3")
        await at.press("enter")
        await at.sees("3 companies are joined", *(f"✔ {one['name']}" for one in customers))
        await at.press("escape")
        await at.sees("● active")
        assert await joined(context) == sorted(one["id"] for one in customers)
        assert await activating.kept(context, 70001) == {}
        assert {one.rules.triggers and True for one in await integrations.read_all(context)} == {True}


async def test_our_own_companys_key_is_asked_for_unseen_and_some_are_rejected(database: Database) -> None:
    async with office(database, own=False) as (context, sandbox), console(context) as at:
        address, key = accepted(sandbox), sandbox.companies[0]["api_key"]
        await asked(at, address)
        await at.sees("API Integrator tool")
        await at.types(sandbox.companies[1]["api_key"])
        await at.press("enter")
        await at.sees("does not let this login answer activations")
        await at.press("ctrl+u")
        await at.types(key)
        await at.press("enter")
        await at.sees("Join 3 companies")
        assert key[:12] not in at.text
        await at.press("down", "enter")
        await at.sees("The others are rejected", sandbox.companies[3]["name"])
        await at.press("space", "enter")
        await at.sees("Join 2 companies", f"○ {sandbox.companies[1]['name']}")
        await as_far_as_the_review(at)
        await at.sees("Rejects                  1 company")
        await at.press("enter")
        kept = [str(one["id"]) for one in sandbox.companies[2:]]
        await at.sees("1 company is rejected", f"--activation 70001 --approve {kept[0]}")
        await at.types("2")
        await at.press("enter")
        await at.sees("2 companies are joined")
        assert await joined(context) == sorted(map(int, kept))


async def test_a_company_that_cannot_be_joined_yet_keeps_its_key_and_is_joined_by_the_same_number(
    database: Database,
) -> None:
    async with office(database) as (context, sandbox):
        stuck = sandbox.companies[2]["id"]
        sandbox.world.company(stuck).api_enabled = False
        async with console(context) as at:
            await asked(at, accepted(sandbox))
            await at.sees("Join 3 companies")
            await as_far_as_the_review(at)
            await at.press("enter")
            await at.sees("Type 3")
            await at.types("3")
            await at.press("enter")
            await at.sees("2 companies are joined", f"✖ {sandbox.companies[2]['name']}", "number 70001")
            await at.press("escape")
            await at.sees("● active")
            assert list(await activating.kept(context, 70001)) == [stuck]
            sandbox.world.company(stuck).api_enabled = True
            await asked(at, "70001")
            await at.sees("Approved before, and not joined yet", f"company {stuck}", "Join 1 company")
            await as_far_as_the_review(at)
            await at.press("enter")
            await at.sees("Join 1 company to")
            await at.press("y")
            await at.sees("1 company is joined")
        assert len(await joined(context)) == 3
        assert await activating.kept(context, 70001) == {}


async def test_what_is_wrong_with_an_address_or_an_activation_is_told_and_another_can_be_given(
    database: Database,
) -> None:
    async with office(database) as (context, sandbox), console(context) as at:
        await asked(at, "https://ptm.esimerkki.fi/activated")
        await at.sees("ends in one number")
        await at.press("ctrl+u")
        await at.types("70999")
        await at.press("enter")
        await at.sees("Ask the customer to follow the link again")
        await at.press("ctrl+u")
        await at.types(accepted(sandbox))
        await at.press("enter")
        await at.sees("Join 3 companies")
        await at.press("end", "enter")
        await at.sees("How do you get into Procountor?")
        await at.press("down", "down", "down", "enter")
        await at.types("70001")
        await at.press("enter")
        await at.sees("Join 3 companies")  # nobody has answered it


async def test_it_is_said_in_finnish_too(database: Database) -> None:
    async with office(database) as (context, sandbox), console(context, language=Language.FINNISH) as at:
        await at.press("a")
        await at.sees("Aktivointilinkki")
        await at.press("down", "down", "down", "enter")
        await at.sees("Mihin asiakkaan selain ohjattiin?")
        await at.types(accepted(sandbox))
        await at.press("enter")
        await at.sees("Liitä 3 yritystä: jatka", "hyväksyjä")


async def test_logging_in_again_offers_no_activation_link(database: Database) -> None:
    """It would bring other companies."""
    async with office(database) as (context, sandbox), console(context) as at:
        await asked(at, accepted(sandbox))
        await at.sees("Join 3 companies")
        await as_far_as_the_review(at)
        await at.press("enter")
        await at.types("3")
        await at.press("enter")
        await at.sees("are joined")
        await at.press("escape")
        await at.sees("● active")
        await at.press("enter")
        await at.sees("▶ Overview")
        await at.press("L")
        await at.sees("which service")
        await at.press("enter")
        await at.sees("How do you get into Procountor?")
        assert "activation link" not in at.text
