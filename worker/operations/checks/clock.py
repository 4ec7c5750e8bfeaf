"""Clocks: the database's and the services', against this machine's."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

from events.words import Words
from worker.adapters.postgres import Pool, translating
from worker.operations.checks.finding import Concern, Finding, well, wrong
from worker.operations.context import SQL

MOST = 5.0
"""Seconds between two clocks that do no harm."""


async def of_database(pool: Pool) -> float:
    """Seconds that its clock is ahead of ours."""
    before = datetime.now(UTC)
    with translating():
        at: datetime = await pool.fetchval(SQL["look_at_clock"])
    return (at - before).total_seconds() - (datetime.now(UTC) - before).total_seconds() / 2


def judge(whose: str, ahead: float, say: Words) -> Iterator[Finding]:
    if abs(ahead) <= MOST:
        yield well(Concern.CLOCK, say("The clock of {whose} agrees with this machine's.", whose=whose))
        return
    seconds = say.number(round(abs(ahead)))
    yield wrong(
        Concern.CLOCK,
        say("The clock of {whose} is {n} s ahead of this machine's.", whose=whose, n=seconds)
        if ahead > 0
        else say("The clock of {whose} is {n} s behind this machine's.", whose=whose, n=seconds),
        say("Let both keep time by NTP (timedatectl); where several clocks differ from it, this machine's is wrong."),
    )
