"""Configuration as code from the command line: exported, edited, tested, tried dry, imported; and how each ends."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from desk import environ_for
from events import written
from facts import customer, invoice
from sandbox import Sandbox
from servers.postgres import Database
from terminal import Ended, command, terminal
from worker.adapters import documents

pytestmark = pytest.mark.acceptance


class Office:
    """A database with two companies connected, and a folder for files."""

    def __init__(self, settings: dict[str, str], sandbox: Sandbox, folder: Path) -> None:
        self.settings, self.sandbox, self.folder = settings, sandbox, folder
        self.file = folder / "ptm.yaml"
        self.numbers: list[str] = []

    async def run(self, *arguments: str, stdin: str = "") -> Ended:
        return await command(self.settings, *arguments, stdin=stdin)

    async def connect(self, company: int) -> None:
        keys = f"{self.sandbox.companies[company]['api_key']}\n{self.sandbox.trustmary_api_key}\n"
        flags = ("--procountor-key-file", "-", "--trustmary-key-file", "-", "--contact-only", "--json")
        done = await self.run("integration", "connect", *flags, stdin=keys)
        assert done.code == 0, done.err
        self.numbers.append(str(done.json["company"]["id"]))

    async def export(self, *which: str) -> dict[str, Any]:
        done = await self.run("integration", "export", *(which or ("--all",)), "--output", str(self.file))
        assert (done.code, done.out) == (0, ""), done.err
        return self.plain()

    def plain(self) -> dict[str, Any]:
        found: dict[str, Any] = documents.load(self.file.read_text(encoding="utf-8"), "x")
        return found

    def write(self, plain: dict[str, Any]) -> None:
        self.file.write_text(documents.dump(plain), encoding="utf-8")

    async def import_(self, *arguments: str) -> Ended:
        return await self.run("integration", "import", str(self.file), *arguments)


@pytest_asyncio.fixture
async def office(database: Database, tmp_path: Path) -> AsyncIterator[Office]:
    async with Sandbox(companies=2, history=6) as sandbox:
        made = Office(environ_for(database, sandbox), sandbox, tmp_path)
        for company in (0, 1):
            await made.connect(company)
        yield made


async def test_two_companies_are_changed_by_one_file(office: Office) -> None:
    plain = await office.export()
    assert [str(one["company"]["id"]) for one in plain["integrations"]] == office.numbers
    for key in (*(one["api_key"] for one in office.sandbox.companies), office.sandbox.trustmary_api_key):
        assert key not in office.file.read_text(encoding="utf-8")
    untouched = await office.import_("--json")
    assert (untouched.code, [one["saved"] for one in untouched.json]) == (0, [False, False])

    for one in plain["integrations"]:
        one["triggers"][0]["condition"] = {"statuses": ["SENT", "PAID"], "minimum": 100}
        one["settings"] = {"cool_down_days": 30}
    office.write(plain)
    dry = await office.import_("--dry-run")
    assert dry.code == 0, dry.err
    assert dry.out.count("    cool-down days: 0 → 30") == 2
    assert dry.out.count("    status: SENT → SENT, PAID") == 2
    assert (await office.import_("--dry-run", "--json")).json[0]["saved"] is False

    unsure = await office.import_()
    assert (unsure.code, "Save this in 2 integrations? Give --yes" in unsure.err) == (3, True)
    events = len((await office.run("events", "--json")).lines)
    assert events == 4

    done = await office.import_("--yes", "--json", "--reason", "spring")
    assert [one["saved"] for one in done.json] == [True, True]
    shown = (await office.run("integration", "show", office.numbers[1], "--json")).json
    assert (shown["settings"]["cool_down_days"], shown["version"]) == (30, done.json[1]["version"])
    assert len((await office.run("events", "--json")).lines) == events + 4
    assert [one["changes"] for one in (await office.import_("--yes", "--json")).json] == [[], []]
    assert len((await office.run("events", "--json")).lines) == events + 4
    history = (await office.run("trigger", "history", office.numbers[0], "--json")).json
    assert history[-1]["reason"] == "spring"
    assert (await office.run("verify", "--json")).json["ok"]


async def test_one_integration_of_a_file_and_one_exported_to_a_pipe(office: Office) -> None:
    plain = await office.export()
    for one in plain["integrations"]:
        one["settings"] = {"role_addresses": True}
    office.write(plain)
    done = await office.import_("--integration", office.numbers[1], "--yes", "--json")
    assert [str(one["company"]["id"]) for one in done.json] == [office.numbers[1]]
    piped = await office.run("integration", "export", office.numbers[1])
    found = documents.load(piped.out, "x")
    assert found["integrations"] == [plain["integrations"][1]]
    assert (await office.run("integration", "export", office.numbers[1], "--json")).json == found
    again = await office.run("integration", "import", "-", "--json", stdin=piped.out)
    assert (again.code, again.json[0]["changes"]) == (0, [])
    nothing = await office.run("integration", "export")
    assert (nothing.code, "--all" in nothing.err) == (2, True)


async def test_tests_in_the_file_run_without_a_database_and_stop_an_import(office: Office) -> None:
    plain = await office.export(office.numbers[0])
    [trigger] = plain["integrations"][0]["triggers"]
    expected = {"email": "paivi.makela@kirjakauppa.fi", "name": "Päivi Mäkelä"}
    nobody = customer(contactPersons=[], invoicingInfo={})
    trigger["tests"] = [
        {"name": "the named contact", "given": {"invoice": invoice(), "customer": customer()}, "expect": expected},
        {
            "name": "nobody",
            "given": {"invoice": invoice(), "customer": nobody},
            "expect": {"skip": "no_contact_person"},
        },
    ]
    office.write(plain)
    passed = await command({}, "trigger", "test", str(office.file))
    assert (passed.code, passed.out.splitlines()[-1]) == (0, "2 passed, 0 failed."), passed.err

    assert (await office.import_("--json")).json[0]["changes"] == []
    await office.export(office.numbers[0])
    assert office.plain() == plain, "an export keeps the tests that the file has"

    trigger["mapping"] = {"email": "customer.invoicingInfo.email"}
    office.write(plain)
    failed = await command({}, "trigger", "test", "--file", str(office.file), "--json")
    assert (failed.code, [one["passed"] for one in failed.json]) == (1, [False, True])
    assert failed.json[0]["differences"] == ["a contact expected, skip: role_address (laskutus@kirjakauppa.fi) found"]
    stopped = await office.import_("--yes")
    assert (stopped.code, "1 test of" in stopped.err, "nothing was saved" in stopped.err) == (2, True, True)
    untested = await office.run("trigger", "test", "--file", "-", stdin="version: 1\nintegrations: []\n")
    assert (untested.code, "has no tests" in untested.err) == (2, True)


async def test_triggers_that_the_file_does_not_name_are_asked_about(office: Office) -> None:
    await office.run("trigger", "save", office.numbers[0], "--name", "Paid", "--status", "PAID", "--contact-only")
    plain = await office.export(office.numbers[0])
    del plain["integrations"][0]["triggers"][1]
    office.write(plain)
    dry = await office.import_("--dry-run")
    assert "trigger Paid is not in the file and would stay, or go: --others keep|remove" in dry.out
    unsure = await office.import_("--yes")
    assert (unsure.code, "--others keep|remove" in unsure.err) == (3, True)
    assert (await office.import_("--yes", "--others", "keep", "--json")).json[0]["changes"] == []
    done = await office.import_("--yes", "--others", "remove", "--json")
    assert done.json[0]["changes"] == ["trigger Paid removed"]
    names = [each["name"] for each in (await office.run("trigger", "list", office.numbers[0], "--json")).json]
    assert names == ["Invoice sent"]


async def test_what_is_wrong_in_a_file_is_one_sentence_with_the_place(office: Office) -> None:
    plain = await office.export()
    spoiled = plain["integrations"][1]["triggers"][0]
    for change, says in (
        ({"mapping": {"email": "person.mail"}}, "integrations[1].triggers[0].mapping.email: email is mapped"),
        (
            {"mapping": {"email": "person.email", "phone": "customer.phone"}},
            "integrations[1].triggers[0]: phone is mapped",
        ),
        ({"condition": {"minimum": 5, "maximum": 1}}, "integrations[1].triggers[0]: The minimum 5 is more"),
        ({"live": True, "draft_of": "Invoice sent", "name": "x"}, "integrations[1].triggers[0].draft_of: no other"),
    ):
        office.write(
            {
                **plain,
                "integrations": [
                    plain["integrations"][0],
                    {**plain["integrations"][1], "triggers": [spoiled | change]},
                ],
            }
        )
        done = await office.import_("--yes", "--others", "keep")
        assert (done.code, says in done.err, done.err.count("\n")) == (2, True, 1), done.err
    office.file.write_text("version: 1\nversion: 1\n", encoding="utf-8")
    twice = await office.import_("--yes")
    assert (twice.code, "line 2: version stands twice" in twice.err) == (2, True)
    missing = await office.run("integration", "import", str(office.folder / "none.yaml"))
    assert (missing.code, "cannot be read" in missing.err) == (2, True)
    assert len((await office.run("events", "--json")).lines) == 4


async def test_in_a_terminal_a_person_sees_what_changes_and_may_say_no(office: Office) -> None:
    plain = await office.export(office.numbers[0])
    plain["integrations"][0]["settings"] = {"cool_down_days": 7}
    office.write(plain)
    async with terminal(office.settings, "integration", "import", str(office.file)) as at:
        assert "cool-down days: 0 → 7" in await at.sees("Save this in 1 integration?")
        at.types("n")
        assert await at.ends() == 1
    async with terminal(office.settings, "integration", "import", str(office.file)) as at:
        await at.sees("Save this in 1 integration?")
        at.types("y")
        await at.sees("1 integration saved.")
        assert await at.ends() == 0
    assert written.read((await office.run("integration", "export", office.numbers[0], "--json")).json) == written.read(
        plain
    )


async def test_what_somebody_saves_while_a_person_thinks_is_shown_not_overwritten_and_stops_no_other(
    office: Office,
) -> None:
    plain = await office.export()
    for one in plain["integrations"]:
        one["settings"] = {"cool_down_days": 7}
    office.write(plain)
    async with terminal(office.settings, "integration", "import", str(office.file)) as at:
        await at.sees("Save this in 2 integrations?")
        other = await office.run(
            "integration", "edit", office.numbers[0], "--cool-down-days", "90", "--reason", "me first"
        )
        assert other.code == 0
        at.types("y")
        await at.sees("1 integration saved.")
        await at.sees("has changed since version")
        await at.sees("me first")
        await at.sees("cool-down days: 0 → 90")
        await at.sees("1 of 2 integrations saved, 1 refused: repeat the import for the rest.")
        assert await at.ends() == 1
    days = [one["settings"]["cool_down_days"] for one in (await office.run("integration", "list", "--json")).json]
    assert days == [90, 7]
    again = await office.import_("--dry-run", "--json")
    assert [one["changes"] for one in again.json] == [["settings changed", "    cool-down days: 90 → 7"], []]
