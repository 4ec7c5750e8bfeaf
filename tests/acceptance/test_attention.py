"""What waits for a person before and after sending: told once a cause, and gone when the cause is put right."""

from __future__ import annotations

import shlex
from pathlib import Path

import pytest

from eventually import eventually
from servers.postgres import Database
from stage import Stage, staged
from terminal import command

pytestmark = pytest.mark.acceptance

MANY = 12


async def parked(stage: Stage) -> bool:
    count = await stage.context.pool.fetchval("select count(*) from delivery where state = 'parked'")
    assert count == MANY, count
    return True


async def test_many_that_failed_alike_are_one_cause_and_its_command_sends_them_in_order(
    database: Database, tansu: str, topic: str, tmp_path: Path
) -> None:
    paced = {"PTM_TRUSTMARY_PACE": "80"}
    async with staged(database, tansu, topic=topic, directory=tmp_path, more=paced) as stage:
        await stage.connect()
        await stage.start(1)
        stage.sandbox.faults.add("trustmary.contacts.post=404")
        invoices = stage.send(MANY)
        await eventually(lambda: parked(stage))

        told = await command(stage.environment, "attention", "--json")
        [group] = told.json["groups"]
        assert (told.code, group["cause"], group["key"], group["count"]) == (
            3,
            "parked",
            "not_found:trustmary:404",
            MANY,
        )

        stage.sandbox.faults.clear()
        again = await command(stage.environment, *shlex.split(group["commands"][0])[1:], "--json")
        assert (again.code, len(again.json["sent_again"])) == (0, MANY)
        await stage.agree()
        rows = await stage.context.pool.fetch(
            "select delivery from attempt where number = 2 order by started_at, delivery"
        )
        assert [row["delivery"] for row in rows] == sorted(again.json["sent_again"])
        assert (await command(stage.environment, "attention")).code == 0

        life = await command(stage.environment, "why", str(invoices[0]))
        places = [
            life.out.index(part) for part in ("to be added", "parked 404", "delivered 20", "Trustmary answered 20")
        ]
        assert places == sorted(places)


async def test_a_contact_that_is_missing_is_told_before_sending_and_put_right_in_time(
    database: Database, tansu: str, topic: str, tmp_path: Path
) -> None:
    async with staged(database, tansu, topic=topic, directory=tmp_path) as stage:
        await stage.connect()
        await stage.start(1)
        customer = stage.customer(kind="no_email")
        invoice = stage.act(stage.invoice(customer=customer), "approve")
        await stage.seen(invoice, "NOT_SENT")

        told = await command(stage.environment, "attention", "--json")
        [group] = told.json["groups"]
        assert (told.code, group["cause"], group["key"], group["count"]) == (3, "unsent", "no_contact_person", 1)
        assert f"(customer {customer})" in group["samples"][0]["label"]
        assert (await command(stage.environment, *shlex.split(group["commands"][0])[1:])).code == 0

        finnish = stage.environment | {"PTM_LANGUAGE": "fi"}
        told = await command(finnish, "attention")
        assert "Ei vielä lähetetty: asiakkaalla ei ole yhteyshenkilöä" in told.out
        assert (await command(finnish, "attention", "--json")).json["groups"][0]["says"] == group["says"]

        person = {"name": "Maija Meikäläinen", "email": "maija@asiakas.fi"}
        stage.sandbox.world.edit_customer(stage.company(0), customer, contact_person=person["name"], contacts=[person])
        stage.act(invoice, "send")
        await stage.agree()
        assert (await command(stage.environment, "attention")).out == "Nothing waits for a person.\n"


async def test_whom_nobody_was_asked_of_is_asked_by_the_commands_told_once_the_register_is_right(
    database: Database, tansu: str, topic: str, tmp_path: Path
) -> None:
    async with staged(database, tansu, topic=topic, directory=tmp_path) as stage:
        await stage.connect()
        await stage.start(1)
        customer = stage.customer(kind="no_email")
        invoice = stage.act(stage.invoice(customer=customer), "approve", "send")
        await stage.settled()
        told = await command(stage.environment, "attention", "--json")
        [group] = told.json["groups"]
        assert (told.code, group["cause"], group["key"]) == (3, "unasked", "no_contact_person")

        person = {"name": "Maija Meikäläinen", "email": "maija@asiakas.fi"}
        stage.sandbox.world.edit_customer(stage.company(0), customer, contact_person=person["name"], contacts=[person])
        why = await command(stage.environment, "why", str(invoice), "--json")
        for line in (group["commands"][-1], why.json[0]["asked_after_all"]):
            planned = await command(stage.environment, *shlex.split(line)[1:], "--json")
            assert [(one["kind"], one["email"]) for one in planned.json["items"]] == [("new", "maija@asiakas.fi")]
        apply = ("replay", "apply", planned.json["replay"]["id"], "--reach", "survey", "--yes", "1")
        done = await command(stage.environment, *apply, "--name", "korjaus", "--reason", "rekisteri")
        assert done.code == 0, done.err

        async def asked() -> bool:
            return "maija@asiakas.fi" in {one.email for one in stage.arrivals}

        await eventually(asked)
        await stage.settled()
        assert (await command(stage.environment, "attention")).out == "Nothing waits for a person.\n"
        assert "Once the register is right" not in (await command(stage.environment, "why", str(invoice))).out
