"""A server as a child of this process: a free port, ready when it answers, gone when we are."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import subprocess
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from events.errors import Unavailable
from worker.adapters import guard

_ATTEMPTS = 3
_READY_WITHIN = 30.0
_LOOK_EVERY = 0.02

Probe = Callable[[int], Awaitable[bool]]
"""Does the server answer on this port, as itself?"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    name: str
    command: Callable[[int], Sequence[str]]
    """The command line for a port."""
    probe: Probe
    log: Path
    stop: signal.Signals = signal.SIGTERM
    patience: float = 8.0
    """Seconds between *stop* and SIGKILL."""
    held: tuple[int, ...] = ()
    """Open files that stay open for as long as the server lives: a lock on what it uses."""


@asynccontextmanager
async def serving(server: Server, *, port: int | None = None) -> AsyncIterator[int]:
    """Run *server* on a free loopback port, or on *port*, and yield the port.

    Raises `Unavailable`, with the server's last words, if it does not answer.
    """
    _turn(server.log)
    for attempt in range(1, _ATTEMPTS + 1):
        chosen = port or free_port()
        process = _start(server, chosen)
        try:
            if await _answers(server, process, chosen):
                yield chosen
                return
        finally:
            await _stop(process)
        # The port may have been taken between our look and the server's bind: that is worth another port.
        if attempt == _ATTEMPTS:
            raise Unavailable(f"{server.name} did not start; the end of {server.log}:\n{last_words(server.log)}")


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


def last_words(log: Path, lines: int = 12) -> str:
    if not log.exists():
        return "(nothing was written)"
    return "\n".join(log.read_text(encoding="utf-8", errors="replace").splitlines()[-lines:])


def quiet_environment() -> dict[str, str]:
    """What a server may see of ours: nothing that could configure it behind our back."""
    return {"PATH": os.defpath, "LC_ALL": "C", "TZ": "UTC"}


def _turn(log: Path) -> None:
    """Start a new log and keep the one before: what a crash said is read after the restart."""
    if log.exists():
        log.replace(log.with_name(f"{log.name}.1"))


def _start(server: Server, port: int) -> subprocess.Popen[bytes]:
    # A session of its own: Ctrl-C in the terminal is for us, and we stop the servers last.
    with server.log.open("ab") as log:
        return subprocess.Popen(
            [
                *(sys.executable, "-I", "-S", guard.__file__),
                *(str(int(server.stop)), str(server.patience)),
                *server.command(port),
            ],
            stdin=subprocess.PIPE,
            stdout=log,
            stderr=log,
            pass_fds=server.held,
            env=quiet_environment(),
            start_new_session=True,
        )


async def _answers(server: Server, process: subprocess.Popen[bytes], port: int) -> bool:
    loop = asyncio.get_running_loop()
    until = loop.time() + _READY_WITHIN
    while process.poll() is None and loop.time() < until:
        if await server.probe(port):
            return True
        await asyncio.sleep(_LOOK_EVERY)
    return False


async def _stop(process: subprocess.Popen[bytes]) -> None:
    if process.stdin is not None:
        process.stdin.close()
    await asyncio.to_thread(process.wait)
