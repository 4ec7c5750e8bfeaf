"""The console over ten thousand integrations and a million events, through a real terminal."""

from __future__ import annotations

import asyncio
import base64
import math
import random
import statistics
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import asyncpg

from benchmarks import screens
from benchmarks.crowd import fill
from benchmarks.ground import MASTER, Ground
from benchmarks.tail import PER_SECOND
from benchmarks.typing import Console, Took, console
from worker.settings import foreign_environment

STARTS = 7
KEYS = ("j",) * 60 + ("\x06",) * 15 + ("k",) * 15
"""Down, a page down, up: each is seen by the row that the cursor is on."""
WORDS = ("kahvi", "laine", "niemi", "virta")
"""Written into the filter one after the other."""
CTRL_U = "\x15"
IDLE = 30
"""Seconds."""
TAIL, LONG_TAIL = 40, 240


async def run(here: Ground) -> dict[str, Any]:
    await fill(here)
    settings = {
        "PTM_DATABASE_URL": here.database_url,
        "PTM_MASTER_KEY": base64.b64encode(MASTER.key).decode(),
        "PTM_PROCOUNTOR_URL": "http://127.0.0.1:9",
        "PTM_TRUSTMARY_URL": "http://127.0.0.1:9",
    }
    starts = [await asyncio.to_thread(started, settings) for _ in range(STARTS)]
    quiet = await asyncio.to_thread(typed, settings, with_tail=False)
    busy = await asyncio.to_thread(typed, settings, with_tail=True)
    return {
        "start_s": {name: summed([one[name] for one in starts]) for name in starts[0]},
        "key_to_paint_ms": {"quiet": quiet["keys"], f"{PER_SECOND} events/s": busy["keys"]},
        "filter_to_paint_ms": {"quiet": quiet["filter"], f"{PER_SECOND} events/s": busy["filter"]},
        "cpu_of_a_core": {"quiet": quiet["cpu"], f"{PER_SECOND} events/s": busy["cpu"]},
        "peak_mib": busy["peak_mib"],
        "other_screens": await asyncio.to_thread(others, settings),
        "queries_per_second_idle": await idle(here, settings),
    }


def summed(seconds: list[float]) -> dict[str, float]:
    return {"median": round(statistics.median(seconds), 2), "highest": round(max(seconds), 2)}


def started(settings: dict[str, str]) -> dict[str, float]:
    """Seconds from the start of the process to its first frame, and to the companies on it."""
    with console(settings) as at:
        first = at.until(lambda: any(at.lines)).since(at.started)
        rows = at.until(lambda: any(" Oy " in line for line in at.lines)).since(at.started)
        return {
            "first frame": first.ms / 1000,
            "first frame, but for waiting for a core": first.alone_ms / 1000,
            "rows": rows.ms / 1000,
            "rows, of a core's time": at.cpu_seconds,
        }


def typed(settings: dict[str, str], *, with_tail: bool) -> dict[str, Any]:
    with console(settings) as at:
        at.until(lambda: " Oy " in at.highlighted)
        at.rest(3)
        with tail(settings) if with_tail else still():
            at.rest(2)
            keys = list(moves(at))
            narrowed = list(narrows(at))
            at.rest(1)
            before = at.cpu_seconds
            at.rest(5)
            watched = (at.cpu_seconds - before) / 5
        return {
            "keys": percentiles(keys),
            "filter": percentiles(narrowed),
            "cpu": round(watched, 2),
            "peak_mib": at.peak_mib,
        }


def others(settings: dict[str, str]) -> dict[str, Any]:
    with console(settings) as at:
        at.until(lambda: " Oy " in at.highlighted)
        at.rest(3)
        with tail(settings, seconds=LONG_TAIL):
            return {
                "Events, keys": percentiles(list(screens.typed_in_events(at))),
                "mib": screens.remembered(at),
                "peak_mib": at.peak_mib,
            }


def moves(at: Console) -> Iterator[Took]:
    """From each key to the other row that is highlighted."""
    pace = random.Random(1)
    for key in KEYS:
        at.rest(pace.uniform(0.05, 0.2))
        before = name_of(at)
        pressed = at.press(key)
        yield at.until(lambda seen=before: name_of(at) not in (seen, "")).since(pressed)  # type: ignore[misc]


def name_of(at: Console) -> str:
    return at.highlighted[:28].strip()


def narrows(at: Console) -> Iterator[Took]:
    """From each letter of a filter to the letter in its line."""
    at.press("/")
    at.rest(0.5)
    for written in (word[:end] for word in WORDS for end in range(1, len(word) + 1)):
        if len(written) == 1:
            at.press(CTRL_U)
        at.rest(0.2)
        pressed = at.press(written[-1])
        yield at.until(lambda text=written: at.lines[-2].strip() == text).since(pressed)  # type: ignore[misc]
    at.press("\x1b")


@contextmanager
def still() -> Iterator[None]:
    yield


@contextmanager
def tail(settings: dict[str, str], *, seconds: int = TAIL) -> Iterator[None]:
    process = subprocess.Popen(
        [sys.executable, "-m", "benchmarks.tail", str(seconds)],
        env={**foreign_environment(), **settings},
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None, "piped"
    assert process.stdout.readline() == "ready\n"
    try:
        yield
    finally:
        process.terminate()
        process.wait()
        process.stdout.close()


def percentiles(took: list[Took]) -> dict[str, float]:
    every, alone = sorted(one.ms for one in took), sorted(one.alone_ms for one in took)
    place = math.ceil(0.95 * len(took)) - 1
    return {
        "p50": round(statistics.median(every), 1),
        "p95": round(every[place], 1),
        "highest": round(every[-1], 1),
        "p95_alone": round(alone[place], 1),
    }


async def idle(here: Ground, settings: dict[str, str]) -> float:
    """Statements a second of a console while nothing happens, by the server's own log."""
    admin = await asyncpg.connect(here.admin_url)
    for each in ("log_statement = 'all'", "log_line_prefix = '%a|'"):
        await admin.execute(f"alter system set {each}")
    await admin.execute("select pg_reload_conf()")
    await admin.close()
    with console(settings) as at:
        await asyncio.to_thread(at.until, lambda: " Oy " in at.highlighted)
        await asyncio.to_thread(at.rest, 5.0)
        before = asked(here)
        await asyncio.to_thread(at.rest, float(IDLE))
        return round((asked(here) - before) / IDLE, 2)


def asked(here: Ground) -> int:
    lines = here.server_log.read_text(encoding="utf-8", errors="replace").splitlines()
    return sum(line.startswith(("ptm console|LOG:", "ptm bell|LOG:")) for line in lines)
