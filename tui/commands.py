"""`ptm tui` and `ptm demo`: the console, beside the commands."""

from __future__ import annotations

import asyncio
import logging
import sys
from typing import Annotated

import typer

from events.errors import Misconfigured
from worker import settings
from worker.cli.ending import Commands

Json = Annotated[bool, typer.Option("--json", help="One JSON value on standard output.")]


def tui(
    *,
    read_only: Annotated[bool, typer.Option("--read-only", help="Show everything, change nothing.")] = False,
    web: Annotated[bool, typer.Option("--web", help="In a browser, for whoever has a token (PTM_WEB_TOKENS).")] = False,
) -> None:
    """The console: everything that the commands do, on screens that are live."""
    from tui.run import look_after_memory, run  # noqa: PLC0415 - every other command starts faster without it

    if web:
        from tui.web.run import run as serve  # noqa: PLC0415 - as above

        look_after_memory()
        silence()
        asyncio.run(serve(settings.load(), read_only=read_only))
        return
    if not in_terminal():
        raise Misconfigured("ptm tui needs a terminal; the other commands do the same without one (ptm --help).")
    silence()
    asyncio.run(run(settings.load(), read_only=read_only))


def demo(
    *,
    headless: Annotated[bool, typer.Option("--headless", help="Run to the end, print a summary, exit.")] = False,
    invoices: Annotated[
        int | None, typer.Option(min=1, help="Invoices that are sent: 200, and in a terminal without end.")
    ] = None,
    seed: Annotated[int, typer.Option(help="The same seed gives the same companies and people.")] = 1,
    workers: Annotated[int, typer.Option(min=1, help="Worker processes.")] = 2,
    json: Json = False,
) -> None:
    """Everything on this machine: servers, sandbox, workers; the console over them, with a guided tour."""
    from tui import demo as shown  # noqa: PLC0415 - as above
    from worker import logs, runtime  # noqa: PLC0415 - as above
    from worker.demo import run as played  # noqa: PLC0415 - as above

    options = played.Options(invoices=invoices or played.INVOICES, seed=seed, workers=workers, json=json)
    if headless or json or not in_terminal():
        logs.configure(level="warning")
        raise typer.Exit(runtime.run(played.run(options)))
    silence()
    raise typer.Exit(asyncio.run(shown.run(options, invoices=invoices)))


def console() -> None:
    """`ptm tui`, and no other command."""
    alone = typer.Typer(cls=Commands, add_completion=False, pretty_exceptions_enable=False, rich_markup_mode=None)
    alone.callback()(lambda: None)
    alone.command()(tui)
    alone(prog_name="ptm")


def silence() -> None:
    """Whatever would be logged would stand in the middle of the picture; what went wrong is said there."""
    logging.getLogger().handlers = [logging.NullHandler()]


def in_terminal() -> bool:
    """Pictures are drawn on standard error."""
    return sys.stdin.isatty() and sys.stdout.isatty() and sys.stderr.isatty()
