"""`ptm integration connect --from`, a key for a whole organization, and whose login an integration uses."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import pytest_asyncio

from desk import environ_for
from sandbox import Sandbox
from servers.postgres import Database
from terminal import Ended, command

pytestmark = pytest.mark.acceptance


@dataclass(slots=True)
class Office:
    """A database, a sandbox of three companies, and a directory for lists."""

    settings: dict[str, str]
    sandbox: Sandbox
    directory: Path

    async def run(self, *arguments: str, stdin: str = "") -> Ended:
        return await command(self.settings, *arguments, stdin=stdin)

    async def connect(self, file: Path, *arguments: str) -> Ended:
        return await self.run("integration", "connect", "--from", str(file), *arguments, "--json")

    def write(self, name: str, text: str, mode: int = 0o600) -> Path:
        file = self.directory / name
        file.write_text(text, encoding="utf-8")
        file.chmod(mode)
        return file

    def roster(self) -> Path:
        """Keys in the file itself, in another and in a variable; a wrong one, and one company twice."""
        first, second, third = (each["api_key"] for each in self.sandbox.companies)
        self.write("second.key", f"{second}\n")
        self.settings["KEY_OF_THIRD"] = third
        return self.write(
            "companies.yaml",
            f"""
version: 1
trustmary_key: {self.sandbox.trustmary_api_key}
trigger:
  name: Lähetetty
  condition: {{statuses: [PAID]}}
companies:
- procountor_key: {first}
  company: {self.sandbox.companies[0]["id"]}
  labels: [pilot]
- procountor_key: {{file: second.key}}
- procountor_key: "no-such-key"
- procountor_key: {{variable: KEY_OF_THIRD}}
- procountor_key: {first}
- procountor_key: {{file: missing.key}}
""",
        )

    def secrets(self) -> list[str]:
        return [*(each["api_key"] for each in self.sandbox.companies), self.sandbox.trustmary_api_key, "no-such-key"]

    def keep_secret(self, ended: Ended) -> None:
        assert not [each for each in self.secrets() if each in ended.out + ended.err]


@pytest_asyncio.fixture
async def office(database: Database, tmp_path: Path) -> AsyncIterator[Office]:
    async with Sandbox(companies=3, organizations=2, history=6) as sandbox:
        yield Office(environ_for(database, sandbox), sandbox, tmp_path)


OUTCOMES = ["ready", "ready", "refused", "ready", "refused", "refused"]


async def test_a_list_is_named_before_anything_is_saved_then_joined_once(office: Office) -> None:
    file = office.roster()
    tried = await office.connect(file, "--dry-run")
    assert tried.code == 1, tried.err
    assert [one["outcome"] for one in tried.json["companies"]] == OUTCOMES
    first, _, wrong, _, twice, missing = tried.json["companies"]
    known = office.sandbox.companies[0]
    assert (first["company"]["id"], first["company"]["name"]) == (known["id"], known["name"])
    assert first["rights"]["invoices"] == "ALL_RIGHTS"
    assert first["user"]
    assert first["organization"]["name"] == office.sandbox.organizations[0]["name"]
    assert first["trigger"]["condition"]["statuses"] == ["PAID"]
    assert wrong["reason"]
    assert "row 1" in twice["reason"]
    assert "missing.key" in missing["reason"]
    assert (await office.run("integration", "list", "--json")).json == []

    asked = await office.connect(file)
    assert asked.code == 3
    assert (await office.run("integration", "list", "--json")).json == []

    done = await office.connect(file, "--yes")
    assert done.code == 1
    assert done.json["counts"] == {"ready": 0, "joined": 3, "already": 0, "refused": 3}
    listed = (await office.run("integration", "list", "--json")).json
    assert sorted(one["company"]["id"] for one in listed) == sorted(each["id"] for each in office.sandbox.companies)
    assert {trigger["name"] for one in listed for trigger in one["triggers"]} == {"Lähetetty"}
    assert [one["labels"] for one in listed if one["company"]["id"] == known["id"]] == [["pilot"]]

    again = await office.connect(file, "--yes")
    assert again.json["counts"] == {"ready": 0, "joined": 0, "already": 4, "refused": 2}
    assert len((await office.run("integration", "list", "--json")).json) == 3
    for ended in (tried, asked, done, again):
        office.keep_secret(ended)


async def test_a_list_with_keys_is_its_owners_alone(office: Office) -> None:
    file = office.roster()
    file.chmod(0o640)
    refused = await office.connect(file, "--dry-run")
    assert refused.code == 2
    assert f"chmod 600 {file}" in refused.err
    office.keep_secret(refused)
    unnamed = office.write("keys.csv", f"{office.sandbox.companies[0]['api_key']},{office.sandbox.trustmary_api_key}\n")
    refused = await office.connect(unnamed, "--dry-run")
    assert refused.code == 2
    assert "line 1, column 1" in refused.err
    office.keep_secret(refused)


async def test_a_table_is_joined_with_the_flags_trigger_and_its_organization_gets_one_new_key(office: Office) -> None:
    lines = [f"{each['api_key']};SHARED;{each['id']}" for each in office.sandbox.companies]
    file = office.write("companies.csv", "\n".join(["procountor_key;trustmary_key_variable;company", *lines]) + "\n")
    office.settings["SHARED"] = office.sandbox.trustmary_api_key
    flags = ("--status", "PAID", "--list", "Procountor laskutetut", "--starts-surveys", "no")
    done = await office.connect(file, "--yes", *flags)
    assert done.code == 0, done.err
    assert {one["trigger"]["destination"]["kind"] for one in done.json["companies"]} == {"lists"}

    organization = done.json["companies"][0]["organization"]
    foreign = office.sandbox.organizations[1]["api_key"]
    replacing = ("integration", "reconnect", "--organization", organization["name"], "--trustmary-key-file", "-")
    refused = await office.run(*replacing, "--yes", "--json", stdin=f"{foreign}\n")
    assert refused.code == 2
    assert office.sandbox.organizations[1]["name"] in refused.err
    assert "It failed for" not in refused.err
    assert await reconnected(office) == 0

    replaced = await office.run(*replacing, "--yes", "--json", stdin=f"{office.sandbox.trustmary_api_key}\n")
    assert replaced.code == 0, replaced.err
    assert len(replaced.json) == 3
    assert await reconnected(office) == 3
    office.keep_secret(replaced)


async def reconnected(office: Office) -> int:
    return len((await office.run("events", "--type", "IntegrationReconnected", "--json")).lines)


async def test_what_ends_with_a_colleague_is_found_by_their_login(office: Office) -> None:
    done = await office.connect(office.roster(), "--yes")
    user = done.json["companies"][0]["user"]
    found = await office.run("integration", "list", "--user", user.upper(), "--json")
    mine = {one["company"]["id"] for one in done.json["companies"] if one["integration"] and one["user"] == user}
    assert {one["company"]["id"] for one in found.json} == mine
    assert mine
    assert (await office.run("integration", "list", "--user", "nobody.at.all", "--json")).json == []
