"""The embedded servers: durable, private, one holder at a time, and gone when their holder is."""

from __future__ import annotations

import asyncio
import os
import pwd
import signal
import socket
import stat
import subprocess
import sys
from pathlib import Path

import asyncpg
import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer

from events.errors import Misconfigured
from eventually import eventually
from worker.adapters.embedded import Embedded, broker, embedded, find_running, postgres, speaks_kafka
from worker.app import own_servers
from worker.settings import load

HOLDER = """
import asyncio, pathlib, sys
from worker.adapters.embedded import embedded
async def hold():
    async with embedded(pathlib.Path(sys.argv[1])):
        print("up", flush=True)
        await asyncio.to_thread(sys.stdin.read)
asyncio.run(hold())
"""


@pytest.fixture
def data_dir(tmp_path: Path) -> Path:
    """Long, and with spaces: what a person's home may be."""
    return tmp_path / ("a long name with spaces " * 6) / "data"


async def test_both_servers_answer_and_are_found_until_they_stop(data_dir: Path) -> None:
    async with embedded(data_dir) as servers:
        assert await _as_worker(servers, "select current_user") == "ptm_worker"
        assert find_running(data_dir) == servers
    assert find_running(data_dir) is None


async def test_whoever_was_connected_finds_the_database_again_after_a_restart(data_dir: Path) -> None:
    async with postgres(data_dir) as first:
        pass
    async with postgres(data_dir) as second:
        assert second.database_url == first.database_url
    port = int(first.database_url.rpartition(":")[2].partition("/")[0])
    with socket.socket() as taken:
        taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        taken.bind(("127.0.0.1", port))
        taken.listen()
        async with postgres(data_dir) as third:
            assert third.database_url != first.database_url


async def test_durability_is_on(data_dir: Path) -> None:
    async with postgres(data_dir) as server:
        connection = await asyncpg.connect(server.database_url)
        assert await connection.fetchval("show fsync") == "on"
        assert await connection.fetchval("show synchronous_commit") == "on"
        await connection.close()


async def test_a_second_start_finds_what_the_first_one_wrote(data_dir: Path) -> None:
    for statement in ("create table kept as select 42 as answer", "update kept set answer = answer + 1"):
        async with postgres(data_dir) as server:
            connection = await asyncpg.connect(server.owner_url)
            await connection.execute(statement)
            answer = await connection.fetchval("select answer from kept")
            await connection.close()
    assert answer == 43


async def test_passwords_and_addresses_are_for_the_owner_alone(data_dir: Path) -> None:
    async with embedded(data_dir) as servers:
        for name in ("passwords.json", "running.json"):
            assert stat.S_IMODE((data_dir / name).stat().st_mode) == 0o600
        wrong = servers.database_url.replace("ptm_worker:", "ptm_worker:x")
        with pytest.raises(asyncpg.InvalidPasswordError):
            await asyncpg.connect(wrong)


async def test_a_directory_in_use_names_its_holder(data_dir: Path) -> None:
    async with postgres(data_dir):
        with pytest.raises(Misconfigured, match=f"in use by process {os.getpid()}"):
            async with postgres(data_dir):
                pass


async def test_the_addresses_of_a_killed_holder_are_not_taken_for_those_of_the_next(data_dir: Path) -> None:
    async with embedded(data_dir):
        left = (data_dir / "running.json").read_text()
    (data_dir / "running.json").write_text(left)
    async with postgres(data_dir):
        assert find_running(data_dir) is None


