"""Opens what the console works with, and runs it until it is left."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import partial

from tui.app import Console
from tui.desk import Desk
from worker.opening import opened
from worker.operations.context import Context
from worker.settings import Settings


async def run(settings: Settings, *, read_only: bool = False) -> None:
    """Raises `Misconfigured` or `Unavailable` before anything is drawn where nothing can be shown."""
    async with opened(settings, application="ptm console") as context:
        await Console(desk_of(context, read_only=read_only)).run_async()


def desk_of(context: Context, *, read_only: bool = False) -> Desk:
    now = partial(datetime.now, UTC)
    return Desk(context=context, say=context.settings.words, now=now, read_only=read_only)
