"""What follows from an attempt to carry a contact to Trustmary: from a look-up, an answer, a failure or silence."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

from events.contact import (
    Carried,
    ContactAdded,
    ContactDelivered,
    ContactRefused,
    ContactUnlisted,
    ContactWithdrawn,
    Withdrawal,
)
from events.errors import Refused, Unavailable
from events.retry import DELIVERY, Backoff

UNPAID = 402
"""Payment required: what a subscription that has ended may be answered with (no facts say so)."""

SKEW = timedelta(seconds=2)
"""How far Trustmary's clock may be behind ours."""


class Call(StrEnum):
    """What one delivery asks of Trustmary."""

    CONTACT = "contact"
    LISTS = "lists"
    AUTOMATION = "automation"
    UNLIST = "unlist"


class Unanswered(StrEnum):
    """What becomes of a call whose effect cannot be known."""

    HOLD = "hold"
    RESEND = "resend"


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """One call on its way, as the one who claimed it knows it."""

    id: int
    integration: UUID
    organization: str
    partition: int
    position: int
    decision: UUID
    invoice: int
    step: int
    call: Call
    attempts: int
    attempted_at: datetime
    """When the newest attempt was committed, by Postgres' clock."""
    secret: UUID | None
    removed: bool = False
    """Its integration is gone."""
    unresolved: bool = False
    """The newest attempt may have taken effect; nobody knows yet."""
    unseen: tuple[datetime, datetime] | None = None
    """From a backup to the release after its restore: what a replay had sent then, the log does not know."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivered:
    status: int | None = None
    answer: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rejected:
    status: int
    reason: str
    answer: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Withheld:
    reason: Withdrawal
    detail: str | None = None
    uncertain: bool = False
    """An earlier call had no answer: it may have arrived."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Again:
    """To be sent again after *wait*."""

    wait: timedelta
    failure: str
    status: int | None = None
    ailing: bool = False
    """Trustmary itself is at fault: the lane should know."""
    asked: timedelta | None = None
    """How long Trustmary wants to be left alone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Silence:
    """No answer: to be looked up after *wait*, or once the call has surely ended where that is None."""

    failure: str
    wait: timedelta | None = None
    ailing: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Parked:
    """A person is asked; the contact's later deliveries go on."""

    fingerprint: str
    """Cause in the form `class:service:status`, the same for all that one remedy frees."""
    failure: str
    status: int | None = None
    ailing: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Gone:
    """What it is to go to is in Trustmary no more: it waits until that is there again, or another is chosen."""

    target: str
    """`list:{id}` or `automation:{id}`."""
    status: int | None = None
    """What Trustmary answered; 200–299 where it took the contact and left the list out."""
    tried: bool = True
    """False: it was known, and Trustmary was not asked again."""

    @property
    def failure(self) -> str:
        what, _, id = self.target.partition(":")
        return f"Trustmary has no {what} {id} any more."

    @property
    def fingerprint(self) -> str:
        return f"{GONE}trustmary:{self.target}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Broken:
    """We are refused: nothing of the integration is sent until that is mended."""

    reason: str
    failure: str
    status: int | None = None


Verdict = Delivered | Rejected | Withheld | Again | Silence | Parked | Gone | Broken
Final = Delivered | Rejected | Withheld

UNKNOWN = "unknown:trustmary:no_answer"
GONE = "gone:"
"""How the fingerprint of what waits for a list or an automation begins; SQL asks for it, too."""


def withheld(contact: Mapping[str, Any] | None, added: Carried, *, step: int = 1) -> Withheld | None:
    """Why a contact that Trustmary shows as *contact* (None: not there) is left alone.

    Who is not there is not made by taking it off.
    """
    if contact is None:
        return Withheld(reason=Withdrawal.NOT_THERE) if isinstance(added, ContactUnlisted) else None
    if contact.get("deleted_at"):
        return Withheld(reason=Withdrawal.DELETED_THERE)
    status = str(contact.get("status") or "active")
    if status != "active":
        return Withheld(reason=Withdrawal.NOT_ACTIVE, detail=status)
    if isinstance(added, ContactAdded) and added.existing == "leave" and step == 1:
        return Withheld(reason=Withdrawal.EXISTS)
    return None


def withheld_as_blocked(delivery: Delivery, added: Carried) -> Withheld:
    """Of a contact that is on the block list by now. What may be repeated is not looked up when it had no answer."""
    doubt = delivery.attempts > 1 and repeatable(delivery, added)
    detail = "an earlier call may have arrived" if doubt else None
    return Withheld(reason=Withdrawal.BLOCKED, detail=detail, uncertain=doubt)


def withheld_as_undone(delivery: Delivery, added: Carried) -> Withheld:
    """Of what came back from a call under way, or out of the parking place, when its replay was being undone."""
    late = withheld_as_blocked(delivery, added)
    return replace(late, reason=Withdrawal.DISCARDED, detail=late.detail or "undone")


def repeatable(delivery: Delivery, added: Carried) -> bool:
    """Whether doing it twice does no more than doing it once."""
    if isinstance(added, ContactUnlisted):
        return True
    return delivery.call is Call.CONTACT and added.existing != "leave"


def after_failure(error: Unavailable, delivery: Delivery, *, jitter: float, backoff: Backoff = DELIVERY) -> Verdict:
    """Of a call that took no effect, or may be repeated."""
    wait = backoff.after(delivery.attempts, jitter=jitter, asked=error.retry_after)
    failure = str(error)
    if wait is None:
        fingerprint = f"unavailable:trustmary:{error.status or '-'}"
        return Parked(fingerprint=fingerprint, failure=failure, status=error.status, ailing=True)
    return Again(wait=wait, failure=failure, status=error.status, ailing=True, asked=error.retry_after)


