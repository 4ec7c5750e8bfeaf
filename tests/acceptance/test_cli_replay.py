"""A replay from the command line: planned, read, refused, started by its count, paused, resumed, cancelled."""

from __future__ import annotations

import csv
import io
from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest
import pytest_asyncio

from desk import Desk, environ_for
from sandbox import Sandbox
from servers.postgres import Database
from terminal import Ended, command, terminal
from worker import settings
from worker.opening import opened

pytestmark = pytest.mark.acceptance
MAIJA, PEKKA = "maija.meikalainen@asiakas.fi", "pekka.puupaa@asiakas.fi"


@dataclass(frozen=True, slots=True)
class Office:
    """A company whose trigger meant paid invoices while three were sent, and means sent ones since."""

    settings: dict[str, str]
    company: str

    async def run(self, *arguments: str) -> Ended:
        return await command(self.settings, "replay", *arguments)

    async def plan(self, *flags: str) -> str:
        """The id of a plan."""
        planned = await self.run("plan", self.company, *flags, "--json")
        assert planned.code == 0, planned.err
        return str(planned.json["replay"]["id"])


@pytest_asyncio.fixture
async def office(database: Database) -> AsyncIterator[Office]:
    async with Sandbox() as sandbox:
        environ = environ_for(database, sandbox)
        async with opened(settings.load(environ)) as context:
            at = Desk(context, sandbox)
            seen = await at.connect()
            company = str(seen.company_id)
            changed = await command(environ, "trigger", "save", company, at.trigger.name, "--status", "PAID")
            assert changed.code == 0, changed.err
            for invoice, email in enumerate((MAIJA, PEKKA, None), start=1):
                await at.see(seen, invoice, email=email)
            await at.project(seen)
        back = await command(environ, "trigger", "save", company, at.trigger.name, "--status", "SENT")
        assert back.code == 0, back.err
        yield Office(environ, company)


async def test_a_plan_is_read_in_four_forms(office: Office) -> None:
    shown = await office.run("plan", office.company)
    assert shown.code == 0, shown.err
    assert "2 new" in shown.out
    assert "2 contacts, 4 calls to Trustmary (0:00:01 at its pace), no survey starts" in shown.out
    assert "as seen then, no call to Procountor" in shown.out
    assert "1 no_email" in shown.out
    assert "Nothing has been sent. To apply it: ptm replay apply" in shown.err

    narrow = ("--since", "2020-01-01", "--dated-to", "2030-01-31", "--skipped", "no_email", "--trigger", "Lähetetty")
    paper = (await office.run("plan", office.company, *narrow, "--format", "markdown")).out
    assert "; recorded from 2020-01-01 00:00:00 on; invoice date up to 2030-01-31\n" in paper
    assert "- **window**: positions 1 to " in paper
    assert "- **only**: what was skipped for no_email\n- **triggers**: Lähetetty\n" in paper

    by_number = await office.run("plan", office.company, "--invoice", "10001", "--json")
    assert [one["email"] for one in by_number.json["items"]] == [MAIJA], by_number.err
    nobody = await office.run("plan", office.company, "--invoice", "99")
    assert "There is nothing to apply." in nobody.err

    id = await office.plan()
    planned = (await office.run("show", id, "--json")).json
    assert planned["replay"]["state"] == "planned"
    assert [(one["kind"], one["email"]) for one in planned["items"]] == [("new", MAIJA), ("new", PEKKA)]
    rows = list(csv.DictReader(io.StringIO((await office.run("show", id, "--format", "csv")).out)))
    assert [row["email"] for row in rows] == [MAIJA, PEKKA]
    markdown = (await office.run("show", id, "--format", "markdown")).out
    assert all(f"| {email} |" in markdown for email in (MAIJA, PEKKA))
    listed = (await office.run("list", "--json")).json
    assert [one["state"] for one in listed] == ["planned"] * 5


