"""The console over a real database and a running sandbox, driven by keys."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime

import pytest_asyncio

from desk import Desk, desk
from driving import Driver, Opening
from events.words import Language, Words
from servers.postgres import Database
from tui.app import Console
from tui.run import desk_of

EARLY = datetime(2026, 1, 1, 12, tzinfo=UTC)
"""Before anything in the database happened: what was a moment ago is then `0 s` ago, however slow the machine."""


@pytest_asyncio.fixture
async def at_desk(database: Database) -> AsyncIterator[Desk]:
    """An operator's desk, where nothing is connected yet."""
    async with desk(database, companies=2, history=6) as made:
        yield made


@pytest_asyncio.fixture
async def opening(at_desk: Desk) -> Opening:
    """Opens the console over the desk's database."""

    @asynccontextmanager
    async def opened(
        size: tuple[int, int] = (150, 40),
        *,
        language: Language = Language.ENGLISH,
        read_only: bool = False,
        notifications: bool = False,
        now: datetime = EARLY,
    ) -> AsyncIterator[Driver]:
        made = desk_of(at_desk.context, read_only=read_only)
        made = replace(made, say=Words(language, made.say.zone), now=lambda: now)
        app = Console(made)
        async with app.run_test(size=size, notifications=notifications) as pilot:
            yield Driver(app, pilot)

    return opened
