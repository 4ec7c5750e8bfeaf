"""A customer's register entry, read again on an operator's word: what a replay with today's data stands on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar
from uuid import UUID

from events.envelope import identify, subject_of
from events.invoice import InvoiceStatusChanged


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomerRead:
    """The entry as it is now; once for each version of it that Procountor tells."""

    type: ClassVar[str] = "CustomerRead"
    schema: ClassVar[int] = 1

    integration: UUID
    partner: int
    reading: UUID
    """Of which it is a part: entries without a version are told apart by it."""
    customer: Mapping[str, Any] = field(default_factory=dict)
    """Procountor's BusinessPartner, without what no mapping needs."""

    @property
    def id(self) -> UUID:
        version = self.customer.get("version")
        told = version if isinstance(version, str) else self.reading
        return identify("customer", self.integration, self.partner, told)

    @property
    def stream(self) -> str:
        return f"customer/{self.integration}/{self.partner}"

    @property
    def subject(self) -> str:
        return subject_of(self.integration, 0, self.partner)


def as_now(change: InvoiceStatusChanged, read: CustomerRead | None) -> InvoiceStatusChanged:
    """*change* as if the customer had been then as it was *read*."""
    if read is None or read.partner != change.partner:
        return change
    missing = {part: why for part, why in change.missing.items() if part != "customer"}
    return replace(change, customer=read.customer, missing=missing)
