"""The demo as a newcomer meets it: to the end by itself, or with the console and its tour."""

from __future__ import annotations

import os
import signal
import subprocess
import tempfile
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from eventually import eventually
from screen import F2, F3, screen
from terminal import command, ptm
from worker.demo.leftover import locked, sweep
from worker.demo.scene import PREFIX, staged
from worker.demo.tour import Tour

pytestmark = pytest.mark.acceptance


def directories(process: int) -> list[Path]:
    return list(Path(tempfile.gettempdir()).glob(f"{PREFIX}{process}-*"))


def children(process: int) -> Iterator[int]:
    """Of *process*, and theirs."""
    for each in Path("/proc", str(process), "task").glob("*/children"):
        for child in each.read_text(encoding="ascii").split():
            yield int(child)
            yield from children(int(child))


async def test_to_the_end_nothing_is_lost_and_nothing_doubled() -> None:
    ended = await ptm({}, "demo", "--invoices", "20", "--json", within=90)
    assert ended.code == 0, ended.err
    assert (ended.json["lost"], ended.json["duplicated"], ended.json["unexpected"]) == (0, 0, 0)
    assert ended.json["delivered"] == ended.json["expected"] > 10
    contract = "invoices status_changes expected delivered duplicated lost waiting skipped latency_ms elapsed_s"
    assert ended.json.keys() >= {*contract.split()}
    assert ended.json["latency_ms"].keys() == {"p50", "p95", "p99"}


async def test_what_is_on_its_way_when_it_is_broken_off_is_not_lost() -> None:
    async with screen({}, "demo", "--headless", "--invoices", "5000", size=(120, 40)) as at:
        await at.sees("/5000", "to be added")
        at.process.send_signal(signal.SIGINT)
        told = await at.sees("broken off", "still on their way")
        assert "0 · 0 · 0" in told
        assert await at.ends() == 1


async def test_the_tour_moves_on_when_its_step_has_happened() -> None:
    async with screen({}, "demo", "--invoices", "3", size=(100, 30)) as at:
        await at.sees("Tour 1 of 6 · Send an invoice", "● active")
        [directory] = directories(at.process.pid)
        started = set(children(at.process.pid))
        at.press(F2)
        await at.sees("Tour 2 of 6 · Watch it travel", "sent  →  ")
        await at.sees("✔ to be added  →  ✔ added", "Tour 3 of 6 · Break the mapping")
        at.press(F2)
        await at.sees("Tour 4 of 6 · Send another invoice")
        at.press(F2)
        await at.sees("✖ The e-mail address is not valid.", "Tour 5 of 6 · Repair the mapping")
        at.press(F2)
        await at.sees("Tour 6 of 6 · Replay what was missed")
        await replay({"PTM_CONFIG": str(directory / "ptm.toml")}, skipped="invalid_email")
        await at.sees("That was the tour", "✔ added", "1, then a: connect a company, as")
        await lands(directory / "ptm.toml")

        at.press(F3)
        await at.misses("That was the tour")
        at.press("q")
        assert await at.ends() == 0
        assert not directories(at.process.pid)
        assert len(started) > 8
        assert not [each for each in started if Path("/proc", str(each)).exists()]


async def test_a_step_that_is_taken_before_the_tour_has_looked_is_taken() -> None:
    async with staged(seed=1, companies=1, workers=0) as scene:
        tour = Tour(scene)
        await tour.take()
        assert tour.track is not None


async def lands(settings: Path) -> None:
    """Where Procountor's login page sends a browser, somebody is at home."""
    address = tomllib.loads(settings.read_text(encoding="utf-8"))["public_url"]
    async with aiohttp.ClientSession() as http, http.get(f"{address}/callback") as answer:
        assert answer.status == 400


async def replay(settings: dict[str, str], *, skipped: str) -> None:
    """As the console's replay screen does it, by command."""
    [company, *_] = (await command(settings, "integration", "list", "--json")).json
    planned: dict[str, Any] = (
        await command(settings, "replay", "plan", company["id"], "--skipped", skipped, "--json")
    ).json
    count = planned["costs"]["survey"]["contacts"]
    said = ("--name", "tour", "--reason", "the mapping was broken", "--reach", "survey", "--yes", str(count))
    applied = await command(settings, "replay", "apply", planned["replay"]["id"], *said)
    assert applied.code == 0, applied.err


async def test_a_demo_whose_sandbox_has_gone_says_so_and_takes_the_rest_away() -> None:
    async with screen({}, "demo", size=(100, 30)) as at:
        await at.sees("Tour 1 of 6", "● active")
        [sandbox] = [each for each in children(at.process.pid) if b"\0sandbox\0" in run_as(each) and leads(each)]
        os.kill(sandbox, signal.SIGKILL)
        await eventually(lambda: not Path("/proc", str(sandbox)).exists())
        at.press("q")
        told = await at.sees("the sandbox does not answer")
        assert "Traceback" not in told
        assert await at.ends() == 1
        assert not directories(at.process.pid)


def run_as(process: int) -> bytes:
    return Path("/proc", str(process), "cmdline").read_bytes()


def leads(process: int) -> bool:
    """Itself, not the guard before it."""
    return b"guard.py" not in run_as(process)


def test_only_what_nobody_holds_is_swept_away(tmp_path: Path) -> None:
    gone = subprocess.Popen(["true"])
    gone.wait()
    held, left = (tmp_path / f"{PREFIX}{gone.pid}-{name}" for name in ("held", "left"))
    held.mkdir()
    left.mkdir()
    with locked(held):
        sweep(tmp_path, PREFIX)
        assert (held.exists(), left.exists()) == (True, False)
    sweep(tmp_path, PREFIX)
    assert not held.exists()


async def test_a_demo_that_is_killed_without_a_word_leaves_nothing() -> None:
    async with screen({}, "demo", "--headless", "--invoices", "5000", size=(120, 40)) as at:
        await at.sees("/5000")
        [directory] = directories(at.process.pid)
        started = set(children(at.process.pid))
        at.process.kill()
        await at.ends()
        await eventually(lambda: not [each for each in started if Path("/proc", str(each)).exists()])
        assert not directory.exists()


async def test_ctrl_c_while_postgresql_makes_its_files_is_no_failure_of_theirs() -> None:
    async with screen({}, "demo", "--headless", "--invoices", "5000", size=(120, 40)) as at:
        [directory] = await eventually(lambda: directories(at.process.pid))
        await eventually(lambda: list((directory / "data" / "postgres.new").glob("*")))
        os.killpg(at.process.pid, signal.SIGINT)
        told = await at.sees("broken off")
        assert "could not make its files" not in told
        assert await at.ends() == 1
        assert not directory.exists()


async def test_a_demo_that_is_killed_before_it_begins_leaves_nothing() -> None:
    async with screen({}, "demo") as at:
        await at.sees("Starting PostgreSQL")
        [directory] = await eventually(lambda: directories(at.process.pid))
        at.process.terminate()
        assert await at.ends() == 1
        assert not directory.exists()
