"""A replay under way: its items are asked for in small batches, behind live traffic, by whichever worker comes."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import takewhile

import asyncpg
import structlog

from events.invoice import FINAL
from events.replay import Ask, Reach, ReplayAsked, ReplayEnded, started
from worker.adapters import queries
from worker.adapters.log import Draft, Log
from worker.adapters.postgres import Connection, Pool, Ringer, translating

log = structlog.get_logger()
SQL = queries.load("replay")
BATCH = 50
"""Items that one event asks for."""
LAG = 100
"""Events of the partition that may wait to be decided: beyond that, live ones come first."""
ROOM = 200
"""Contacts of a replay that may wait to be sent: what is not asked for yet can still be paused and cancelled."""
AHEAD = 10
"""Seconds of calls, at a pace, that may wait: whoever pauses means soon."""
CALLS = 2
"""That a contact takes, at least: a look, and the call."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Replaying:
    """Safe to run anywhere, any number of times, at once: the row of the replay is the fence."""

    pool: Pool
    log: Log
    ringer: Ringer
    pace: float = 0.0
    """Calls a second to an organization; 0: none."""

    @property
    def room(self) -> int:
        return max(1, min(ROOM, int(self.pace * AHEAD / CALLS))) if self.pace else ROOM

    async def run_once(self) -> int:
        """Asks for the next items of one replay; answers how many events it has appended."""
        with translating():
            async with self.pool.acquire() as connection, connection.transaction():
                row = await connection.fetchrow(SQL["next_replay"], LAG, self.room)
                if row is None:
                    return 0
                await self.ask(connection, row)
        self.ringer.ring("ptm_log", str(row["partition"]))
        return 1

    async def ask(self, connection: Connection, replay: asyncpg.Record) -> None:
        id, integration = replay["id"], replay["integration"]
        items = await connection.fetch(
            SQL["next_items"], id, replay["asked_upto"], replay["classes"], min(BATCH, self.room)
        )
        if not items:
            ended = ReplayEnded(integration=integration, replay=id)
            await self.append(connection, replay["partition"], ended)
            await connection.execute(SQL["set_state"], id, "done")
            log.info("replay done", stage="replay", replay=str(id), integration=str(integration), done=replay["asked"])
            return
        # What takes off is asked for apart: whether a new address was delivered is known only after it was asked for.
        off = items[0]["takes_back"] is not None
        items = list(takewhile(lambda row: (row["takes_back"] is not None) == off, items))
        last = items[-1]["number"]
        window = (id, replay["asked_upto"], last)
        void = await connection.fetch(SQL["leave_out_void"], *window, integration, sorted(FINAL))
        kept = await connection.fetch(SQL["leave_out_kept"], *window) if off else []
        numbers = {row["number"] for row in (*void, *kept)}
        if asks := tuple(ask_of(row) for row in items if row["number"] not in numbers):
            await self.append(connection, replay["partition"], next_of(replay, asks))
        await connection.execute(SQL["asked"], id, replay["asked"] + len(items), last)

    async def append(self, connection: Connection, partition: int, event: ReplayAsked | ReplayEnded) -> None:
        rows = await self.log.prepare([Draft(event=event, cause=started(event.replay))])
        await self.log.append(connection, partition, rows)


def next_of(replay: asyncpg.Record, asks: tuple[Ask, ...]) -> ReplayAsked:
    return ReplayAsked(
        integration=replay["integration"],
        replay=replay["id"],
        reach=Reach(replay["reach"]),
        triggers=tuple(replay["triggers"]),
        rules=replay["pin"],
        items=asks,
        undoes=replay["undoes"],
    )


def ask_of(row: asyncpg.Record) -> Ask:
    return Ask(
        number=row["number"],
        cause=row["cause"],
        trigger=row["trigger"],
        targets=tuple(row["targets"]),
        resend=row["resend"],
        customer=row["customer"],
        last=row["last"],
        takes_back=row["takes_back"],
    )
