"""`python -m sandbox`: the two services alone, ready when one JSON line has been printed."""

from __future__ import annotations

import ctypes
import os
import signal
import sys
import threading
import time
from typing import Annotated

import typer

from sandbox.server import run

_PR_SET_PDEATHSIG = 1
_LOOK_SECONDS = 0.5

Port = Annotated[int, typer.Option(help="0 takes a free port.", min=0, max=65_535)]


def main(  # noqa: PLR0913 - each is an option of the command
    *,
    procountor_port: Port = 0,
    trustmary_port: Port = 0,
    books_port: Port = 0,
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    seed: Annotated[int, typer.Option(help="The same seed gives the same companies, people and keys.")] = 1,
    companies: Annotated[int, typer.Option(min=1)] = 1,
    organizations: Annotated[int, typer.Option(min=1)] = 1,
    customers: Annotated[int, typer.Option(help="Customers per company.", min=1)] = 24,
    history: Annotated[int, typer.Option(help="Old invoices per company.", min=0)] = 0,
    auto: Annotated[float, typer.Option(help="Invoices per second over all companies, driven by themselves.")] = 0.0,
    faults: Annotated[str, typer.Option(help="For example trustmary.contacts=429:0.2,procountor=latency:50")] = "",
    exit_with_parent: Annotated[bool, typer.Option(help="End when the parent process does.")] = False,
) -> None:
    """Run a local Procountor and Trustmary."""
    if exit_with_parent:
        _end_with_parent(os.getppid())
    try:
        run(
            procountor_port=procountor_port,
            trustmary_port=trustmary_port,
            books_port=books_port,
            host=host,
            seed=seed,
            companies=companies,
            organizations=organizations,
            customers=customers,
            history=history,
            auto=auto,
            faults=faults,
        )
    except ValueError as error:
        raise typer.BadParameter(str(error)) from error


def _end_with_parent(parent: int) -> None:
    """The kernel tells on Linux; looking twice a second covers the rest, and a parent gone already."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
    threading.Thread(target=_watch, args=(parent,), daemon=True).start()


def _watch(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(_LOOK_SECONDS)
    os.kill(os.getpid(), signal.SIGTERM)


if __name__ == "__main__":
    typer.run(main)
