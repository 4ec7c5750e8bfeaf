"""One container's entry point: the worker with its servers, and the console; they come and go together."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import aiohttp
import pytest
import pytest_asyncio

from eventually import eventually
from stage import ROOT, inherited
from worker.adapters import guard
from worker.adapters.child import free_port, last_words
from worker.adapters.embedded import find_running
from worker.adapters.sealing import make_master

pytestmark = pytest.mark.acceptance

TOKEN = "maija-0123456789-abcdef"


@dataclass(frozen=True, slots=True, kw_only=True)
class Container:
    guard: Process
    environment: dict[str, str]
    log: Path

    @property
    def data(self) -> Path:
        return Path(self.environment["PTM_DATA_DIR"])

    @property
    def url(self) -> str:
        return self.environment["PTM_WEB_URL"]

    def pids(self, *command: str) -> list[int]:
        """The processes of this container that run it."""
        return [pid for pid in running(self.data) if line(pid)[-len(command) :] == list(command)]

    async def lets_in(self) -> bool:
        try:
            async with browser() as session, session.get(self.url, params={"token": TOKEN}) as answer:
                return answer.status == 200
        except aiohttp.ClientError:
            return False

    async def exit_code(self) -> int:
        async with asyncio.timeout(90):
            return await self.guard.wait()

    def gone(self) -> bool:
        return find_running(self.data) is None and not running(self.data)


def browser() -> aiohttp.ClientSession:
    return aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True))


def line(pid: int) -> list[str]:
    try:
        return Path(f"/proc/{pid}/cmdline").read_text(encoding="utf-8").rstrip("\0").split("\0")
    except OSError:
        return []


def running(data: Path) -> list[int]:
    """Whose environment names that data directory."""
    mark = f"PTM_DATA_DIR={data}\0".encode()
    found = []
    for each in Path("/proc").glob("[0-9]*/environ"):
        try:
            found += [int(each.parent.name)] if mark in each.read_bytes() else []
        except OSError:
            continue
    return found


@pytest_asyncio.fixture
async def container(tmp_path: Path) -> AsyncIterator[Container]:
    secrets = {"master_key": make_master(), "procountor_client_secret": "s", "web_tokens": f"maija:{TOKEN}"}
    for name, value in secrets.items():
        (tmp_path / name).write_text(f"{value}\n", encoding="utf-8")
    web = free_port()
    environment = {f"PTM_{name.upper()}_FILE": str(tmp_path / name) for name in secrets} | {
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
        "PTM_DATA_DIR": str(tmp_path / "data"),
        "PTM_PROCOUNTOR_CLIENT_ID": "ours",
        "PTM_HEALTH_PORT": str(free_port()),
        "PTM_CALLBACK_PORT": "0",
        "PTM_WEB_URL": f"http://127.0.0.1:{web}",
    }
    log = tmp_path / "log"
    with log.open("ab") as file:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-I", "-S", guard.__file__, str(int(signal.SIGTERM)), "60"),
            str(ROOT / "deploy" / "one" / "ptm-one"),
            stdin=PIPE,
            stdout=DEVNULL,
            stderr=file,
            env=inherited() | environment,
            start_new_session=True,
        )
    assert process.stdin is not None, "piped"
    try:
        yield Container(guard=process, environment=environment, log=log)
    finally:
        process.stdin.close()
        await process.wait()


async def up(container: Container) -> None:
    try:
        await eventually(container.lets_in)
    except AssertionError as error:
        raise AssertionError(last_words(container.log)) from error


async def test_both_come_up_and_a_signal_ends_both_while_somebody_looks(container: Container) -> None:
    await up(container)
    assert find_running(container.data) is not None
    [script] = container.pids("/bin/bash", str(ROOT / "deploy" / "one" / "ptm-one"))
    async with browser() as session, session.get(container.url, params={"token": TOKEN}):
        socket = f"{container.url.replace('http', 'ws')}/console?width=100&height=30"
        async with session.ws_connect(socket, origin=container.url) as window:
            while (await window.receive(timeout=30)).type is not aiohttp.WSMsgType.BINARY:
                pass
            os.kill(script, signal.SIGTERM)
            while not window.closed:
                await window.receive(timeout=30)
            assert window.close_code == aiohttp.WSCloseCode.GOING_AWAY, "told, not left until it is missed"
    assert await container.exit_code() == 0
    assert "worker stopped" in container.log.read_text(encoding="utf-8")
    await eventually(container.gone)


@pytest.mark.parametrize("command", [("tui", "--web"), ("worker", "--embedded")])
async def test_when_one_is_killed_the_other_goes_too(container: Container, command: tuple[str, ...]) -> None:
    await up(container)
    [pid] = container.pids(*command)
    os.kill(pid, signal.SIGKILL)
    assert await container.exit_code() == 128 + signal.SIGKILL
    await eventually(container.gone)


async def test_a_worker_that_does_not_start_ends_it_at_once(container: Container) -> None:
    Path(container.environment["PTM_MASTER_KEY_FILE"]).unlink()
    assert await container.exit_code() == 2
    assert "PTM_MASTER_KEY_FILE" in container.log.read_text(encoding="utf-8")
