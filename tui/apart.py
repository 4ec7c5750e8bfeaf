"""Asking the database without its driver holding on to who asked."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from contextvars import Context
from typing import Any, TypeVar

T = TypeVar("T")


async def apart(work: Coroutine[Any, Any, T]) -> T:
    """In an empty context: timers keep the one that they were made in, asyncpg's for a minute and for five.

    In a worker's own that is the worker, its screen, and all that was drawn there, long after the screen was closed.
    """
    return await asyncio.create_task(work, context=Context())
