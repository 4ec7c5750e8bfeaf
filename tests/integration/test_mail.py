"""Letters on their way to a real mail server: sealed, let in, taken or turned down, and what is told of it."""

from __future__ import annotations

import ssl
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from aiosmtpd.smtp import AuthResult, LoginPassword

from events.alert import Letter
from events.errors import Misconfigured, PtmError, Refused, Unavailable
from receiving import MailServer, mail_server
from servers.guarded import signed
from worker.adapters.mail import Mail

pytestmark = pytest.mark.integration
LETTER = Letter(
    subject="Käännös Oy: oikeudet puuttuvat – katso", body="Ääkköset säilyvät: " + "ä" * 2000 + "\n.\nloppu\n"
)
ID = UUID(int=7)
USER, PASSWORD = "ptm", "salainen sana"


@dataclass
class Seals:
    context: ssl.SSLContext
    ca_file: Path
    other_ca_file: Path


@pytest.fixture
def seals(tmp_path: Path) -> Seals:
    authority = signed("ptm test authority")
    server = signed("posti", authority)
    files = {"ca": authority.pem, "other": signed("somebody else").pem, "server": server.key_pem + server.pem}
    for name, content in files.items():
        (tmp_path / f"{name}.pem").write_bytes(content)
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(tmp_path / "server.pem")
    return Seals(context, tmp_path / "ca.pem", tmp_path / "other.pem")


def mail(server: MailServer, **more: Any) -> Mail:
    usual: dict[str, Any] = {"host": "127.0.0.1", "port": server.port, "sender": "ptm@toimittaja.fi", "tls": "none"}
    return Mail(**usual | more)


def lets_in(_server: object, _session: object, _envelope: object, _mechanism: str, said: object) -> AuthResult:
    known = isinstance(said, LoginPassword) and (said.login, said.password) == (USER.encode(), PASSWORD.encode())
    return AuthResult(success=known, handled=False)


async def failure(one: Mail, to: str = "paivi@toimittaja.fi") -> PtmError:
    with pytest.raises(PtmError) as caught:
        await one.send(to, LETTER, id=ID)
    return caught.value


async def test_a_letter_arrives_as_it_was_written_with_the_same_id_each_time() -> None:
    async with mail_server() as server:
        for _ in range(2):
            await mail(server).send("paivi@toimittaja.fi", LETTER, id=ID)
        assert server.subjects == [LETTER.subject] * 2
        assert server.bodies == [LETTER.body] * 2
        assert {each["Message-ID"] for each in server.letters} == {f"<{ID}@toimittaja.fi>"}
        assert server.letters[0]["From"].addresses[0].addr_spec == "ptm@toimittaja.fi"


async def test_a_domain_of_other_letters_is_written_as_mail_servers_know_it() -> None:
    async with mail_server() as server:
        await mail(server).send("paivi@käännös.fi", LETTER, id=ID)
        assert server.to == ["paivi@" + "käännös".encode("idna").decode() + ".fi"]


@pytest.mark.parametrize("tls", ["starttls", "tls"])
async def test_it_is_sealed_and_let_in_by_a_password(seals: Seals, tls: str) -> None:
    options: dict[str, Any] = {"authenticator": lets_in}
    if tls == "starttls":
        options |= {"auth_required": True, "tls_context": seals.context, "require_starttls": True}
    else:
        options |= {"auth_require_tls": False}
    async with mail_server(options=options, sealed=seals.context if tls == "tls" else None) as server:
        known = {"tls": tls, "ca_file": seals.ca_file, "user": USER, "password": PASSWORD}
        await mail(server, **known).send("paivi@toimittaja.fi", LETTER, id=ID)
        assert server.bodies == [LETTER.body]
        wrong = await failure(mail(server, **known | {"password": "väärä"}))
        assert isinstance(wrong, Misconfigured)
        assert str(wrong).startswith("The mail server 127.0.0.1 does not let us in (535)")
        other = await failure(mail(server, **known | {"ca_file": seals.other_ca_file}))
        assert "PTM_SMTP_CA_FILE" in str(other), other
        assert len(server.letters) == 1


async def test_nothing_is_said_in_the_open_to_a_server_that_cannot_seal() -> None:
    async with mail_server() as server:
        assert "PTM_SMTP_TLS" in str(await failure(mail(server, tls="starttls")))
        assert server.letters == []


@pytest.mark.parametrize(("code", "kind"), [(450, Unavailable), (550, Refused), (553, Refused)])
async def test_what_the_server_says_no_to_is_told_without_the_address(code: int, kind: type[PtmError]) -> None:
    async with mail_server(refused={"paivi@toimittaja.fi": code}) as server:
        error = await failure(mail(server))
        assert isinstance(error, kind)
        assert str(code) in str(error)
        assert "paivi" not in str(error)


async def test_a_server_that_is_away_or_not_set_or_whose_authority_is_nobody(tmp_path: Path) -> None:
    async with mail_server() as server:
        await server.go()
        assert isinstance(await failure(mail(server)), Unavailable)
        assert "PTM_SMTP_HOST" in str(await failure(mail(server, host=None)))
        assert "PTM_SMTP_FROM" in str(await failure(mail(server, sender=None)))
        (tmp_path / "empty.pem").write_text("", encoding="ascii")
        assert "holds no certificate" in str(await failure(mail(server, ca_file=tmp_path / "empty.pem")))
