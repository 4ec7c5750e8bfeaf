"""The event loop of a process that stays, and how its memory is looked after."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import Coroutine
from typing import Any, TypeVar

T = TypeVar("T")

GARBAGE = (50_000, 20, 50)
"""Python's own (700, 10, 10) looks for cycles hundreds of times in one batch of events, which has none."""


def run(work: Coroutine[Any, Any, T]) -> T:
    """On uvloop, where there is one."""
    gc.set_threshold(*GARBAGE)
    try:
        import uvloop  # noqa: PLC0415 - not on Windows
    except ImportError:
        return asyncio.run(work)
    return uvloop.run(work)
