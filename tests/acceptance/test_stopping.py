"""A worker told to stop while what it works with says nothing: it ends in time, and nothing is lost or doubled."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import pytest_asyncio

from eventually import eventually
from servers.fixtures import in_memory
from servers.postgres import Database, fresh_database, running_cluster
from stage import Stage, Worker, spoken, staged
from worker import app
from worker.adapters.embedded import broker

pytestmark = pytest.mark.acceptance

PATIENT = {"PTM_TRUSTMARY_TIMEOUT": "10"}
"""As it is unless set: longer than a worker that stops has."""
HANG = "trustmary.contacts.post=timeout_after_effect,procountor=timeout_after_effect"


@pytest_asyncio.fixture
async def own_database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Database]:
    """On a server of this test's own, which may be frozen."""
    monkeypatch.delenv("PTM_TEST_DATABASE_URL", raising=False)
    with in_memory(otherwise=tmp_path) as directory:
        async with running_cluster(directory) as cluster, fresh_database(cluster) as made:
            yield made


def listening(port: int) -> int:
    """The process that listens on the port of this machine."""
    wanted = {f"socket:[{inode}]" for inode in sockets(port)}
    for each in Path("/proc").glob("[0-9]*/fd/*"):
        try:
            if os.readlink(each) in wanted:
                return int(each.parts[2])
        except OSError:
            continue
    raise AssertionError(f"nobody listens on {port}")


def sockets(port: int) -> list[str]:
    lines = [line.split() for line in Path("/proc/net/tcp").read_text(encoding="ascii").splitlines()[1:]]
    return [line[9] for line in lines if line[3] == "0A" and int(line[1].rpartition(":")[2], 16) == port]


def family(pid: int) -> list[int]:
    """The process, and all that it has begun."""
    found = [pid]
    for each in found:
        for children in Path(f"/proc/{each}/task").glob("*/children"):
            found += map(int, children.read_text(encoding="ascii").split())
    return found


@contextmanager
def frozen(port: int) -> Iterator[None]:
    """Its server takes connections, and says nothing."""
    pids = family(listening(port))
    for pid in pids:
        os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        for pid in pids:
            os.kill(pid, signal.SIGCONT)


async def busy(stage: Stage) -> Worker:
    """A worker with calls under way, and more to come."""
    for company in range(3):
        await stage.connect(company)
    [worker] = await stage.start(1)
    stage.sandbox.faults.add("trustmary.contacts.post=latency:400")
    for company in range(3):
        stage.send(30, company=company)
    await eventually(lambda: stage.arrivals)
    return await stage.busy([worker], calls=3)


async def ends(worker: Worker) -> float:
    """With 0, and without a stack in its log; says after how many seconds."""
    began = time.monotonic()
    worker.send(signal.SIGTERM)
    code = await worker.exit_code(within=60)
    took = time.monotonic() - began
    assert (code, "Traceback" in worker.said()) == (0, False), worker.said()
    assert spoken(worker.log)[-1]["event"] == "worker stopped"
    return took


@pytest.mark.parametrize("silent", ["database", "broker", "services", "database broker services"])
async def test_a_worker_that_is_told_to_stop_while_others_are_silent_ends_in_time_and_costs_no_contact(
    own_database: Database, topic: str, tmp_path: Path, silent: str
) -> None:
    async with (
        broker(tmp_path / "broker") as bootstrap,
        staged(own_database, bootstrap, topic=topic, directory=tmp_path, companies=3, more=PATIENT) as stage,
    ):
        worker = await busy(stage)
        with ExitStack() as thaws:
            if "services" in silent:
                before = stage.calls("trustmary.contacts.post")
                stage.sandbox.faults.replace(HANG)
                await eventually(lambda: stage.calls("trustmary.contacts.post") >= before + 10)
            if "database" in silent:
                port = urlsplit(own_database.database_url).port
                assert port
                thaws.enter_context(frozen(port))
            if "broker" in silent:
                thaws.enter_context(frozen(int(bootstrap.rpartition(":")[2])))
            took = await ends(worker)
        assert took < app.GONE + 3, took
        stage.sandbox.faults.clear()
        stage.send(5)
        await stage.start(1)
        verdict = await stage.agree()
        assert verdict.expected == verdict.surveys == 95
