"""What a draft would have decided in the place of the live trigger, held against what the live one did decide.

The log keeps every picture, so a draft needs no second projector to be watched: its decisions are a fold, at any time.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from events import address
from events.contact import ContactAdded
from events.integration import Configuration, Rules, Trigger, fold
from events.invoice import InvoiceStatusChanged, Kind
from events.proof import Decided, Met
from events.rules import Candidate, Ledger, candidate, settle

SAMPLES = 5


class Verdict(StrEnum):
    """How two answers to one change compare."""

    EQUAL = "equal"
    """Both add the same contact to the same."""
    OTHER_FIELDS = "other_fields"
    OTHER_ADDRESS = "other_address"
    OTHER_DESTINATION = "other_destination"
    ONLY_LIVE = "only_live"
    ONLY_DRAFT = "only_draft"
    NEITHER = "neither"
    """At least one has a reason to skip, and none adds."""


DIFFERENT = tuple(one for one in Verdict if one not in (Verdict.EQUAL, Verdict.NEITHER))


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """One change that the two answer differently; None: its status concerns that one not at all."""

    invoice: int
    number: int | None
    at: datetime
    live: Decided | None
    draft: Decided | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Use:
    """Something that is used up, blocked or free again once the change at a position is decided."""

    position: int
    trigger: UUID | None = None
    """Who used it; None: an operator blocks or unblocks."""
    invoice: int = 0
    key: bytes | str = b""
    """Contact key; of a block the key of integration and address, or `@domain`."""
    target: str | None = None
    decision: UUID | None = None
    at: datetime | None = None
    """For the cool-down: when the cause was recorded."""
    freed: bool = False


@dataclass(slots=True, kw_only=True)
class Shadow:
    """Follows the changes of a window in order, together with what else used up contacts meanwhile.

    Each change is asked twice: `consider` says which contact the draft would choose, so that what others used up of it
    can be looked up, and `compare` decides.
    """

    draft: Trigger
    """As it would be promoted: live, under the id of the trigger whose place it takes."""
    said: Sequence[tuple[int, Configuration]]
    """All that operators said, by position: each change is decided with the settings of its moment."""
    ledger: Ledger
    counts: Counter[Verdict] = field(default_factory=Counter)
    samples: dict[Verdict, deque[Sample]] = field(default_factory=dict)
    """The newest of each kind."""
    erased: int = 0
    unmet: int = 0
    """Changes to a status that concerns neither."""
    rules: Rules | None = None
    folded: int = 0

    def consider(self, met: Met) -> Candidate | None:
        """None: the draft says nothing about it."""
        rules = self.rules_at(met.position)
        change = met.event
        if rules is None or not isinstance(change, InvoiceStatusChanged) or met.erased or change.kind is not Kind.LIVE:
            return None
        if not change.passed & self.draft.condition.statuses:
            return None
        return candidate(rules, self.draft, change, met.at)

    def rules_at(self, position: int) -> Rules | None:
        """Those in force before *position*; asked in ascending order."""
        while self.folded < len(self.said) and self.said[self.folded][0] < position:
            place, event = self.said[self.folded]
            self.rules = fold(self.rules, event, place)
            self.folded += 1
        return self.rules

    def compare(self, met: Met, found: Candidate | None, live: Decided | None, used: Iterable[Use]) -> None:
        """*used*: what was used up before this change, of what the draft would choose; more of it does no harm."""
        if met.erased:
            self.erased += 1
            return
        for use in used:
            self.take(use)
        draft = settle(found, self.ledger) if found else None
        if live is None and draft is None:
            self.unmet += 1
            return
        verdict = compared(live, draft)
        self.counts[verdict] += 1
        if verdict in DIFFERENT and isinstance(met.event, InvoiceStatusChanged):
            kept = self.samples.setdefault(verdict, deque(maxlen=SAMPLES))
            kept.append(sample(met.event, met.at, live, draft))

    def take(self, use: Use) -> None:
        integration = self.integration
        if use.trigger is None:
            (self.ledger.blocked.discard if use.freed else self.ledger.blocked.add)((integration, use.key))
        elif use.target is not None and isinstance(use.key, bytes):
            self.ledger.reached.add((integration, use.invoice, use.key, use.target))
        elif use.at is not None and use.decision is not None and isinstance(use.key, bytes):
            self.ledger.added_at.setdefault((integration, use.key), {})[use.decision] = use.at
        else:
            self.ledger.fired.add((integration, use.invoice, use.trigger))

    @property
    def integration(self) -> UUID:
        return self.said[0][1].integration


def sample(change: InvoiceStatusChanged, at: datetime, live: Decided | None, draft: Decided | None) -> Sample:
    number = change.invoice.get("invoiceNumber")
    known = number if isinstance(number, int) else None
    return Sample(invoice=change.invoice_id, number=known, at=at, live=live, draft=draft)


def compared(live: Decided | None, draft: Decided | None) -> Verdict:
    match live, draft:
        case ContactAdded(), ContactAdded():
            return both(live, draft)
        case ContactAdded(), _:
            return Verdict.ONLY_LIVE
        case _, ContactAdded():
            return Verdict.ONLY_DRAFT
        case _:
            return Verdict.NEITHER


def both(live: ContactAdded, draft: ContactAdded) -> Verdict:
    if address.same(live.contact["email"]) != address.same(draft.contact["email"]):
        return Verdict.OTHER_ADDRESS
    if dict(live.contact) != dict(draft.contact):
        return Verdict.OTHER_FIELDS
    if (live.targets, live.existing) != (draft.targets, draft.existing):
        return Verdict.OTHER_DESTINATION
    return Verdict.EQUAL
