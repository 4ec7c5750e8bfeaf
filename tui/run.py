"""Opens what the console works with, and runs it until it is left."""

from __future__ import annotations

import asyncio
import gc
import signal
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial

from tui import terminal
from tui.app import Console
from tui.desk import Desk
from worker.opening import opened
from worker.operations.context import Context
from worker.settings import Settings

ENDING = (signal.SIGTERM, signal.SIGHUP)
GARBAGE = (10_000, 5, 4)
GRACE = 1.5
"""Seconds for taking leave."""
KEYS = 2000
"""Of subjects that are kept: a screen shows fewer at once, and a log that is followed is of ever new ones."""


async def run(settings: Settings, *, read_only: bool = False) -> None:
    """Raises `Misconfigured` or `Unavailable` before anything is drawn where nothing can be shown."""
    async with opened(settings, application="ptm console", keys=KEYS, read_only=read_only) as context:
        await run_until_left(Console(desk_of(context, read_only=read_only)), grace=GRACE)


async def run_until_left(app: Console, *, grace: float | None = None) -> None:
    look_after_memory()
    when_ended(app.exit, grace=grace)
    terminal.hang_up_with_it()
    await app.run_async()


def look_after_memory() -> None:
    """What is loaded is not looked through again: a closed screen, which is a heap of cycles, can be found often."""
    gc.freeze()
    gc.set_threshold(*GARBAGE)
    gc.enable()


def when_ended(leave: Callable[[], object], *, grace: float | None = None) -> None:
    """*leave* is what a closed terminal, or somebody who ends the process, does from now on.

    After *grace* seconds the process ends, whatever holds it; None: it may take its time.
    """
    loop, before = asyncio.get_running_loop(), terminal.known()

    for name in ENDING:
        loop.add_signal_handler(name, leave)
        if grace is not None:
            # In place of the loop's, which still wakes it: this one is heard while the loop stands still.
            signal.signal(name, partial(terminal.leave_at_last, grace, before))


def desk_of(context: Context, *, read_only: bool = False) -> Desk:
    now = partial(datetime.now, UTC)
    return Desk(context=context, say=context.settings.words, now=now, read_only=read_only or context.looks_only)
