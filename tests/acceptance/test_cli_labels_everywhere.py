"""Whatever is done to one integration is done to all that have a label, and told of each."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from uuid import UUID, uuid4

import asyncpg
import pytest
import pytest_asyncio

from desk import MAIJA, Desk, environ_for
from events.integration import StartsSurveys, Trigger
from events.replay import Reach
from eventually import eventually
from office import BY_COMPANY, a_list, on_list, staffed
from sandbox import Sandbox
from servers.postgres import Database
from terminal import Ended, command, terminal
from worker.adapters import documents
from worker.opening import opened
from worker.operations import integrations, labels
from worker.settings import load

pytestmark = pytest.mark.acceptance
SEND = ("--waiting", "send")


@dataclass(frozen=True, slots=True)
class Office:
    """Three companies, of which the first two are called Pilotti."""

    settings: dict[str, str]
    sandbox: Sandbox
    ids: tuple[str, ...]
    names: tuple[str, ...]

    async def run(self, *arguments: str, stdin: str = "") -> Ended:
        return await command(self.settings, *arguments, stdin=stdin)

    async def triggers(self) -> list[list[str]]:
        """The names of each integration's triggers."""
        every = (await self.run("integration", "list", "--json")).json
        return [[its["name"] for its in one["triggers"]] for one in every]


@pytest_asyncio.fixture
async def office(database: Database) -> AsyncIterator[Office]:
    async with Sandbox(companies=3, history=4) as sandbox:
        settings = environ_for(database, sandbox)
        async with opened(load(settings)) as context:
            at = Desk(context, sandbox)
            every = [await at.connect(place) for place in range(3)]
            for one in every[:2]:
                await labels.add(context, one, "Pilotti")
            for one in every:
                await at.see(one, 1)
                await at.project(one)
        ids, names = tuple(str(one.id) for one in every), tuple(one.name for one in every)
        yield Office(settings, sandbox, ids, names)


async def test_a_trigger_is_saved_in_all_and_whoever_lacks_it_is_named(office: Office) -> None:
    made = await office.run("trigger", "save", "--label", "pilotti", "--name", "Maksettu", "--status", "paid", "--json")
    assert (made.code, [one["integration"] for one in made.json]) == (0, list(office.ids[:2])), made.err
    assert [one["trigger"]["condition"]["statuses"] for one in made.json] == [["PAID"], ["PAID"]]
    assert len({one["trigger"]["id"] for one in made.json}) == 2
    assert await office.triggers() == [["Lähetetty", "Maksettu"], ["Lähetetty", "Maksettu"], ["Lähetetty"]]

    assert (await office.run("trigger", "remove", office.ids[1], "Maksettu")).code == 0
    some = await office.run("trigger", "save", "Maksettu", "--label", "pilotti", "--minimum", "100")
    assert some.code == 2
    assert some.out.count(f"{office.names[0]}: Maksettu: saved, version ") == 1
    assert f"{office.names[1]} failed: " in some.err
    assert "It failed for 1 of 2 integrations." in some.err
    told = (await office.run("trigger", "save", "Maksettu", "--label", "pilotti", "--minimum", "50", "--json")).json
    assert [(one["integration"], "error" in one) for one in told] == [(office.ids[0], False), (office.ids[1], True)]

    again = await office.run("trigger", "save", "--label", "pilotti", "--name", "maksettu", "--status", "PAID")
    assert (again.code, again.err.count("has a trigger called maksettu already")) == (2, 1)
    assert await office.triggers() == [["Lähetetty", "Maksettu"], ["Lähetetty", "maksettu"], ["Lähetetty"]]

    known = (await office.run("trigger", "history", "maksettu", "--label", "pilotti", "--json")).json
    assert [(one["integration"], len(one["versions"])) for one in known] == [(office.ids[0], 3), (office.ids[1], 1)]
    for arguments, says in (
        (("save", "Firma", "Maksettu", "--label", "pilotti"), "not both"),
        (("save", "Maksettu", "--label", "pilotti", "--expect", "1"), "without --label"),
        (("remove", "--label", "pilotti"), "Say which trigger"),
        (("test", "Maksettu", "--label", "pilotti", "--send-to", MAIJA), "without --label"),
        (("restore", "Maksettu", "7", "--label", "pilotti"), "say as of when"),
    ):
        refused = await office.run("trigger", *arguments)
        assert (refused.code, says in refused.err) == (2, True), refused.err


