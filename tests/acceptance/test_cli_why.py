"""`ptm why` as people and scripts use it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest
import pytest_asyncio

from desk import MAIJA, Desk, environ_for
from sandbox import Sandbox
from servers.postgres import Database
from terminal import Ended, command
from worker import settings
from worker.opening import opened
from worker.operations import blocks

pytestmark = pytest.mark.acceptance


@dataclass(slots=True)
class Office:
    """A desk, and the command line over the same database."""

    settings: dict[str, str]
    at: Desk

    async def run(self, *arguments: str) -> Ended:
        return await command(self.settings, *arguments)


@pytest_asyncio.fixture
async def office(database: Database) -> AsyncIterator[Office]:
    async with Sandbox(companies=2, history=2) as sandbox:
        environment = environ_for(database, sandbox)
        async with opened(settings.load(environment)) as context:
            yield Office(environment, Desk(context, sandbox))


async def test_the_life_of_an_invoice_is_told_in_order_with_the_rules_of_its_decision(office: Office) -> None:
    at = office.at
    seen = await at.connect()
    await at.see(seen, 1)
    await at.see(seen, 2, email="laskutus@asiakas.fi")
    await at.project(seen)
    await at.context.pool.execute(
        "insert into attempt (delivery, number, started_at, finished_at, outcome, status)"
        " select id, 1, clock_timestamp(), clock_timestamp(), 'parked', 403 from delivery"
    )
    await at.context.pool.execute("update delivery set state = 'parked', fingerprint = 'rights:trustmary:403'")
    told = await office.run("why", "10001")
    assert told.code == 3
    parts = [
        "NOT_SENT → SENT",
        f"to be added {MAIJA}",
        "because of change 1, to SENT",
        "by trigger Lähetetty, rules of version 2 (TriggerSaved ",
        "✓ status: SENT, wanted SENT",
        "call 1",
        "parked 403",
    ]
    places = [told.out.index(part) for part in parts]
    assert places == sorted(places)
    skipped = await office.run("why", "10002")
    assert (skipped.code, "The address is a shared mailbox" in skipped.out) == (0, True)
    assert "or let shared mailboxes through" in skipped.out
    script = await office.run("why", "10001", "--json")
    [life] = script.json
    assert (script.code, life["status"], life["rules"]["2"]["event"]) == (3, "SENT", "TriggerSaved")
    assert life["deliveries"][0]["attempts"][0]["status"] == 403


async def test_an_address_is_asked_for_and_a_moment(office: Office) -> None:
    at = office.at
    seen = await at.connect()
    await at.see(seen, 1)
    await at.project(seen)
    await blocks.add(at.context, seen, "@asiakas.fi", reason="asked")
    await at.project(seen)
    told = await office.run("why", "--email", MAIJA)
    assert told.code == 0, told.err
    assert f"to be added {MAIJA}" in told.out
    assert f"Blocked in {seen.company} by @asiakas.fi since" in told.out
    assert "ptm events --type ContactSkipped" in told.out
    found = (await office.run("why", "--email", MAIJA, "--json")).json
    assert [life["number"] for life in found["invoices"]] == [10_001]
    assert [each["entry"]["reason"] for each in found["blocked"]] == ["asked"]
    nobody = await office.run("why", "--email", "joku@muu.fi")
    assert (nobody.code, "No invoice was to add joku@muu.fi" in nobody.out) == (0, True)

    long_ago = await office.run("why", "10001", "--as-of", "2020-02-29")
    assert long_ago.code == 0, long_ago.err
    assert "not seen yet, as of 2020-03-01 00:00:00" in long_ago.out
    assert "Nothing was known of it then." in long_ago.out
    for wrong, said in (
        (("why",), "Say which"),
        (("why", "1", "--email", MAIJA), "Say which"),
        (("why", "1", "--as-of", "2999-01-01"), "still to come"),
        (("why", "1", "--as-of", "then"), "--as-of then: write"),
        (("why", "--email", "maija@@"), "no valid address"),
    ):
        refused = await office.run(*wrong)
        assert (refused.code, said in refused.err) == (2, True), refused.err
