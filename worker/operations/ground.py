"""What a trigger is made on: the company's latest invoices, the fields that they have, and the settings in force."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from events import catalogue as fields
from events import rules
from events.catalogue import Offered, Sightings
from events.errors import PtmError
from events.integration import Settings, Trigger
from events.invoice import InvoiceStatusChanged
from events.mapping import used
from worker.operations import catalogue, preview
from worker.operations.access import Company
from worker.operations.context import Context
from worker.operations.integrations import Integration
from worker.operations.preview import Outlook


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    changes: tuple[InvoiceStatusChanged, ...] = ()
    """The company's latest invoices of the trigger's types, newest first. They are people's data."""
    offered: tuple[Offered, ...] = ()
    settings: Settings = field(default_factory=Settings)
    standing: frozenset[str] = frozenset()
    """Paths that triggers in force look at: they were seen when those were saved."""
    failure: str = ""
    """Why Procountor could not be asked for the latest invoices, where *changes* are what was recorded instead."""

    @property
    def known(self) -> frozenset[str]:
        """Paths that may be mapped although Procountor's schema does not have them."""
        return self.standing | {one.field.path for one in self.offered if one.filled}

    @property
    def customers(self) -> Mapping[int, str]:
        """Those of *changes*, by name."""
        named = {change.partner: change.customer_name for change in self.changes}
        return {id: name for id, name in named.items() if id is not None and name}

    @property
    def customer_groups(self) -> Mapping[int, str]:
        found = [rules.group_names(change) for change in self.changes]
        return {id: name for names in found for id, name in names.items()}

    def outlook(self, trigger: Trigger) -> Outlook:
        return preview.outlook(self.changes, trigger, self.settings)


async def of_company(context: Context, company: Company, trigger: Trigger) -> Ground:
    """Of a company that is being connected. Raises what Procountor's reading raises."""
    changes = await preview.latest(context, company.credentials, trigger, count=catalogue.SHOWN)
    return Ground(changes=tuple(changes), offered=offered_by(changes))


async def of_integration(context: Context, seen: Integration, trigger: Trigger) -> Ground:
    """What was recorded says which fields there are; where nothing was yet, the latest invoices do."""
    recorded = await catalogue.fields(context, seen)
    changes, failure = await changes_of(context, seen, trigger)
    return Ground(
        changes=tuple(changes),
        offered=tuple(recorded) if any(one.changes for one in recorded) else offered_by(changes),
        settings=seen.rules.settings,
        standing=frozenset().union(*(used(one.mapping) for one in seen.rules.triggers.values())),
        failure=failure,
    )


async def changes_of(
    context: Context, seen: Integration, trigger: Trigger
) -> tuple[Sequence[InvoiceStatusChanged], str]:
    """From Procountor; where it does not let us read, what was recorded last, and why."""
    if seen.procountor_secret is None:
        return await recorded_of(context, seen, trigger), ""
    try:
        return await preview.latest(context, seen.procountor_secret, trigger, count=catalogue.SHOWN), ""
    except PtmError as error:
        return await recorded_of(context, seen, trigger), str(error)


async def recorded_of(context: Context, seen: Integration, trigger: Trigger) -> Sequence[InvoiceStatusChanged]:
    """The newest change of each invoice of the trigger's types."""
    latest: dict[int, InvoiceStatusChanged] = {}
    async for changes in catalogue.newest(context, seen, catalogue.LATEST):
        for change in changes:
            if change.invoice.get("type") in trigger.condition.types:
                latest.setdefault(change.invoice_id, change)
    return list(latest.values())[: catalogue.SHOWN]


def offered_by(changes: Sequence[InvoiceStatusChanged]) -> tuple[Offered, ...]:
    sightings = Sightings()
    sightings.add(changes)
    return tuple(fields.offered(sightings))
