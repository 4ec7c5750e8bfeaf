"""The ptm command as scripts use it: JSON on stdout, sentences on stderr, exit codes that mean something."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest
import pytest_asyncio

from desk import environ_for
from sandbox import Sandbox
from servers.postgres import Database
from terminal import Ended, command, ptm

pytestmark = pytest.mark.acceptance


@dataclass(slots=True)
class Office:
    """A database and a sandbox."""

    settings: dict[str, str]
    sandbox: Sandbox

    async def run(self, *arguments: str, stdin: str = "") -> Ended:
        return await command(self.settings, *arguments, stdin=stdin)

    async def connect(self, *arguments: str, company: int = 0) -> Ended:
        keys = f"{self.sandbox.companies[company]['api_key']}\n{self.sandbox.trustmary_api_key}\n"
        flags = ("--procountor-key-file", "-", "--trustmary-key-file", "-", "--json")
        return await self.run("integration", "connect", *flags, *arguments, stdin=keys)


@pytest_asyncio.fixture
async def office(database: Database) -> AsyncIterator[Office]:
    async with Sandbox(companies=2, history=6) as sandbox:
        yield Office(environ_for(database, sandbox), sandbox)


async def test_a_script_connects_and_lives_with_an_integration(office: Office) -> None:
    listed = office.sandbox.world.organization().lists
    plain = next(one for one in listed.values() if one.name == "Procountor laskutetut")
    done = await office.connect("--list", plain.name, "--starts-surveys", "yes", "--map", "phone=person.phone")
    assert done.code == 0, done.err
    one = done.json
    assert one["company"]["name"] == office.sandbox.companies[0]["name"]
    [trigger] = one["triggers"]
    assert trigger["destination"]["lists"] == [plain.id]
    assert trigger["mapping"]["fields"]["phone"] == "person.phone"
    assert trigger["destination"]["starts_surveys"] == "yes"
    number = str(one["company"]["id"])

    saved = await office.run(
        "trigger", "save", number, "--name", "Paid", "--status", "paid,marked_paid", "--contact-only", "--json"
    )
    assert saved.json["trigger"]["condition"]["statuses"] == ["MARKED_PAID", "PAID"]
    changed = await office.run("trigger", "save", number, "paid", "--minimum", "100", "--draft", "--json")
    assert changed.json["trigger"]["id"] == saved.json["trigger"]["id"]
    assert changed.json["trigger"]["condition"]["minimum"] == "100"
    assert [each["name"] for each in (await office.run("trigger", "list", number, "--json")).json] == [
        "Invoice sent",
        "Paid",
    ]
    stale = await office.run("trigger", "save", number, "paid", "--live", "--expect", "1", "--json")
    assert stale.code == 1
    assert "has changed since" in stale.err
    assert (await office.run("trigger", "remove", number, "paid", "--json")).code == 0

    edited = await office.run("integration", "edit", number, "--cool-down-days", "30", "--json")
    assert edited.json["settings"]["cool_down_days"] == 30
    assert (await office.run("block", "add", number, "@esimerkki.fi", "--reason", "asked", "--json")).code == 0
    assert [each["address"] for each in (await office.run("block", "list", number, "--json")).json] == ["@esimerkki.fi"]
    assert (await office.run("block", "remove", number, "@esimerkki.fi")).code == 0

    paused = await office.run("integration", "pause", number, "--json")
    assert (paused.json["state"], paused.json["under_way"]) == ("paused", 0)
    assert (await office.run("integration", "resume", number, "--json")).json["state"] == "active"
    types = [each["type"] for each in (await office.run("events", "--json")).lines]
    assert types[:2] == ["IntegrationConnected", "TriggerSaved"]
    assert types[-2:] == ["IntegrationPaused", "IntegrationResumed"]
    last = (await office.run("events", "--json")).lines[-1]["at"]
    ended = (await office.run("events", "--until", last, "--json")).lines
    assert [each["type"] for each in ended] == types[:-1]
    both = await office.run("events", "--until", last, "--follow")
    assert (both.code, "--until ends the log" in both.err) == (2, True)

    unsure = await office.run("integration", "remove", number)
    assert unsure.code == 3
    assert "--yes" in unsure.err
    assert (await office.run("integration", "remove", number, "--yes", "--json")).json["discarded"] == 0
    assert (await office.run("integration", "list", "--json")).json == []
    assert len((await office.run("integration", "list", "--removed", "--json")).json) == 1
    assert (await office.run("verify", "--json")).json["ok"]


async def test_all_are_paused_and_resumed_with_one_reason(office: Office) -> None:
    for company in (0, 1):
        assert (await office.connect(company=company)).code == 0
    unsure = await office.run("integration", "pause", "--all")
    assert (unsure.code, "Pause 2 integrations?" in unsure.err) == (3, True)
    for wrong in ((), ("1", "--all")):
        refused = await office.run("integration", "pause", *wrong)
        assert (refused.code, "--all" in refused.err) == (2, True)
    paused = await office.run("integration", "pause", "--all", "--yes", "--reason", "alarm", "--json")
    assert (len(paused.json["paused"]), paused.json["already"]) == (2, 0)
    assert [one["state"] for one in (await office.run("integration", "list", "--json")).json] == ["paused", "paused"]
    unsure = await office.run("integration", "resume", "--all")
    assert (unsure.code, unsure.err.count(": alarm;")) == (3, 2)
    resumed = await office.run("integration", "resume", "--all", "--yes")
    assert (resumed.code, resumed.out) == (0, "2 integrations are resumed, 0 were not paused.\n")


async def test_status_asks_for_a_person_where_one_is_needed(office: Office) -> None:
    empty = await office.run("status", "--json")
    assert (empty.code, empty.json["needs"]) == (0, [])
    await office.connect()
    needy = await office.run("status", "--json")
    assert needy.code == 3
    assert [need["says"] for need in needy.json["needs"]] == ["No worker is running."]
    assert "No worker is running." in (await office.run("status")).out


async def test_a_key_in_a_variable_or_file_connects_and_appears_nowhere(office: Office, database: Database) -> None:
    key = office.sandbox.companies[1]["api_key"]
    settings = office.settings | {
        "PTM_PROCOUNTOR_API_KEY": key,
        "PTM_TRUSTMARY_API_KEY": office.sandbox.trustmary_api_key,
    }
    done = await command(settings, "integration", "connect", "--json")
    assert done.code == 0, done.err
    shown = await office.run("integration", "show", str(done.json["company"]["id"]), "--json")
    told = [done, shown, await office.run("events", "--people", "--json")]
    for each in told:
        assert key not in each.out + each.err
        assert office.sandbox.trustmary_api_key not in each.out + each.err


async def test_another_company_than_the_wanted_one_is_left_before_saving(office: Office) -> None:
    done = await office.connect("--company", "1")
    assert done.code == 2
    assert "nothing was saved" in done.err
    assert (await office.run("integration", "list", "--json")).json == []


async def test_what_is_missing_is_named_with_the_flag_that_gives_it(office: Office) -> None:
    done = await office.run("integration", "connect")
    assert (done.code, "--procountor-key-file" in done.err) == (2, True)
    done = await office.connect("--list", "Nowhere")
    assert (done.code, "no list called Nowhere" in done.err) == (2, True)
    done = await office.run("trigger", "list", "Nobody")
    assert (done.code, "No integration is called Nobody" in done.err) == (2, True)
    done = await office.run("why", "123")
    assert (done.code, "never seen" in done.err) == (2, True)


async def test_a_wrong_setting_ends_with_one_sentence_that_names_it(office: Office) -> None:
    for wrong, named in (
        ({"PTM_TRUSTMARY_PACE": "fast"}, "PTM_TRUSTMARY_PACE"),
        ({"PTM_MASTER_KEY": "short"}, "PTM_MASTER_KEY"),
        ({"PTM_DATABASE_URL": "nonsense"}, "PTM_DATABASE_URL"),
        ({"PTM_DATABASE_URL": "", "PTM_DATA_DIR": "/nowhere"}, "PTM_DATABASE_URL"),
    ):
        done = await command(office.settings | wrong, "status")
        assert done.code == 2, done.err
        assert named in done.err
        assert "Traceback" not in done.err
        assert done.out == ""


@pytest.mark.parametrize("stages", ["nonsense", "", " , "])
async def test_a_worker_without_a_stage_to_run_does_not_start(stages: str) -> None:
    done = await command({"PTM_DATA_DIR": "/nowhere"}, "worker", "--stages", stages)
    assert (done.code, "use ingest, relay, project, dispatch" in done.err) == (2, True)


async def test_another_master_key_is_told_from_the_right_one(office: Office) -> None:
    await office.connect()
    done = await command(office.settings | {"PTM_MASTER_KEY": "00" * 32}, "integration", "list")
    assert done.code == 2
    assert "PTM_MASTER_KEY is not the key" in done.err


async def test_a_database_that_is_away_is_a_failure_and_not_a_crash(office: Office) -> None:
    away = {"PTM_DATABASE_URL": "postgresql://ptm_worker:x@127.0.0.1:9/none"}
    done = await command(office.settings | away, "status")
    assert (done.code, "Traceback" in done.err) == (1, False)


async def test_migrating_is_the_owners_and_twice_is_harmless(bare_database: Database) -> None:
    settings = {"PTM_DATABASE_OWNER_URL": bare_database.owner_url, "PTM_DATABASE_URL": bare_database.database_url}
    before = await command(settings, "status")
    assert before.code == 2
    assert (await command(settings, "migrate", "--check")).code == 3
    first = await command(settings, "migrate", "--json")
    assert first.code == 0, first.err
    assert first.json["applied"][0] == "0001_log"
    assert (await command(settings, "migrate", "--json")).json == {"applied": []}
    assert (await command(settings, "migrate", "--check")).code == 0


async def test_as_a_process_it_ends_with_the_same_codes() -> None:
    helped = await ptm({}, "sandbox", "--help")
    assert (helped.code, "--companies" in helped.out) == (0, True)
    for word, meant in (("console", "ptm tui?"), ("connect", "ptm integration connect?"), ("statu", "'status'?")):
        unknown = await ptm({}, word)
        assert (unknown.code, f"No such command '{word}'. Did you mean {meant}" in unknown.err) == (2, True)
    wrong = await ptm({"PTM_TRUSTMARY_PACE": "fast"}, "status")
    assert (wrong.code, wrong.out, wrong.err.count("\n")) == (2, "", 1)
    assert (await ptm({}, "worker", "--stages", "ingest,dream")).code == 2


async def test_events_show_no_person_unless_asked(office: Office) -> None:
    await office.connect("--name", "Maijan sääntö")
    shown = await office.run("events", "--json")
    assert "Maijan" not in shown.out
    assert "Maijan" in (await office.run("events", "--people", "--json")).out
    assert json.loads(shown.out.splitlines()[0])["type"] == "IntegrationConnected"
