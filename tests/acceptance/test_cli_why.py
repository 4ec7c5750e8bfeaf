"""`ptm why` and `ptm attention` as people and scripts use them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from uuid import uuid4

import pytest
import pytest_asyncio

from desk import MAIJA, Desk, environ_for
from events.delivery import UNKNOWN
from events.integration import Destination, DestinationKind, StartsSurveys, Trigger
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


async def test_what_waits_for_a_person_is_told_by_cause_with_the_command_that_acts(office: Office) -> None:
    nothing = await office.run("attention")
    assert (nothing.code, nothing.out) == (0, "Nothing waits for a person.\n")
    assert (await office.run("attention", "--json")).json["groups"] == []
    at = office.at
    one, two = await at.connect(0), await at.connect(1, trigger=Trigger(id=uuid4(), name="Toinen"))
    for invoice in range(1, 5):
        await at.see(one, invoice, email=None)
        await at.see(two, 10 + invoice, email=f"asiakas{invoice}@asiakas.fi")
    await at.project(one)
    await at.project(two)
    await at.context.pool.execute(
        "update delivery set state = 'parked', failure = 'no answer', fingerprint = 'unavailable:trustmary:503'"
    )
    told = await office.run("attention", "--samples", "2")
    assert told.code == 3
    assert "Nobody was asked: the contact person has no e-mail address." in told.out
    assert "customer 7: 10001, 10002, 10003, 10004" in told.out
    assert "ptm delivery retry --fingerprint unavailable:trustmary:503" in told.out
    script = await office.run("attention", "--json")
    assert (script.code, [group["cause"] for group in script.json["groups"]]) == (3, ["no_worker", "parked", "unasked"])
    only = await office.run("attention", "--integration", str(two.id), "--json")
    parked = next(group for group in only.json["groups"] if group["cause"] == "parked")
    assert (parked["count"], {group["cause"] for group in only.json["groups"]}) == (4, {"no_worker", "parked"})

    retry = parked["commands"][0].split()[1:]
    assert retry[-2:] == ["--integration", str(two.id)[:8]]
    again = await office.run(*retry, "--json")
    assert (again.code, len(again.json["sent_again"])) == (0, 4)
    left = {group["cause"] for group in (await office.run("attention", "--json")).json["groups"]}
    assert left == {"no_worker", "unasked"}


async def test_what_may_have_started_a_survey_is_not_sent_again_without_a_yes(office: Office) -> None:
    at = office.at
    lists = Destination(kind=DestinationKind.LISTS, lists=("l1",), starts_surveys=StartsSurveys.YES)
    seen = await at.connect(trigger=replace(at.trigger, destination=lists))
    await at.see(seen, 1)
    await at.project(seen)
    await at.context.pool.execute("update delivery set state = 'parked', fingerprint = $1", UNKNOWN)
    unsure = await office.run("delivery", "retry", "--fingerprint", UNKNOWN)
    assert (unsure.code, "may be asked twice" in unsure.err, await at.states(seen)) == (3, True, ["parked"])
    sure = await office.run("delivery", "retry", "--fingerprint", UNKNOWN, "--yes")
    assert (sure.code, await at.states(seen)) == (0, ["waiting"])


async def test_the_events_of_an_invoice_a_customer_or_an_address_can_be_asked_for(office: Office) -> None:
    at = office.at
    seen = await at.connect()
    await at.see(seen, 1)
    await at.see(seen, 2, email="pekka@toinen.fi")
    await at.project(seen)

    async def told(*arguments: str) -> list[tuple[str, str]]:
        lines = (await office.run("events", "--json", *arguments)).lines
        return [(each["stream"].split("/")[2], each["type"]) for each in lines]

    of_first = [("1", "InvoiceStatusChanged"), ("1", "ContactAdded")]
    assert await told("--invoice", "10001") == of_first
    assert await told("--email", MAIJA) == of_first
    assert await told("--customer", "7", "--type", "ContactAdded") == [("1", "ContactAdded"), ("2", "ContactAdded")]
    unknown = await office.run("events", "--invoice", "99")
    assert (unknown.code, "Invoice 99 was never seen" in unknown.err) == (2, True)