async def test_a_rule_is_worked_on_in_all_from_draft_to_removal(office: Office) -> None:
    before = datetime.now(UTC).isoformat()
    run, mine = office.run, ("--label", "pilotti")
    drafted = await run("trigger", "draft", "Lähetetty", *mine, "--minimum", "200")
    assert (drafted.code, drafted.out.count("Lähetetty draft: made")) == (0, 2), drafted.err
    shadow = await run("trigger", "shadow", "Lähetetty draft", *mine)
    assert (shadow.code, [name in shadow.out for name in office.names]) == (0, [True, True, False])
    seen = (await run("trigger", "shadow", "Lähetetty draft", "--since", "1h", *mine, "--json")).json
    assert [(one["integration"], one["counts"]["only_live"]) for one in seen] == [(id, 1) for id in office.ids[:2]]
    tested = await run("trigger", "test", "Lähetetty", *mine, "--json")
    assert [(one["integration"], one["contacts"]) for one in tested.json] == [(id, 1) for id in office.ids[:2]]
    assert office.names[1] in (await run("trigger", "test", "Lähetetty", *mine)).out
    [email] = (await run("trigger", "fields", *mine, "--search", "person.email", "--json")).json
    assert (email["filled"], email["changes"]) == (2, 2)

    promote = ("trigger", "promote", "Lähetetty draft", *mine, "--waiting", "send")
    unsure = await run(*promote, "--yes")
    assert (unsure.code, "Give --yes 2 to go on" in unsure.err) == (3, True), unsure.err
    wrong = await run(*promote, "--yes", "3")
    assert (wrong.code, "3 is not that number" in wrong.err) == (2, True), wrong.err
    promoted = await run(*promote, "--yes", "2")
    assert (promoted.code, promoted.out.count("Lähetetty: in force, version ")) == (0, 2), promoted.err

    async def minima() -> list[str | None]:
        return [one["triggers"][0]["condition"]["minimum"] for one in (await run("integration", "list", "--json")).json]

    assert await minima() == ["200", "200", None]
    restored = await run("trigger", "restore", "Lähetetty", before, *mine, "--waiting", "send")
    assert (restored.code, restored.out.count("Lähetetty: restored, version ")) == (0, 2), restored.err
    assert await minima() == [None, None, None]
    same = await run("trigger", "restore", "Lähetetty", before, *mine, "--waiting", "send")
    assert (same.code, same.out.count("no difference")) == (0, 2), same.err

    unsure = await run("trigger", "remove", "Lähetetty", *mine)
    assert (unsure.code, "Remove the trigger Lähetetty from 2 integrations?" in unsure.err) == (3, True)
    removed = await run("trigger", "remove", "Lähetetty", *mine, "--yes", "2", "--waiting", "drop", "--json")
    assert (removed.code, [one["integration"] for one in removed.json]) == (0, list(office.ids[:2])), removed.err
    assert await office.triggers() == [[], [], ["Lähetetty"]]
    assert (await run("verify", "--json")).json["ok"]


async def test_one_file_is_saved_in_all_and_what_it_does_not_name_stays(office: Office, tmp_path: Path) -> None:
    file, run = tmp_path / "rule.yaml", office.run
    assert (await run("trigger", "save", office.ids[2], "--name", "Tarjous", "--offers", "--json")).code == 0
    assert (await run("integration", "edit", office.ids[2], "--cool-down-days", "90", "--waiting", "send")).code == 0
    assert (await run("integration", "export", office.ids[2], "--output", str(file))).code == 0
    saving = ("trigger", "save", "--label", "pilotti", "--file", str(file))
    saved = await run(*saving)
    assert (saved.code, saved.out.count(": saved, version ")) == (0, 2), saved.err
    every = (await run("integration", "list", "--json")).json
    assert [[its["name"] for its in one["triggers"]] for one in every] == [["Lähetetty", "Tarjous"]] * 3
    assert [one["settings"]["cool_down_days"] for one in every] == [0, 0, 90]
    assert [one["labels"] for one in every] == [["Pilotti"], ["Pilotti"], []]
    again = (await run(*saving, "--json")).json
    assert [(one["saved"], one["changes"]) for one in again] == [(False, [])] * 2

    plain = documents.load(file.read_text(encoding="utf-8"), "x")
    [entry] = plain["integrations"]
    entry["triggers"][1]["destination"] = {"kind": "lists", "lists": [{"id": "nowhere"}]}
    file.write_text(documents.dump(plain), encoding="utf-8")
    failed = await run(*saving)
    assert (failed.code, failed.err.count("Trustmary has no list nowhere")) == (2, 2), failed.err
    entry["triggers"][1] = {
        "name": "Tarjous",
        "tests": [{"name": "always", "given": {"invoice": {"status": "SENT"}}, "expect": {"skip": "unmet"}}],
    }
    file.write_text(documents.dump(plain), encoding="utf-8")
    assert "1 test of" in (await run(*saving)).err
    both = await run(*saving, "--minimum", "1")
    assert (both.code, "--file says which triggers" in both.err) == (2, True)
    plain["integrations"].append({"company": {"id": 1}, "organization": {"id": "x"}})
    file.write_text(documents.dump(plain), encoding="utf-8")
    assert "has 2 integrations" in (await run(*saving)).err


