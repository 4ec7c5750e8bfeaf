"""What one looks at of a replay: itself, its contacts as far as they are loaded, and which of them are meant."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from uuid import UUID

from events.plan import SENDABLE, Class
from events.replay import Reach
from worker.operations import integrations, replays
from worker.operations.context import Context
from worker.operations.integrations import Integration
from worker.operations.replays import Line, Order, Replay
from worker.operations.summary import names_of

MOST = 5_000
"""Contacts of a plan that are loaded at once; the exports have all, and so does what is applied unmarked."""
APPLIED = SENDABLE | {Class.TAKE_OFF}


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    replay: Replay
    integration: Integration
    kind: Class | None
    """The only class that is loaded; None: all."""
    lines: tuple[Line, ...]

    @property
    def counts(self) -> Mapping[Class, int]:
        return {Class(kind): count for kind, count in self.replay.about["counts"].items()}

    @property
    def whole(self) -> int:
        """Contacts that there are of what is loaded."""
        return self.counts.get(self.kind, 0) if self.kind else sum(self.counts.values())

    @property
    def names(self) -> Mapping[str, str]:
        return names_of(self.integration.rules)

    @property
    def drafts(self) -> tuple[str, ...]:
        """Triggers of the plan that are not in force: it cannot be applied."""
        known = self.integration.rules.triggers
        return tuple(known[id].name for id in self.replay.triggers if id in known and not known[id].live)


async def look(context: Context, id: UUID, kind: Class | None, before: Look | None) -> Look:
    """The contacts of a plan stay who they are: they are opened once, and then only followed."""
    seen = await replays.find(context, str(id))
    known = before.lines if before and before.kind == kind else None
    if known is None:
        kinds = None if kind is None else [kind]
        known = tuple([one async for one in replays.lines(context, seen, most=MOST, kinds=kinds)])
    elif seen.state != "planned":
        known = await replays.followed(context, seen, known)
    integration = await integrations.read_one(context, seen.integration)
    return Look(replay=seen, integration=integration, kind=kind, lines=known)


def order(at: Look, reach: Reach, marked: Collection[int], *, remove_old: bool = False) -> Order | None:
    """The marked contacts; where none is marked, all that can be sent of the class that is shown. None: nobody."""
    numbers = {one.number for one in at.lines if one.number in marked and one.kind in APPLIED}
    off = frozenset({Class.TAKE_OFF}) if remove_old else frozenset()
    if not marked:
        classes = SENDABLE if at.kind is None else SENDABLE & {at.kind}
        return Order(reach=reach, classes=classes | off) if classes else None
    kinds = {one.number: one.kind for one in at.lines}
    chosen = {number for number in numbers if remove_old or kinds[number] is not Class.TAKE_OFF}
    if not any(kinds[number] in SENDABLE for number in chosen):
        return None
    return Order(reach=reach, classes=SENDABLE | off, chosen=frozenset(chosen))


def old_ones(at: Look, marked: Collection[int]) -> int:
    """Old addresses that could be taken off with what is meant."""
    if not marked:
        return at.counts.get(Class.TAKE_OFF, 0)
    return sum(one.number in marked and one.kind is Class.TAKE_OFF for one in at.lines)
