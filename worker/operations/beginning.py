"""What an integration begins with: what is given, or the same as another has."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from uuid import UUID, uuid4

from events.integration import (
    AddressBlocked,
    Configuration,
    LabelsSaved,
    RecipientsSaved,
    Settings,
    SettingsSaved,
    Trigger,
    TriggerSaved,
)
from events.recipient import Channel
from worker.operations import blocks, importing, triggers
from worker.operations.access import Company, Organization
from worker.operations.context import Context
from worker.operations.integrations import Integration
from worker.operations.recipients import Resolved
from worker.operations.triggers import Choices


@dataclass(frozen=True, slots=True, kw_only=True)
class Beginning:
    triggers: tuple[Trigger, ...] = ()
    settings: Settings | None = None
    """None: the usual."""
    labels: tuple[str, ...] = ()
    blocked: tuple[str, ...] = ()
    """Addresses and domains that are never added."""
    told: Resolved = field(default_factory=Resolved)
    """Who hears of its states."""

    def events(self, integration: UUID) -> list[Configuration]:
        """Triggers come last: what they decide is decided under all the rest."""
        said: list[Configuration] = []
        if self.labels:
            said.append(LabelsSaved(integration=integration, id=uuid4(), labels=self.labels))
        if self.settings:
            said.append(SettingsSaved(integration=integration, id=uuid4(), settings=self.settings))
        if self.told.recipients:
            said.append(RecipientsSaved(integration=integration, id=uuid4(), recipients=self.told.recipients))
        said += [AddressBlocked(integration=integration, id=uuid4(), address=each) for each in self.blocked]
        said += [TriggerSaved(integration=integration, id=uuid4(), trigger=each) for each in self.triggers]
        return said


async def alike(context: Context, seen: Integration, company: Company, organization: Organization) -> Beginning:
    """What *seen* has, for another company or organization; writes nothing.

    A trigger for some customers or groups becomes a draft for another company: their ids are *seen*'s company's own.
    Raises `Misconfigured` for a list, survey or automation that another organization does not have.
    """
    offered = None if organization.id == seen.organization else await triggers.choices(context, organization.key)
    ids = {id: uuid4() for id in seen.rules.triggers}
    return Beginning(
        triggers=tuple(
            copied(each, ids, offered, elsewhere=company.company_id != seen.company_id)
            for each in seen.rules.triggers.values()
        ),
        settings=seen.rules.settings,
        labels=seen.rules.labels,
        blocked=tuple(one.address for one in await blocks.read(context, seen) if one.address),
        told=await told(context, seen),
    )


def copied(trigger: Trigger, ids: Mapping[UUID, UUID], offered: Choices | None, *, elsewhere: bool) -> Trigger:
    aim = trigger.destination
    return replace(
        trigger,
        id=ids[trigger.id],
        draft_of=ids.get(trigger.draft_of) if trigger.draft_of else None,
        destination=importing.named(f"{trigger.name}: destination", aim, offered) if offered else aim,
        live=trigger.live and not (elsewhere and names_customers(trigger)),
    )


def names_customers(trigger: Trigger) -> bool:
    return bool(trigger.condition.customers or trigger.condition.customer_groups)


async def told(context: Context, seen: Integration) -> Resolved:
    """The same recipients; a webhook's address is sealed once more, since that of *seen* ends with it."""
    found = [replace(one, id=uuid4()) for one in seen.rules.recipients]
    secrets = {
        made.id: (await context.vault.secret(one.id)).decode()
        for one, made in zip(seen.rules.recipients, found, strict=True)
        if one.channel is Channel.WEBHOOK
    }
    return Resolved(recipients=tuple(found), secrets=secrets)
