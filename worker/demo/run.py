"""Runs the demo to its end without a console: invoices are sent, everything settles, the books are asked."""

from __future__ import annotations

import asyncio
import signal
import sys
import time
from collections.abc import Awaitable, Callable, Mapping
from contextlib import nullcontext, suppress
from dataclasses import dataclass
from typing import Any

import orjson
from rich.console import Console
from rich.live import Live

from worker.demo.scene import Scene, staged, traffic
from worker.demo.summary import Counts, Summary, count, summarise, verdict
from worker.demo.view import View, show_summary, where_things_are

LOOK = 0.25
PATIENCE = 60.0
"""Seconds without any change after which what has not arrived is lost."""
PER_SECOND = 40.0
INVOICES = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    invoices: int = INVOICES
    seed: int = 1
    workers: int = 2
    companies: int = 3
    json: bool = False


async def run(options: Options) -> int:
    """The exit code: 0 nothing lost or doubled, 3 something waits for a person, 1 anything else."""
    started = time.monotonic()
    console = Console(stderr=True)
    stop = asyncio.Event()
    for name in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(name, stop.set)
    console.print(
        "Starting PostgreSQL, a broker, Procountor's and Trustmary's stand-ins and workers …", highlight=False
    )
    staging = staged(seed=options.seed, companies=options.companies, workers=options.workers)
    async with staging as scene:
        watch = Watch(scene, options, console, started)
        sending = asyncio.create_task(traffic(scene, invoices=options.invoices, per_second=PER_SECOND))
        try:
            await watch.until(stop, lambda: watch.done(sending))
            summary = await watch.summarise(broken_off=stop.is_set())
            tell(options, summary)
        finally:
            sending.cancel()
            with suppress(asyncio.CancelledError):
                await sending
        return summary.exit_code


class Watch:
    """Looks at log and books a few times a second, and shows what it sees."""

    def __init__(self, scene: Scene, options: Options, console: Console, started: float) -> None:
        self.scene, self.options, self.console, self.started = scene, options, console, started
        where = where_things_are(scene.sandbox, scene.settings)
        self.view = View(console, invoices=options.invoices, where=where)
        self.counts: Counts | None = None
        self.judged: Mapping[str, Any] = {}
        self.first_contact: float | None = None
        self.moved = (time.monotonic(), (0, 0))
        self.told = 0.0

    @property
    def elapsed(self) -> float:
        return time.monotonic() - self.started

    async def until(self, stop: asyncio.Event, done: Callable[[], Awaitable[bool]]) -> None:
        live = (
            Live(console=self.console, refresh_per_second=8, transient=True)
            if self.console.is_terminal
            else nullcontext()
        )
        with live as screen:
            while not stop.is_set():
                await self.look(screen)
                if await done():
                    return
                with suppress(TimeoutError):
                    await asyncio.wait_for(stop.wait(), timeout=LOOK)

    async def look(self, screen: Live | None) -> None:
        self.counts, self.judged = await count(self.scene), await verdict(self.scene)
        if self.first_contact is None and self.judged["delivered"]:
            self.first_contact = self.elapsed
        state = (self.counts.head, self.judged["delivered"])
        if state != self.moved[1]:
            self.moved = (time.monotonic(), state)
        if screen is not None:
            screen.update(self.view.draw(self.counts, self.judged, self.elapsed))
        elif self.elapsed - self.told >= 2:
            self.told = self.elapsed
            self.console.print(self.view.line(self.counts, self.judged, self.elapsed), highlight=False)

    async def done(self, sending: asyncio.Task[Any]) -> bool:
        """All sent, all seen, all settled; or nothing has moved for a long time."""
        if sending.done():
            sending.result()
        stuck = time.monotonic() - self.moved[0] > PATIENCE
        settled = self.counts is not None and self.counts.settled and not self.judged["lost"]
        waiting = self.counts is not None and self.counts.settled and self.counts.parked >= self.judged["lost"] > 0
        return stuck or (sending.done() and (settled or waiting))

    async def summarise(self, *, broken_off: bool) -> Summary:
        return await summarise(
            self.scene,
            invoices=self.options.invoices,
            first_contact=self.first_contact,
            elapsed=self.elapsed,
            broken_off=broken_off,
        )


def tell(options: Options, summary: Summary) -> None:
    if options.json:
        sys.stdout.write(orjson.dumps(summary.as_json()).decode() + "\n")
        sys.stdout.flush()
    else:
        show_summary(Console(), summary)
