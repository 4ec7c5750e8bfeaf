"""`ptm` as its users run it: a process, in a pipe or in a terminal."""

from __future__ import annotations

import asyncio
import json
import os
import pty
import re
import sys
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

from typer.testing import CliRunner

from tui.whole import app

COLOURS = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")


def environment(settings: Mapping[str, str]) -> dict[str, str]:
    ours = {name: value for name, value in os.environ.items() if not name.startswith("PTM_")}
    return {
        **ours,
        **settings,
        "COLUMNS": "160",
        "SSH_CONNECTION": "a test opens no browser",
        "PYTHONWARNINGS": "default",
    }


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)

    @property
    def lines(self) -> list[Any]:
        return [json.loads(line) for line in self.out.splitlines()]


async def command(settings: Mapping[str, str], *arguments: str, stdin: str = "") -> Ended:
    """Runs a command without a terminal, in this process, which saves a second."""
    runner = CliRunner()
    every = {name: None for name in os.environ if name.startswith("PTM_")} | dict(settings) | {"COLUMNS": "160"}
    done = await asyncio.to_thread(runner.invoke, app, arguments, env=every, input=stdin)
    if done.exception is not None and not isinstance(done.exception, SystemExit):
        raise done.exception
    return Ended(code=done.exit_code, out=done.stdout, err=done.stderr)


async def ptm(settings: Mapping[str, str], *arguments: str, stdin: str = "", within: float = 60) -> Ended:
    """Runs a command without a terminal, in a process of its own, to its end."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tui", *arguments),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env=environment(settings),
    )
    try:
        out, err = await asyncio.wait_for(process.communicate(stdin.encode()), within)
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    return Ended(code=process.returncode or 0, out=out.decode(), err=err.decode())


@dataclass(slots=True)
class Terminal:
    """A command in a terminal of its own: what it shows, and what is typed."""

    process: asyncio.subprocess.Process
    master: int
    shown: str = ""
    read: int = 0
    more: asyncio.Event = field(default_factory=asyncio.Event)

    async def sees(self, text: str, *, within: float = 60) -> str:
        """Waits until *text* is shown beyond what was seen before; answers everything up to it."""
        until = time.monotonic() + within
        while (found := self.shown.find(text, self.read)) < 0:
            self.more.clear()
            try:
                await asyncio.wait_for(self.more.wait(), until - time.monotonic())
            except TimeoutError:
                raise AssertionError(f"{text!r} is not shown; shown was:\n{self.shown[self.read :]}") from None
        seen = self.shown[self.read : found + len(text)]
        self.read = found + len(text)
        return seen

    def types(self, text: str = "") -> None:
        os.write(self.master, f"{text}\n".encode())

    def collect(self) -> None:
        with suppress(OSError):
            chunk = os.read(self.master, 65536).decode(errors="replace")
            self.shown += COLOURS.sub("", chunk).replace("\r\n", "\n")
        self.more.set()

    async def ends(self, *, within: float = 60) -> int:
        return await asyncio.wait_for(self.process.wait(), within)


@asynccontextmanager
async def terminal(settings: Mapping[str, str], *arguments: str) -> AsyncIterator[Terminal]:
    master, slave = pty.openpty()
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tui", *arguments),
        stdin=slave,
        stdout=slave,
        stderr=slave,
        env={**environment(settings), "TERM": "xterm"},
        start_new_session=True,
    )
    os.close(slave)
    made = Terminal(process, master)
    loop = asyncio.get_running_loop()
    loop.add_reader(master, made.collect)
    try:
        yield made
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
        loop.remove_reader(master)
        os.close(master)
