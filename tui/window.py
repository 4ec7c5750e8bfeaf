"""A stretch of the log, held while one looks at it: bounded, however far one goes."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from worker.operations.browse import Entry, Key, Page
from worker.operations.tail import Heads

MOST = 1000
"""Events that are held."""


@dataclass(slots=True)
class Window:
    entries: list[Entry] = field(default_factory=list)
    """In the order of the log."""
    older: Key | None = None
    """Before what to go on backwards; None: nothing is older."""
    heads: Heads | None = None
    """Up to where nothing newer is missing; None: what is newer was not read, or was let go of."""

    @property
    def newest(self) -> Key | None:
        return self.entries[-1].key if self.entries else None

    def go_back(self, page: Page) -> None:
        self.older = page.further
        self._join(page.entries)
        if len(self.entries) > MOST:
            del self.entries[MOST:]
            self.heads = None

    def go_on(self, entries: Iterable[Entry], heads: Heads | None) -> None:
        self.heads = heads
        self._join(entries)
        if len(self.entries) > MOST:
            del self.entries[:-MOST]
            self.older = self.entries[0].key

    def _join(self, entries: Iterable[Entry]) -> None:
        """Each once: of two partitions the later commit may have the earlier time."""
        every = {entry.key: entry for entry in (*self.entries, *entries)}
        self.entries = [every[key] for key in sorted(every)]
