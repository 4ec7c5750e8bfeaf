"""Labels: one command for many integrations, each of which keeps its own log, versions and answers."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from desk import Desk, environ_for
from sandbox import Sandbox
from servers.postgres import Database
from terminal import Ended, command
from worker.adapters import documents
from worker.opening import opened
from worker.operations import integrations, labels
from worker.settings import load

pytestmark = pytest.mark.acceptance


async def test_a_label_means_all_that_have_it(database: Database, tmp_path: Path) -> None:
    async with Sandbox(companies=3, history=4) as sandbox:
        settings = environ_for(database, sandbox)

        async def run(*arguments: str, stdin: str = "") -> Ended:
            return await command(settings, *arguments, stdin=stdin)

        numbers = []
        for one in sandbox.companies:
            keys = f"{one['api_key']}\n{sandbox.trustmary_api_key}\n"
            flags = ("--procountor-key-file", "-", "--trustmary-key-file", "-", "--json")
            done = await run("integration", "connect", *flags, stdin=keys)
            numbers.append(str(done.json["company"]["id"]))
        first, second, third = numbers

        for number in (first, second):
            done = await run("integration", "label", number, "add", "Pilotti", "--json", "--reason", "spring")
            assert (done.code, done.json["labels"]) == (0, ["Pilotti"]), done.err
        version = done.json["version"]
        assert (await run("integration", "label", second, "add", "PILOTTI", "--json")).json["version"] == version
        listed = (await run("integration", "list", "--json")).json
        assert [one["labels"] for one in listed] == [["Pilotti"], ["Pilotti"], []]
        assert (await run("integration", "list")).out.count("Pilotti") == 2
        assert len((await run("integration", "list", "--label", "pilotti", "--json")).json) == 2

        paused = await run("integration", "pause", "--label", "pilotti", "--reason", "holiday", "--json")
        assert [one["state"] for one in paused.json] == ["paused", "paused"]
        states = {str(one["company"]["id"]): one["state"] for one in (await run("integration", "list", "--json")).json}
        assert states == {first: "paused", second: "paused", third: "active"}
        none = await run("replay", "plan", "--label", "Pilotti")
        assert (none.code, none.err.count("is left out")) == (2, 2)
        async with opened(load(settings)) as context:
            at = Desk(context, sandbox)
            for place, number in enumerate((first, third)):
                seen = await integrations.find(context, number)
                await at.see(seen, place + 1)
                await at.project(seen)
        plans = await run("replay", "plan", "--label", "Pilotti", "--json")
        assert (plans.code, plans.err.count("is left out")) == (0, 1), plans.err
        assert [plan["integration"] for plan in plans.json] == [listed[0]["id"]]
        assert (await run("replay", "plan", "--label", "Pilotti", "--format", "csv")).code == 2
        unsure = await run("integration", "resume", "--label", "Pilotti")
        assert (unsure.code, "--waiting" in unsure.err) == (3, True)
        resumed = await run("integration", "resume", "--label", "Pilotti", "--waiting", "send")
        assert (resumed.code, resumed.out.count("is active.")) == (0, 2)

        file = tmp_path / "pilot.yaml"
        assert (await run("integration", "export", "--label", "pilotti", "--output", str(file))).code == 0
        plain = documents.load(file.read_text(encoding="utf-8"), "x")
        assert [one["labels"] for one in plain["integrations"]] == [["Pilotti"], ["Pilotti"]]
        plain["integrations"][0]["labels"] = ["Kevät"]
        file.write_text(documents.dump(plain), encoding="utf-8")
        changed = (await run("integration", "import", str(file), "--yes", "--json")).json
        assert [one["changes"] for one in changed] == [["labels changed", "    labels: Pilotti → Kevät"], []]

        taken = await run("integration", "label", second, "remove", "pilotti")
        assert (taken.code, "no label" in taken.out) == (0, True)
        for arguments, says in (
            (("integration", "pause", "--label", "pilotti"), "No integration has the label pilotti; there are: Kevät."),
            (("integration", "pause"), "Say which: an integration, --label"),
            (("integration", "resume", first, "--label", "kevät"), "Say which: an integration, --label"),
            (("integration", "label", first, "add", "a,b"), "is no label"),
            (("integration", "label", first, "remove", "pilotti"), "does not have the label pilotti; it has: Kevät."),
            (("integration", "export", "--all", "--label", "kevät"), "--label"),
        ):
            refused = await run(*arguments)
            assert (refused.code, says in refused.err) == (2, True), refused.err
        assert "Pilotti" not in (await run("events", "--json")).out
        assert (await run("verify", "--json")).json["ok"]


async def test_a_company_without_the_named_trigger_is_left_out_and_stops_no_other(database: Database) -> None:
    async with Sandbox(companies=2) as sandbox:
        settings = environ_for(database, sandbox)
        async with opened(load(settings)) as context:
            at = Desk(context, sandbox)
            seen, other = [await at.connect(place) for place in range(2)]
            await at.see(seen, 1)
            await at.project(seen)
        for one in (seen, other):
            await command(settings, "integration", "label", str(one.company_id), "add", "pilot")
        assert (await command(settings, "trigger", "save", str(other.company_id), "Lähetetty", "--name", "X")).code == 0
        plans = await command(settings, "replay", "plan", "--label", "pilot", "--trigger", "Lähetetty", "--json")
        assert [plan["integration"] for plan in plans.json] == [str(seen.id)], plans.err
        assert "is left out" in plans.err
        assert "has no triggers called Lähetetty" in plans.err


async def test_what_waits_for_a_person_is_asked_for_and_acted_on_by_label(database: Database) -> None:
    async with Sandbox(companies=2) as sandbox:
        settings = environ_for(database, sandbox)
        async with opened(load(settings)) as context:
            at = Desk(context, sandbox)
            seen, other = [await at.connect(place) for place in range(2)]
            await labels.add(context, seen, "Pilotti")
            for place, one in enumerate((seen, other)):
                await at.see(one, place + 1)
                await at.project(one)
            await context.pool.execute("update delivery set state = 'parked', fingerprint = 'x'")

        async def run(*arguments: str) -> Ended:
            return await command(settings, *arguments)

        held = await run("attention", "--label", "Pilotti", "--json")
        [parked] = [group for group in held.json["groups"] if group["cause"] == "parked"]
        assert (parked["count"], parked["commands"][0]) == (1, "ptm delivery retry --fingerprint x --label Pilotti")
        assert len((await run("delivery", "list", "--json")).json) == 2
        [mine] = (await run("delivery", "list", "--label", "pilotti", "--json")).json
        assert mine["integration"] == str(seen.id)
        both = await run("delivery", "list", "--label", "pilotti", "--integration", str(other.id))
        assert (both.code, "not both" in both.err) == (2, True)
        given_up = await run("delivery", "discard", "--fingerprint", "x", "--label", "Pilotti", "--yes", "--json")
        assert given_up.code == 0, given_up.err
        [left] = (await run("delivery", "list", "--state", "parked", "--json")).json
        assert left["integration"] == str(other.id)


async def test_what_holds_for_all_triggers_is_changed_shown_and_blocked_by_label(database: Database) -> None:
    async with Sandbox(companies=3) as sandbox:
        settings = environ_for(database, sandbox)
        async with opened(load(settings)) as context:
            at = Desk(context, sandbox)
            every = [await at.connect(place) for place in range(3)]
            for one in every[:2]:
                await labels.add(context, one, "Pilotti")

        async def run(*arguments: str) -> Ended:
            return await command(settings, *arguments)

        ids = [str(one.id) for one in every]
        edited = await run("integration", "edit", "--label", "pilotti", "--cool-down-days", "30", "--json")
        assert [one["settings"]["cool_down_days"] for one in edited.json] == [30, 30], edited.err
        assert (await run("integration", "edit", "--label", "pilotti", "--brake", "70")).out.count(" is saved.") == 2
        stale = await run("integration", "edit", "--label", "pilotti", "--brake", "70", "--expect", "1")
        assert (stale.code, "without --label" in stale.err) == (2, True)
        shown = (await run("integration", "show", "--label", "pilotti", "--json")).json
        assert [(one["id"], one["settings"]["brake"]) for one in shown] == [(ids[0], 70), (ids[1], 70)]
        assert (await run("integration", "show", ids[2], "--json")).json["settings"]["brake"] == "usual"

        added = await run("block", "add", "@esto.fi", "--label", "pilotti")
        assert (added.code, added.out.strip()) == (
            0,
            "@esto.fi is blocked in all 2 integrations with the label pilotti.",
        )
        lists = (await run("block", "list", "--label", "pilotti", "--json")).json
        assert [(one["integration"], len(one["blocked"])) for one in lists] == [(ids[0], 1), (ids[1], 1)]
        assert (await run("block", "list", ids[2], "--json")).json == []
        assert (await run("block", "remove", ids[0], "@esto.fi")).out.strip() == "@esto.fi may be added again."
        for words in (("@esto.fi",), (ids[0], "@esto.fi", "--label", "pilotti")):
            refused = await run("block", "add", *words)
            assert (refused.code, "or an address and --label" in refused.err) == (2, True)

        its = (await run("trigger", "list", "--label", "pilotti", "--json")).json
        assert [one["integration"] for one in its] == ids[:2]
        entries = [json.loads(line) for line in (await run("events", "--label", "pilotti", "--json")).out.splitlines()]
        assert {entry["stream"].split("/")[1] for entry in entries} == set(ids[:2])


async def test_ids_of_a_file_or_of_standard_input_mean_many(database: Database, tmp_path: Path) -> None:
    async with Sandbox(companies=3) as sandbox:
        settings = environ_for(database, sandbox)
        async with opened(load(settings)) as context:
            every = [await Desk(context, sandbox).connect(place) for place in range(3)]

        async def run(*arguments: str, stdin: str = "") -> Ended:
            return await command(settings, *arguments, stdin=stdin)

        ids = [str(one.id) for one in every]
        file = tmp_path / "ids"
        file.write_text(f"{ids[0]}\n{ids[2][:8]}\n", encoding="utf-8")
        paused = await run("integration", "pause", "--from", str(file), "--json")
        assert [(one["id"], one["state"]) for one in paused.json] == [(ids[0], "paused"), (ids[2], "paused")]
        labelled = await run("integration", "label", "--from", "-", "add", "kevät", "pilot", stdin=" ".join(ids[1:]))
        assert (labelled.code, labelled.out.count("kevät, pilot")) == (0, 2), labelled.err
        edited = await run("integration", "edit", "--from", "-", "--brake", "70", "--json", stdin=ids[1])
        assert [one["settings"]["brake"] for one in edited.json] == [70]
        resumed = await run("integration", "resume", "--from", str(file))
        assert (resumed.code, resumed.out.count("is active.")) == (0, 2), resumed.err
        assert (await run("integration", "label", ids[1], "set", "uusi")).out.strip().endswith(": uusi")
        assert (await run("integration", "label", ids[2], "remove", "kevät", "pilot")).out.strip().endswith("no label")
        assert (await run("integration", "label", ids[1], "set")).out.strip().endswith(": no label")

        for arguments, stdin, says in (
            (("pause", "--from", "-"), "", "there is no id in it"),
            (("pause", "--from", str(tmp_path / "none")), "", "cannot be read"),
            (("pause", "--from", "-"), "ffffffff-0000", "No integration has an id that begins with ffffffff-0000."),
            (("pause", "--from", "-"), ids[0][:3], "give it whole"),
            (("pause", ids[0], "--from", str(file)), "", "Say which: an integration, --label"),
            (("edit", ids[0], "--from", str(file), "--brake", "9"), "", "one of these"),
            (("edit", "--from", str(file), "--brake", "9", "--expect", "1"), "", "without --label or --from"),
            (("label", ids[0], "add"), "", "Say INTEGRATION add NAME"),
            (("label", ids[0], "remove", "pilot"), "", "does not have the label pilot"),
        ):
            refused = await run("integration", *arguments, stdin=stdin)
            assert (refused.code, says in refused.err) == (2, True), refused.err
        assert {one["state"] for one in (await run("integration", "list", "--json")).json} == {"active"}


async def test_several_addresses_are_blocked_and_let_go_at_once(database: Database) -> None:
    async with Sandbox() as sandbox:
        settings = environ_for(database, sandbox)
        async with opened(load(settings)) as context:
            one = await Desk(context, sandbox).connect()
        added = await command(settings, "block", "add", str(one.id), "a@b.fi", "@esto.fi", "--json")
        assert added.json == {"blocked": ["a@b.fi", "@esto.fi"]}
        removed = await command(settings, "block", "remove", str(one.id), "a@b.fi", "@esto.fi")
        assert removed.out.splitlines() == ["a@b.fi may be added again.", "@esto.fi may be added again."]
        assert (await command(settings, "block", "list", str(one.id), "--json")).json == []
