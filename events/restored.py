"""After a restore: what became of a contact that the log still waits to send, by what Trustmary shows of it now."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from events.contact import Carried, ContactAdded, ContactUnlisted
from events.delivery import SKEW, UNKNOWN, Call, Delivery, Parked, Proof, instant, prove, withheld

UNDER_WAY = timedelta(minutes=1)
"""An attempt that began so long before the backup may have arrived while it was taken."""

DOUBT = "It may have been sent between the backup and the release after its restore."


class Fate(StrEnum):
    SEND = "send"
    """Nobody has touched it since the backup: it would be sent."""
    FOUND = "found"
    """It has been added since: it is not sent again."""
    UNKNOWN = "unknown"
    """Somebody has touched it since; whether that was this, nobody can tell."""
    WITHHELD = "withheld"
    """It would not be sent: deleted, unsubscribed or erased."""
    PARKED = "parked"
    """It was parked, and stays so."""


def since(taken_at: datetime, attempted_at: datetime | None) -> datetime:
    """From when on an update in Trustmary may be this very delivery."""
    if attempted_at is not None and taken_at - UNDER_WAY < attempted_at < taken_at:
        return attempted_at
    return taken_at


def fate(contact: Mapping[str, Any] | None, delivery: Delivery, added: Carried) -> Fate:
    """Of a *delivery* attempted, if at all, at its `attempted_at`; *contact*: as Trustmary shows it, None: not there.

    An automation leaves no trace, so of a contact that was touched its start is unknown. Taking somebody off a list
    twice does no more than once.
    """
    if isinstance(added, ContactUnlisted):
        return Fate.SEND
    proof = prove(contact, delivery, added)
    if proof is Proof.NOT_ARRIVED:
        return Fate.WITHHELD if withheld(contact, added, step=delivery.step) else Fate.SEND
    return Fate.FOUND if proof is Proof.ARRIVED and delivery.call is not Call.AUTOMATION else Fate.UNKNOWN


def unseen(contact: Mapping[str, Any] | None, delivery: Delivery, added: Carried) -> Parked | None:
    """A replay that the log knows nothing of may have reached *contact*, and once more would start a survey again.

    Nothing of ours was sent between backup and release, so whatever touched it then was the lost machine or a person.
    """
    if delivery.unseen is None or contact is None or not isinstance(added, ContactAdded):
        return None
    since, until = delivery.unseen
    updated = instant(contact.get("updated_at"))
    untouched = updated is not None and not since - SKEW <= updated <= until
    return None if untouched or not (added.lists or added.automation) else Parked(fingerprint=UNKNOWN, failure=DOUBT)
