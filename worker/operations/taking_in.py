"""Saving what a document changes, one integration after the other: one that is refused stops no other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from events.errors import PtmError, Unavailable
from events.integration import Waiting
from worker.operations import importing
from worker.operations.context import Context
from worker.operations.importing import Planned
from worker.operations.integrations import Integration


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    saved: tuple[Integration, ...]
    """As they are now."""
    refused: tuple[tuple[Planned, PtmError], ...]
    """Nothing of these was written, and why."""
    untried: tuple[Planned, ...] = ()
    """Those behind one for which the database did not answer."""

    @property
    def whole(self) -> bool:
        return not self.refused


async def take_in(context: Context, changing: Sequence[tuple[Planned, Waiting]], *, reason: str | None = None) -> Taken:
    """Each with what becomes of what waits. Goes on behind one that is refused, and ends where nothing can be saved."""
    saved: list[Integration] = []
    refused: list[tuple[Planned, PtmError]] = []
    for place, (one, waiting) in enumerate(changing):
        try:
            saved.append(await importing.save(context, one, waiting=waiting, reason=reason))
        except PtmError as error:
            refused.append((one, error))
            if isinstance(error, Unavailable):
                left = tuple(each for each, _ in changing[place + 1 :])
                return Taken(saved=tuple(saved), refused=tuple(refused), untried=left)
    return Taken(saved=tuple(saved), refused=tuple(refused))
