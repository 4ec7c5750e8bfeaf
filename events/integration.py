"""What operators say: a connected integration, its triggers and settings, and the rules that fold from them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from enum import StrEnum
from typing import ClassVar
from uuid import UUID

from events.envelope import integration_stream
from events.invoice import InvoiceType, Status
from events.recipient import Recipient


class StartsSurveys(StrEnum):
    """The operator's mark on a destination; unknown counts as yes."""

    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"


class DestinationKind(StrEnum):
    CONTACT = "contact"
    LISTS = "lists"
    SURVEY = "survey"
    AUTOMATION = "automation"


@dataclass(frozen=True, slots=True, kw_only=True)
class Destination:
    """Where the contact goes. A survey is reached by its list; an automation is started after the contact is there."""

    kind: DestinationKind = DestinationKind.CONTACT
    lists: tuple[str, ...] = ()
    survey: str | None = None
    automation: str | None = None
    starts_surveys: StartsSurveys = StartsSurveys.UNKNOWN
    names: Mapping[str, str] = field(default_factory=dict)
    """Id → name as Trustmary showed it when it was picked."""

    @property
    def own_lists(self) -> tuple[str, ...]:
        """The lists that it adds to, each once; a destination that is no list, nor a survey's, has none."""
        takes = self.kind in (DestinationKind.LISTS, DestinationKind.SURVEY)
        return tuple(dict.fromkeys(self.lists)) if takes else ()

    @property
    def started(self) -> str | None:
        return self.automation if self.kind is DestinationKind.AUTOMATION else None

    @property
    def targets(self) -> tuple[str, ...]:
        return targets(self.own_lists, self.started)

    @property
    def may_start_survey(self) -> bool:
        return self.kind is not DestinationKind.CONTACT and self.starts_surveys is not StartsSurveys.NO


def targets(lists: Iterable[str], automation: str | None) -> tuple[str, ...]:
    """What a contact can be added to once per invoice: `contact`, `list:{id}`, `automation:{id}`."""
    if automation is not None:
        return (f"automation:{automation}",)
    return tuple(f"list:{name}" for name in lists) or ("contact",)


class PersonRule(StrEnum):
    """One way to choose the person of a customer; `events.person` has what each means."""

    NAMED_CONTACT = "named_contact"
    INVOICING_CONTACT = "invoicing_contact"
    ONLY_CONTACT = "only_contact"
    INVOICING_EMAIL = "invoicing_email"
    ONE_OFF = "one_off"
    FIRST_CONTACT = "first_contact"
    COUNTERPARTY = "counterparty"


