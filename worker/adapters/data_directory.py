"""A directory that one process at a time may use: made private, locked, and released by the kernel when all is over."""

from __future__ import annotations

import asyncio
import fcntl
import os
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

from events.errors import Misconfigured

LOCK = "lock"
"""The file that whoever uses the directory holds."""
_RELEASED_WITHIN = 15.0


def claim(path: Path) -> Path:
    """The absolute path of *path*, made if need be; `Misconfigured` where it cannot be ours."""
    path = path.expanduser().resolve()
    try:
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise Misconfigured(f"{path} cannot be used as the data directory: {error.strerror}.") from error
    if not os.access(path, os.W_OK | os.X_OK):
        raise Misconfigured(f"{path} belongs to another user: run the command as that user, or set PTM_DATA_DIR.")
    return path


@asynccontextmanager
async def locked(directory: Path) -> AsyncIterator[int]:
    """Hold *directory* and yield the lock, an open file: it is held for as long as any child that was given it lives.

    A living holder is named at once; the servers of a killed one are given time to go.
    """
    loop = asyncio.get_running_loop()
    until = loop.time() + _RELEASED_WITHIN
    with _opened(directory / LOCK, os.O_RDWR | os.O_CREAT) as lock:
        while not _take(lock, fcntl.LOCK_EX):
            holder = os.pread(lock, 32, 0).decode().strip()
            if loop.time() > until or _is_alive(holder):
                raise Misconfigured(
                    f"{directory} is in use by process {holder or 'unknown'}: stop it, or set PTM_DATA_DIR elsewhere."
                )
            await asyncio.sleep(0.05)
        os.truncate(lock, 0)
        os.pwrite(lock, f"{os.getpid()}\n".encode(), 0)
        yield lock


def is_held(directory: Path) -> bool:
    try:
        with _opened(directory / LOCK, os.O_RDONLY) as lock:
            return not _take(lock, fcntl.LOCK_SH)
    except FileNotFoundError:
        return False


def write_private(path: Path, text: str) -> None:
    """Whole or not at all, and at no moment readable by others."""
    draft = path.with_name(f"{path.name}.new")
    draft.unlink(missing_ok=True)
    with _opened(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL) as descriptor:
        os.write(descriptor, text.encode())
        os.fsync(descriptor)
    draft.replace(path)


@contextmanager
def _opened(path: Path, flags: int) -> Iterator[int]:
    """What root makes in a directory of another's is that other's: a service must find its files after us."""
    descriptor = os.open(path, flags, 0o600)
    try:
        if flags & os.O_CREAT and os.geteuid() == 0:
            whose = path.parent.stat()
            os.fchown(descriptor, whose.st_uid, whose.st_gid)
        yield descriptor
    finally:
        os.close(descriptor)


def _take(descriptor: int, mode: int) -> bool:
    try:
        fcntl.flock(descriptor, mode | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _is_alive(holder: str) -> bool:
    if not holder.isdigit():
        return False
    try:
        os.kill(int(holder), 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
