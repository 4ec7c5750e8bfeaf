"""An activation link that a customer has accepted: all its companies are joined at once, no key is lost or shown."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta

import pytest
import pytest_asyncio

from desk import environ_for
from sandbox import Sandbox
from servers.postgres import Database
from terminal import Ended, command, terminal
from worker import settings
from worker.opening import opened

pytestmark = pytest.mark.acceptance

CALLBACK = "https://ptm.esimerkki.fi/activated"


@dataclass(slots=True)
class Office:
    """The first company is our own, which has the API Integrator tool; the others are customers'."""

    settings: dict[str, str]
    sandbox: Sandbox

    @property
    def customers(self) -> list[int]:
        return [one["id"] for one in self.sandbox.companies[1:]]

    def accepted(self, *companies: int) -> str:
        return self.sandbox.activate(list(companies or self.customers), CALLBACK)

    async def connect(self, address: str, *arguments: str) -> Ended:
        flags = () if "--no-trigger" in arguments else ("--contact-only",)
        line = ("integration", "connect", "--activation", address, *flags, *arguments, "--json")
        return await command(self.settings, *line)

    async def joined(self) -> list[int]:
        return sorted(one["company"]["id"] for one in await self.listed())

    async def listed(self) -> list[dict[str, dict[str, int]]]:
        found: list[dict[str, dict[str, int]]] = (await command(self.settings, "integration", "list", "--json")).json
        return found

    async def kept(self) -> list[int]:
        """Companies whose keys wait for them to be joined."""
        async with opened(settings.load(self.settings)) as context:
            rows = await context.pool.fetch("select company from activation order by company")
        return [row["company"] for row in rows]


@pytest_asyncio.fixture
async def office(database: Database) -> AsyncIterator[Office]:
    async with Sandbox(companies=4, organizations=1, history=2) as sandbox:
        environ = environ_for(database, sandbox)
        environ["PTM_PROCOUNTOR_INTEGRATOR_KEY"] = sandbox.companies[0]["api_key"]
        environ["PTM_TRUSTMARY_API_KEY"] = sandbox.trustmary_api_key
        yield Office(environ, sandbox)


@pytest.mark.parametrize("name", ["requestId", "activation"])
async def test_all_companies_are_named_then_joined_each_by_a_key_of_its_own(office: Office, name: str) -> None:
    office.sandbox.switches.activation_parameter = name
    address = office.accepted()
    tried = await office.connect(address, "--dry-run")
    assert (tried.code, tried.json["companies"]) == (0, [])
    for one in office.sandbox.companies[1:]:
        assert one["name"] in tried.err
    asked = await office.connect(address)
    assert asked.code == 3
    assert "Approve 3 companies" in " ".join(asked.err.split())
    assert await office.joined() == []

    done = await office.connect(address, "--yes", "--label", "pilot")
    assert done.code == 0, done.err
    assert done.json["counts"]["joined"] == 3
    assert await office.joined() == sorted(office.customers)
    for one in done.json["companies"]:
        assert one["role"] == "API technical user"
    assert await office.kept() == []
    keys = [office.sandbox.world.technical_key(number) for number in office.customers]
    assert not [key for key in keys if key in done.out + done.err]


async def test_one_company_is_approved_and_the_others_are_rejected(office: Office) -> None:
    address, wanted = office.accepted(), office.customers[0]
    strange = await office.connect(address, "--yes", "--approve", "1")
    assert strange.code == 2
    done = await office.connect(address, "--yes", "--approve", str(wanted), "--no-trigger")
    assert done.code == 0, done.err
    assert await office.joined() == [wanted]


async def test_what_could_not_be_joined_keeps_its_key_and_is_joined_by_the_same_command(office: Office) -> None:
    address, stuck = office.accepted(), office.customers[1]
    office.sandbox.world.company(stuck).api_enabled = False
    partly = await office.connect(address, "--yes")
    assert partly.code == 1
    assert stuck not in await office.joined()
    assert len(await office.joined()) == 2
    assert await office.kept() == [stuck]

    office.sandbox.world.company(stuck).api_enabled = True
    again = await office.connect(address, "--yes")
    assert (again.code, again.json["counts"]["joined"]) == (0, 1)
    assert await office.joined() == sorted(office.customers)
    assert await office.kept() == []


async def test_nothing_is_approved_where_the_trigger_cannot_work(office: Office) -> None:
    address = office.accepted()
    done = await command(
        office.settings, "integration", "connect", "--activation", address, "--list", "no such list", "--yes"
    )
    assert done.code == 2
    assert (await office.connect(address, "--yes")).code == 0


async def test_why_an_activation_cannot_be_answered_is_said(office: Office) -> None:
    address = office.accepted()
    assert "number" in (await office.connect("https://ptm.esimerkki.fi/activated", "--yes")).err
    gone = await office.connect("70999", "--yes")
    assert "follow the link again" in " ".join(gone.err.split())
    office.settings["PTM_PROCOUNTOR_INTEGRATOR_KEY"] = office.sandbox.companies[1]["api_key"]
    wrong = await office.connect(address, "--yes")
    assert "API Integrator tool" in " ".join(wrong.err.split())
    del office.settings["PTM_PROCOUNTOR_INTEGRATOR_KEY"]
    none = await office.connect(address, "--yes")
    assert (none.code, "PTM_PROCOUNTOR_INTEGRATOR_KEY" in none.err) == (2, True)
    office.settings["PTM_PROCOUNTOR_INTEGRATOR_KEY"] = office.sandbox.companies[0]["api_key"]
    office.sandbox.world.let_pass(timedelta(days=8).total_seconds())
    late = await office.connect(address, "--yes")
    assert "has expired" in " ".join(late.err.split())
    assert await office.joined() == []


async def test_the_guide_says_what_has_to_be_there_and_takes_an_activation_link(office: Office) -> None:
    address = office.accepted()
    async with terminal(office.settings, "integration", "connect") as at:
        first = await at.sees("How do you get into Procountor?")
        for part in (
            "client id and secret",
            "form",
            "add-on",
            "invoiceable API clients",
            "an Owner",
            "activation link",
        ):
            assert part in " ".join(first.split()), part
        at.types("4")
        await at.sees("Address that the customer")
        at.types(address)
        await at.sees(office.sandbox.companies[3]["name"])
        await at.sees("Is this the right organization?")
        at.types("y")
        await at.sees("Destination")
        at.types("1")
        await at.sees("Approve 3 companies")
        at.types("y")
        await at.sees("3 joined")
        assert await at.ends() == 0
    assert await office.joined() == sorted(office.customers)
