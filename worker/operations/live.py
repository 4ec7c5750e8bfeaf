"""What moves while one looks: notifications of the database, gathered for whoever shows them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

from worker.adapters.postgres import Bell
from worker.operations.context import Context

LOG, DELIVERIES, CONFIGURATION = "ptm_log", "ptm_delivery", "ptm_configuration"
CHANNELS = (LOG, DELIVERIES, CONFIGURATION)
NET = 10.0
"""Seconds after which one looks although nobody has rung: a notification may be lost."""

Rung = Mapping[str, frozenset[str]]
"""Channel → what rang on it: partitions of the log, organizations with deliveries, integrations.

`""` among them stands for all.
"""


class Ears:
    """Listens from `listening` on; what rings between two calls of `heard` is in the second one's answer."""

    def __init__(self, bell: Bell) -> None:
        self._bell = bell

    async def heard(self, *, within: float = NET) -> Rung:
        """What has rung, as soon as anything has; empty when *within* has passed without."""
        waits = [asyncio.ensure_future(self._bell.event(channel).wait()) for channel in CHANNELS]
        try:
            await asyncio.wait(waits, timeout=within, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for each in waits:
                each.cancel()
        return {channel: rung for channel in CHANNELS if (rung := self._take(channel))}

    def _take(self, channel: str) -> frozenset[str]:
        self._bell.event(channel).clear()
        return frozenset(self._bell.take(channel))


@asynccontextmanager
async def listening(context: Context) -> AsyncIterator[Ears]:
    """On a connection of its own, which comes back by itself; raises `Unavailable` where it cannot be opened."""
    async with Bell(context.database_url, CHANNELS) as bell:
        yield Ears(bell)
