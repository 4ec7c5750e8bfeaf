"""How an integration stands with each of its two services: the states, what ends each, and what follows from a turn."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import ClassVar
from uuid import UUID

from events.envelope import connection_stream
from events.integration import Service


class Reason(StrEnum):
    """Why a connection does not stand; one that stands has none."""

    CREDENTIALS = "credentials"
    RIGHTS = "rights"
    NOT_ENABLED = "not_enabled"
    """Everything is refused, even what takes no right."""
    OTHER_COMPANY = "other_company"
    SUSPENDED = "suspended"
    DOWN = "down"
    REFUSED = "refused"
    LIST_GONE = "list_gone"
    """What names the list waits; all else is sent."""
    AUTOMATION_GONE = "automation_gone"
    ENDING = "ending"
    """The login ends soon; it stands until then, and is broken by nothing but its end."""


LASTS = timedelta(minutes=15)
"""So long a service may fail before that is a state."""
PASSING = frozenset({Reason.SUSPENDED, Reason.DOWN})
"""They end by themselves, and are tried as often as ever."""
GONE = frozenset({Reason.LIST_GONE, Reason.AUTOMATION_GONE})
"""Trustmary lets us in, and has something no more that a trigger names."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OfConnections:
    integration: UUID
    id: UUID

    @property
    def stream(self) -> str:
        return connection_stream(self.integration)

    @property
    def subject(self) -> str:
        return str(self.integration)


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectionChanged(OfConnections):
    service: Service


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectionBroken(ConnectionChanged):
    """A service does not serve this integration: until a person acts or, of a `PASSING` reason, until it does again.

    One that follows another without a `ConnectionRestored` between them says that the reason is another now.
    """

    type: ClassVar[str] = "ConnectionBroken"
    schema: ClassVar[int] = 1

    reason: str
    """A `Reason`; a word that this release does not know is told as it is."""
    detail: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectionRestored(ConnectionChanged):
    type: ClassVar[str] = "ConnectionRestored"
    schema: ClassVar[int] = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class LoginEnding(ConnectionChanged):
    """The login ends by itself, and is in use: told once for each of `STEPS`."""

    type: ClassVar[str] = "LoginEnding"
    schema: ClassVar[int] = 1

    ends_at: str
    """ISO 8601, UTC."""
    days: int
    """The step: it ends within so many."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BackupRestored(OfConnections):
    """The log was restored from a backup: what was sent after that is not in it, so nothing is sent until a person has
    seen what Trustmary has, and released it."""

    type: ClassVar[str] = "BackupRestored"
    schema: ClassVar[int] = 1

    taken_at: str
    """When the backup was taken, or an earlier one that nobody had released yet. ISO 8601, UTC."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SendingReleased(OfConnections):
    """A person has: what `BackupRestored` said is over."""

    type: ClassVar[str] = "SendingReleased"
    schema: ClassVar[int] = 1


STEPS = (1, 7, 30)
"""Days ahead of its end at which a login is told of."""
PRESSES = 7
"""From so many days on it is urgent."""


