"""Taking a contact off the lists that an earlier decision put it on: what is decided, in the light of what has become
of that decision."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from events.codec import Event
from events.contact import (
    ContactAdded,
    ContactRefused,
    ContactSkipped,
    ContactUnlisted,
    ContactWithdrawn,
    Skip,
    Withdrawal,
)
from events.integration import Rules
from events.replay import Ask, ReplayAsked, as_planned
from events.rules import Ledger

TELLING = (ContactRefused.type, ContactWithdrawn.type, ContactUnlisted.type)
"""Types of events, beside the decision itself, that a `Fate` is made of."""


@dataclass(slots=True)
class Fate:
    """What has become of one decision to add a contact, followed along the stream of its invoice."""

    added: ContactAdded
    never_left: bool = False
    """It was refused or withdrawn, and no call can have arrived."""
    off: dict[UUID, frozenset[str]] = field(default_factory=dict)
    """Decision to take the contact off → the lists."""

    def meet(self, event: Event) -> None:
        match event:
            case ContactRefused(decision=decision, step=1) if decision == self.added.id:
                self.never_left = True
            case ContactWithdrawn(decision=decision, step=1, uncertain=uncertain) if decision == self.added.id:
                self.never_left = not uncertain
            case ContactUnlisted(cause=cause) if cause == self.added.id:
                self.off[event.id] = frozenset(event.lists)
            case ContactRefused(decision=decision) if decision in self.off:
                del self.off[decision]
            case ContactWithdrawn(decision=decision, reason=reason) if decision in self.off:
                if reason is not Withdrawal.NOT_THERE:
                    del self.off[decision]
            case _:
                pass

    def left(self, wanted: Iterable[str]) -> tuple[str, ...]:
        """What of the targets *wanted* are lists that the decision named and that nothing has taken back."""
        gone = frozenset[str]().union(*self.off.values())
        asked = frozenset(wanted)
        return tuple(one for one in self.added.lists if f"list:{one}" in asked and one not in gone)


def unlist(
    ask: Ask, fate: Fate, asked: ReplayAsked, *, in_force: Rules, ledger: Ledger
) -> ContactUnlisted | ContactSkipped | None:
    """The decision on an item that takes off; None of somebody who is erased. Notes in *fate* what it takes back.

    A newer decision about the contact, which is not of the replay that is undone, leaves it where that put it. Of a
    removed integration nothing is sent any more, so nothing may wait to be.
    """
    added = fate.added
    if not (email := added.contact.get("email")):
        return None
    facts: dict[str, Any] = {
        "integration": added.integration,
        "invoice_id": added.invoice_id,
        "partner": added.partner,
        "cause": added.id,
        "trigger": added.trigger,
        "rules_version": in_force.version,
        "asked_by": asked.id,
        "replay": asked.replay,
    }
    key = ledger.key(in_force.organization, email)
    newest = ledger.latest(added.integration, key, besides={asked.replay, asked.undoes} - {None})
    if fate.never_left:
        return ContactSkipped(**facts, reason=Skip.NOT_SENT)
    if in_force.removed or newest != ask.last:
        trace = (as_planned(ask, newest),) if newest != ask.last else ()
        return ContactSkipped(**facts, reason=Skip.MOVED, trace=trace)
    if not (lists := fate.left(ask.targets)):
        return ContactSkipped(**facts, reason=Skip.ALREADY_OFF)
    unlisted = ContactUnlisted(**facts, contact={"email": email}, lists=lists)
    fate.meet(unlisted)
    return unlisted
