"""`ptm integration test-alert`: one real message to a recipient now, what was answered, and what is wrong there."""

from __future__ import annotations

import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from aiosmtpd.smtp import AuthResult

from desk import Desk, environ_for
from receiving import mail_server, webhook
from sandbox import Sandbox
from servers.guarded import signed
from servers.postgres import Database
from terminal import Ended, command
from worker import settings
from worker.adapters.child import free_port
from worker.opening import opened

pytestmark = pytest.mark.integration
PAIVI = "paivi@toimittaja.fi"


@dataclass(slots=True)
class Office:
    settings: dict[str, str]
    company: str
    directory: Path

    async def edit(self, *arguments: str, stdin: str = "") -> None:
        done = await command(self.settings, "integration", "edit", self.company, *arguments, stdin=stdin)
        assert done.code == 0, done.err

    async def test(self, *arguments: str, **more: Any) -> Ended:
        sets = {f"PTM_SMTP_{name.upper()}": str(value) for name, value in more.items()}
        line = ("integration", "test-alert", self.company, *arguments)
        return await command(self.settings | sets, *line, "--yes")

    async def tell(self, url: str) -> None:
        """This webhook alone."""
        before = (await command(self.settings, "integration", "show", self.company, "--json")).json["alerts"]
        await self.edit(
            "--alert-webhook", "-", *(word for one in before for word in ("--alert-off", one["id"])), stdin=f"{url}\n"
        )


@pytest_asyncio.fixture
async def office(database: Database, tmp_path: Path) -> AsyncIterator[Office]:
    async with Sandbox(companies=1, history=2) as sandbox:
        environ = environ_for(database, sandbox, PTM_SMTP_FROM="ptm@toimittaja.fi", PTM_SMTP_TLS="none")
        async with opened(settings.load(environ)) as context:
            one = await Desk(context, sandbox).connect()
        yield Office(environ, str(one.id), tmp_path)


async def test_each_is_sent_one_message_in_its_language_and_what_was_answered_is_told(office: Office) -> None:
    async with mail_server() as post, webhook() as hook:
        nobody = await office.test()
        assert (nobody.code, "tells nobody: ptm integration edit --alert-to" in nobody.err) == (2, True)
        await office.edit("--alert-to", PAIVI, "--alert-language", "fi")
        await office.edit("--alert-webhook", "-", stdin=f"{hook.url}\n")
        before = await events(office)
        asked = await command(office.settings, "integration", "test-alert", office.company)
        assert (asked.code, f"Send a test now to {PAIVI}, 127.0.0.1" in asked.err) == (3, True)
        assert not post.letters
        assert not hook.said

        done = await office.test(host="127.0.0.1", port=post.port)
        assert done.code == 0, done.err
        assert f"✔ {PAIVI}: taken (taken)" in done.out
        assert "taken (204 No Content)" in done.out
        assert post.subjects[0].startswith("Hälytysten kokeilu: ")
        assert "mikään ei ole vialla" in post.bodies[0]
        assert [(one["event"], one["alerts"]) for one in hook.said] == [("alert.test", [])]
        assert "nothing is wrong" in hook.said[0]["text"]

        one = await office.test("--to", PAIVI, "--json", host="127.0.0.1", port=post.port)
        assert [(each["recipient"]["to"], each["well"]) for each in one.json] == [(PAIVI, True)]
        assert (len(post.letters), len(hook.said)) == (2, 1)
        strange = await office.test("--to", "nobody@toimittaja.fi")
        assert (strange.code, f"it tells: {PAIVI}" in strange.err) == (2, True)
        assert await events(office) == before


async def events(office: Office) -> int:
    async with opened(settings.load(office.settings)) as context:
        found: int = await context.pool.fetchval("select count(*) from event")
    return found


def nobody_is_let_in(*_: object) -> AuthResult:
    return AuthResult(success=False, handled=False)


async def test_what_is_wrong_with_the_mail_server_is_said_and_what_it_answered(office: Office) -> None:
    await office.edit("--alert-to", PAIVI)
    options = {"authenticator": nobody_is_let_in, "auth_require_tls": False}
    async with mail_server(refused={PAIVI: 550}, options=options) as post:
        here = {"host": "127.0.0.1", "port": post.port}
        for wrong, says in (
            (here, f"turned the letter down (550). 550 {PAIVI} is not here"),
            (here | {"user": "ptm", "password": "väärä"}, "does not let us in (535): see PTM_SMTP_USER"),
            (here | {"tls": "starttls"}, "see PTM_SMTP_TLS and PTM_SMTP_CA_FILE"),
            (here | {"port": free_port()}, "No mail server listens at 127.0.0.1"),
            ({"host": "posti.invalid"}, "Nobody knows a mail server called posti.invalid"),
            ({}, "set PTM_SMTP_HOST and PTM_SMTP_FROM"),
        ):
            done = await office.test(**wrong)
            assert (done.code, says in " ".join(done.out.split())) == (1, True), done.out
            assert "1 of 1 could not be told" in done.err
        assert post.letters == []


async def test_what_is_wrong_with_a_webhook_is_said_by_its_host_alone(office: Office) -> None:
    async with webhook() as hook, sealed(office.directory) as secure:
        await office.tell(hook.url)
        for status, says in ((404, "turned the alert down (404)"), (503, "answers 503")):
            hook.status = status
            await refused(office, says)
        for url, says in (
            (f"http://127.0.0.1:{free_port()}/services/salaisuus", "Nothing listens at the webhook's host 127.0.0.1"),
            ("http://hooks.invalid/services/salaisuus", "Nobody knows the webhook's host hooks.invalid"),
            (f"{secure}/services/salaisuus", "shows no certificate that is trusted here"),
        ):
            await office.tell(url)
            await refused(office, says)


async def refused(office: Office, says: str) -> None:
    done = await office.test()
    assert (done.code, says in " ".join(done.out.split())) == (1, True), done.out
    assert "salaisuus" not in done.out + done.err
    told = await office.test("--json")
    assert [(one["well"], one["answer"], says in one["error"]) for one in told.json] == [(False, None, True)]


@asynccontextmanager
async def sealed(directory: Path) -> AsyncIterator[str]:
    """A webhook's address whose certificate nobody here trusts."""
    server = signed("posti", signed("somebody else"))
    file = directory / "server.pem"
    file.write_bytes(server.key_pem + server.pem)
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(file)
    async with mail_server(sealed=context) as there:
        yield f"https://127.0.0.1:{there.port}"
