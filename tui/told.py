"""What happened, in a few words of the operator's language: an event's glyph, name and tone, and what it says."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from events import reasons
from events.codec import Event
from events.connection import ConnectionBroken, LoginEnding
from events.contact import (
    ContactAdded,
    ContactDelivered,
    ContactRefused,
    ContactSkipped,
    ContactUnlisted,
    ContactWithdrawn,
)
from events.customer import CustomerRead
from events.integration import (
    AddressBlocked,
    AddressUnblocked,
    IntegrationPaused,
    LabelsSaved,
    RecipientsSaved,
    TriggerSaved,
)
from events.invoice import InvoiceStatusChanged, Kind
from events.reconcile import ContactChecked
from events.replay import ReplayAsked, ReplayEnded, ReplayStarted
from events.trial import TrialAnswered, TrialSent
from events.words import Words


@dataclass(frozen=True, slots=True)
class Title:
    glyph: str
    name: str
    """In English."""
    tone: str = ""


TITLES: Mapping[str, Title] = {
    "InvoiceStatusChanged": Title("◆", "status", "strong"),
    "ContactAdded": Title("+", "to be added"),
    "ContactSkipped": Title("○", "skipped", "warning"),
    "ContactUnlisted": Title("-", "to be taken off"),
    "ContactDelivered": Title("✔", "added", "good"),
    "ContactRefused": Title("✖", "refused", "bad"),
    "ContactWithdrawn": Title("⊘", "not sent", "warning"),
    "TrialSent": Title("△", "tried out"),
    "TrialAnswered": Title("△", "trial answered"),
    "ContactChecked": Title("◎", "looked up"),
    "ConnectionBroken": Title("✖", "connection refused", "bad"),
    "LoginEnding": Title("▲", "login ends soon", "warning"),
    "ConnectionRestored": Title("✔", "connection restored", "good"),
    "BackupRestored": Title("■", "restored from a backup", "warning"),
    "SendingReleased": Title("▶", "released"),
    "IntegrationConnected": Title("■", "connected", "strong"),
    "IntegrationReconnected": Title("■", "logged in again"),
    "SettingsSaved": Title("■", "settings saved"),
    "TriggerSaved": Title("■", "trigger saved"),
    "TriggerRemoved": Title("■", "trigger removed"),
    "IntegrationPaused": Title("‖", "paused", "warning"),
    "IntegrationResumed": Title("▶", "resumed"),
    "IntegrationRemoved": Title("■", "removed", "warning"),
    "AddressBlocked": Title("■", "address blocked"),
    "AddressUnblocked": Title("■", "address unblocked"),
    "LabelsSaved": Title("■", "labels saved"),
    "RecipientsSaved": Title("■", "alerts saved"),
    "CustomerRead": Title("◇", "customer read"),
    "ReplayStarted": Title("↻", "replay started"),
    "ReplayAsked": Title("↻", "replay goes on"),
    "ReplayEnded": Title("↻", "replay ended"),
}
"""What each event is called: a decision is to be done, an outcome has been."""
TAKEN_OFF = Title("✔", "taken off", "good")


def title(event: Event, *, taken_off: bool = False) -> Title:
    """*taken_off*: the decision that this is the outcome of takes a contact off a list."""
    return TAKEN_OFF if taken_off and isinstance(event, ContactDelivered) else TITLES[event.type]


def status(name: str, say: Words) -> str:
    """One of Procountor's, as a word."""
    return say(name.replace("_", " ").capitalize())


def text(event: Event, say: Words) -> str:
    """What the title leaves open; names people."""
    match event:
        case InvoiceStatusChanged():
            return change(event, say)
        case ContactAdded() | ContactUnlisted() | TrialSent() | ContactSkipped():
            return decision(event, say)
        case ContactDelivered() | ContactRefused() | ContactWithdrawn() | TrialAnswered() | ContactChecked():
            return outcome(event, say)
        case ReplayStarted() | ReplayAsked() | ReplayEnded():
            return replay(event, say)
        case _:
            return configuration(event)


def change(event: InvoiceStatusChanged, say: Words) -> str:
    before = status(event.before, say) if event.before else say("new")
    parts = [f"{before} → {status(event.after, say)}"]
    if event.kind is Kind.BASELINE:
        parts.append(say("read while connecting"))
    if event.kind is Kind.BACKFILL:
        parts.append(say("read late"))
    if event.old:
        parts.append(say("from before connecting"))
    return " · ".join([*parts, event.customer_name or ""]).removesuffix(" · ")


def decision(event: ContactAdded | ContactUnlisted | TrialSent | ContactSkipped, say: Words) -> str:
    if isinstance(event, ContactSkipped):
        return say(reasons.SKIPS[event.reason].says)
    who = event.contact.get("email") or say("erased")
    kind = "lists" if isinstance(event, ContactUnlisted) else event.kind
    return f"{who} · {say(DESTINATIONS.get(kind, kind))}"


DESTINATIONS: Mapping[str, str] = {
    "contact": "contact only",
    "lists": "to lists",
    "survey": "to a survey",
    "automation": "to an automation",
}


def outcome(
    event: ContactDelivered | ContactRefused | ContactWithdrawn | TrialAnswered | ContactChecked, say: Words
) -> str:
    match event:
        case ContactDelivered():
            step = say("automation started") + " · " if event.step == 2 else ""
            return step + say.count(event.attempts, "{n} call", "{n} calls")
        case ContactRefused():
            return say("Trustmary answered {status}", status=event.status)
        case ContactWithdrawn():
            return say(reasons.WITHDRAWALS[event.reason].says)
        case TrialAnswered():
            return say(event.outcome.value)
        case ContactChecked():
            return say(reasons.CHECKED[event.state].says)


def replay(event: ReplayStarted | ReplayAsked | ReplayEnded, say: Words) -> str:
    match event:
        case ReplayStarted():
            return f"{event.name or say('erased')} · {say.count(event.items, '{n} item', '{n} items')}"
        case ReplayAsked():
            return say.count(len(event.items), "{n} item", "{n} items")
        case ReplayEnded():
            return say("cancelled") if event.cancelled else say("done")


def configuration(event: Event) -> str:
    match event:
        case AddressBlocked() | AddressUnblocked():
            return event.address
        case TriggerSaved():
            return event.trigger.name
        case LabelsSaved():
            return ", ".join(event.labels)
        case RecipientsSaved():
            return ", ".join(one.says for one in event.recipients)
        case IntegrationPaused() if event.braked:
            return f"{event.braked.contacts} > {event.braked.limit}"
        case ConnectionBroken() | LoginEnding():
            return event.service.value
        case CustomerRead():
            return str(event.customer.get("name") or event.partner)
        case _:
            return ""
