"""Alerts from end to end: a service refuses, somebody is told by mail and webhook, workers die, and it is over."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from eventually import eventually
from receiving import MailServer, Webhook, mail_server, webhook
from servers.postgres import Database
from stage import Stage, staged
from terminal import command

pytestmark = pytest.mark.acceptance


@asynccontextmanager
async def telling(
    database: Database, bootstrap: str, topic: str, directory: Path
) -> AsyncIterator[tuple[Stage, MailServer, Webhook]]:
    """Workers tell what has lasted for a second and a half."""
    async with mail_server() as post, webhook() as hook:
        more = {
            "PTM_SMTP_HOST": "127.0.0.1",
            "PTM_SMTP_PORT": str(post.port),
            "PTM_SMTP_TLS": "none",
            "PTM_SMTP_FROM": "ptm@toimittaja.fi",
            "PTM_ALERT_AFTER": "0.025",
            "PTM_ALERT_GATHER": "0",
            "PTM_REFUSED_RETRY": "0.5",
        }
        async with staged(database, bootstrap, topic=topic, directory=directory, more=more) as stage:
            yield stage, post, hook


async def due(stage: Stage) -> None:
    await stage.context.pool.execute("update ingest set due_at = now() where lease_until is null")


async def marked(stage: Stage) -> bool:
    """What has left is known to have left, and nobody holds an address."""
    return bool(
        await stage.context.pool.fetchval(
            "select (select bool_and(told_at is not null) from alert)"
            " and not exists (select from mailbox where lease_until > now())"
        )
    )


async def test_a_state_that_lasts_is_told_once_though_workers_die_and_again_when_it_is_over(
    database: Database, tansu: str, topic: str, tmp_path: Path
) -> None:
    async with telling(database, tansu, topic, tmp_path) as (stage, post, hook):
        await stage.connect()
        world = stage.sandbox.world
        company = str(world.company().id)
        edited = await command(
            stage.environment,
            *("integration", "edit", company, "--alert-to", "paivi@toimittaja.fi", "--alert-language", "fi"),
        )
        assert edited.code == 0, edited.err
        edited = await command(
            stage.environment, "integration", "edit", company, "--alert-webhook", "-", stdin=f"{hook.url}\n"
        )
        assert (edited.code, "paivi@toimittaja.fi (fi), 127.0.0.1" in edited.out) == (0, True), edited.err
        assert "salaisuus" not in edited.out
        first, second = await stage.start(2)
        stage.send(1)
        await stage.agree()
        assert post.letters == []

        world.switches.api_off_at = "call"
        world.company().api_enabled = False

        async def told() -> bool:
            await due(stage)
            return bool(post.letters and hook.said) and await marked(stage)

        await eventually(told)
        first.send(signal.SIGKILL)
        stage.send(1)
        [third] = await stage.start()
        turns = await third.turns("alert")

        async def turned() -> bool:
            await due(stage)
            return await third.turns("alert") > turns + 5

        await eventually(turned)
        assert len(post.letters) == len(hook.said) == 1
        assert "API ei ole käytössä" in post.subjects[0]
        assert "laskutettavien API-asiakkaiden" in post.bodies[0]
        assert hook.said[0]["alerts"][0]["key"] == "procountor:not_enabled"

        world.company().api_enabled = True

        async def over() -> bool:
            await due(stage)
            return len(post.letters) == len(hook.said) == 2

        await eventually(over)
        assert post.subjects[1].startswith("Ohi: ")
        assert hook.said[1]["event"] == "alert.ended"
        await stage.agree()
        for worker in (second, third):
            for secret in ("salaisuus", "paivi"):
                assert secret not in worker.said()
            worker.send(signal.SIGTERM)
            assert await worker.exit_code(within=60) == 0
        assert len(post.letters) == len(hook.said) == 2


async def test_a_worker_that_is_killed_before_it_can_mark_a_letter_makes_one_more_of_the_same_id_and_no_third(
    database: Database, tansu: str, topic: str, tmp_path: Path
) -> None:
    async with telling(database, tansu, topic, tmp_path) as (stage, post, _):
        await stage.connect()
        company = str(stage.sandbox.world.company().id)
        edited = await command(stage.environment, "integration", "edit", company, "--alert-to", "paivi@toimittaja.fi")
        assert edited.code == 0, edited.err
        post.held = asyncio.Event()
        workers = await stage.start(2)
        stage.sandbox.world.switches.api_off_at = "call"
        stage.sandbox.world.company().api_enabled = False

        async def taken() -> bool:
            await due(stage)
            return post.taken.is_set()

        await eventually(taken)
        owner = await stage.context.pool.fetchval("select lease_owner from mailbox")
        [sender] = [each for each in workers if each.id == owner]
        [other] = [each for each in workers if each.id != owner]
        turns = await other.turns("alert")

        async def looked() -> bool:
            return await other.turns("alert") > turns + 3

        await eventually(looked)
        assert len(post.letters) == 1, "the address is the sender's"
        sender.send(signal.SIGKILL)
        post.held.set()
        await stage.context.pool.execute("update mailbox set lease_until = now()")  # half a minute goes by
        await eventually(lambda: len(post.letters) == 2)
        turns = await other.turns("alert")
        await eventually(looked)
        assert len({each["Message-ID"] for each in post.letters}) == 1
        assert await stage.context.pool.fetchval("select told_at is not null from alert")
        assert len(post.letters) == 2


async def test_who_is_told_is_shown_exported_and_refused_where_it_is_no_address(
    database: Database, tansu: str, topic: str, tmp_path: Path
) -> None:
    async with telling(database, tansu, topic, tmp_path) as (stage, _, hook):
        await stage.connect()
        company = str(stage.sandbox.world.company().id)
        edit = ("integration", "edit", company)

        wrong = await command(stage.environment, *edit, "--alert-to", "paivi@toimittaja")
        assert (wrong.code, "is no e-mail address that could be told" in wrong.err) == (2, True)
        secret = tmp_path / "hook.url"
        secret.write_text("hooks.example.com/T0/salaisuus", encoding="ascii")
        wrong = await command(stage.environment, *edit, "--alert-webhook", str(secret))
        assert (wrong.code, "salaisuus" in wrong.err) == (2, False)
        wrong = await command(stage.environment, *edit, "--alert-webhook", "https://hooks.example.com/T0/salaisuus")
        assert (wrong.code, "takes a file that has the address in it" in wrong.err) == (2, True)
        assert "salaisuus" not in wrong.err
        wrong = await command(stage.environment, *edit, "--alert-webhook", str(tmp_path / "none"))
        assert (wrong.code, "cannot be read" in wrong.err) == (2, True)
        wrong = await command(stage.environment, *edit, "--alert-off", "nobody@toimittaja.fi")
        assert (wrong.code, "it tells: none" in wrong.err) == (2, True)

        done = await command(
            stage.environment, *edit, "--alert-to", "paivi@toimittaja.fi", "--json", "--reason", "hän pyysi"
        )
        assert [(one["to"], one["language"]) for one in done.json["alerts"]] == [("paivi@toimittaja.fi", "en")]
        secret.write_text(f"{hook.url}\n", encoding="ascii")
        done = await command(stage.environment, *edit, "--alert-webhook", str(secret), "--json")
        shown = await command(stage.environment, "integration", "show", company)
        assert "paivi@toimittaja.fi (en), 127.0.0.1:" in shown.out
        assert "salaisuus" not in done.out + shown.out

        file = tmp_path / "ptm.yaml"
        assert (await command(stage.environment, "integration", "export", company, "--output", str(file))).code == 0
        text = file.read_text(encoding="utf-8")
        assert "email: paivi@toimittaja.fi" in text
        assert "salaisuus" not in text
        file.write_text(text.replace("paivi@", "mary@"), encoding="utf-8")
        done = await command(stage.environment, "integration", "import", str(file), "--yes")
        assert (done.code, "alerts changed" in done.out) == (0, True), done.err
        done = await command(stage.environment, *edit, "--alert-off", "mary@toimittaja.fi", "--json")
        assert [one["channel"] for one in done.json["alerts"]] == ["webhook"]
