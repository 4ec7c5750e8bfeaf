"""Rules that are worked on from the command line: versions, drafts, tests on the log, one contact to oneself."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest
import pytest_asyncio

from desk import Desk, environ_for
from events.integration import Trigger
from sandbox import Sandbox
from servers.postgres import Database
from terminal import Ended, command, terminal
from worker import settings
from worker.opening import opened
from worker.operations.integrations import Integration

pytestmark = pytest.mark.acceptance
PAID: dict[str, Any] = {"change": 2, "before": "SENT", "after": "PAID"}


@dataclass(slots=True)
class Office:
    """A connected company whose log has some invoices when a test says so."""

    settings: dict[str, str]
    sandbox: Sandbox
    company: str = ""
    trigger: Trigger = field(init=False)

    async def run(self, *arguments: str) -> Ended:
        return await command(self.settings, "trigger", arguments[0], self.company, *arguments[1:])

    @asynccontextmanager
    async def desk(self) -> AsyncIterator[Desk]:
        async with opened(settings.load(self.settings)) as context:
            yield Desk(context, self.sandbox)

    async def sent(self, seen: Integration, *emails: str | None, first: int = 1, **facts: Any) -> None:
        async with self.desk() as at:
            for invoice, email in enumerate(emails, start=first):
                await at.see(seen, invoice, email=email, **facts)
            await at.project(seen)


@pytest_asyncio.fixture
async def office(database: Database) -> AsyncIterator[tuple[Office, Integration]]:
    async with Sandbox() as sandbox:
        made = Office(environ_for(database, sandbox), sandbox)
        async with made.desk() as at:
            seen = await at.connect()
            made.company, made.trigger = str(seen.company_id), at.trigger
        yield made, seen


async def test_versions_are_shown_restored_and_stand_before_a_stale_save(office: tuple[Office, Integration]) -> None:
    at, seen = office
    saved = await at.run("save", "Lähetetty", "--status", "SENT,PAID", "--reason", "Päivi asked", "--json")
    assert saved.code == 0, saved.err
    stale = await at.run("save", "Lähetetty", "--existing", "leave", "--expect", str(seen.version), "--json")
    assert (stale.code, stale.out) == (1, "")
    assert f"has changed since version {seen.version}: nothing was saved" in stale.err
    assert "ptm_worker: Päivi asked" in stale.err
    assert "status: SENT → SENT, PAID" in stale.err

    [first, second] = (await at.run("history", "Lähetetty", "--json")).json
    assert (first["version"], second["reason"]) == (seen.version, "Päivi asked")
    assert second["changes"] == ["status: SENT → SENT, PAID"]
    shown = await at.run("history")
    assert "Lähetetty" in shown.out
    assert f"version {second['version']}" in shown.out

    again = await at.run("restore", "Lähetetty", str(seen.version), "--json")
    assert again.json["trigger"]["condition"]["statuses"] == ["SENT"]
    nothing = await at.run("restore", "Lähetetty", str(again.json["version"]))
    assert (nothing.code, "nothing to restore" in nothing.err) == (2, True)
    await at.run("remove", "Lähetetty")
    assert "Lähetetty (removed)" in (await at.run("history")).out
    back = await at.run("restore", "Lähetetty", str(second["version"]), "--json")
    assert back.json["trigger"]["id"] == str(at.trigger.id)
    assert (await at.run("restore", "Nowhere", "1")).code == 2


async def test_what_waits_is_asked_about_before_an_old_version_is_restored(office: tuple[Office, Integration]) -> None:
    at, seen = office
    await at.run("save", "Lähetetty", "--existing", "leave", "--waiting", "send")
    await at.sent(seen, "aino@asiakas.fi")
    unsure = await at.run("restore", "Lähetetty", str(seen.version))
    assert (unsure.code, "--waiting" in unsure.err) == (3, True)
    sure = await at.run("restore", "Lähetetty", str(seen.version), "--waiting", "decide-again")
    assert sure.code == 0, sure.err


async def test_a_draft_is_made_tested_watched_and_promoted(office: tuple[Office, Integration]) -> None:
    at, seen = office
    made = await at.run("draft", "Lähetetty", "--status", "SENT,PAID", "--map", "phone=person.phone", "--json")
    assert made.code == 0, made.err
    draft = made.json["trigger"]
    assert (draft["live"], draft["draft_of"], draft["name"]) == (False, str(at.trigger.id), "Lähetetty draft")
    assert "Lähetetty draft (draft of Lähetetty)" in (await at.run("list")).out
    refused = await at.run("save", "Lähetetty draft", "--live")
    assert (refused.code, "ptm trigger promote" in refused.err) == (2, True)

    await at.sent(seen, "aino@asiakas.fi", "eino@asiakas.fi", "laskutus@asiakas.fi", None)
    await at.sent(seen, "veera@asiakas.fi", first=9, **PAID)
    found = (await at.run("test", "Lähetetty draft", "--json")).json
    assert (found["events"], found["matches"], found["contacts"]) == (5, 5, 3)
    assert found["skipped"] == {"no_email": 1, "role_address": 1}
    assert found["fields"]["email"] == {"path": "person.email", "present": 4, "percent": 80.0}
    assert found["fields"]["phone"]["present"] == 0
    assert found["email"] == {"invalid": 0, "role_addresses": 1}
    assert [one["contact"]["email"] for one in found["samples"]][-1] == "veera@asiakas.fi"
    assert [week["matches"] for week in found["weeks"]] == [5]
    shown = (await at.run("test", "Lähetetty draft", "--last", "7")).out
    assert "present 80 %, 0 invalid, 1 role addresses" in shown
    assert "█" in shown
    empty = await at.run("test", "Lähetetty", "--until", "1d", "--json")
    assert (empty.json["events"], empty.json["weeks"]) == (0, [])
    assert (await at.run("test", "Lähetetty", "--until", "1d")).code == 0
    assert (await at.run("test", "Lähetetty", "--since", "soon")).code == 2
    assert (await at.run("test", "Lähetetty", "--since", "1d", "--last", "2")).code == 2

    shadow = (await at.run("shadow", "Lähetetty draft", "--json")).json
    counts = {name: count for name, count in shadow["counts"].items() if count}
    assert (counts, shadow["changes"]) == ({"equal": 2, "only_draft": 1, "neither": 2}, 5)
    [sample] = shadow["samples"]["only_draft"]
    assert (sample["live"], sample["draft"]["contact"]["email"]) == (None, "veera@asiakas.fi")
    assert "only the draft adds" in (await at.run("shadow", "Lähetetty draft", "--since", "1d")).out

    unsure = await at.run("promote", "Lähetetty draft")
    assert unsure.code == 3
    assert "status: SENT → SENT, PAID" in unsure.err
    assert "only the draft adds" in unsure.err
    held = await at.run("promote", "Lähetetty draft", "--yes")
    assert (held.code, "--waiting" in held.err) == (3, True)
    done = await at.run("promote", "Lähetetty draft", "--yes", "--waiting", "send", "--json")
    assert done.code == 0, done.err
    assert done.json["trigger"]["id"] == str(at.trigger.id)
    assert done.json["shadow"]["counts"]["only_draft"] == 1
    assert [one["name"] for one in (await at.run("list", "--json")).json] == ["Lähetetty"]
    [*_, last] = (await at.run("history", "Lähetetty", "--json")).json
    assert last["reason"] == "promoted: Lähetetty draft"
    assert (await command(at.settings, "verify", "--json")).json["ok"]


async def test_one_contact_is_sent_to_oneself_after_a_yes(office: tuple[Office, Integration]) -> None:
    at, seen = office
    await at.sent(seen, "aino@asiakas.fi")
    arrivals = at.sandbox.world.books.arrivals
    unsure = await at.run("test", "Lähetetty", "--send-to", "ville@toimisto.fi")
    assert (unsure.code, arrivals) == (3, [])
    assert "Send the contact of invoice 10001" in unsure.err
    assert "ville@toimisto.fi" in unsure.err
    assert "starts no survey by itself" in unsure.err
    asking = ("trigger", "test", at.company, "Lähetetty", "--send-to", "ville@toimisto.fi")
    async with terminal(at.settings, *asking) as shown:
        await shown.sees("[y/N]")
        shown.types("n")
        assert await shown.ends() == 1
    assert arrivals == []
    done = await command(at.settings, *asking, "--yes", "--json")
    assert done.code == 0, done.err
    assert (done.json["well"], done.json["answers"][0]["outcome"]) == (True, "delivered")
    assert [one.email for one in arrivals] == ["ville@toimisto.fi"]
    told = await command(at.settings, "events", "--type", "TrialSent", "--type", "TrialAnswered")
    assert "its contact tried out, to contact" in told.out
    assert "trial delivered, step 1" in told.out
    assert "ville" not in told.out
    life = await command(at.settings, "why", "10001")
    assert "tried out as ville@toimisto.fi" in life.out

    at.sandbox.faults.add("trustmary.contacts.post=422:1x1")
    refused = await at.run("test", "Lähetetty", "--send-to", "ville@toimisto.fi", "--yes")
    assert (refused.code, "contact refused (422)" in refused.out) == (1, True)
    windowed = await at.run("test", "Lähetetty", "--send-to", "ville@toimisto.fi", "--last", "3")
    assert (windowed.code, "without a window" in windowed.err) == (2, True)


async def test_what_a_trial_may_start_is_said_before(office: tuple[Office, Integration]) -> None:
    at, seen = office
    await at.sent(seen, "aino@asiakas.fi")
    listed = next(one for one in at.sandbox.world.organization().lists.values() if one.source == "list")
    aim = ("--list", listed.id, "--starts-surveys", "yes")
    assert (await at.run("draft", "Lähetetty", "--name", "Listalle", *aim)).code == 0
    await command(at.settings, "integration", "pause", at.company)
    asked = await at.run("test", "Listalle", "--send-to", "ville@toimisto.fi")
    assert asked.code == 3
    assert f"lists {listed.name}" in asked.err
    assert "may start a survey to ville@toimisto.fi" in asked.err
    assert "is paused" in asked.err
    sent = await at.run("test", "Listalle", "--send-to", "ville@toimisto.fi", "--yes")
    assert sent.code == 0, sent.err
    assert "may start a survey to ville@toimisto.fi" in sent.err
    assert [one.lists for one in at.sandbox.world.books.arrivals] == [[listed.id]]
