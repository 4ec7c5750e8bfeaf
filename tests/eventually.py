"""Waiting without sleeping: ask until it is so, or say what it was instead."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from inspect import isawaitable
from typing import TypeVar, overload

_ASK_EVERY = 0.02
_PATIENCE = 60.0
"""Seconds: only what fails waits for so long."""

T = TypeVar("T")


@overload
async def eventually(
    ask: Callable[[], Coroutine[object, object, T]], *, within: float = _PATIENCE, every: float = _ASK_EVERY
) -> T: ...
@overload
async def eventually(ask: Callable[[], T], *, within: float = _PATIENCE, every: float = _ASK_EVERY) -> T: ...
async def eventually(ask: Callable[[], object], *, within: float = _PATIENCE, every: float = _ASK_EVERY) -> object:
    """The first true answer of *ask*, plain or async; an assertion that fails inside it counts as not yet."""
    loop = asyncio.get_running_loop()
    until = loop.time() + within
    while True:
        late = loop.time() >= until
        try:
            given = ask()
            answer = await given if isawaitable(given) else given
            if answer:
                return answer
            if late:
                raise AssertionError(f"not so within {within} s: the last answer was {answer!r}")
        except AssertionError:
            if late:
                raise
        await asyncio.sleep(every)
