"""A console in a terminal, by the clock: when something stands on the screen, and what the process takes."""

from __future__ import annotations

import fcntl
import os
import pty
import struct
import subprocess
import sys
import termios
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from queue import Empty, SimpleQueue
from threading import Thread

import pyte

COLUMNS, LINES = 120, 40
HEAD, FOOT = 2, 2
"""Lines above and below the rows of a table."""


@dataclass(frozen=True, slots=True)
class Moment:
    at: float
    waited: float
    """Seconds that the process had waited for a core by then: others use the machine too."""

    def since(self, before: Moment) -> Took:
        """How long that is, in milliseconds."""
        took, waited = self.at - before.at, self.waited - before.waited
        return Took(ms=1000 * took, alone_ms=1000 * max(0.0, took - waited))


@dataclass(frozen=True, slots=True, kw_only=True)
class Took:
    ms: float
    alone_ms: float
    """Without the time in which it waited for a core."""


class Console:
    """`ptm tui` in a pseudo-terminal of 120 by 40. Times are those at which what was shown was read."""

    def __init__(self, process: subprocess.Popen[bytes], master: int) -> None:
        self.process, self.started = process, Moment(time.perf_counter(), 0.0)
        self._master = master
        self._screen = pyte.Screen(COLUMNS, LINES)
        self._stream = pyte.ByteStream(self._screen)
        self._shown: SimpleQueue[tuple[Moment, bytes]] = SimpleQueue()
        self.reading = Thread(target=self._take, daemon=True)
        self.reading.start()

    @property
    def lines(self) -> list[str]:
        return [line.rstrip() for line in self._screen.display]

    @property
    def cursor(self) -> int:
        """The line that the cursor is on: the one of another colour; 0 where there is none."""
        rows = range(HEAD, LINES - FOOT)
        colours = [self._screen.buffer[row][4].bg for row in rows]
        [(usual, _)] = Counter(colours).most_common(1)
        return next((row for row, colour in zip(rows, colours, strict=True) if colour != usual), 0)

    @property
    def highlighted(self) -> str:
        row = self.cursor
        return self.lines[row] if row else ""

    def press(self, key: str) -> Moment:
        at = self._now()
        os.write(self._master, key.encode())
        return at

    def until(self, so: Callable[[], bool], *, within: float = 30) -> Moment:
        """When it was so; asked after each piece that was shown."""
        end = time.perf_counter() + within
        while time.perf_counter() < end:
            if (at := self._read(end - time.perf_counter())) and so():
                return at
        raise TimeoutError("\n".join(self.lines))

    def rest(self, seconds: float) -> None:
        """Goes on reading, as a terminal does."""
        end = time.perf_counter() + seconds
        while (left := end - time.perf_counter()) > 0:
            self._read(left)

    def _read(self, within: float) -> Moment | None:
        try:
            at, chunk = self._shown.get(timeout=max(0.0, within))
        except Empty:
            return None
        self._stream.feed(chunk)
        return at

    def _take(self) -> None:
        """A terminal reads faster than the emulator: what is shown must not wait for that."""
        with suppress(OSError):
            while chunk := os.read(self._master, 1 << 16):
                self._shown.put((self._now(), chunk))

    def _now(self) -> Moment:
        """Of all its threads: the one that reads keys and the one that writes take turns with the one that thinks."""
        waited = 0
        for task in Path("/proc", str(self.process.pid), "task").glob("*/schedstat"):
            with suppress(OSError):
                waited += int(task.read_text(encoding="ascii").split()[1])
        return Moment(time.perf_counter(), waited / 1e9)

    @property
    def peak_mib(self) -> int:
        return self._memory("VmHWM")

    @property
    def mib(self) -> int:
        return self._memory("VmRSS")

    def _memory(self, which: str) -> int:
        [line] = [one for one in self._status.splitlines() if one.startswith(which)]
        return int(line.split()[1]) // 1024

    @property
    def cpu_seconds(self) -> float:
        fields = Path("/proc", str(self.process.pid), "stat").read_text(encoding="ascii").rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    @property
    def _status(self) -> str:
        return Path("/proc", str(self.process.pid), "status").read_text(encoding="ascii")


@contextmanager
def console(settings: Mapping[str, str], *arguments: str) -> Iterator[Console]:
    master, slave = pty.openpty()
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", LINES, COLUMNS, 0, 0))
    ours = {name: value for name, value in os.environ.items() if not name.startswith("PTM_")}
    process = subprocess.Popen(
        [sys.executable, "-m", "tui", "tui", *arguments],
        stdin=slave,
        stdout=slave,
        stderr=slave,
        env={**ours, **settings, "TERM": "xterm-256color", "COLORTERM": "truecolor", "LC_ALL": "C.UTF-8"},
        start_new_session=True,
    )
    os.close(slave)
    made = Console(process, master)
    usual = sys.getswitchinterval()
    sys.setswitchinterval(0.0005)
    try:
        yield made
    finally:
        sys.setswitchinterval(usual)
        process.kill()
        process.wait()
        made.reading.join()
        os.close(master)
