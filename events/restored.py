"""After a restore: what became of a contact that the log still waits to send, by what Trustmary shows of it now."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from events.contact import Carried, ContactUnlisted
from events.delivery import Call, Delivery, Proof, prove, withheld

UNDER_WAY = timedelta(minutes=1)
"""An attempt that began so long before the backup may have arrived while it was taken."""


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
