"""The servers as fixtures: one of each a session, a database and a topic of its own for each test.

What starts them is imported by those that do: pure tests need not wait for drivers.
"""

from __future__ import annotations

import os
import secrets
import shutil
import tempfile
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import pytest_asyncio

from worker.demo.leftover import locked, sweep

if TYPE_CHECKING:
    from servers.apache import Broker
    from servers.postgres import Cluster, Database

Note = Callable[[str, object], None]

_session = pytest_asyncio.fixture(scope="session", loop_scope="session")


MEMORY = Path("/dev/shm")
PREFIX = "ptm-test-"
ROOM = 2 * 1024**3
"""Bytes: many times what a cluster of short-lived databases takes."""


@contextmanager
def in_memory(*, otherwise: Path) -> Iterator[Path]:
    """A directory in memory, where there is room: every test's database is 300 files, and to make those on a disk is
    ten times the work.
    """
    if os.access(MEMORY, os.W_OK) and shutil.disk_usage(MEMORY).free >= ROOM:
        sweep(MEMORY, PREFIX)
        with (
            tempfile.TemporaryDirectory(prefix=f"{PREFIX}{os.getpid()}-", dir=MEMORY) as directory,
            locked(Path(directory)),
        ):
            yield Path(directory)
    else:
        yield otherwise


@_session
async def postgres_server(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Cluster]:
    from servers.postgres import running_cluster

    with in_memory(otherwise=tmp_path_factory.mktemp("postgres")) as directory:
        async with running_cluster(directory) as cluster:
            yield cluster


@_session
async def tansu_server(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[str]:
    from worker.adapters.embedded import broker

    async with broker(tmp_path_factory.mktemp("tansu")) as bootstrap:
        yield bootstrap


def refuse(missing: Exception) -> None:
    """CI does not accept that Apache Kafka did not run."""
    end = pytest.fail if os.environ.get("CI") == "true" else pytest.skip
    end(f"Apache Kafka did not run: {missing}")


@_session
async def apache_server(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Broker]:
    from servers.apache import Missing, apache_kafka

    try:
        async with apache_kafka(tmp_path_factory.mktemp("apache")) as found:
            yield found
    except Missing as missing:
        refuse(missing)


@pytest_asyncio.fixture
async def database(postgres_server: Cluster, record_property: Note) -> AsyncIterator[Database]:
    """A migrated database of this test's own."""
    from servers.postgres import fresh_database

    record_property("server", postgres_server.name)
    async with fresh_database(postgres_server) as made:
        yield made


@pytest_asyncio.fixture
async def bare_database(postgres_server: Cluster, record_property: Note) -> AsyncIterator[Database]:
    """A database of this test's own that has no schema yet."""
    from servers.postgres import empty_database

    record_property("server", postgres_server.name)
    async with empty_database(postgres_server) as made:
        yield made


@pytest.fixture
def tansu(tansu_server: str, record_property: Note) -> str:
    """Its bootstrap address."""
    record_property("server", "Tansu")
    return tansu_server


@pytest.fixture
def apache(apache_server: Broker, record_property: Note) -> str:
    """Its bootstrap address."""
    record_property("server", apache_server.name)
    return apache_server.bootstrap


@pytest.fixture(params=["tansu", "apache"])
def kafka(request: pytest.FixtureRequest) -> str:
    """The bootstrap address of each broker in turn."""
    bootstrap: str = request.getfixturevalue(request.param)
    return bootstrap


@pytest.fixture
def topic() -> str:
    """A name that no other test uses; the topic is not made."""
    return f"ptm.events.{secrets.token_hex(6)}"


__all__ = [
    "apache",
    "apache_server",
    "bare_database",
    "database",
    "kafka",
    "postgres_server",
    "tansu",
    "tansu_server",
    "topic",
]
