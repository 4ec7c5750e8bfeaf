"""The guide, in a real terminal: log in in a browser, see the company named, pick, look, save."""

from __future__ import annotations

import signal
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from urllib.parse import parse_qs, urlsplit
from uuid import UUID
from zoneinfo import ZoneInfo

import aiohttp
import pytest
import pytest_asyncio

from browsing import log_in
from desk import Desk, environ_for
from events.words import Language, Words
from eventually import eventually
from sandbox import Sandbox
from servers.postgres import Database
from terminal import Terminal, command, terminal
from worker import callback, settings
from worker.adapters.child import free_port
from worker.opening import opened
from worker.operations.integrations import read_one

pytestmark = pytest.mark.acceptance


@dataclass(slots=True)
class Office:
    settings: dict[str, str]
    sandbox: Sandbox
    browser: aiohttp.ClientSession

    async def log_in(self, url: str, *, company: int = 0, lands: bool = True) -> aiohttp.ClientResponse:
        """What a person does on Procountor's pages; answers the page that the browser ends on."""
        return await log_in(self.browser, self.sandbox, url, company=company, lands=lands)


@pytest_asyncio.fixture
async def office(database: Database) -> AsyncIterator[Office]:
    """With a worker's callback at the public URL."""
    async with Sandbox(companies=2, history=6) as sandbox, aiohttp.ClientSession() as browser:
        environ = environ_for(database, sandbox)
        async with opened(settings.load(environ)) as context:
            landing = callback.Landing(pool=context.pool, vault=context.vault)
            async with callback.serving(landing, host="127.0.0.1", port=0) as port:
                environ["PTM_PUBLIC_URL"] = f"http://127.0.0.1:{port}"
                yield Office(environ, sandbox, browser)


async def link(at: Terminal) -> str:
    await at.sees("choose the company:")
    await at.sees("http")
    start = at.read - len("http")
    await at.sees("\n")
    return "".join(at.shown[start : at.read].split())


async def test_a_person_connects_through_the_browser(office: Office) -> None:
    known = office.sandbox.companies[0]
    async with terminal(office.settings, "integration", "connect") as at:
        await at.sees("How do you get into Procountor?")
        at.types()
        url = await link(at)
        assert urlsplit(url).path == "/keylogin"
        page = await office.log_in(url)
        assert known["name"] in (await page.text())
        await at.sees(known["name"])
        await at.sees("customer register")
        await at.sees("Is this the right company?")
        at.types("y")
        await at.sees("Trustmary's API key")
        at.types(office.sandbox.trustmary_api_key)
        await at.sees(office.sandbox.organizations[0]["name"])
        await at.sees("Is this the right organization?")
        at.types("y")
        await at.sees("Invoice status")
        at.types("SNT")
        await at.sees("Procountor knows no status")
        await at.sees("Invoice status")
        at.types()
        await at.sees("Map more fields?")
        at.types("y")
        assert "Yhteyshenkilön puhelin" in await at.sees("FIELD=PATH")
        at.types("phone=customer.registryInfo.phon")
        await at.sees("did you mean customer.registryInfo.phone")
        await at.sees("Map more fields?")
        at.types("n")
        shown = await at.sees("Where do the contacts go?")
        assert "On the company's latest invoices it would add:" in shown
        assert "@" in shown
        await at.sees("Destination")
        at.types("3")
        await at.sees("Survey ")
        at.types()
        await at.sees("The survey's list")
        at.types()
        await at.sees("Does that send surveys to people?")
        at.types()
        await at.sees("starts surveys")
        await at.sees("Save?")
        at.types("y")
        await at.sees("Connected")
        assert await at.ends() == 0
    assert office.sandbox.trustmary_api_key not in at.shown
    [one] = (await command(office.settings, "integration", "list", "--json")).json
    assert one["company"]["name"] == known["name"]
    assert one["triggers"][0]["destination"]["kind"] == "survey"


async def test_a_wrong_company_is_left_before_saving_and_the_address_may_be_pasted(office: Office) -> None:
    settings = office.settings | {"PTM_PUBLIC_URL": "http://127.0.0.1:9"}
    async with terminal(settings, "integration", "connect", "--login", "code", "--no-trigger") as at:
        url = await link(at)
        assert urlsplit(url).path == "/login"
        await at.sees("paste its address")
        at.types("http://somewhere/else")
        await at.sees("not the address of the page")
        landed = await office.log_in(url, company=1, lands=False)
        at.types(landed.headers["Location"])
        await at.sees(office.sandbox.companies[1]["name"])
        await at.sees("ends after six months")
        await at.sees("Is this the right company?")
        at.types("n")
        await at.sees("Nothing was saved.")
        at.types("1")
        url = await link(at)
        at.types((await office.log_in(url, company=0, lands=False)).headers["Location"])
        await at.sees(office.sandbox.companies[0]["name"])
        await at.sees("Is this the right company?")
        at.types("y")
        await at.sees("Trustmary's API key")
        at.types("not a key")
        await at.sees("does not know this API key")
        await at.sees("Trustmary's API key")
        at.types(office.sandbox.trustmary_api_key)
        await at.sees("Is this the right organization?")
        at.types("y")
        await at.sees("Save?")
        at.types("y")
        await at.sees("Connected")
        assert await at.ends() == 0
    [one] = (await command(office.settings, "integration", "list", "--json")).json
    assert one["company"]["name"] == office.sandbox.companies[0]["name"]


