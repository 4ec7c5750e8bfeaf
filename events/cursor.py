"""Where a reading of a company's invoices stands and goes on, by key, so that rows may move while they are read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta, tzinfo

from events.errors import Refused
from events.observe import Seen

SECOND = timedelta(seconds=1)
CROWDED = timedelta(seconds=2)
"""Length of a stretch read by id; two seconds, since whether Procountor's ranges include their ends is not known."""
CLOCK_BACK = timedelta(minutes=65)
LATELY = timedelta(hours=2)
AHEAD = timedelta(days=1)
"""No zone and no clock is so far ahead: such a stamp says nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """The next request of a pass.

    As a rule invoices are read in order of `version`, each request starting a second before the last row's. Where a
    whole page lies within that second, the stretch *since*..*until* is read by id instead: a row that is modified
    meanwhile leaves the stretch without shifting the rest, and is met again later. Without *since*: by id alone.
    """

    since: str | None
    until: str | None = None
    after: int | None = None

    def __str__(self) -> str:
        return "/".join(("-" if self.since is None else self.since, self.until or "", str(self.after or "")))

    @property
    def by_id(self) -> bool:
        return self.since is None or self.until is not None


def parse(text: str) -> Place:
    """The place that `str(place)` wrote."""
    since, until, after = text.split("/")
    return Place(since=None if since == "-" else since, until=until or None, after=int(after) if after else None)


def first(cursor: str, overlap: timedelta) -> Place:
    """Where a pass starts: *overlap* before the cursor, or at the very beginning for a company that had no invoices."""
    return Place(since=shift(cursor, -overlap) if cursor else "")


def following(place: Place, rows: Sequence[Seen], *, full: bool) -> Place | None:
    """Where the pass goes on behind *rows*, in the order they came; None when everything was read.

    Raises `Refused` where the list comes back to what was read: going on would miss what lies behind, or never end.
    """
    if place.by_id and full and rows:
        last = max(row.invoice for row in rows)
        if last <= (place.after or 0):
            raise Refused("Procountor's list does not go on: it shows again what was read.", reason="unreadable")
        return replace(place, after=last)
    if place.until is not None:
        return Place(since=shift(place.until, -SECOND))
    if not full or not rows or place.since is None:
        return None
    since = shift(rows[-1].version, -SECOND) if rows[-1].version else ""
    return Place(since=since) if since > place.since else replace(place, until=shift(place.since, CROWDED))


def furthest(cursor: str, rows: Sequence[Seen], *, now: str) -> str:
    """The largest version that Procountor returned so far, or *now*: one still to come would hide all until then."""
    return max([cursor, *(min(row.version, now) for row in rows if row.version)])


def newest(rows: Sequence[Seen], *, now: str) -> str:
    """The largest version: where the past ends. One far ahead would make past of all that follows, and counts as now.

    Within a day it is believed: by a clock of ours that is late the last invoices would seem to be new.
    """
    version = max([row.version for row in rows if row.version], default="")
    return version if version <= shift(now, AHEAD) else now


def local(now: datetime, zone: tzinfo) -> str:
    """As Procountor would write it."""
    return now.astimezone(zone).replace(tzinfo=None).isoformat(timespec="seconds")


def overlap(cursor: str, now: datetime, *, zone: tzinfo, usual: timedelta) -> timedelta:
    """How far before the cursor a pass must start: over an hour where the clock went back, as stamps lack a zone."""
    went_back = now.astimezone(zone).utcoffset() != (now - LATELY).astimezone(zone).utcoffset()
    return max(usual, CLOCK_BACK) if went_back or _twice(cursor, zone) else usual


def shift(stamp: str, by: timedelta) -> str:
    """Procountor's local, zoneless *stamp* moved *by* so much."""
    return (datetime.fromisoformat(stamp).replace(tzinfo=None) + by).isoformat(timespec="seconds")


def _twice(stamp: str, zone: tzinfo) -> bool:
    """Whether *stamp* is a time that the zone's clock shows twice (or never)."""
    if not stamp:
        return False
    local = datetime.fromisoformat(stamp).replace(tzinfo=zone)
    return local.utcoffset() != local.replace(fold=1).utcoffset()