DEFAULT_PERSON = (
    PersonRule.NAMED_CONTACT,
    PersonRule.INVOICING_CONTACT,
    PersonRule.ONLY_CONTACT,
    PersonRule.INVOICING_EMAIL,
    PersonRule.ONE_OFF,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """Which invoices. Empty filters let everything through."""

    statuses: frozenset[str] = frozenset({Status.SENT.value})
    types: frozenset[str] = frozenset({InvoiceType.SALES_INVOICE.value})
    offers: bool = False
    not_positive: bool = False
    """Totals of zero or less, credit notes among them."""
    channels: frozenset[str] = frozenset()
    languages: frozenset[str] = frozenset()
    customer_groups: frozenset[int] = frozenset()
    """Ids of Procountor's partner groups; one is enough."""
    customers: frozenset[int] = frozenset()
    minimum: Decimal | None = None
    """Total with VAT in the accounting currency, inclusive."""
    maximum: Decimal | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldMapping:
    """Trustmary contact field ← a path, or an expression over paths (`events.expression`).

    `person.email`, `person.name`, `person.phone` come from one chosen person.
    """

    person: tuple[PersonRule, ...] = DEFAULT_PERSON
    fields: Mapping[str, str] = field(default_factory=lambda: {"email": "person.email", "name": "person.name"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Trigger:
    """Condition, mapping, destination."""

    id: UUID
    name: str
    condition: Condition = field(default_factory=Condition)
    mapping: FieldMapping = field(default_factory=FieldMapping)
    destination: Destination = field(default_factory=Destination)
    live: bool = True
    """A draft (false) decides nothing."""
    existing: str = "update"
    """What becomes of a contact that Trustmary already has: `update` or `leave`."""
    draft_of: UUID | None = None
    """The trigger that this draft is to take the place of."""


USUAL, OFF = "usual", "off"


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What holds for all triggers of an integration."""

    cool_down_days: int = 0
    """At most one contact added per address in so many days, rolling; 0: no limit."""
    role_addresses: bool = False
    """Let shared mailboxes (laskutus@, info@, …) through."""
    brake: int | str = USUAL
    """Beyond how many contacts within 24 hours sending is paused: a number, `usual` (`events.brake`) or `off`."""
    oldest_invoice: int = 180
    """An invoice whose own date is more than so many days before its change was recorded is left out; 0: none is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Braked:
    """The figures for which the brake paused an integration."""

    contacts: int
    """To be added within 24 hours."""
    limit: int
    usual: int
    """On the busiest of the days before."""


class Waiting(StrEnum):
    """What becomes of decisions that wait when sending resumes or a rule is saved."""

    DECIDE_AGAIN = "decide_again"
    SEND = "send"
    DROP = "drop"


@dataclass(frozen=True, slots=True, kw_only=True)
class Configured:
    """A configuration event: in the integration's stream, so the projector meets it at one exact position."""

    integration: UUID
    id: UUID
    """Random: an operator's act is not a repetition of another."""
    reason: str | None = None

    @property
    def stream(self) -> str:
        return integration_stream(self.integration)

    @property
    def subject(self) -> str:
        return str(self.integration)


@dataclass(frozen=True, slots=True, kw_only=True)
class IntegrationConnected(Configured):
    type: ClassVar[str] = "IntegrationConnected"
    schema: ClassVar[int] = 1

    company_id: int
    organization: str
    procountor_secret: UUID
    trustmary_secret: UUID
    baseline: str | None
    """Newest `version` at Procountor when connecting (local, zoneless), None for a company without invoices."""
    names: Mapping[str, str] = field(default_factory=dict)
    """`company`, `business_id`, `user`, `organization`: for people to read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class IntegrationReconnected(Configured):
    """New credentials, for the same company and organization unless the ids say otherwise; the cursor stays."""

    type: ClassVar[str] = "IntegrationReconnected"
    schema: ClassVar[int] = 1

    company_id: int
    organization: str
    procountor_secret: UUID
    trustmary_secret: UUID
    names: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class SettingsSaved(Configured):
    type: ClassVar[str] = "SettingsSaved"
    schema: ClassVar[int] = 1

    settings: Settings
    waiting: Waiting = Waiting.SEND


@dataclass(frozen=True, slots=True, kw_only=True)
class TriggerSaved(Configured):
    type: ClassVar[str] = "TriggerSaved"
    schema: ClassVar[int] = 1

    trigger: Trigger
    waiting: Waiting = Waiting.SEND


@dataclass(frozen=True, slots=True, kw_only=True)
class TriggerRemoved(Configured):
    type: ClassVar[str] = "TriggerRemoved"
    schema: ClassVar[int] = 1

    trigger: UUID
    waiting: Waiting = Waiting.DROP


@dataclass(frozen=True, slots=True, kw_only=True)
class IntegrationPaused(Configured):
    type: ClassVar[str] = "IntegrationPaused"
    schema: ClassVar[int] = 1

    braked: Braked | None = None
    """Why, where no person did it but the brake."""


@dataclass(frozen=True, slots=True, kw_only=True)
class IntegrationResumed(Configured):
    type: ClassVar[str] = "IntegrationResumed"
    schema: ClassVar[int] = 1

    waiting: Waiting = Waiting.DECIDE_AGAIN


@dataclass(frozen=True, slots=True, kw_only=True)
class IntegrationRemoved(Configured):
    type: ClassVar[str] = "IntegrationRemoved"
    schema: ClassVar[int] = 1

    erased: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class AddressBlocked(Configured):
    """An e-mail address, or a domain written `@example.fi`, is never added."""

    type: ClassVar[str] = "AddressBlocked"
    schema: ClassVar[int] = 1

    address: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AddressUnblocked(Configured):
    type: ClassVar[str] = "AddressUnblocked"
    schema: ClassVar[int] = 1

    address: str


class Service(StrEnum):
    PROCOUNTOR = "procountor"
    TRUSTMARY = "trustmary"


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelsSaved(Configured):
    """What operators call a group of integrations by; it changes no decision."""

    type: ClassVar[str] = "LabelsSaved"
    schema: ClassVar[int] = 1

    labels: tuple[str, ...] = ()
    """All that it has from now on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RecipientsSaved(Configured):
    """Who is told of its lasting states; it changes no decision."""

    type: ClassVar[str] = "RecipientsSaved"
    schema: ClassVar[int] = 1

    recipients: tuple[Recipient, ...] = ()
    """All that it has from now on."""


Configuration = (
    IntegrationConnected
    | IntegrationReconnected
    | SettingsSaved
    | TriggerSaved
    | TriggerRemoved
    | IntegrationPaused
    | IntegrationResumed
    | IntegrationRemoved
    | AddressBlocked
    | AddressUnblocked
    | LabelsSaved
    | RecipientsSaved
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """What is in force for an integration at a position."""

    integration: UUID
    version: int
    """Position of the newest configuration event folded in."""
    organization: str = ""
    """The Trustmary organization that contacts go to."""
    removed: bool = False
    paused: bool = False
    braked: Braked | None = None
    """Why it is paused, where the brake did it."""
    settings: Settings = field(default_factory=Settings)
    triggers: Mapping[UUID, Trigger] = field(default_factory=dict)
    labels: tuple[str, ...] = ()
    recipients: tuple[Recipient, ...] = ()

    @property
    def known(self) -> tuple[Trigger, ...]:
        """Live or draft."""
        return () if self.removed else tuple(self.triggers.values())

    @property
    def live(self) -> tuple[Trigger, ...]:
        return tuple(trigger for trigger in self.known if trigger.live)

    @property
    def statuses(self) -> frozenset[str]:
        """Every status that a trigger names; a draft's too, so that the log has what it is tried on."""
        return frozenset().union(*(trigger.condition.statuses for trigger in self.known))

    @property
    def types(self) -> frozenset[str]:
        return frozenset().union(*(trigger.condition.types for trigger in self.known))


ANEW: Mapping[type[Configuration], str] = {
    SettingsSaved: "settings",
    LabelsSaved: "labels",
    RecipientsSaved: "recipients",
}
"""What an event says once more as a whole, under the name that the rules have for it too."""


def fold(rules: Rules | None, event: Configuration, position: int) -> Rules:
    """The rules in force after *event* at *position*."""
    now = replace(rules or Rules(integration=event.integration, version=position), version=position)
    match event:
        case IntegrationConnected(organization=organization) | IntegrationReconnected(organization=organization):
            return replace(now, organization=organization)
        case TriggerSaved(trigger=trigger):
            return replace(now, triggers={**now.triggers, trigger.id: trigger})
        case TriggerRemoved(trigger=gone):
            return replace(now, triggers={key: value for key, value in now.triggers.items() if key != gone})
        case SettingsSaved() | LabelsSaved() | RecipientsSaved():
            name = ANEW[type(event)]
            return replace(now, **{name: getattr(event, name)})
        case IntegrationPaused() | IntegrationResumed():
            braked = event.braked if isinstance(event, IntegrationPaused) else None
            return replace(now, paused=isinstance(event, IntegrationPaused), braked=braked)
        case IntegrationRemoved():
            return replace(now, removed=True, recipients=())
        case _:
            return now


def waiting_of(event: Configuration) -> Waiting:
    """What the event asks of decisions that still wait."""
    match event:
        case IntegrationResumed() | TriggerSaved() | TriggerRemoved() | SettingsSaved():
            return event.waiting
        case IntegrationRemoved():
            return Waiting.DROP
        case _:
            return Waiting.SEND
