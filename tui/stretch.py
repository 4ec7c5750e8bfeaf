"""What of the log is being looked at: read once, then kept in step with what comes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from tui import window as held
from tui.terms import Asked
from tui.window import Window
from worker.operations import browse, narrowing, related, tail
from worker.operations.browse import Entry, Filter, Key, Page
from worker.operations.context import Context
from worker.operations.related import Known
from worker.operations.tail import Heads

MANY = 1000
"""When more than so many have come, the newest are read afresh."""
NEAR = 20
"""Rows from the end of what is held at which more is read."""
AROUND = 50
"""Events that are shown before the place one has gone to."""


@dataclass(slots=True, eq=False)
class Stretch:
    """Changed by handlers only; who reads answers a `Look`."""

    asked: Asked
    at: Key | None = None
    """Where it begins; None: at the newest."""
    wanted: Filter | None = None
    window: Window | None = None
    """None: nothing has been read yet."""
    counted: Heads = field(default_factory=dict)
    """Up to where what is new is counted."""
    new: int = 0
    """What has come and is not among the rows."""

    def take(self, look: Look) -> None:
        self.wanted, self.counted = look.wanted, look.heads
        if look.window is not None:
            self.window, self.new = look.window, 0
        elif look.entries is not None and self.window:
            self.window.go_on(look.entries, look.heads)
            self.new = 0
        else:
            self.new += look.new

    def go_further(self, found: Further) -> None:
        if self.window is None:
            return
        if found.older:
            self.window.go_back(found.page)
        else:
            self.window.go_on(found.page.entries, found.heads)
            self.new = 0 if found.heads else self.new

    def wants_older(self, place: int, shown: int, room: int) -> bool:
        """Whether one is near the oldest, or sees less than the screen has room for."""
        if self.window is None or self.window.older is None:
            return False
        return place < min(NEAR, shown // 2) or (shown < room and len(self.window.entries) < held.MOST)

    def wants_newer(self, place: int, shown: int) -> bool:
        """Whether one is near the newest that is held, and newer ones are not."""
        return self.window is not None and self.window.heads is None and place >= shown - NEAR


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    of: Stretch
    wanted: Filter | None = None
    window: Window | None = None
    """Read afresh."""
    entries: Sequence[Entry] | None = None
    """What has come; None: it was only counted."""
    heads: Heads = field(default_factory=dict)
    new: int = 0
    known: Known = field(default_factory=Known)
    wrong: str = ""
    """Why nothing was read, where the terms mean nothing."""

    @property
    def only_counted(self) -> bool:
        """The rows are as they were."""
        return not self.wrong and self.window is None and self.entries is None


@dataclass(frozen=True, slots=True, kw_only=True)
class Further:
    of: Stretch
    page: Page
    older: bool
    known: Known
    heads: Heads | None = None
    """Of the newest page: nothing newer is missing."""


async def look(context: Context, of: Stretch, known: Known, *, follow: bool) -> Look:
    """Raises `Misconfigured`, in words, for terms that mean nothing."""
    wanted = of.wanted
    if wanted is None or (follow and of.asked.terms.narrow):
        wanted = await narrowing.resolve(context, of.asked.terms)
    heads = await tail.heads(context)
    if of.window is None or of.wanted is None or of.wanted.streams != wanted.streams:
        return await afresh(context, of, wanted, heads=heads, known=known)
    if not follow or of.window.heads is None:
        span = tail.between(of.counted, heads, wanted)
        return Look(of=of, wanted=wanted, heads=heads, new=await tail.count(context, wanted, span))
    span = tail.between(of.window.heads, heads, wanted)
    if span.length > MANY:
        return await afresh(context, of, wanted, heads=heads, known=known)
    entries = await tail.read(context, wanted, span)
    more = await related.known(context, entries, known)
    return Look(of=of, wanted=wanted, entries=entries, heads=heads, known=more)


async def afresh(context: Context, of: Stretch, wanted: Filter, *, heads: Heads, known: Known) -> Look:
    window = Window()
    if of.at is None or of.window is not None:
        window.go_back(await browse.before(context, wanted))
        window.heads = heads
    else:
        window.go_back(await browse.before(context, wanted, of.at, limit=AROUND))
        page = await browse.after(context, wanted, Key(at=of.at.at, partition=of.at.partition, position=before(of.at)))
        window.go_on(page.entries, None if page.further else heads)
    more = await related.known(context, window.entries, known)
    return Look(of=of, wanted=wanted, window=window, heads=heads, known=more)


def before(key: Key) -> int:
    """So that the event at the place itself is among those behind it."""
    return max(0, key.position - 1)


async def further(context: Context, of: Stretch, known: Known, *, older: bool) -> Further:
    """Backwards from the oldest, or forwards to the newest: where that is not far, all of it."""
    assert of.wanted and of.window, "what was never read has no further"
    wanted, window = of.wanted, of.window
    heads = None
    if older:
        page = await browse.before(context, wanted, window.older)
    else:
        now = await tail.heads(context)
        page = await browse.before(context, wanted)
        if page.further is None or (page.entries and window.newest and page.entries[0].key <= window.newest):
            heads = now
        elif window.newest:
            page = await browse.after(context, wanted, window.newest)
    more = await related.known(context, page.entries, known)
    return Further(of=of, page=page, older=older, known=more, heads=heads)
