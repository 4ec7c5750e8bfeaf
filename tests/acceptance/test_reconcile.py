"""Reconciliation as an operator uses it, with real workers: what differs is named, and repaired by a plan."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from eventually import eventually
from servers.postgres import Database
from stage import INVOICE_FIELD, Stage, spoken, staged, to_contact
from terminal import Ended, command
from worker.operations.integrations import Integration

pytestmark = pytest.mark.acceptance


def email_of(stage: Stage, invoice: int) -> str:
    """Who was added for the invoice, by the books."""
    (email,) = {one.email for one in stage.arrivals if one.fields.get(INVOICE_FIELD) == str(invoice)}
    return email


def passed_by(stage: Stage) -> int:
    """An invoice sent while Procountor does not show it; then the clock goes on by more than reading looks back."""
    invoice = stage.invoice()
    stage.sandbox.world.hide(invoice)
    stage.act(invoice, "approve", "send")
    stage.sandbox.world.let_pass(180)
    return invoice


async def done(stage: Stage, replay: UUID) -> None:
    async def ended() -> bool:
        return bool(await stage.context.pool.fetchval("select state = 'done' from replay where id = $1", replay))

    await eventually(ended)
    await stage.settled()
    await stage.sound()


def contacts(found: Ended) -> dict[int, tuple[str, Any]]:
    (report,) = found.json
    return {one["invoice"]: (one["state"], one["drift"] or one["status"]) for one in report["contacts"]}


@dataclass(frozen=True, slots=True, kw_only=True)
class Spoiled:
    """Invoices whose contacts Trustmary does not have as they were sent, and one that the log has not seen."""

    deleted: int
    unsubscribed: int
    changed: int
    gone: int
    same: int
    late: int
    newest: int
    name: str | None
    """Of the changed one, as it was sent."""


async def spoil(stage: Stage, delivered: list[int]) -> Spoiled:
    deleted, unsubscribed, changed, gone, same = delivered
    world = stage.sandbox.world
    name = world.organization().contacts[email_of(stage, changed)].plain["name"]
    world.set_contact(email_of(stage, deleted), deleted=True)
    world.set_contact(email_of(stage, unsubscribed), status="unsubscribed")
    world.set_contact(email_of(stage, changed), fields={"name": "Maija Uusinimi"})
    world.set_contact(email_of(stage, gone), gone=True)
    late = passed_by(stage)
    (newest,) = stage.send(1)
    await eventually(lambda: len(stage.arrivals) == 6)
    await stage.settled()
    world.hide(late, hidden=False)
    return Spoiled(
        deleted=deleted,
        unsubscribed=unsubscribed,
        changed=changed,
        gone=gone,
        same=same,
        late=late,
        newest=newest,
        name=name,
    )


async def delivered(stage: Stage) -> tuple[Integration, list[int]]:
    """A company of which five contacts have arrived."""
    seen = await stage.connect(trigger=to_contact())
    await stage.start(1)
    invoices = stage.send(5)
    await stage.arrived(within=60)
    await stage.settled()
    return seen, invoices


async def test_what_differs_is_named_everywhere_and_nothing_is_sent(
    database: Database, tansu: str, topic: str, tmp_path: Path
) -> None:
    async with staged(database, tansu, topic=topic, directory=tmp_path, seed=41) as stage:
        stage.sandbox.world.let_pass(-3600)  # what is then let pass is no time still to come
        seen, invoices = await delivered(stage)
        clean = await command(stage.environment, "reconcile", "--json")
        assert (clean.code, contacts(clean)) == (0, {}), clean.err
        assert clean.json[0]["counts"]["contacts_as_sent"] == 5
        spoiled = await spoil(stage, invoices)
        found = await command(stage.environment, "reconcile", str(seen.company_id), "--json")
        assert found.code == 3, found.err
        (report,) = found.json
        assert [(one["invoice"], one["gap"], one["live"]) for one in report["invoices"]] == [
            (spoiled.late, "missing", False)
        ]
        assert contacts(found) == {
            spoiled.deleted: ("deleted", None),
            spoiled.unsubscribed: ("not_active", "unsubscribed"),
            spoiled.changed: ("drifted", {"name": {"sent": spoiled.name, "there": "Maija Uusinimi"}}),
            spoiled.gone: ("missing", None),
        }
        await stage.settled()
        assert (await stage.changes(spoiled.late), await stage.decisions(spoiled.late)) == (["SENT"], [])
        assert len(stage.arrivals) == 6

        table = await command(stage.environment, "reconcile")
        assert table.code == 3
        for words in ("contact missing", "Maija Uusinimi", "unsubscribed", "invoice not released", "ptm replay plan"):
            assert words in table.out
        attention = (await command(stage.environment, "attention", "--json")).json["groups"]
        assert {(one["cause"], one["key"]) for one in attention} == {
            ("found_late", ""),
            ("not_as_sent", "missing"),
            ("not_as_sent", "drifted"),
        }
        shown = await command(stage.environment, "integration", "show", str(seen.id))
        assert "contacts 2 as sent, 1 missing, 1 drifted, 1 deleted, 1 not active." in shown.out
        why = await command(stage.environment, "why", str(spoiled.gone))
        assert "Trustmary knows no such contact any more." in why.out
        # Found twice, told once: the log does not fill with what is as it was.
        checked = "select count(*) from event where type = 'ContactChecked'"
        assert await stage.context.pool.fetchval(checked) == 4
        await stage.sound()


async def test_a_plan_repairs_what_can_be_repaired_and_the_rest_is_left_alone(
    database: Database, tansu: str, topic: str, tmp_path: Path
) -> None:
    async with staged(database, tansu, topic=topic, directory=tmp_path, seed=42) as stage:
        stage.sandbox.world.let_pass(-3600)  # what is then let pass is no time still to come

        async def run(*arguments: str) -> Ended:
            return await command(stage.environment, *arguments)

        seen, invoices = await delivered(stage)
        spoiled = await spoil(stage, invoices)
        (report,) = (await run("reconcile", "--json")).json
        await stage.settled()
        advised = (await run(*report["repair"].split()[1:], "--json")).json
        assert {one["invoice"] for one in advised["items"]} == {spoiled.gone, spoiled.late, spoiled.changed}
        plan = (await run("replay", "plan", str(seen.id), "--json")).json
        assert {(one["invoice"], one["kind"], one["reason"]) for one in plan["items"]} == {
            (spoiled.gone, "new", None),
            (spoiled.late, "new", None),
            (spoiled.changed, "changed", None),
            (spoiled.deleted, "blocked", "deleted_in_trustmary"),
            (spoiled.unsubscribed, "blocked", "not_active_in_trustmary"),
            (spoiled.same, "same", None),
            (spoiled.newest, "same", None),
        }
        flags = ("--reach", "contact", "--name", "täsmäytys", "--reason", "puuttui", "--yes", "3")
        applied = await run("replay", "apply", plan["replay"]["id"], *flags)
        assert applied.code == 0, applied.err
        await done(stage, UUID(plan["replay"]["id"]))
        sent = [one.fields[INVOICE_FIELD] for one in stage.arrivals[6:]]
        assert sorted(sent) == sorted(map(str, (spoiled.gone, spoiled.late, spoiled.changed)))
        assert (stage.verdict().lost, stage.verdict().surveys) == (0, 0)

        again = await run("reconcile", "--json")
        assert again.code == 0, again.out
        assert sorted(contacts(again)) == sorted([spoiled.deleted, spoiled.unsubscribed])
        assert again.json[0]["invoices"] == []
        assert (await run("attention", "--json")).json["groups"] == []


async def test_workers_reconcile_by_themselves_each_company_once(
    database: Database, tansu: str, topic: str, tmp_path: Path
) -> None:
    async with staged(database, tansu, topic=topic, directory=tmp_path, seed=43, companies=3) as stage:
        stage.sandbox.world.let_pass(-3600)  # what is then let pass is no time still to come
        joined = [await stage.connect(place, trigger=to_contact()) for place in range(3)]
        workers = await stage.start(2)
        for place in range(3):
            stage.send(2, company=place)
        await stage.arrived(within=60)
        await stage.settled()
        pool, counted = stage.context.pool, "select count(*) = $1 from reconciliation where"
        gone = stage.arrivals[0]
        stage.sandbox.world.set_contact(gone.email, organization=gone.organization, gone=True)

        async def scheduled() -> bool:
            return bool(await pool.fetchval(f"{counted} due_at > now()", len(joined)))

        await eventually(scheduled)
        await pool.execute("update reconciliation set due_at = now()")

        async def ended() -> bool:
            return bool(await pool.fetchval(f"{counted} ended_at is not null", len(joined)))

        await eventually(ended)
        lines: list[dict[str, Any]] = []

        async def told() -> bool:
            """A worker says so once it is written."""
            said = [line for worker in workers for line in spoken(worker.log)]
            lines[:] = [line for line in said if line.get("event") == "reconciled"]
            return len(lines) >= len(joined)

        await eventually(told)
        assert sorted(line["integration"] for line in lines) == sorted(str(one.id) for one in joined)
        assert sum(line.get("contacts_missing", 0) for line in lines) == 1
        assert not any(gone.email in worker.said() for worker in workers)
        attention = (await command(stage.environment, "attention", "--json")).json["groups"]
        assert [(one["cause"], one["key"]) for one in attention] == [("not_as_sent", "missing")]


async def test_workers_that_are_told_not_to_reconcile_do_not(
    database: Database, tansu: str, topic: str, tmp_path: Path
) -> None:
    off = {"PTM_RECONCILE": "off"}
    async with staged(database, tansu, topic=topic, directory=tmp_path, seed=44, more=off) as stage:
        stage.sandbox.world.let_pass(-3600)  # what is then let pass is no time still to come
        await stage.connect(trigger=to_contact())
        (worker,) = await stage.start(1)

        async def reading() -> bool:
            return await worker.turns("ingest") > 3

        await eventually(reading)
        assert await worker.turns("reconcile") == 0
        assert await stage.context.pool.fetchval("select count(*) from reconciliation") == 0
