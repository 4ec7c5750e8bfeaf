"""`python -m tui.web.served NAME`: the console of one window, in which what NAME does is recorded as theirs."""

from __future__ import annotations

import asyncio
import sys
from dataclasses import replace

from tui.app import Console
from tui.commands import silence
from tui.run import KEYS, desk_of, look_after_memory
from worker import settings
from worker.opening import opened
from worker.operations.context import Context


async def run(person: str, *, read_only: bool) -> None:
    name = f"ptm console of {person}"
    async with opened(settings.load(), application=name, keys=KEYS, read_only=read_only) as context:
        look_after_memory()
        await Console(desk_of(acting(context, person), read_only=read_only)).run_async()


def acting(context: Context, person: str) -> Context:
    """Every event that an operation appends names *person*: the database's login is the same for all."""
    return replace(context, actor=person)


if __name__ == "__main__":
    silence()
    asyncio.run(run(sys.argv[1], read_only="--read-only" in sys.argv[2:]))
