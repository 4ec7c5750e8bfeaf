"""What keeps an integration from its work: the worst of it, for every front end."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from events.words import Say


class Trouble(StrEnum):
    """The gravest first; of the last three it may recover by itself."""

    BROKEN = "broken"
    """A service refuses us."""
    HELD = "held"
    """Since a restore, until a person releases it."""
    PARKED = "parked"
    BRAKED = "braked"
    NO_TRIGGER = "no_trigger"
    AWAY = "away"
    """A service does not serve us for now, whatever our credentials are."""
    RESTING = "resting"
    """Nothing is sent for now: Trustmary does not answer, or has asked for a rest."""
    FAILING = "failing"
    """Reading fails, and may well go on by itself."""


WORDS: Mapping[Trouble, str] = {
    Trouble.BROKEN: "connection refused",
    Trouble.PARKED: "deliveries parked",
    Trouble.BRAKED: "held by the brake",
    Trouble.HELD: "held since a restore",
    Trouble.NO_TRIGGER: "no trigger",
    Trouble.AWAY: "service away",
    Trouble.RESTING: "sending rests",
    Trouble.FAILING: "reading fails",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Rest:
    """Of an organization's lane: nothing is sent there for now."""

    failures: int
    """One after the other."""
    until: datetime

    def told(self, name: str, say: Say, now: datetime) -> str:
        seconds = max(0, round((self.until - now).total_seconds()))
        rests = say("Trustmary did not serve {name} {n} times: nothing is sent there", name=name, n=self.failures)
        return f"{rests}, {say('tried again in {n} s', n=seconds)}"


def worst(*wrong: Trouble | None) -> Trouble | None:
    """Of what is *wrong*."""
    return min(filter(None, wrong), key=list(Trouble).index, default=None)