def after_refusal(error: Refused) -> Verdict:
    """Of a call that Trustmary turned down."""
    if turns_away(error):
        return Broken(reason=error.reason, failure=str(error), status=error.status)
    match error.reason:
        case "invalid" if error.status is not None:
            return Rejected(status=error.status, reason=error.reason, answer=error.answer)
        case reason:
            fingerprint = f"{reason}:trustmary:{error.status or '-'}"
            return Parked(fingerprint=fingerprint, failure=str(error), status=error.status)


def turns_away(error: Refused) -> bool:
    """Whether it is us whom Trustmary refuses, whatever the call: for the key, or for what is not paid."""
    return error.reason == "credentials" or error.status == UNPAID


def doubts_target(error: Refused) -> bool:
    """Whether a call may have been turned down for the list or automation that it names: which status says so is not
    known (api/trustmary.md), so Trustmary is asked what it has.
    """
    return error.reason in ("invalid", "not_found") and error.status is not None


def passed_over(answer: Mapping[str, Any], lists: Collection[str]) -> bool:
    """Whether Trustmary counts fewer lists than were named: one is gone, or had the contact already."""
    counted = answer.get("listsUpdated")
    return isinstance(counted, int) and counted < len(lists)


class Proof(StrEnum):
    ARRIVED = "arrived"
    NOT_ARRIVED = "not_arrived"
    OPEN = "open"


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """The contact as it was just before the attempt; *contact* None: it was not there."""

    contact: Mapping[str, Any] | None


def prove(now: Mapping[str, Any] | None, delivery: Delivery, added: Carried, *, before: Seen | None = None) -> Proof:
    """Whether an unanswered call arrived, by the contact as it is *now* and, where it is still known, as it was.

    List membership cannot be read back, so this goes by the contact: updated since, with our fields, is arrived. An
    update that may be somebody else's, or of the same moment as the one before, proves nothing.
    """
    if now is None:
        return Proof.NOT_ARRIVED
    updated = instant(now.get("updated_at"))
    if updated is None:
        return Proof.OPEN
    ours = Proof.ARRIVED if carries(now, added.contact) else Proof.OPEN
    if before is None:
        return ours if updated >= delivery.attempted_at - SKEW else Proof.NOT_ARRIVED
    if before.contact is None:
        return ours
    was = instant(before.contact.get("updated_at"))
    if was is None or updated > was:
        return ours if was is not None else Proof.OPEN
    return Proof.NOT_ARRIVED if updated < delivery.attempted_at - SKEW else Proof.OPEN


def carries(contact: Mapping[str, Any], wanted: Mapping[str, str]) -> bool:
    """Whether *contact* shows our fields: none shown differs and, where more than an address was sent, one is shown."""
    shown = {name: value for name, value in wanted.items() if contact.get(name) is not None}
    told = len(wanted) == 1 or shown.keys() - {"email"}
    return bool(told) and all(same(contact[name], value) for name, value in shown.items())


def same(left: object, right: object) -> bool:
    """Trustmary may write a phone number or a name with other blanks and cases than we did."""
    return "".join(str(left).split()).casefold() == "".join(str(right).split()).casefold()


def instant(text: object) -> datetime | None:
    """An ISO 8601 time with a zone; None for anything else."""
    try:
        read = datetime.fromisoformat(str(text))
    except ValueError:
        return None
    return read if read.tzinfo is not None else None


def after_look_up(
    proof: Proof, delivery: Delivery, *, rule: Unanswered = Unanswered.HOLD, backoff: Backoff = DELIVERY
) -> Verdict:
    """Of a call that had no answer."""
    if proof is Proof.ARRIVED:
        return Delivered()
    if delivery.removed:
        return Withheld(reason=Withdrawal.REMOVED, detail=None if proof is Proof.NOT_ARRIVED else "outcome unknown")
    if proof is Proof.OPEN and rule is Unanswered.HOLD:
        return Parked(fingerprint=UNKNOWN, failure="It is not known whether the last call took effect.")
    if backoff.after(delivery.attempts, jitter=0) is None:
        return Parked(fingerprint="unavailable:trustmary:-", failure="No call was answered.")
    return Again(wait=timedelta(), failure="The last call was not answered and did not arrive.")


def outcome(
    delivery: Delivery, partner: int | None, verdict: Final
) -> ContactDelivered | ContactRefused | ContactWithdrawn:
    """The event that tells how it ended."""
    match verdict:
        case Delivered(status=status, answer=answer):
            return ContactDelivered(**about(delivery, partner), status=status, answer=answer)
        case Rejected(status=code, reason=reason, answer=answer):
            return ContactRefused(**about(delivery, partner), status=code, reason=reason, answer=answer)
        case Withheld(reason=why, detail=detail, uncertain=uncertain):
            return ContactWithdrawn(**about(delivery, partner), reason=why, detail=detail, uncertain=uncertain)


def second_step(delivery: Delivery, partner: int | None) -> ContactWithdrawn:
    """What becomes of the automation when the contact is not there."""
    facts = {**about(delivery, partner), "step": 2, "attempts": 0}
    return ContactWithdrawn(**facts, reason=Withdrawal.FIRST_STEP_FAILED)


def about(delivery: Delivery, partner: int | None) -> dict[str, Any]:
    return {
        "integration": delivery.integration,
        "invoice_id": delivery.invoice,
        "partner": partner,
        "decision": delivery.decision,
        "step": delivery.step,
        "attempts": delivery.attempts,
    }
