"""From a typer command to an operation: settings, logs, a context, and an event loop."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

from worker import logs, runtime, settings
from worker.opening import opened
from worker.operations.context import Context
from worker.settings import Settings

T = TypeVar("T")


def configured() -> Settings:
    """The settings, with logs set up as they say; a command's own libraries speak from warnings upwards."""
    read = settings.load()
    logs.configure(level="warning" if read.log_level == "info" else read.log_level, form=read.log_format)
    return read


def with_context(work: Callable[[Context], Coroutine[Any, Any, T]]) -> T:
    """Runs *work* over an opened context; everything is closed when it ends.

    On asyncio's own loop: under uvloop, what a person types while the browser is waited for is not read.
    """
    read = configured()
    gc.set_threshold(*runtime.GARBAGE)

    async def run() -> T:
        async with opened(read) as context:
            return await work(context)

    return asyncio.run(run())
