"""Directories that are given up with their process: who is killed removes nothing, the next one does."""

from __future__ import annotations

import fcntl
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path


def sweep(place: Path, prefix: str) -> None:
    """Removes what those left that were killed: directories called after *prefix* and their process."""
    for left in place.glob(f"{prefix}*-*"):
        process = left.name.removeprefix(prefix).partition("-")[0]
        if process.isdecimal() and left.stat().st_uid == os.getuid() and not is_running(int(process)):
            # Its number says nothing where /tmp is another container's too: whoever lives holds the lock.
            with suppress(OSError), locked(left):
                shutil.rmtree(left, ignore_errors=True)


@contextmanager
def locked(directory: Path) -> Iterator[None]:
    """Raises `BlockingIOError` where another process holds it; the system gives it up with whoever held it."""
    handle = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    finally:
        os.close(handle)


def is_running(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
