"""What lay in Procountor before a company was connected: read because a person asks, recorded, and sent by nobody."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from uuid import uuid4

from events.errors import Misconfigured, Unavailable
from worker.adapters import queries
from worker.adapters.invoices import Invoices
from worker.adapters.postgres import translating
from worker.catching_up import By, CatchUp
from worker.operations import past
from worker.operations.context import SQL, Context
from worker.operations.integrations import Integration, State
from worker.reading import Reader
from worker.reconciling import company_of

RECONCILE = queries.load("reconcile")
DAYS = 30
"""How far back is proposed."""
MOST = 400
"""Days: as far as a reconciliation looks."""
PATIENCE = 20.0
"""Seconds in which what was recorded is decided where a worker runs."""


async def read(
    context: Context, seen: Integration, *, days: int, progress: Callable[[int, int], None] = lambda done, of: None
) -> int:
    """Invoices of before connecting that were modified in the last *days*, behind what is read live; answers how many.

    What is in the log already is not read again. Only a replay decides what is recorded so; a plan made afterwards
    knows all of it. *progress* is told how many are read, and of how many. Raises what Procountor's reading raises,
    and `Unavailable` where no worker comes to what was recorded.
    """
    if seen.state is State.REMOVED:
        raise Misconfigured(f"{seen.name} is removed: there is no past to be read.")
    with translating():
        row = await context.pool.fetchrow(RECONCILE["read_subject"], seen.id)
    assert row is not None, "rows of removed ones stay too"
    invoices = Invoices(context.pool, context.log, context.ringer)
    reader = Reader(invoices=invoices, procountor=context.procountor.behind_live(), doubts=0)
    by = By(run=uuid4(), worker=uuid4(), actor=context.actor)
    catch_up = CatchUp(pool=context.pool, invoices=invoices, reader=reader)
    recorded = await catch_up.past(company_of(row, seen.id), days=days, by=by, progress=progress)
    if recorded:
        await met(context, seen)
    return recorded


async def met(context: Context, seen: Integration) -> None:
    """Until a worker has come to what was recorded: a plan looks no further than that."""
    with translating():
        head = await context.pool.fetchval(SQL["read_head"], seen.partition)
    deadline = asyncio.get_running_loop().time() + PATIENCE
    while await past.decided_upto(context, seen) < head:
        if asyncio.get_running_loop().time() > deadline:
            raise Unavailable("What was read is recorded, and no worker has come to it yet: plan again when one runs.")
        await asyncio.sleep(0.2)
