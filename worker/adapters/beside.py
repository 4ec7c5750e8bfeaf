"""Processes beside this one, one a core, that read and decide changes of the past while a plan is made."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import subprocess
import sys
from asyncio import IncompleteReadError, StreamReader, StreamWriter
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from itertools import chain
from typing import Self

from events.errors import Unavailable
from events.planner import Decider, Found
from worker.adapters.decider import Packed, Share, receive, send, unpacked
from worker.adapters.log import CHUNK
from worker.adapters.sealing import MasterKey
from worker.settings import foreign_environment

COMMAND = (sys.executable, "-m", "worker.adapters.decider")
MOST = 2
"""Processes, however many cores there are: two are faster than the one that follows what was sent meanwhile."""
WORTH = 20_000
"""Changes from which on starting them pays: it takes as long as deciding a third of these."""
RUNNING = 1_000
"""Changes from which on giving them away pays, once they run."""
BUFFER = 1 << 20
"""Bytes that one of them may be ahead."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Running:
    process: subprocess.Popen[bytes]
    reader: StreamReader
    writer: StreamWriter

    async def ask(self, share: Share) -> None:
        async with self._there():
            await send(self.writer, share)

    async def answer(self) -> list[Packed]:
        """What the next chunk comes to; what went wrong instead is raised."""
        async with self._there():
            told: list[Packed] | Exception = await receive(self.reader)
        if isinstance(told, Exception):
            raise told
        return told

    @asynccontextmanager
    async def _there(self) -> AsyncIterator[None]:
        try:
            yield
        except (IncompleteReadError, ConnectionError) as error:
            ended = await asyncio.to_thread(self.process.wait)
            raise Unavailable(
                f"A process that was to decide a part of the past was lost ({how(ended)}): plan again. If it happens "
                "again, look whether the machine has memory enough."
            ) from error

    def kill(self) -> None:
        """It only reads, so nothing is lost. Were this process killed instead, it would end by itself."""
        self.writer.close()
        self.process.kill()


class Beside:
    """Started when there is enough to decide for the first time, ended with the block."""

    def __init__(
        self, database_url: str, master: MasterKey, *, processes: int | None = None, worth: int = WORTH
    ) -> None:
        self._database_url = database_url
        self._master = master
        self._wanted = cores() if processes is None else processes
        self._worth = worth
        self._running: list[Running] = []

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.end()

    @property
    def pids(self) -> list[int]:
        return [one.process.pid for one in self._running]

    def pays(self, changes: int) -> bool:
        return self._wanted > 1 and changes >= (min(RUNNING, self._worth) if self._running else self._worth)

    async def decide(
        self,
        decider: Decider,
        partition: int,
        positions: Sequence[int],
        *,
        note: Callable[[list[Found], int], None],
    ) -> None:
        """Has *note* told what the changes at *positions* come to, in their order, and how many they were, bit by bit.

        Raises `Unavailable` where a process is lost, and what one of them raises.
        """
        chunks = [positions[first : first + CHUNK] for first in range(0, len(positions), CHUNK)]
        done = False
        try:
            while len(self._running) < self._wanted:
                self._running.append(await start())
            for number, one in enumerate(self._running):
                mine = list(chain.from_iterable(chunks[number :: self._wanted]))
                await one.ask(self._share(decider, partition, mine))
            for number, chunk in enumerate(chunks):
                told = await self._running[number % self._wanted].answer()
                note([unpacked(each, decider.triggers) for each in told], len(chunk))
            done = True
        finally:
            if not done:
                await self.end()

    def _share(self, decider: Decider, partition: int, positions: Sequence[int]) -> Share:
        return Share(
            database_url=self._database_url,
            master=self._master,
            decider=decider,
            partition=partition,
            positions=positions,
        )

    async def end(self) -> None:
        """All at once, before anything is waited for: whoever gives up may lose patience here too."""
        ending, self._running = self._running, []
        for one in ending:
            one.kill()
        for one in ending:
            await asyncio.to_thread(one.process.wait)


def cores() -> int:
    """That this process may use, as far as it has a use for them."""
    if os.name != "posix":
        return 1
    usable = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return min(usable or 1, MOST)


def how(ended: int) -> str:
    return signal.Signals(-ended).name if ended < 0 else f"exit code {ended}"


async def start() -> Running:
    """In a session of its own: Ctrl-C in the terminal is for us. Raises `Unavailable`."""
    ours, theirs = socket.socketpair()
    with theirs:
        try:
            process = spawn(theirs)
        except OSError as error:
            ours.close()
            raise Unavailable(f"A process to decide a part of the past cannot be started: {error.strerror}") from error
    reader, writer = await asyncio.open_connection(sock=ours, limit=BUFFER)
    return Running(process=process, reader=reader, writer=writer)


def spawn(theirs: socket.socket) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        COMMAND,
        stdin=theirs.fileno(),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env=foreign_environment(),
        start_new_session=True,
    )