async def test_a_lost_password_file_is_named_instead_of_a_new_database_made(data_dir: Path) -> None:
    async with postgres(data_dir):
        pass
    (data_dir / "passwords.json").unlink()
    with pytest.raises(Misconfigured, match=r"passwords\.json is missing"):
        async with postgres(data_dir):
            pass


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may look after another's files")
async def test_root_that_looks_after_a_services_directory_leaves_it_the_services(data_dir: Path) -> None:
    """As `ptm-admin` backs up, or restores, beside a unit that is stopped."""
    service = pwd.getpwnam("daemon")
    data_dir.mkdir(parents=True)
    os.chown(data_dir, service.pw_uid, service.pw_gid)
    for _ in range(2):
        async with postgres(data_dir) as server:
            connection = await asyncpg.connect(server.database_url)
            assert await connection.fetchval("select true")
            await connection.close()
    logs = set(data_dir.glob("postgres.log*"))
    owners = {path.stat().st_uid for path in data_dir.rglob("*") if path not in logs}
    assert owners == {service.pw_uid}


async def test_an_interrupted_first_start_is_no_trap(data_dir: Path) -> None:
    (data_dir / "postgres.new" / "base").mkdir(parents=True)
    async with postgres(data_dir) as server:
        assert server.data_dir == data_dir


@pytest.mark.parametrize("end", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
async def test_the_servers_die_with_their_holder_and_the_next_start_works(data_dir: Path, end: signal.Signals) -> None:
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(data_dir)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    assert holder.stdout is not None
    assert await asyncio.to_thread(holder.stdout.readline) == b"up\n"
    left = find_running(data_dir)
    assert left is not None

    holder.send_signal(end)
    await asyncio.to_thread(holder.communicate)

    await eventually(lambda: find_running(data_dir) is None)
    await eventually(lambda: _is_silent(left))
    async with embedded(data_dir) as servers:
        assert await _as_worker(servers, "select 1") == 1


async def test_the_next_start_waits_for_the_servers_of_a_killed_holder(data_dir: Path) -> None:
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(data_dir)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert holder.stdout is not None
    await asyncio.to_thread(holder.stdout.readline)

    holder.kill()
    holder.communicate()

    async with embedded(data_dir) as servers:
        assert await _as_worker(servers, "select 1") == 1


@pytest.mark.skipif(sys.platform != "linux", reason="the guard's own death is noticed on Linux only")
async def test_a_killed_guard_takes_its_server_along(data_dir: Path) -> None:
    async with postgres(data_dir) as server:
        postmaster = int((data_dir / "postgres" / "postmaster.pid").read_text().split()[0])
        status = Path(f"/proc/{postmaster}/status").read_text()
        guard = int(next(line.split()[1] for line in status.splitlines() if line.startswith("PPid:")))
        os.kill(guard, signal.SIGKILL)
        await eventually(lambda: not Path(f"/proc/{postmaster}").exists())
        assert server.data_dir == data_dir


@pytest.mark.parametrize("name", ["PTM_DATABASE_URL", "PTM_KAFKA_BOOTSTRAP"])
async def test_servers_of_ones_own_and_those_of_the_settings_do_not_go_together(data_dir: Path, name: str) -> None:
    with pytest.raises(Misconfigured, match=f"{name} is set"):
        async with own_servers(load({name: "elsewhere:1", "PTM_DATA_DIR": str(data_dir)})):
            pass
    assert not data_dir.exists()


async def test_tansu_carries_a_message(tmp_path: Path) -> None:
    async with broker(tmp_path) as bootstrap:
        producer = AIOKafkaProducer(bootstrap_servers=bootstrap)
        await producer.start()
        await producer.send_and_wait("greetings", b"hello")
        await producer.stop()
        consumer = AIOKafkaConsumer("greetings", bootstrap_servers=bootstrap, auto_offset_reset="earliest")
        await consumer.start()
        message = await asyncio.wait_for(consumer.getone(), timeout=10)
        await consumer.stop()
    assert message.value == b"hello"


async def _as_worker(servers: Embedded, query: str) -> object:
    connection = await asyncpg.connect(servers.database_url)
    try:
        return await connection.fetchval(query)
    finally:
        await connection.close()


async def _is_silent(servers: Embedded) -> bool:
    try:
        connection = await asyncpg.connect(servers.database_url, timeout=1)
    except (OSError, asyncpg.PostgresError):
        return not await speaks_kafka(int(servers.bootstrap.rpartition(":")[2]))
    await connection.close()
    return False
