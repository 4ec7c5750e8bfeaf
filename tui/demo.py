"""Opens the console over everything the demo brings along, and takes it away again."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import replace
from shlex import quote

from rich.console import Console as Terminal

from tui.guided import GuidedConsole
from tui.run import desk_of, run_until_left, when_ended
from worker.demo.run import Options
from worker.demo.scene import Scene, staged, traffic
from worker.demo.tour import Tour
from worker.settings import CONFIG

PER_SECOND = 0.5
"""Invoices that are sent beside those of the tour: the screens live, and can be followed."""


async def run(options: Options, *, invoices: int | None) -> int:
    """The exit code. Beside the tour's so many *invoices* are sent; None: without end."""
    working = asyncio.current_task()
    assert working is not None, "inside a loop"
    when_ended(working.cancel)
    try:
        await opened(options, invoices)
    except asyncio.CancelledError:
        return 1
    return 0


async def opened(options: Options, invoices: int | None) -> None:
    terminal = Terminal(stderr=True, highlight=False)
    terminal.print("Starting PostgreSQL, a broker, Procountor's and Trustmary's stand-ins and workers …")
    async with staged(seed=options.seed, companies=options.companies, workers=options.workers) as scene:
        await watched(scene, invoices)
        terminal.print("Taking everything away again …")


def before_lines(scene: Scene) -> str:
    """Where another terminal finds the demo's servers."""
    return f"export {CONFIG}={quote(str(scene.settings))}; "


async def watched(scene: Scene, invoices: int | None) -> None:
    sending = asyncio.create_task(traffic(scene, invoices=invoices, per_second=PER_SECOND))
    tour = Tour(scene)
    try:
        desk = replace(desk_of(scene.context), tour=tour, before_lines=before_lines(scene))
        await run_until_left(GuidedConsole(desk, tour))
    finally:
        sending.cancel()
        with suppress(asyncio.CancelledError):
            await sending
