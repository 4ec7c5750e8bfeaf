"""A contact that an operator sends to an address of their own, to see what a trigger does in Trustmary.

A trial stands in its invoice's stream and is sealed like all that names its customer, but decides nothing, uses nothing
up and is no delivery: projector, dispatch and proof pass it over.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, ClassVar
from uuid import UUID

from events.envelope import identify, invoice_stream, subject_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    integration: UUID
    invoice_id: int
    partner: int | None

    @property
    def stream(self) -> str:
        return invoice_stream(self.integration, self.invoice_id)

    @property
    def subject(self) -> str:
        return subject_of(self.integration, self.invoice_id, self.partner)


@dataclass(frozen=True, slots=True, kw_only=True)
class TrialSent(Trial):
    """It leaves now: recorded before its first call, so that no call is without a record."""

    type: ClassVar[str] = "TrialSent"
    schema: ClassVar[int] = 1

    id: UUID
    """Random: an operator's act is not a repetition of another."""
    trigger: UUID
    rules_version: int
    """Position of the configuration event that the trigger was read at."""
    contact: Mapping[str, str]
    """As it is sent: the invoice's, with the operator's e-mail."""
    kind: str
    lists: tuple[str, ...] = ()
    automation: str | None = None
    starts_surveys: bool = True
    reason: str | None = None


class TrialOutcome(StrEnum):
    DELIVERED = "delivered"
    REFUSED = "refused"
    """Trustmary answered, and did not do it."""
    UNANSWERED = "unanswered"
    """It left and no answer came: it may have arrived."""
    UNSENT = "unsent"
    """Trustmary could not be reached."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TrialAnswered(Trial):
    """What came of one of its calls."""

    type: ClassVar[str] = "TrialAnswered"
    schema: ClassVar[int] = 1

    trial: UUID
    step: int = 1
    """1 the contact, 2 the automation."""
    outcome: TrialOutcome
    status: int | None = None
    failure: str | None = None
    answer: Mapping[str, Any] = field(default_factory=dict)

    @property
    def id(self) -> UUID:
        return identify("trial", self.trial, self.step)
