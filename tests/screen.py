"""A console in a terminal of its own, with an emulator that knows what stands where."""

from __future__ import annotations

import asyncio
import base64
import fcntl
import os
import pty
import re
import struct
import sys
import termios
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field

import pyte

from eventually import eventually
from terminal import environment

ENTER, ESCAPE, F2, F3 = "\r", "\x1b", "\x1bOQ", "\x1bOR"
DOWN, RIGHT, HOME, END = "\x1b[B", "\x1b[C", "\x1b[H", "\x1b[F"
CTRL_Q, CTRL_S, CTRL_U = "\x11", "\x13", "\x15"
NARROW, WIDE = (80, 24), (150, 40)
COPIED = re.compile(rb"\x1b\]52;c;([A-Za-z0-9+/=]+)")


@dataclass(slots=True)
class Screen:
    """What the command shows, cell by cell, and what is pressed."""

    process: asyncio.subprocess.Process
    master: int
    emulator: pyte.Screen
    stream: pyte.ByteStream = field(init=False)
    raw: bytes = b""

    def __post_init__(self) -> None:
        self.stream = pyte.ByteStream(self.emulator)

    @property
    def text(self) -> str:
        return "\n".join(line.rstrip() for line in self.emulator.display)

    async def sees(self, *texts: str, within: float = 60) -> str:
        """Waits until all of *texts* are on the screen."""
        return await self._until(lambda: all(text in self.text for text in texts), f"{texts} not there", within)

    async def misses(self, *texts: str, within: float = 60) -> str:
        """Waits until none of *texts* is on the screen."""
        return await self._until(lambda: not any(text in self.text for text in texts), f"{texts} still there", within)

    async def _until(self, so: Callable[[], bool], otherwise: str, within: float) -> str:
        try:
            await eventually(so, within=within)
        except AssertionError as error:
            raise AssertionError(f"{otherwise}:\n{self.text}") from error
        return self.text

    def press(self, *keys: str) -> None:
        for key in keys:
            os.write(self.master, key.encode())

    def row(self, text: str) -> list[str]:
        """The cells of the first line that has *text*, as far as two spaces part them."""
        line = next((line for line in self.text.splitlines() if text in line), "")
        return [cell.strip() for cell in line.split("  ") if cell.strip()]

    @property
    def copied(self) -> str:
        """What was put on the clipboard last, by the sequence that works over ssh too."""
        return base64.b64decode(COPIED.findall(self.raw)[-1]).decode()

    def collect(self) -> None:
        with suppress(OSError):
            chunk = os.read(self.master, 65536)
            self.raw += chunk
            self.stream.feed(chunk)

    async def ends(self, *, within: float = 60) -> int:
        return await asyncio.wait_for(self.process.wait(), within)

    @property
    def modes(self) -> tuple[int, int]:
        """Echo and line-wise reading of the terminal, as the command left them."""
        local = termios.tcgetattr(self.master)[3]
        return local & termios.ECHO, local & termios.ICANON


@asynccontextmanager
async def screen(settings: Mapping[str, str], *arguments: str, size: tuple[int, int] = NARROW) -> AsyncIterator[Screen]:
    master, slave = pty.openpty()
    columns, lines = size
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))
    ours = {name: value for name, value in environment(settings).items() if name != "COLUMNS"}
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tui", *arguments),
        stdin=slave,
        stdout=slave,
        stderr=slave,
        env={**ours, "TERM": "xterm-256color", "COLORTERM": "truecolor", "LC_ALL": "C.UTF-8"},
        start_new_session=True,
    )
    made = Screen(process, master, pyte.Screen(columns, lines))
    loop = asyncio.get_running_loop()
    loop.add_reader(master, made.collect)
    try:
        yield made
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
        loop.remove_reader(master)
        os.close(slave)
        os.close(master)