def step(left: timedelta) -> int | None:
    """The nearest of `STEPS` that a login with so much time *left* has come to; None: none yet, or it has ended."""
    if left <= timedelta():
        return None
    return next((days for days in STEPS if left <= timedelta(days=days)), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Met:
    """How a turn at a service ended."""

    reason: Reason | None
    """None: it answered."""
    failing: timedelta = timedelta()
    """For how long no turn has gone well."""


def after(before: str | None, met: Met) -> str | None:
    """The reason in force after what was *met*; the same as *before* where there is nothing to tell.

    That a service fails says nothing about a key that it refused: only a good answer mends that.
    """
    if met.reason not in PASSING:
        return met.reason
    if before is not None and before not in PASSING:
        return before
    return met.reason if before is not None or met.failing >= LASTS else None


def gives_way(reason: str) -> frozenset[Reason]:
    """The reasons that *reason* is told in place of: who refuses us answers, and who has no list lets us in."""
    if reason in PASSING:
        return PASSING - {reason}
    return PASSING if reason in GONE else PASSING | GONE


def gone_reason(target: str) -> Reason:
    """Of `list:{id}` or `automation:{id}`, as `events.integration.targets` names it."""
    return Reason.AUTOMATION_GONE if target.startswith("automation:") else Reason.LIST_GONE


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """A reason in an operator's words."""

    label: str
    says: str
    remedy: str
    ask: str
    """Whom."""
    page: str = ""
    """In Procountor or Trustmary, by its name; empty where there is none to go to."""
    collected: str = "Invoices are not collected meanwhile; they are once it is over, and none is lost."


ENABLING = "Management > Company info > Usage settings > Integration settings"
KEYS = "Settings > Developers"
LISTS = "Contacts"
HELD = "Invoices are still collected; what is to be sent waits, and none is lost."
WAITING = "Invoices are still collected; what is to go there waits, all else is sent, and none is lost."

STATES: Mapping[tuple[Service, str], State] = {
    (Service.PROCOUNTOR, Reason.CREDENTIALS): State(
        label="login refused",
        says="Procountor knows the login no more, or the company does not allow API clients.",
        remedy="In Procountor, Management > Company info > Usage settings > Integration settings has to allow them, and"
        " the company's package has to include the API. Then log in again.",
        ask="Whoever administers the company in Procountor",
        page=ENABLING,
    ),
    (Service.PROCOUNTOR, Reason.RIGHTS): State(
        label="rights missing",
        says="The user may not read sales invoices any more, or the company's package does not include it.",
        remedy="Give the user viewing rights to sales invoices, or log in again as somebody who has them.",
        ask="Whoever administers the company's users in Procountor",
    ),
    (Service.PROCOUNTOR, Reason.NOT_ENABLED): State(
        label="API not enabled",
        says="Procountor lets the login do nothing at all: the company seems not to allow API clients any more.",
        remedy="Allow the usage of invoiceable API clients for the company; then it goes on by itself.",
        ask="Whoever administers the company in Procountor",
        page=ENABLING,
    ),
    (Service.PROCOUNTOR, Reason.OTHER_COMPANY): State(
        label="company changed",
        says="The login opens another company now: nothing of it is read.",
        remedy="Log in again, and choose the company of this integration.",
        ask="Whoever gave the login",
    ),
    (Service.PROCOUNTOR, Reason.SUSPENDED): State(
        label="suspended for rate",
        says="Procountor turns the API client away for having asked too often.",
        remedy="It goes on by itself once Procountor answers. If it stays, ask Procountor to let the client in again.",
        ask="Procountor's support",
    ),
    (Service.PROCOUNTOR, Reason.DOWN): State(
        label="down",
        says="Procountor has not answered for a while.",
        remedy="It goes on by itself once Procountor answers. See its page on disruptions if it stays.",
        ask="Procountor's support",
        page="support.procountor.fi",
    ),
    (Service.PROCOUNTOR, Reason.ENDING): State(
        label="login ends soon",
        says="The login ends by itself; from then on nothing is read.",
        remedy="Log in again before that: reading goes on where it stands. A login by API key does not end.",
        ask="Whoever gave the login",
        collected="Invoices are still collected. After its end they wait in Procountor until somebody logs in again,"
        " and none is lost.",
    ),
    (Service.TRUSTMARY, Reason.CREDENTIALS): State(
        label="key revoked",
        says="Trustmary knows the key no more.",
        remedy="Make a key in Trustmary (Settings, Developers) and give it here.",
        ask="An Owner in Trustmary",
        page=KEYS,
        collected=HELD,
    ),
    (Service.TRUSTMARY, Reason.LIST_GONE): State(
        label="list gone",
        says="Trustmary has a list no more that a trigger adds contacts to; a survey's own list may have gone with it.",
        remedy="Choose another list in the trigger, and have what waits decided again. If the list comes back in"
        " Trustmary, it goes on by itself.",
        ask="Whoever keeps the lists in Trustmary",
        page=LISTS,
        collected=WAITING,
    ),
    (Service.TRUSTMARY, Reason.AUTOMATION_GONE): State(
        label="automation gone",
        says="Trustmary has an automation no more that a trigger starts.",
        remedy="Choose another automation in the trigger, and have what waits decided again. If it comes back in"
        " Trustmary, it goes on by itself.",
        ask="Whoever keeps the automations in Trustmary",
        page="Automations",
        collected=WAITING,
    ),
    (Service.TRUSTMARY, Reason.SUSPENDED): State(
        label="suspended for rate",
        says="Trustmary turns us away for having asked too often.",
        remedy="It goes on by itself once Trustmary answers. If it stays, lower PTM_TRUSTMARY_PACE.",
        ask="Trustmary's support",
        collected=HELD,
    ),
    (Service.TRUSTMARY, Reason.DOWN): State(
        label="down",
        says="Trustmary has not answered for a while.",
        remedy="It goes on by itself once Trustmary answers: what was given up meanwhile is sent then, too.",
        ask="Trustmary's support",
        collected=HELD,
    ),
    (Service.TRUSTMARY, Reason.REFUSED): State(
        label="refused",
        says="Trustmary turns us away although it knows the key: it may be that the subscription has ended.",
        remedy="Look at the subscription in Trustmary. It goes on by itself once Trustmary lets us in again.",
        ask="An Owner in Trustmary",
        collected=HELD,
    ),
}
ENDS_SOON = STATES[Service.PROCOUNTOR, Reason.ENDING]
RESTORED = State(
    label="restored from a backup",
    says="What was sent after the backup is not in the log: nothing is sent until a person has released it.",
    remedy="See what Trustmary has already, then release it.",
    ask="Whoever restored the backup",
    collected="Invoices are collected again, and those sent since the backup are found: what is to be sent waits, and "
    "none is lost.",
)
DISCONNECTED = State(
    label="disconnected by us",
    says="The integration was removed: nothing is read or sent, and its credentials are forgotten.",
    remedy="Connect the company again, then plan a replay of the days between. What was added before is held back.",
    ask="Whoever removed it",
    collected="Invoices are not collected. They stay in Procountor, where such a plan finds them, and none is lost.",
)
OTHERWISE = State(
    label="refused",
    says="The service refuses us.",
    remedy="Give new credentials; if that does not help, ask the service.",
    ask="The service's support",
    collected="What waits is not lost.",
)


def state(service: Service, reason: str | None) -> State:
    return STATES.get((service, reason or ""), OTHERWISE)


def needs_login(reason: str | None) -> bool:
    """Whether new credentials are what may end it."""
    return reason not in (*PASSING, *GONE, Reason.RIGHTS, Reason.NOT_ENABLED, Reason.REFUSED)
