"""Both services: whether they answer from here, over TLS; and the request budget that they are asked within."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from urllib.parse import urlsplit

from events.words import Words
from worker.adapters.budget import Budget
from worker.adapters.postgres import Pool
from worker.adapters.reach import Reached, reach
from worker.adapters.web import Session
from worker.operations.checks import clock
from worker.operations.checks.finding import AWAY, PATIENCE, Concern, Finding, note, well, wrong
from worker.settings import Settings

NAMES = {Concern.PROCOUNTOR: "Procountor", Concern.TRUSTMARY: "Trustmary"}
HERE = ("localhost", "127.0.0.1", "::1")
LONG = 3.0
"""Seconds after which whoever waits for the budget waits long."""


async def of_procountor(pool: Pool, session: Session, settings: Settings) -> Reached:
    await Budget(pool, per_second=settings.procountor_per_second).draw(live=False)
    url = f"{settings.procountor_url}{settings.procountor_api_path}/sessioninfo"
    return await reach(session, url, timeout=PATIENCE)


async def of_trustmary(session: Session, settings: Settings) -> Reached:
    return await reach(session, f"{settings.trustmary_url}/test", timeout=PATIENCE)


def judge(concern: Concern, url: str, seen: Reached, say: Words) -> Iterator[Finding]:
    """Without credentials a service that is well says no, by 400 and something."""
    name, parts = NAMES[concern], urlsplit(url)
    if seen.status >= 500:
        yield wrong(concern, say("{name} answers {status}.", name=name, status=seen.status), say(AWAY[concern]))
    elif seen.status == 404 or 300 <= seen.status < 400:
        yield wrong(
            concern,
            say("{name} answers {status}: there is no API at {url}.", name=name, status=seen.status, url=url),
            say("Correct PTM_PROCOUNTOR_URL and PTM_PROCOUNTOR_API_PATH.")
            if concern is Concern.PROCOUNTOR
            else say("Correct PTM_TRUSTMARY_URL."),
        )
    elif parts.scheme == "https":
        yield well(concern, say("{name} answers, over TLS.", name=name))
    else:
        yield well(concern, say("{name} answers.", name=name))
    if parts.scheme != "https" and parts.hostname not in HERE:
        yield wrong(
            concern,
            say("{name} is called without TLS: keys and persons can be read on the way.", name=name),
            say("Let the address begin with https://."),
        )
    if seen.ahead is not None:
        yield from clock.judge(name, seen.ahead, say)


async def wait_for_budget(pool: Pool, settings: Settings) -> float:
    """Seconds until one request may leave, behind what is live."""
    began = asyncio.get_running_loop().time()
    await Budget(pool, per_second=settings.procountor_per_second).draw(live=False)
    return asyncio.get_running_loop().time() - began


def judge_budget(waited: float, integrations: int, settings: Settings, say: Words) -> Iterator[Finding]:
    if integrations / settings.poll_ceiling > settings.polls_per_second:
        yield wrong(
            Concern.BUDGET,
            say("{n} companies cannot be asked every {s} s with {per} requests a second.", n=integrations,
                s=round(settings.poll_ceiling), per=settings.procountor_per_second),
            say("Raise PTM_POLL_CEILING, or PTM_PROCOUNTOR_PER_SECOND up to 50."),
        )  # fmt: skip
    elif waited > LONG:
        yield note(
            Concern.BUDGET,
            say("A request to Procountor had to wait {n} s: the budget is used up by what is live.", n=round(waited)),
            say("It passes by itself; if it stays, raise PTM_POLL_FLOOR and PTM_POLL_CEILING."),
        )
    else:
        yield well(
            Concern.BUDGET,
            say("{per} requests a second to Procountor, shared by all; there is room.",
                per=settings.procountor_per_second),
        )  # fmt: skip
