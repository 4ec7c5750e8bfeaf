"""What an operator may say to an integration, one of each kind, and what it comes to."""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce
from uuid import UUID

from events.integration import (
    AddressBlocked,
    Configuration,
    IntegrationConnected,
    IntegrationPaused,
    IntegrationReconnected,
    IntegrationRemoved,
    IntegrationResumed,
    LabelsSaved,
    RecipientsSaved,
    Rules,
    Settings,
    SettingsSaved,
    TriggerRemoved,
    TriggerSaved,
    fold,
)
from events.recipient import Channel, Recipient
from facts import INTEGRATION, OTHER, TRIGGER, contact, to_lists

ID = UUID(int=77)


def connected(organization: str = "acme") -> IntegrationConnected:
    return IntegrationConnected(
        integration=INTEGRATION,
        id=ID,
        company_id=1,
        organization=organization,
        procountor_secret=ID,
        trustmary_secret=ID,
        baseline=None,
    )


def reconnected(organization: str) -> IntegrationReconnected:
    return IntegrationReconnected(
        integration=INTEGRATION,
        id=ID,
        company_id=1,
        organization=organization,
        procountor_secret=ID,
        trustmary_secret=ID,
    )


SAVED = TriggerSaved(integration=INTEGRATION, id=ID, trigger=contact())
CHANGED = TriggerSaved(integration=INTEGRATION, id=ID, trigger=to_lists("a"))
SECOND = TriggerSaved(integration=INTEGRATION, id=ID, trigger=contact(OTHER, live=False))
GONE = TriggerRemoved(integration=INTEGRATION, id=ID, trigger=TRIGGER)
SET = SettingsSaved(integration=INTEGRATION, id=ID, settings=Settings(cool_down_days=30))
PAUSED = IntegrationPaused(integration=INTEGRATION, id=ID)
RESUMED = IntegrationResumed(integration=INTEGRATION, id=ID)
REMOVED = IntegrationRemoved(integration=INTEGRATION, id=ID)
BLOCKED = AddressBlocked(integration=INTEGRATION, id=ID, address="@a.fi")
LABELLED = LabelsSaved(integration=INTEGRATION, id=ID, labels=("pilotti",))
TELLING = RecipientsSaved(
    integration=INTEGRATION, id=ID, recipients=(Recipient(id=ID, channel=Channel.EMAIL, to="paivi@toimittaja.fi"),)
)
EVERY: Sequence[Configuration] = (
    connected(), reconnected("b"), SAVED, CHANGED, SECOND, GONE, SET, PAUSED, RESUMED, REMOVED, BLOCKED, LABELLED,
    TELLING,
)  # fmt: skip


def folded(*events: Configuration, start: Rules | None = None) -> Rules:
    first = start.version if start else 0
    rules = reduce(lambda rules, pair: fold(rules, pair[1], pair[0]), enumerate(events, start=first + 1), start)
    assert rules
    return rules
