"""`ptm tui` and `ptm demo`: the console, beside the commands."""

from __future__ import annotations

import asyncio
import sys
from typing import Annotated

import typer

from events.errors import Misconfigured
from worker import logs, settings
from worker.cli.output import Json


def tui(
    read_only: Annotated[bool, typer.Option("--read-only", help="Show everything, change nothing.")] = False,
) -> None:
    """The console: everything that the commands do, on screens that are live."""
    from tui.run import run  # noqa: PLC0415 - every other command starts faster without it

    if not in_terminal():
        raise Misconfigured("ptm tui needs a terminal; the other commands do the same without one (ptm --help).")
    logs.silence()
    asyncio.run(run(settings.load(), read_only=read_only))


def demo(
    *,
    headless: Annotated[bool, typer.Option("--headless", help="Run to the end, print a summary, exit.")] = False,
    invoices: Annotated[int, typer.Option(min=1, help="Invoices that are sent.")] = 200,
    seed: Annotated[int, typer.Option(help="The same seed gives the same companies and people.")] = 1,
    workers: Annotated[int, typer.Option(min=1, help="Worker processes.")] = 2,
    json: Json = False,
) -> None:
    """Everything on this machine: servers, sandbox, workers; the console over them, with a guided tour."""
    from tui import demo as shown  # noqa: PLC0415 - as above
    from worker import runtime  # noqa: PLC0415 - as above
    from worker.demo import run as played  # noqa: PLC0415 - as above

    options = played.Options(invoices=invoices, seed=seed, workers=workers, json=json)
    if headless or json or not in_terminal():
        logs.configure(level="warning")
        raise typer.Exit(runtime.run(played.run(options)))
    logs.silence()
    raise typer.Exit(asyncio.run(shown.run(options)))


def in_terminal() -> bool:
    return sys.stdin.isatty() and sys.stdout.isatty()
