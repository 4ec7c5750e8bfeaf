"""Run one server for as long as standard input stays open, so that it never outlives whoever holds the other end.

    python guard.py SIGNAL SECONDS COMMAND ...

Stopping and dying look the same from here: the pipe closes. The server then gets SIGNAL, and SIGKILL when SECONDS have
passed. Started as a file, without site-packages: only the standard library, and little of it.
"""

from __future__ import annotations

import ctypes
import os
import select
import signal
import subprocess
import sys
from types import FrameType

_PR_SET_PDEATHSIG = 1


def main(arguments: list[str]) -> int:
    stop_signal, patience, *command = arguments
    wake, woken = os.pipe()
    for each in (wake, woken):
        os.set_blocking(each, False)
    signal.set_wakeup_fd(woken)
    for each in (signal.SIGCHLD, signal.SIGTERM):
        signal.signal(each, _noticed)
    signal.signal(signal.SIGINT, signal.SIG_IGN)

    ask = signal.Signals(int(stop_signal))
    server = subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        close_fds=False,
        preexec_fn=lambda: _prepare(ask, (wake, woken)),  # noqa: PLW1509 - no threads here
    )
    while server.poll() is None:
        ready, _, _ = select.select([sys.stdin.fileno(), wake], [], [])
        if sys.stdin.fileno() in ready or signal.SIGTERM in os.read(wake, 64):
            return _stop(server, ask, float(patience))
    return server.returncode


def _noticed(_signal: int, _frame: FrameType | None) -> None:
    """Nothing to do: that it came is read from the wake-up pipe."""


def _prepare(ask: signal.Signals, private: tuple[int, ...]) -> None:
    """In the child: Linux tells the server too, should the guard itself be killed."""
    for each in private:
        os.close(each)
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, int(ask))


def _stop(server: subprocess.Popen[bytes], ask: signal.Signals, patience: float) -> int:
    server.send_signal(ask)
    try:
        return server.wait(timeout=patience)
    except subprocess.TimeoutExpired:
        server.kill()
        return server.wait()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