async def test_what_somebody_else_saves_meanwhile_is_shown_and_stops_no_other(office: Office) -> None:
    async with terminal(office.settings, "trigger", "remove", "Lähetetty", "--label", "pilotti") as person:
        asked = await person.sees("Type the number of integrations to go on")
        assert all(name in asked for name in office.names[:2])
        saved = await office.run("trigger", "save", office.ids[0], "Lähetetty", "--minimum", "7", "--waiting", "send")
        assert saved.code == 0, saved.err
        person.types("2")
        await person.sees("What becomes of them?")
        person.types("1")
        told = await person.sees("It failed for 1 of 2 integrations.")
        assert await person.ends() == 1
    assert f"{office.names[0]} failed: " in told
    assert "minimum" in told
    assert await office.triggers() == [["Lähetetty"], [], ["Lähetetty"]]


async def test_integrations_are_logged_in_anew_and_removed_by_label(office: Office, tmp_path: Path) -> None:
    run, companies = office.run, office.sandbox.companies
    keys, key = tmp_path / "keys", tmp_path / "key"
    keys.write_text("\n".join(["wrong", companies[2]["api_key"], companies[0]["api_key"]]), encoding="utf-8")
    key.write_text(office.sandbox.trustmary_api_key, encoding="utf-8")
    anew = ("integration", "reconnect", "--label", "pilotti")
    done = await run(*anew, "--procountor-key-file", str(keys), "--trustmary-key-file", str(key))
    assert (done.code, done.out.strip()) == (2, f"{office.names[0]} is connected anew."), done.err
    assert "key 1: " in done.err
    assert f"{office.names[1]} failed: No key in {keys} opens " in done.err
    one = await run(*anew, "--trustmary-key-file", "-", "--json", stdin=office.sandbox.trustmary_api_key)
    assert (one.code, [each["id"] for each in one.json]) == (0, list(office.ids[:2])), one.err

    unsure = await run("integration", "remove", "--label", "pilotti", "--yes")
    assert (unsure.code, "Remove 2 integrations?" in unsure.err, "--yes 2" in unsure.err) == (3, True, True)
    gone = await run("integration", "remove", "--label", "pilotti", "--yes", "2", "--json")
    assert [(each["id"], each["discarded"]) for each in gone.json] == [(id, 1) for id in office.ids[:2]], gone.err
    assert [each["id"] for each in (await run("integration", "list", "--json")).json] == [office.ids[2]]
    removed = await run("integration", "remove", office.ids[2], "--yes")
    assert (removed.code, removed.out.startswith("Removed; 1 decisions discarded")) == (0, True), removed.err


