"""Alerts and summaries: whether there is a way for them to leave, and whether each address gets its own."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from events.words import Words
from worker.adapters.postgres import Pool, translating
from worker.operations.checks.finding import Concern, Finding, well, wrong
from worker.operations.context import SQL
from worker.settings import Settings


@dataclass(frozen=True, slots=True, kw_only=True)
class Failing:
    """Addresses that get nothing, for one cause."""

    count: int
    since: datetime
    failure: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    telling: int
    """Integrations that somebody is told of."""
    mailing: int
    """Those of them that somebody is told of by mail."""
    failing: Sequence[Failing]


async def look(pool: Pool) -> Seen:
    with translating():
        row = await pool.fetchrow(SQL["look_at_recipients"])
        failing = await pool.fetch(SQL["look_at_mailboxes"])
    assert row is not None, "an aggregate always answers"
    return Seen(
        telling=row["telling"],
        mailing=row["mailing"],
        failing=[Failing(count=each["count"], since=each["since"], failure=each["failure"]) for each in failing],
    )


def judge(seen: Seen, settings: Settings, say: Words) -> Iterator[Finding]:
    if not seen.telling:
        yield well(Concern.ALERTS, say("Nobody is told of what lasts: ptm integration edit --alert-to names somebody."))
        return
    if seen.mailing and not (settings.smtp_host and settings.smtp_from):
        yield wrong(
            Concern.ALERTS,
            say("Somebody is to be told by mail, and no mail server is set."),
            say("Set PTM_SMTP_HOST and PTM_SMTP_FROM, for the workers too."),
        )
    for each in seen.failing:
        yield wrong(
            Concern.ALERTS,
            say.count(each.count, "{n} address gets nothing", "{n} addresses get nothing")
            + say(", since {time}: {why}", time=say.minute(each.since), why=say.told(each.failure)),
            say(
                "It is tried again by itself. Correct the mail server's settings, or who is told: ptm integration show."
            ),
        )
    if not seen.failing:
        yield well(
            Concern.ALERTS,
            say.count(seen.telling, "{n} integration tells somebody.", "{n} integrations tell somebody."),
        )
