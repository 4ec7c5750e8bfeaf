"""Every error that asyncpg can raise has a word of ours."""

from __future__ import annotations

import inspect
import socket
import ssl
from pathlib import Path

import asyncpg
import pytest
from asyncpg import exceptions

from events.errors import Barred, Conflict, Corrupt, Misconfigured, PtmError, Refused, Unavailable
from table import each
from worker.adapters.postgres import require_certificates, translate, translating

ERRORS = [
    kind
    for _, kind in inspect.getmembers(exceptions, inspect.isclass)
    if issubclass(kind, Exception) and not issubclass(kind, Warning) and kind.__module__ == exceptions.__name__
]


@each("kind", ERRORS)
def test_every_asyncpg_error_says_who_has_to_act(kind: type[Exception]) -> None:
    with pytest.raises(PtmError) as caught, translating():
        raise kind("it went wrong")

    assert type(caught.value) in (Unavailable, Barred, Conflict, Corrupt)
    assert not isinstance(caught.value, Refused)
    assert isinstance(caught.value.__cause__, kind)
    assert "it went wrong" in str(caught.value)


@each(
    "said",
    [
        'invalid input syntax for type integer: "Maija"',
        'value "Maija "12"" is out of range for type integer',
        "this is no number: Maija\nMaija",
    ],
)
def test_a_value_that_does_not_fit_is_not_repeated(said: str) -> None:
    with pytest.raises(PtmError) as caught, translating():
        raise asyncpg.InvalidTextRepresentationError(said)

    assert "Maija" not in str(caught.value)
    assert said.split(" ", maxsplit=1)[0] in str(caught.value)


@each(
    ("error", "wanted"),
    [
        (asyncpg.LockNotAvailableError("lock time-out"), Unavailable),
        (asyncpg.DeadlockDetectedError("deadlock"), Unavailable),
        (asyncpg.SerializationError("serialization"), Unavailable),
        (asyncpg.IdleInTransactionSessionTimeoutError("idle"), Unavailable),
        (asyncpg.TooManyConnectionsError("too many"), Unavailable),
        (asyncpg.DiskFullError("full"), Unavailable),
        (asyncpg.CannotConnectNowError("starting"), Unavailable),
        (asyncpg.ReadOnlySQLTransactionError("standby"), Unavailable),
        (asyncpg.QueryCanceledError("canceled"), Unavailable),
        (asyncpg.InvalidCachedStatementError("schema changed"), Unavailable),
        (asyncpg.InterfaceError("connection is closed"), Unavailable),
        (ConnectionRefusedError(), Unavailable),
        (socket.gaierror("no such host"), Unavailable),
        (TimeoutError(), Unavailable),
        (asyncpg.InvalidPasswordError("password"), Barred),
        (asyncpg.InvalidCatalogNameError("no database"), Barred),
        (asyncpg.InsufficientPrivilegeError("privilege"), Barred),
        (asyncpg.UndefinedTableError("no table"), Barred),
        (asyncpg.InvalidSQLStatementNameError("prepared statement lost by a pooler"), Barred),
        (asyncpg.ProtocolViolationError("unsupported startup parameter"), Barred),
        (ssl.SSLCertVerificationError("certificate"), Barred),
        (ssl.SSLError("PEM lib"), Barred),
        (ssl.SSLEOFError("EOF occurred in violation of protocol"), Unavailable),
        (asyncpg.UniqueViolationError("twice"), Conflict),
        (asyncpg.CheckViolationError("check"), Corrupt),
        (asyncpg.DataError("value"), Corrupt),
        (asyncpg.IndexCorruptedError("index"), Corrupt),
    ],
)
def test_who_has_to_act(error: Exception, wanted: type[PtmError]) -> None:
    assert type(translate(error)) is wanted


def test_a_lost_connection_may_have_taken_effect_and_a_lock_not_got_has_not() -> None:
    lost = translate(asyncpg.ConnectionDoesNotExistError("closed in the middle"))
    refused = translate(asyncpg.LockNotAvailableError("lock time-out"))

    assert isinstance(lost, Unavailable)
    assert isinstance(refused, Unavailable)
    assert (lost.unanswered, refused.unanswered) == (True, False)


def test_what_does_not_come_from_postgres_is_not_translated() -> None:
    with pytest.raises(ZeroDivisionError), translating():
        raise ZeroDivisionError


def test_an_address_that_leads_to_a_pooler_is_told_as_such() -> None:
    """PgBouncer 1.18 refuses the time-outs that every connection of ours begins with."""
    said = str(translate(asyncpg.ProtocolViolationError("unsupported startup parameter: lock_timeout")))
    assert said.startswith("PTM_DATABASE_URL leads to a pooler, such as PgBouncer: give PostgreSQL's own address")


def test_what_is_wrong_with_tls_names_its_part_of_the_address(tmp_path: Path) -> None:
    missing = tmp_path / "ca.pem"
    with pytest.raises(Misconfigured, match=r"PTM_DATABASE_URL says sslrootcert=.*ca\.pem, which cannot be read"):
        require_certificates(f"postgresql://ptm@db/ptm?sslmode=verify-full&sslrootcert={missing}")
    missing.write_text("there", encoding="utf-8")
    require_certificates(f"postgresql://ptm@db/ptm?sslmode=verify-full&sslrootcert={missing}")
    for error, part in (
        (ConnectionError('PostgreSQL server at "db:5432" rejected SSL upgrade'), "sslmode"),
        (ssl.SSLCertVerificationError("self-signed certificate"), "sslrootcert"),
        (asyncpg.InvalidAuthorizationSpecificationError('no pg_hba.conf entry for host "x", no encryption'), "sslmode"),
    ):
        said = translate(error)
        assert isinstance(said, Barred)
        assert f"{part}" in str(said)
        assert "PTM_DATABASE_URL" in str(said)
