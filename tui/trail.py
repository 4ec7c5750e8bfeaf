"""The way along causes and effects: down through all that followed, one after the other, and up again."""

from __future__ import annotations

from worker.operations.browse import Entry
from worker.operations.related import Related


class Trail:
    def __init__(self) -> None:
        self._beside: list[tuple[tuple[Entry, ...], int]] = []
        """On each level the effects of one event, and which of them one has gone to."""

    def leave(self) -> None:
        """Somebody has gone elsewhere."""
        self._beside.clear()

    def up(self, at: Related) -> Entry | None:
        if self._beside:
            self._beside.pop()
        return at.cause

    def down(self, at: Related) -> Entry | None:
        """To the first effect; where there is none, to the next one beside; None: nothing more has followed."""
        if at.effects:
            self._beside.append((at.effects, 0))
            return at.effects[0]
        while self._beside:
            effects, place = self._beside.pop()
            if place + 1 < len(effects):
                self._beside.append((effects, place + 1))
                return effects[place + 1]
        return None
