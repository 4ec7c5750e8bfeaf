"""What integrations did within a week, counted for its summary."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from zoneinfo import ZoneInfo

import orjson

from events import alert
from events.alert import Week
from events.contact import ContactSkipped, ContactWithdrawn, Withdrawal
from events.invoice import InvoiceStatusChanged, Status, openly_passed
from worker.adapters.alerts import Alerts, Counts, Row

PAGE = 50
"""Integrations that one query counts."""
NOT_HELD = frozenset({Withdrawal.DECIDED_AGAIN.value})
"""Withdrawals that only made room for a newer decision."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Summing:
    alerts: Alerts
    zone: ZoneInfo

    async def of(self, rows: Sequence[Row], week: date) -> list[Week]:
        """One for each of *rows*, whose integrations they are of."""
        since, until = alert.span(week, self.zone)
        partitions = sorted({one.partition for one in rows})
        between = (await self.alerts.places(partitions, since), await self.alerts.places(partitions, until))
        found: list[Week] = []
        for first in range(0, len(rows), PAGE):
            page = rows[first : first + PAGE]
            counts = await self.alerts.counts(page, between, since, until)
            found += [as_week(one, counts[one.integration]) for one in page]
        return found


def as_week(one: Row, counts: Counts) -> Week:
    held: Counter[str] = Counter()
    sent = 0
    for type, said, invoices in counts.said:
        if type == InvoiceStatusChanged.type:
            sent += invoices if Status.SENT in (openly_passed(orjson.loads(said)) or ()) else 0
        elif type in (ContactSkipped.type, ContactWithdrawn.type) and said not in NOT_HELD:
            held[said] += invoices
    return Week(
        integration=one.integration,
        name=one.name,
        sent=sent,
        added=counts.added,
        held=held,
        refused=counts.refused,
        parked=counts.parked,
        braked=counts.braked,
    )
