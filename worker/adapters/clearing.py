"""Remove a directory once whoever holds standard input is gone and its servers have let go, so that a kill leaves none.

    python clearing.py DIRECTORY LOCK

LOCK is a file that the servers over DIRECTORY hold for as long as they live. Started as a file, without site-packages:
only the standard library, and little of it.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import signal
import sys
from contextlib import suppress


def main(directory: str, lock: str) -> None:
    for each in (signal.SIGINT, signal.SIGTERM):
        signal.signal(each, signal.SIG_IGN)
    sys.stdin.buffer.read()
    with suppress(FileNotFoundError):
        fcntl.flock(os.open(lock, os.O_RDWR), fcntl.LOCK_EX)
    shutil.rmtree(directory, ignore_errors=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