@pytest.mark.parametrize(
    ("flags", "says"),
    [
        (("--since", "2026-11-02", "--until", "2026-11-01"), "ends before it starts"),
        (("--dated-from", "2026-11-02", "--dated-to", "2026-11-01"), "ends before it starts"),
        (("--until", "2020-01-01"), "choose a wider one"),
        (("--since", "2026-11-01", "--last", "3"), "give one"),
        (("--status", "LÄHETETTY"), "There is no status LÄHETETTY: use"),
        (("--skipped", "no_mail"), "There is no skip reason no_mail: use"),
        (("--dated-from", "yesterday"), "write 2026-11-01"),
        (("--trigger", "Puuttuva"), "Puuttuva"),
    ],
    ids=lambda given: given[0] if isinstance(given, tuple) else "",
)
async def test_a_window_that_cannot_be_is_refused_with_what_to_do(
    office: Office, flags: tuple[str, ...], says: str
) -> None:
    refused = await office.run("plan", office.company, *flags)
    assert (refused.code, refused.out) == (2, "")
    assert says in refused.err


async def test_only_the_count_starts_a_replay_that_sends(office: Office) -> None:
    id = await office.plan()
    unsure = await office.run("apply", id, "--reach", "contact", "--name", "korjaus", "--reason", "väärä tila")
    assert (unsure.code, "--yes 2" in unsure.err) == (3, True)
    wrong = await office.run(
        "apply", id, "--reach", "contact", "--name", "korjaus", "--reason", "väärä tila", "--yes", "3"
    )
    assert (wrong.code, "nothing was started" in wrong.err) == (2, True)
    nameless = await office.run("apply", id, "--reach", "contact", "--yes", "2")
    assert (nameless.code, "--name" in nameless.err) == (3, True)
    assert (await office.run("show", id, "--json")).json["replay"]["state"] == "planned"

    async with terminal(
        office.settings, "replay", "apply", id, "--reach", "contact", "--name", "korjaus", "--reason", "väärä tila"
    ) as screen:
        await screen.sees("Type the number of contacts to go on")
        screen.types("2")
        assert await screen.ends() == 0
    started = (await office.run("show", id, "--json")).json["replay"]
    assert (started["state"], started["reach"], started["items"]) == ("running", "contact", 2)
    twice = await office.run("apply", id, "--name", "korjaus", "--reason", "väärä tila")
    assert twice.code != 0
    assert "running" in twice.err


async def test_what_was_started_is_paused_resumed_and_cancelled(office: Office) -> None:
    id = await office.plan()
    early = await office.run("pause", id)
    assert early.code != 0
    assert "planned" in early.err
    await office.run("apply", id, "--reach", "contact", "--name", "korjaus", "--reason", "väärä tila", "--yes", "2")
    for act, state in (("pause", "paused"), ("resume", "running"), ("cancel", "cancelled")):
        done = await office.run(act, id, "--json")
        assert (done.code, done.json["replay"]["state"]) == (0, state), done.err
    again = await office.run("resume", id)
    assert again.code != 0
    assert "cancelled" in again.err
    listed = await office.run("list", "--integration", office.company)
    assert "cancelled" in listed.out
    assert (await office.run("show", "ffffffff")).code == 2


async def test_some_lines_of_a_plan_are_applied_and_the_others_named(office: Office) -> None:
    id = await office.plan()
    called = ("--reach", "contact", "--name", "korjaus", "--reason", "väärä tila")
    for lines, says in (("2-", "names no lines"), ("2-3", "lines 3 cannot be applied")):
        refused = await office.run("apply", id, *called, "--lines", lines, "--yes", "1")
        assert (refused.code, refused.out, says in refused.err) == (2, "", True)
    labelled = await office.run("apply", "--label", "x", *called, "--lines", "2", "--yes", "1")
    assert (labelled.code, "instead of --label" in labelled.err) == (2, True)
    started = (await office.run("apply", id, *called, "--lines", "2", "--yes", "1", "--json")).json["replay"]
    assert (started["items"], started["results"]) == (1, {"not_chosen": 1})
    assert "Whoever applied the plan left it out." in (await office.run("show", id)).out
