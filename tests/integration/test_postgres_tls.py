"""A database that lets in with TLS only, as a managed one does: who comes in, and what is told to who does not."""

from __future__ import annotations

import gc
import re
import tempfile
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import asyncpg
import pytest
import pytest_asyncio

from events.errors import Misconfigured
from servers.sealed import PASSWORD, Sealed, sealed_postgres
from stage import ROOT
from terminal import command, ptm
from worker.adapters import pooler
from worker.adapters.postgres import open_pool
from worker.adapters.sealing import make_master
from worker.operations.checks.database import OLDEST

pytestmark = [
    pytest.mark.integration,
    pytest.mark.filterwarnings("ignore:unclosed:ResourceWarning"),
]


@pytest.fixture(autouse=True)
def collected() -> Iterator[None]:
    """asyncpg leaves the socket of a handshake that failed to the garbage collection: let it be ours."""
    yield
    gc.collect()


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def sealed() -> AsyncIterator[Sealed]:
    with tempfile.TemporaryDirectory(prefix="pytest-ptm-") as directory:  # a socket's path has 107 bytes at most
        async with sealed_postgres(Path(directory)) as server:
            yield server


class Wrong(NamedTuple):
    role: str
    query: dict[str, str]
    says: str
    host: str = "127.0.0.1"


WRONG = {
    "another authority": Wrong("admin", {"sslrootcert": "other.pem"}, "sslrootcert"),
    "another host": Wrong("admin", {"sslrootcert": "ca.pem"}, "its host be the one on the certificate", "localhost"),
    "no authority in the file": Wrong("admin", {"sslrootcert": "client.key"}, "sslrootcert"),
    "no certificate of ours": Wrong("certified", {"sslrootcert": "ca.pem"}, "sslcert and sslkey"),
    "another's key": Wrong(
        "certified", {"sslrootcert": "ca.pem", "sslcert": "client.pem", "sslkey": "stranger.key"}, "sslkey"
    ),
}


def address(sealed: Sealed, wrong: Wrong) -> str:
    files = {name: sealed.file(file) for name, file in wrong.query.items()}
    return sealed.url(wrong.role, "postgres", host=wrong.host, sslmode="verify-full", **files)


@pytest.mark.parametrize("which", WRONG)
async def test_what_keeps_us_out_names_its_part_of_the_address(sealed: Sealed, which: str) -> None:
    for way in (open_pool, pooler.require_sessions):
        with pytest.raises(Misconfigured, match=WRONG[which].says) as told:
            await way(address(sealed, WRONG[which]))
        assert "PTM_DATABASE_URL" in str(told.value)
        assert PASSWORD not in str(told.value)


async def test_who_asks_for_no_tls_is_told_to(sealed: Sealed) -> None:
    with pytest.raises(Misconfigured, match="sslmode=verify-full"):
        await open_pool(sealed.url("admin", "postgres", sslmode="disable"))


async def test_a_certificate_of_ours_lets_us_in(sealed: Sealed) -> None:
    files = {"sslrootcert": "ca.pem", "sslcert": "client.pem", "sslkey": "client.key"}
    pool = await open_pool(address(sealed, Wrong("certified", files, "")))
    assert await pool.fetchval("select client_dn from pg_stat_ssl where pid = pg_backend_pid()") == "/CN=client"
    await pool.close()


def statements() -> list[str]:
    """What docs/operating.md has somebody run once."""
    page = (ROOT / "docs" / "operating.md").read_text(encoding="utf-8")
    [block] = re.findall(r"No superuser is needed.*?```sql\n(.*?)```", page, re.DOTALL)
    return [line.replace("…", PASSWORD) for line in block.splitlines()]


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def managed(sealed: Sealed) -> dict[str, str]:
    """Settings over a database that somebody made who is no superuser."""
    tls = {"sslmode": "verify-full", "sslrootcert": sealed.file("ca.pem")}
    admin = await asyncpg.connect(sealed.url("admin", "postgres", **tls))
    for statement in statements():
        await admin.execute(statement)
    await admin.close()
    return {
        "PTM_DATABASE_OWNER_URL": sealed.url("ptm_owner", "ptm", **tls),
        "PTM_DATABASE_URL": sealed.url("ptm_worker", "ptm", **tls),
        "PTM_MASTER_KEY": make_master(),
        "PTM_KAFKA_BOOTSTRAP": "127.0.0.1:1",
        "PTM_PROCOUNTOR_CLIENT_ID": "id",
        "PTM_PROCOUNTOR_CLIENT_SECRET": "secret",
    }


async def test_the_pages_five_statements_are_enough_for_who_is_no_superuser(
    sealed: Sealed, managed: dict[str, str], record_property: Callable[[str, object], None]
) -> None:
    record_property("server", f"PostgreSQL with TLS {sealed.version}")
    migrated = await command(managed, "migrate")
    assert migrated.code == 0, migrated.err
    shown = await command(managed, "status", "--json")
    assert (shown.code, shown.json["workers"]) == (0, []), shown.err
    says = {one["says"] for one in await findings(managed)}
    assert "The schema is this release's, and the login cannot change events." in says


async def test_a_server_on_which_no_worker_runs_is_named_by_the_doctor_and_by_the_worker(
    sealed: Sealed, managed: dict[str, str]
) -> None:
    if int(sealed.version.partition(".")[0]) >= OLDEST:
        pytest.skip(f"PostgreSQL {sealed.version} is new enough")
    told = {one["says"]: one["verdict"] for one in await findings(managed)}
    assert told[f"No worker runs on a PostgreSQL older than {OLDEST}."] == "wrong"
    refused = await ptm(managed, "worker")
    assert refused.code == 2
    assert f"This PostgreSQL is older than {OLDEST}" in refused.err


async def findings(environment: dict[str, str]) -> list[dict[str, str]]:
    found: list[dict[str, str]] = (await command(environment, "doctor", "--json")).json["findings"]
    return found