async def test_what_is_looked_for_is_looked_for_in_those_of_a_label(office: Office, tmp_path: Path) -> None:
    run, file = office.run, tmp_path / "all.yaml"
    assert len((await run("why", "10001", "--json")).json) == 3
    mine = (await run("why", "10001", "--label", "pilotti", "--json")).json
    assert {one["integration"] for one in mine} == set(office.ids[:2])
    by_email = (await run("why", "--email", MAIJA, "--label", "pilotti", "--json")).json
    assert {one["integration"] for one in by_email["invoices"]} == set(office.ids[:2])
    both = await run("why", "10001", "--label", "pilotti", "--integration", office.ids[0])
    assert (both.code, "not both" in both.err) == (2, True)

    for id in office.ids:
        assert (await run("replay", "plan", id, "--json")).code == 0
    plans = (await run("replay", "list", "--label", "pilotti", "--json")).json
    assert {one["integration"] for one in plans} == set(office.ids[:2])

    assert (await run("integration", "export", "--all", "--output", str(file))).code == 0
    shown = (await run("integration", "import", str(file), "--label", "pilotti", "--dry-run", "--json")).json
    assert [one["integration"] for one in shown] == list(office.ids[:2])
    renamed = await run("integration", "label", "add", "Kevät", "--label", "pilotti")
    assert (renamed.code, renamed.out.count(": Kevät, Pilotti")) == (0, 2), renamed.err
    wrong = await run("integration", "label", office.ids[0], "give", "Kevät")
    assert (wrong.code, "add NAME" in wrong.err) == (2, True)


async def test_replays_are_applied_and_steered_by_label(office: Office) -> None:
    """Invoices 2 and 3 were sent while the trigger meant paid ones."""
    run, mine = office.run, ("--label", "pilotti")
    every = [await run("trigger", "save", id, "Lähetetty", "--status", "PAID", *SEND) for id in office.ids]
    async with opened(load(office.settings)) as context:
        at = Desk(context, office.sandbox)
        for id in office.ids:
            seen = await integrations.find(context, id)
            await at.project(seen)
            for invoice in (2, 3) if id != office.ids[1] else (2,):
                await at.see(seen, invoice, email=f"asiakas{invoice}@asiakas.fi")
            await at.project(seen)
    every += [await run("trigger", "save", id, "Lähetetty", "--status", "SENT", *SEND) for id in office.ids]
    assert [done.code for done in every] == [0] * 6, every
    async with opened(load(office.settings)) as context:
        for id in office.ids:
            await Desk(context, office.sandbox).project(await integrations.find(context, id))

    assert (await run("replay", "pause", *mine)).code == 2
    for id in office.ids:
        assert (await run("replay", "plan", id, "--invoice", "10002", "--json")).code == 0
    assert (await run("replay", "plan", *mine)).code == 0
    apply = ("replay", "apply", *mine, "--reach", "contact", "--name", "korjaus", "--reason", "väärä tila")
    unsure = await run(*apply)
    assert (unsure.code, "Give --yes 3 to go on" in unsure.err) == (3, True), unsure.err
    wrong = await run(*apply, "--yes", "2")
    assert (wrong.code, "2 is not that number: nothing was started." in wrong.err) == (2, True), wrong.err
    applied = await run(*apply, "--yes", "3", "--json")
    assert [one["replay"]["state"] for one in applied.json] == ["running"] * 2, applied.err
    assert sorted((one["integration"], one["replay"]["items"]) for one in applied.json) == sorted(
        [(office.ids[0], 2), (office.ids[1], 1)]
    )
    paused = await run("replay", "pause", *mine)
    assert (paused.code, paused.out.count(" is paused, 0 of ")) == (0, 2), paused.err
    assert [one["replay"]["state"] for one in (await run("replay", "resume", *mine, "--json")).json] == ["running"] * 2
    assert (await run("replay", "cancel", *mine, "--reason", "enough")).out.count(" is cancelled") == 2
    listed = (await run("replay", "list", "--json")).json
    assert {one["state"] for one in listed if one["integration"] == office.ids[2]} == {"planned"}
    again = await run("replay", "resume", *mine)
    assert (again.code, "has a replay that is paused" in again.err) == (2, True), again.err
    both = await run("replay", "pause", listed[0]["id"], *mine)
    assert (both.code, "Name a replay, or give --label" in both.err) == (2, True), both.err


