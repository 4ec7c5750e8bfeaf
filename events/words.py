"""What is said to a person, in English or Finnish: sentences, numbers and times, for console, CLI and alerts alike."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Protocol
from zoneinfo import ZoneInfo

from events.finnish import FINNISH
from events.finnish.failing import in_finnish


class Language(StrEnum):
    ENGLISH = "en"
    FINNISH = "fi"


CATALOGUES: Mapping[Language, Mapping[str, str]] = {Language.ENGLISH: {}, Language.FINNISH: FINNISH}
"""English sentences stand for themselves."""
DECIMALS = re.compile(r"-?\d+\.\d+", re.ASCII)
SPACE = "\N{NO-BREAK SPACE}"


class Say(Protocol):
    """Says a sentence of the catalogue, its `{names}` filled in."""

    def __call__(self, sentence: str, **values: object) -> str: ...


def english(sentence: str, **values: object) -> str:
    """For what is no person's language: JSON, logs, what is recorded."""
    return sentence.format(**values) if values else sentence


@dataclass(frozen=True, slots=True)
class Words:
    """Called with an English sentence, answers it in its language, with `{names}` filled in."""

    language: Language
    zone: ZoneInfo

    def __call__(self, sentence: str, **values: object) -> str:
        said = CATALOGUES[self.language].get(sentence, sentence)
        return said.format(**values) if values else said

    def told(self, error: object) -> str:
        """What an error says, or was recorded to have said; in English where nobody has put it otherwise."""
        return str(error) if self.language is Language.ENGLISH else in_finnish(str(error))

    def count(self, number: int, one: str, many: str) -> str:
        """`1 event`, `2,000 events`: *one* and *many* are sentences with `{n}`."""
        return self(one if number == 1 else many, n=self.number(number))

    def number(self, number: int) -> str:
        separated = f"{number:,}"
        return separated if self.language is Language.ENGLISH else separated.replace(",", SPACE)

    def decimal(self, number: float | Decimal, places: int | None = None) -> str:
        """With so many decimals, or as many as it has; thousands stay together, as people write an amount."""
        plain = f"{number:f}" if isinstance(number, Decimal) else str(number)
        written = plain if places is None else f"{number:.{places}f}"
        return written if self.language is Language.ENGLISH else written.replace(".", ",")

    def figure(self, text: str) -> str:
        """*text* itself, but a number with decimals in it as the language writes it."""
        return self.decimal(Decimal(text)) if DECIMALS.fullmatch(text) else text

    def exact(self, at: datetime) -> str:
        """To the millisecond, with the offset: for details."""
        return at.astimezone(self.zone).isoformat(sep=" ", timespec="milliseconds")

    def moment(self, at: datetime, now: datetime) -> str:
        """The time of today, else the day: for lists."""
        local, today = at.astimezone(self.zone), now.astimezone(self.zone)
        if local.date() == today.date():
            return f"{local:%H:%M:%S}" if self.language is Language.ENGLISH else f"{local:%H.%M.%S}"
        return self.day(local)

    def minute(self, at: datetime) -> str:
        """Day and time: for letters."""
        local = at.astimezone(self.zone)
        english = self.language is Language.ENGLISH
        return f"{self.day(at)} {local:%H:%M}" if english else f"{self.day(at)} klo {local:%H.%M}"

    def day(self, at: datetime) -> str:
        local = at.astimezone(self.zone)
        english = self.language is Language.ENGLISH
        return f"{local:%Y-%m-%d}" if english else f"{local.day}.{local.month}.{local.year}"

    def ago(self, at: datetime | None, now: datetime) -> str:
        """How long ago, in one unit; `-` for never."""
        if at is None:
            return "-"
        seconds = max(0, int((now - at).total_seconds()))
        for size, unit in ((86400, "{n} d"), (3600, "{n} h"), (60, "{n} min")):
            if seconds >= size:
                return self(unit, n=seconds // size)
        return self("{n} s", n=seconds)
