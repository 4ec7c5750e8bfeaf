"""What a check has found, what to do about it, and how one that hangs is cut off."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from events.errors import PtmError, Unavailable
from events.words import Words

PATIENCE = 8.0
"""Seconds that one check may take."""


class Concern(StrEnum):
    DATABASE = "database"
    SCHEMA = "schema"
    BROKER = "broker"
    CLOCK = "clock"
    KEYS = "keys"
    PROCOUNTOR = "procountor"
    TRUSTMARY = "trustmary"
    CLIENT = "client"
    INTEGRATION = "integration"
    BUDGET = "budget"
    WORKERS = "workers"
    ALERTS = "alerts"


class Verdict(StrEnum):
    WELL = "well"
    NOTE = "note"
    """Worth knowing; it has time."""
    WRONG = "wrong"
    """A person is needed."""
    UNSEEN = "unseen"
    """It could not be looked at."""


AWAY: Mapping[Concern, str] = {
    Concern.DATABASE: "Start PostgreSQL, or correct PTM_DATABASE_URL; everything else rests on it.",
    Concern.BROKER: "Start the broker, or correct PTM_KAFKA_BOOTSTRAP and PTM_KAFKA_SECURITY_PROTOCOL, and "
    "PTM_KAFKA_CERT_FILE where it asks for a certificate; until then workers go on from the database.",
    Concern.PROCOUNTOR: "Look whether this machine may go there (firewall, proxy, DNS) and whether Procountor tells of "
    "a break; nothing is lost meanwhile. The address is PTM_PROCOUNTOR_URL.",
    Concern.TRUSTMARY: "Look whether this machine may go there (firewall, proxy, DNS); what is to be sent waits. "
    "The address is PTM_TRUSTMARY_URL.",
}
"""What to do where something does not answer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    concern: Concern
    verdict: Verdict
    says: str
    remedy: str = ""
    integration: UUID | None = None
    name: str = ""
    """Of the integration."""


def well(concern: Concern, says: str) -> Finding:
    return Finding(concern=concern, verdict=Verdict.WELL, says=says)


def note(concern: Concern, says: str, remedy: str) -> Finding:
    return Finding(concern=concern, verdict=Verdict.NOTE, says=says, remedy=remedy)


def wrong(concern: Concern, says: str, remedy: str) -> Finding:
    return Finding(concern=concern, verdict=Verdict.WRONG, says=says, remedy=remedy)


def unseen(concern: Concern, says: str, remedy: str = "") -> Finding:
    return Finding(concern=concern, verdict=Verdict.UNSEEN, says=says, remedy=remedy)


async def cut_off(
    concern: Concern, look: Awaitable[Iterable[Finding]], say: Words, *, within: float = PATIENCE
) -> list[Finding]:
    """What *look* finds, or that it failed, or that it was not done in time."""
    try:
        async with asyncio.timeout(within):
            return list(await look)
    except TimeoutError:
        says = say("No answer within {n} s: cut off.", n=round(within))
        return [unseen(concern, says, say(AWAY[concern]) if concern in AWAY else say("Look again later."))]
    except PtmError as error:
        return [of_error(concern, error, say)]


def of_error(concern: Concern, error: PtmError, say: Words) -> Finding:
    """Of what does not answer; other errors of ours tell themselves what to do."""
    if not isinstance(error, Unavailable):
        return wrong(concern, say.told(error), "")
    away = unseen if concern is Concern.DATABASE else wrong
    return away(concern, say.told(error), say(AWAY[concern]) if concern in AWAY else say("Look again later."))


GLYPHS = {Verdict.WELL: "✔", Verdict.NOTE: "▲", Verdict.WRONG: "✖", Verdict.UNSEEN: "?"}


def lines(one: Finding, say: Words) -> list[str]:
    whose = f"{one.name}: " if one.name else ""
    said = f"{GLYPHS[one.verdict]} {say(one.concern.value)}: {whose}{one.says}"
    return [said, f"    {one.remedy}"] if one.remedy else [said]
