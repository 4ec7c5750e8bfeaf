"""What Procountor and Trustmary have, held against the log: which invoices it lacks, which contacts are not as sent."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, ClassVar
from uuid import UUID

from events.delivery import same
from events.envelope import identify, invoice_stream, subject_of
from events.observe import Known, Seen


class State(StrEnum):
    """How Trustmary has a contact that was delivered there."""

    AS_SENT = "as_sent"
    MISSING = "missing"
    """It knows no such contact, deleted or not."""
    DRIFTED = "drifted"
    """A field that was sent has another value there."""
    DELETED = "deleted"
    NOT_ACTIVE = "not_active"
    """Unsubscribed, bounced, complained or the like: Trustmary writes to it no more."""


REPAIRABLE = frozenset({State.MISSING, State.DRIFTED})
"""What a plan can send again; a person's own wish, deleted or unsubscribed, it never undoes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What a look-up says of one contact."""

    state: State
    status: str | None = None
    """Trustmary's word, where it is not `active`."""
    theirs: Mapping[str, str] = field(default_factory=dict)
    """Field → the value there, empty where there is none; of those only that differ from what was sent."""


def compare(sent: Mapping[str, str], there: Mapping[str, Any] | None) -> Found:
    """The contact as it was *sent* last, and as Trustmary shows it; None: not there.

    A field that the answer leaves out says nothing; blanks and cases do not count, since Trustmary may write them its
    own way. Lists cannot be read back.
    """
    if there is None:
        return Found(state=State.MISSING)
    status = str(there.get("status") or "active")
    if there.get("deleted_at"):
        return Found(state=State.DELETED)
    if status != "active":
        return Found(state=State.NOT_ACTIVE, status=status)
    theirs = {
        name: "" if there[name] is None else str(there[name])
        for name, value in sent.items()
        if name != "email" and name in there and not same("" if there[name] is None else there[name], value)
    }
    return Found(state=State.DRIFTED if theirs else State.AS_SENT, theirs=theirs)


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactChecked:
    """A delivered contact was looked up in Trustmary, and is otherwise than it was known to be."""

    type: ClassVar[str] = "ContactChecked"
    schema: ClassVar[int] = 1

    integration: UUID
    invoice_id: int
    """Of the delivery that was the contact's newest."""
    partner: int | None
    decision: UUID
    """What was delivered by it; a check that a later delivery has overtaken says nothing any more."""
    reconciliation: UUID
    state: State
    email: str
    status: str | None = None
    theirs: Mapping[str, str] = field(default_factory=dict)

    @property
    def id(self) -> UUID:
        return identify("checked", self.decision, self.reconciliation)

    @property
    def stream(self) -> str:
        return invoice_stream(self.integration, self.invoice_id)

    @property
    def subject(self) -> str:
        return subject_of(self.integration, self.invoice_id, self.partner)

    @property
    def found(self) -> Found:
        return Found(state=self.state, status=self.status, theirs=self.theirs)


class Gap(StrEnum):
    """What the log lacks of an invoice that Procountor has."""

    MISSING = "missing"
    """It has never seen the invoice."""
    BEHIND = "behind"
    """It has seen it, in another status last."""


def gap(known: Known | None, seen: Seen, *, baseline: str) -> Gap | None:
    """What of *seen* the log lacks; None also for what is older than the connection and was never seen: that is right.

    *baseline* is the newest version when the company was connected.
    """
    if known is not None:
        return Gap.BEHIND if known.status != seen.status else None
    return Gap.MISSING if seen.created is not None and seen.created > baseline else None


def still_to_come(seen: Seen, *, reading_from: str) -> bool:
    """Whether the next pass over Procountor's list, which begins at *reading_from*, meets the row by itself."""
    return seen.version is None or seen.version >= reading_from
