"""Whose reconciliation is due: a few at a time, beside whatever else the worker does."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import dataclass, field

import structlog

from events.errors import PtmError
from worker.reconciling import Reconciler, Turn, TurnLost

log = structlog.get_logger()
AT_ONCE = 4
"""Integrations that one worker reconciles at the same time."""
LOOK = 0.25
NEXT = 5.0
"""Seconds between two looks for more while some are under way."""


@dataclass(slots=True, kw_only=True)
class Weekly:
    """`run_once` for the loop; `close` to stop with no lease left."""

    reconciler: Reconciler
    turns: set[asyncio.Task[None]] = field(default_factory=set)
    looked_at: float = -NEXT

    async def run_once(self) -> int:
        """Takes what is due into free hands; 0 when nothing is under way."""
        now, free = asyncio.get_running_loop().time(), AT_ONCE - len(self.turns)
        if free > 0 and (not self.turns or now - self.looked_at >= NEXT):
            self.looked_at = now
            for turn in await self.reconciler.due(free):
                self.turns.add(asyncio.create_task(self.one(turn)))
        if not self.turns:
            return 0
        _, self.turns = await asyncio.wait(self.turns, timeout=LOOK, return_when=asyncio.FIRST_COMPLETED)
        return 1

    async def one(self, turn: Turn) -> None:
        try:
            await self.reconciler.run(turn)
        except TurnLost:
            log.info("turn lost", stage="reconcile", integration=str(turn.integration))
        except PtmError as error:
            # The database fails: the lease ends by itself, and somebody begins anew.
            log.warning("not reconciled", stage="reconcile", integration=str(turn.integration), error=str(error))
        except Exception as error:
            # One company that brings the unforeseen must not stop the others.
            log.exception("not reconciled", stage="reconcile", integration=str(turn.integration))
            with suppress(PtmError):
                await self.reconciler.put_off(turn, error)

    async def close(self) -> None:
        for turn in self.turns:
            turn.cancel()
        await asyncio.gather(*self.turns, return_exceptions=True)
        self.turns.clear()
        with suppress(PtmError):
            await self.reconciler.give_back()