async def test_replays_are_shown_and_undone_by_label_and_name(database: Database) -> None:
    async with Sandbox(companies=3, history=2) as sandbox:
        settings = environ_for(database, sandbox)
        async with opened(load(settings)) as context:
            at = Desk(context, sandbox)
            offices: list[str] = []
            lists: list[str] = []
            for place in range(3):
                trigger = Trigger(id=uuid4(), name="Lähetetty", mapping=BY_COMPANY)
                seen = await at.connect(place, trigger=trigger)
                await labels.add(context, seen, "Pilotti" if place < 2 else "Muut")
                async with staffed(at, seen) as made:
                    await made.sent(place + 1)
                    lists.append(await a_list(made))
                    await made.save(destination=on_list(lists[-1], StartsSurveys.NO))
                    kept = await made.plan()
                    await made.apply(kept, Reach.LIST)
                    await made.carry_out(kept)
                offices.append(str(seen.id))

            def members() -> int:
                known = [home.lists.get(lists[0]) for home in sandbox.world.organizations.values()]
                return sum(len(one.members) for one in known if one)

            mine = ("--label", "pilotti")
            shown = await command(settings, "replay", "show", *mine, "--json")
            assert {one["integration"] for one in shown.json} == set(offices[:2]), shown.err
            paper = await command(settings, "replay", "show", *mine, "--format", "markdown")
            assert (paper.code, paper.out.count("# Replay of ")) == (0, 2)
            csv = await command(settings, "replay", "show", *mine, "--format", "csv")
            assert (csv.code, "ptm replay show PLAN --format csv" in csv.err) == (2, True)

            nobody = await command(settings, "replay", "undo", "muu", *mine)
            assert (nobody.code, "has applied a replay called muu" in nobody.err) == (2, True)
            undo = ("replay", "undo", "Korjaus", *mine, "--name", "peruutus", "--reason", "väärä lista")
            unsure = await command(settings, *undo)
            assert (unsure.code, "This undoes 2 contacts (2 of them taken off lists)" in unsure.err) == (3, True)
            assert unsure.err.count(": 1 contact taken off") == 2
            wrong = await command(settings, *undo, "--yes", "3")
            assert (wrong.code, "nothing was started" in wrong.err) == (2, True)
            undone = await command(settings, *undo, "--yes", "2", "--json")
            assert {one["integration"] for one in undone.json} == set(offices[:2]), undone.err
            assert members() == 3
            for id in offices[:2]:
                async with staffed(at, await integrations.find(context, id)) as made:
                    [replay] = [one for one in undone.json if one["integration"] == id]
                    await eventually(partial(made.ended, UUID(replay["replay"]["id"])))
                    await made.deliver()
                    await made.prove()
            assert members() == 1
            again = await command(settings, *undo, "--yes", "0")
            assert (again.code, "Nothing is left" in again.err) == (2, True), again.err
            done = ("replay", "plan", *mine, "--json")
            assert (await command(settings, *done, "--invoice", "10001")).code == 0
            empty = await command(settings, "replay", "apply", *mine, "--only", "new", "--name", "x", "--reason", "y")
            assert (empty.code, "no plan with that label has anything to apply" in empty.err) == (2, True), empty.err


async def test_what_a_restore_holds_is_released_by_label(office: Office, database: Database) -> None:
    owner = await asyncpg.connect(database.owner_url)
    await owner.execute("insert into restored (integration, taken_at) select id, now() from integration")
    await owner.execute("update ingest set polled_at = now(), reached = null, reading = 'live'")
    await owner.close()
    planned = (await office.run("release", "--label", "pilotti", "--plan", "--json")).json
    assert [one["integration"] for one in planned["integrations"]] == sorted(office.ids[:2])
    done = await office.run("release", "--label", "pilotti", "--yes", "--json")
    assert (done.code, sorted(done.json["released"])) == (0, sorted(office.ids[:2])), done.err
    left = await office.run("release", office.ids[2], "--plan", "--json")
    assert [one["integration"] for one in left.json["integrations"]] == [office.ids[2]]
    everywhere = (await office.run("release", "--plan", "--json")).json
    assert [one["integration"] for one in everywhere["integrations"]] == [office.ids[2]]


async def test_a_company_is_connected_with_its_labels(database: Database) -> None:
    async with Sandbox(history=1) as sandbox:
        settings, company = environ_for(database, sandbox), sandbox.companies[0]
        flags = ("--procountor-key-file", "-", "--trustmary-key-file", "-", "--no-trigger", "--json")
        keys = f"{company['api_key']}\n{sandbox.trustmary_api_key}\n"
        wrong = await command(settings, "integration", "connect", *flags, "--label", "a,b", stdin=keys)
        assert (wrong.code, "is no label" in wrong.err) == (2, True)
        done = await command(settings, "integration", "connect", *flags, "--label", "b", "--label", "A", stdin=keys)
        assert (done.code, done.json["labels"]) == (0, ["A", "b"]), done.err
        assert len((await command(settings, "integration", "list", "--label", "a", "--json")).json) == 1
