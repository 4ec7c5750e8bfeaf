"""`ptm tui`: the console, beside the commands."""

from __future__ import annotations

import asyncio
import sys
from typing import Annotated

import typer

from events.errors import Misconfigured
from worker.cli.running import configured


def tui(
    read_only: Annotated[bool, typer.Option("--read-only", help="Show everything, change nothing.")] = False,
) -> None:
    """The console: everything that the commands do, on screens that are live."""
    from tui.run import run  # noqa: PLC0415 - every other command starts faster without it

    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise Misconfigured("ptm tui needs a terminal; the other commands do the same without one (ptm --help).")
    asyncio.run(run(configured(), read_only=read_only))
