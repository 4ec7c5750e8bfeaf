"""What is decided about a contact, and what came of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, ClassVar
from uuid import UUID

from events.envelope import identify, invoice_stream, subject_of
from events.integration import targets


class Skip(StrEnum):
    """Why a trigger whose status was met adds nobody; `events.reasons` has what to do about each."""

    BEFORE_CONNECTION = "before_connection"
    TYPE = "type"
    OFFER = "offer"
    NOT_POSITIVE = "not_positive"
    FILTERED = "filtered"
    CUSTOMER_UNREADABLE = "customer_unreadable"
    INVOICE_UNREADABLE = "invoice_unreadable"
    NO_CONTACT_PERSON = "no_contact_person"
    NO_EMAIL = "no_email"
    INVALID_EMAIL = "invalid_email"
    ROLE_ADDRESS = "role_address"
    OLD_INVOICE = "old_invoice"
    BLOCKED = "blocked"
    ALREADY_ADDED = "already_added"
    COOL_DOWN = "cool_down"
    MOVED = "moved"
    """Of a replay: the rules, or what this contact was sent, are not what was planned with any more."""
    RECORDED = "recorded"
    """Of a replay that only records: it would be added."""
    NOT_SENT = "not_sent"
    """Of a taking off: what was to put the contact on never left."""
    ALREADY_OFF = "already_off"
    """Of a taking off: the contact is off, or is to be taken off by an earlier decision."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """The rules' answer to one event and one trigger."""

    integration: UUID
    invoice_id: int
    partner: int | None
    cause: UUID
    """The InvoiceStatusChanged that was decided; of a taking off, the ContactAdded whose effect is taken back."""
    trigger: UUID
    rules_version: int
    """Position of the newest configuration event in force."""
    asked_by: UUID | None = None
    """The operator's event that asked for deciding again; None for the live decision."""
    trace: tuple[Mapping[str, Any], ...] = ()
    """Condition by condition: `check`, `seen`, `wanted`, `ok`; names people."""
    replay: UUID | None = None
    """The replay that it belongs to; None: live, or decided again on an operator's word."""
    id: UUID = field(init=False, compare=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "id", identify("decision", self.cause, self.trigger, self.asked_by))

    @property
    def stream(self) -> str:
        return invoice_stream(self.integration, self.invoice_id)

    @property
    def subject(self) -> str:
        return subject_of(self.integration, self.invoice_id, self.partner)


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactAdded(Decision):
    """This contact is to be added (people read *to be added*): the command to Trustmary, and the record of it."""

    type: ClassVar[str] = "ContactAdded"
    schema: ClassVar[int] = 1

    contact: Mapping[str, str]
    """Trustmary contact field → value; `email` always."""
    kind: str
    """What the destination is: `contact`, `lists`, `survey` or `automation`."""
    lists: tuple[str, ...] = ()
    automation: str | None = None
    starts_surveys: bool = True
    existing: str = "update"
    resend: bool = False
    """The replay adds once more what this trigger has added for this invoice before."""

    @property
    def targets(self) -> tuple[str, ...]:
        """What this invoice has added this contact to, from now on."""
        return targets(self.lists, self.automation)


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactUnlisted(Decision):
    """This contact is to be taken off lists that an earlier decision put it on; it stays in Trustmary."""

    type: ClassVar[str] = "ContactUnlisted"
    schema: ClassVar[int] = 1

    contact: Mapping[str, str]
    """`email` and nothing else."""
    lists: tuple[str, ...]


Carried = ContactAdded | ContactUnlisted
"""What deliveries carry to Trustmary."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactSkipped(Decision):
    """Nobody is added, and why."""

    type: ClassVar[str] = "ContactSkipped"
    schema: ClassVar[int] = 1

    reason: Skip
    detail: str | None = None
    """The value or part at fault, in words; may name a person."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """How one delivery ended."""

    integration: UUID
    invoice_id: int
    partner: int | None
    decision: UUID
    step: int = 1
    """1 the contact, 2 the automation."""
    attempts: int = 0

    @property
    def stream(self) -> str:
        return invoice_stream(self.integration, self.invoice_id)

    @property
    def subject(self) -> str:
        return subject_of(self.integration, self.invoice_id, self.partner)


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactDelivered(Outcome):
    """Trustmary has it (people read *added*)."""

    type: ClassVar[str] = "ContactDelivered"
    schema: ClassVar[int] = 1

    status: int | None = None
    """HTTP status, or None where a look-up proved an unanswered call."""
    answer: Mapping[str, Any] = field(default_factory=dict)

    @property
    def id(self) -> UUID:
        return identify("outcome", self.decision, self.step, "delivered")


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactRefused(Outcome):
    """Trustmary said no for good."""

    type: ClassVar[str] = "ContactRefused"
    schema: ClassVar[int] = 1

    status: int
    reason: str
    answer: Mapping[str, Any] = field(default_factory=dict)

    @property
    def id(self) -> UUID:
        return identify("outcome", self.decision, self.step, "refused")


class Withdrawal(StrEnum):
    """Why a contact that was to be added is not sent after all."""

    DELETED_THERE = "deleted_in_trustmary"
    NOT_ACTIVE = "not_active_in_trustmary"
    EXISTS = "exists_in_trustmary"
    """The trigger leaves contacts alone that Trustmary already has."""
    DECIDED_AGAIN = "decided_again"
    DROPPED = "dropped"
    DISCARDED = "discarded"
    REMOVED = "integration_removed"
    BLOCKED = "blocked"
    """Somebody put the address or its domain on the block list after this was decided."""
    FIRST_STEP_FAILED = "first_step_failed"
    NOT_THERE = "not_in_trustmary"
    """Of a taking off: Trustmary has no such contact."""
    PUT_ON_AGAIN = "put_on_again"
    """Of a taking off: something newer has put the contact on since."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactWithdrawn(Outcome):
    """We did not send it, and why."""

    type: ClassVar[str] = "ContactWithdrawn"
    schema: ClassVar[int] = 1

    reason: Withdrawal
    by: UUID | None = None
    """The operator's event that asked for it."""
    detail: str | None = None
    uncertain: bool = False
    """A call had no answer and was given up: it may have arrived."""

    @property
    def id(self) -> UUID:
        return identify("outcome", self.decision, self.step, "withdrawn")