async def test_ctrl_c_in_the_guide_saves_nothing(office: Office) -> None:
    async with terminal(office.settings, "integration", "connect", "--login", "key") as at:
        await link(at)
        await at.sees("paste its address")
        at.process.send_signal(signal.SIGINT)
        assert await at.ends() == 130
        assert "Traceback" not in at.shown
    assert (await command(office.settings, "integration", "list", "--json")).json == []


async def test_a_callback_is_taken_once_and_names_nobody_to_a_stranger(office: Office) -> None:
    async with terminal(office.settings, "integration", "connect", "--login", "key") as at:
        url = await link(at)
        page = await office.log_in(url)
        assert page.status == 200
        await at.sees("Is this the right company?")
        again = await office.browser.get(page.url)
        assert (again.status, office.sandbox.companies[0]["name"] in await again.text()) == (410, False)
        stranger = page.url.with_query({"code": "x", "state": "guess"})
        assert (await office.browser.get(stranger)).status == 410
        assert (await office.browser.get(page.url.with_query({}))).status == 400


async def test_when_the_holder_of_the_callback_is_gone_another_worker_takes_it_over(database: Database) -> None:
    async with Sandbox() as sandbox, opened(settings.load(environ_for(database, sandbox))) as context:
        say = Words(Language.FINNISH, ZoneInfo("Europe/Helsinki"))
        landing = callback.Landing(pool=context.pool, vault=context.vault, say=say)
        async with AsyncExitStack() as holder, aiohttp.ClientSession() as browser:
            port = await holder.enter_async_context(callback.serving(landing, host="127.0.0.1", port=free_port()))
            assert port is not None

            async def answers() -> bool:
                try:
                    page = await browser.get(f"http://127.0.0.1:{port}/callback")
                    return page.status == 400 and "Täällä ei ole nähtävää" in await page.text()
                except aiohttp.ClientConnectionError:
                    return False

            async with callback.serving(landing, host="127.0.0.1", port=port) as second:
                assert second is None
                await holder.aclose()
                await eventually(answers)


async def test_what_procountor_says_instead_of_a_code_is_told_in_both_places(office: Office) -> None:
    async with terminal(office.settings, "integration", "connect", "--login", "key") as at:
        query = {name: values[0] for name, values in parse_qs(urlsplit(await link(at)).query).items()}
        answer = {"state": query["state"], "error": "access_denied", "error_description": "<b>not allowed</b>"}
        async with office.browser.get(query["redirect_uri"], params=answer) as page:
            assert "&lt;b&gt;not allowed" in await page.text()
        await at.sees("not allowed")


async def test_resuming_asks_what_becomes_of_what_waits(office: Office, database: Database) -> None:
    keys = f"{office.sandbox.companies[0]['api_key']}\n{office.sandbox.trustmary_api_key}\n"
    flags = ("--procountor-key-file", "-", "--trustmary-key-file", "-", "--json")
    one = (await command(office.settings, "integration", "connect", *flags, stdin=keys)).json
    number = str(one["company"]["id"])
    assert (await command(office.settings, "integration", "pause", number)).code == 0
    async with opened(settings.load(office.settings)) as context:
        at_desk = Desk(context, office.sandbox)
        seen = await read_one(context, UUID(one["id"]))
        await at_desk.see(seen, 1)
        await at_desk.project(seen)
    held = await command(office.settings, "integration", "resume", number)
    assert (held.code, "--waiting decide-again|send|drop" in held.err) == (3, True)
    async with terminal(office.settings, "integration", "resume", number) as at:
        await at.sees("1 decisions wait")
        await at.sees("What becomes of them?")
        at.types("3")
        await at.sees("active")
        assert await at.ends() == 0


async def test_a_worker_answers_probes_and_drains_on_sigterm(office: Office) -> None:
    more = {
        "PTM_KAFKA_BOOTSTRAP": "127.0.0.1:9",
        "PTM_HEALTH_PORT": "0",
        "PTM_CALLBACK_PORT": "0",
        "PTM_LOG_FORMAT": "json",
    }
    async with terminal(office.settings | more, "worker", "--stages", "ingest,dispatch") as at:
        await at.sees("worker started")
        at.process.send_signal(signal.SIGTERM)
        assert await at.ends() == 0
        assert "worker stopped" in at.shown


async def test_following_the_log_shows_events_as_they_come_and_ends_with_ctrl_c(office: Office) -> None:
    keys = f"{office.sandbox.companies[0]['api_key']}\n{office.sandbox.trustmary_api_key}\n"
    flags = ("--procountor-key-file", "-", "--trustmary-key-file", "-", "--json")
    one = (await command(office.settings, "integration", "connect", *flags, stdin=keys)).json
    async with terminal(office.settings, "events", "--follow") as at:
        await at.sees("TriggerSaved")
        assert (await command(office.settings, "integration", "pause", str(one["company"]["id"]))).code == 0
        await at.sees("IntegrationPaused")
        at.process.send_signal(signal.SIGINT)
        assert await at.ends() == 0
        assert "Traceback" not in at.shown
