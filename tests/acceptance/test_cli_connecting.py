"""Lines that are told are the ones to be run: for another company than before, and for a draft."""

from __future__ import annotations

import re
import shlex
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from desk import environ_for
from sandbox import Sandbox
from servers.postgres import Database
from terminal import Ended, command, terminal

pytestmark = pytest.mark.acceptance


@pytest_asyncio.fixture
async def sandbox() -> AsyncIterator[Sandbox]:
    async with Sandbox(companies=2, history=6) as sandbox:
        yield sandbox


async def connected(settings: dict[str, str], sandbox: Sandbox, file: Path, *more: str) -> Ended:
    flags: tuple[str, ...] = (
        "--trustmary-key-file",
        str(file),
        "--list",
        "NPS laskutuksen jälkeen",
        "--map",
        "phone=person.phone",
    )
    file.write_text(sandbox.trustmary_api_key, encoding="utf-8")
    key = sandbox.companies[0]["api_key"]
    flags += ("--procountor-key-file", "-", "--cool-down-days", "30", *more)
    done = await command(settings, "integration", "connect", *flags, stdin=key)
    assert done.code == 0, done.err
    return done


async def test_a_draft_says_that_nothing_is_sent_and_how_it_is_put_in_force(
    database: Database, sandbox: Sandbox, tmp_path: Path
) -> None:
    settings = environ_for(database, sandbox)
    done = await connected(settings, sandbox, tmp_path / "trustmary.key", "--draft")
    told = re.search(r"nothing is sent yet\. To put it in force: ptm (trigger promote \w+ '.+?')", done.err)
    assert told, done.err
    promoted = await command(settings, *shlex.split(told[1]), "--yes", "--json")
    assert promoted.code == 0, promoted.err
    [trigger] = (await command(settings, "trigger", "list", str(sandbox.companies[0]["id"]), "--json")).json
    assert trigger["live"]


async def test_a_login_to_another_company_is_refused_and_connected_when_asked_for(
    database: Database, sandbox: Sandbox, tmp_path: Path
) -> None:
    settings = environ_for(database, sandbox)
    one, other = sandbox.companies
    await connected(settings, sandbox, tmp_path / "trustmary.key")
    await command(settings, "block", "add", str(one["id"]), "@esimerkki.fi")

    anew = ("integration", "reconnect", str(one["id"]), "--procountor-key-file", "-", "--yes")
    refused = await command(settings, *anew, stdin=other["api_key"])
    assert refused.code == 2
    assert f"open {other['name']} ({other['id']}), not {one['name']}" in refused.err
    told = re.search(r"ptm (integration connect --like \w+)", refused.err)
    assert told

    done = await command(settings, *told[1].split(), "--procountor-key-file", "-", "--json", stdin=other["api_key"])
    assert done.code == 0, done.err
    assert done.json["company"]["id"] == other["id"]
    assert done.json["organization"]["id"] == sandbox.organizations[0]["id"]
    assert done.json["settings"]["cool_down_days"] == 30
    [trigger] = done.json["triggers"]
    assert trigger["destination"]["names"] == {trigger["destination"]["lists"][0]: "NPS laskutuksen jälkeen"}
    assert trigger["mapping"]["fields"]["phone"] == "person.phone"
    blocked = await command(settings, "block", "list", str(other["id"]), "--json")
    assert [each["address"] for each in blocked.json] == ["@esimerkki.fi"]

    more = await command(settings, *told[1].split(), "--list", "NPS laskutuksen jälkeen")
    assert more.code == 2
    assert "give no other" in more.err


async def test_a_person_who_logs_in_to_another_company_is_told_how_it_is_asked_for(
    database: Database, sandbox: Sandbox, tmp_path: Path
) -> None:
    settings = environ_for(database, sandbox)
    one, other = sandbox.companies
    await connected(settings, sandbox, tmp_path / "trustmary.key")
    async with terminal(settings, "integration", "reconnect", str(one["id"]), "--procountor") as at:
        asked = await at.sees("[1]:")
        assert "activation link" not in asked
        assert "What has to be there first" not in asked
        at.types("4")
        await at.sees("A number from 1 to 3, please.")
        at.types("3")
        await at.sees("API key")
        at.types(other["api_key"])
        await at.sees("Is this the right company?")
        at.types("y")
        await at.sees("ptm integration connect --like")
        assert await at.ends() == 2
