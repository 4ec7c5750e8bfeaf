"""What has been said so far; nothing of it is saved."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from textual.message import Message

from events.integration import DestinationKind, Trigger
from worker.operations.access import Company, Organization
from worker.operations.activating import Accepted, Asked
from worker.operations.ground import Ground
from worker.operations.integrations import Integration
from worker.operations.logins import LoginKind
from worker.operations.triggers import Choices


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    trigger: Trigger
    aimed: bool = False
    """Somebody has said where contacts go."""
    reason: str = ""
    company: Company | None = None
    login: LoginKind | None = None
    """How one came into the company in a browser; None: by a key."""
    accepted: Accepted | None = None
    """In place of one company: what a customer has accepted by an activation link."""
    approved: tuple[int, ...] = ()
    """Those of its companies that are to be joined; the others are rejected."""
    organization: Organization | None = None
    seen: Integration | None = None
    """The integration that the trigger belongs to, in the version that saving will name; None while connecting."""
    before: Trigger | None = None
    """The trigger as it is saved; None: a new one."""

    @property
    def changed(self) -> bool:
        """Whether leaving would lose anything."""
        if self.before is not None:
            return self.trigger != self.before
        return self.connects or self.aimed

    @property
    def connects(self) -> bool:
        return self.company is not None or self.accepted is not None

    @property
    def joined(self) -> Sequence[Asked]:
        """Of what was accepted, the companies that are to be joined."""
        return [one for one in self.accepted.companies if one.id in self.approved] if self.accepted else ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Material:
    """What was read to make it of; None: not yet."""

    ground: Ground | None = None
    choices: Choices | None = None
    failure: str = ""
    """Why Trustmary's lists, surveys and automations could not be read."""


def beside(trigger: Trigger, draft: Trigger) -> Trigger:
    """What *trigger* has become, as the *draft* that stands beside it; a new name is kept."""
    return replace(trigger, id=draft.id, live=False, draft_of=draft.draft_of)


def asks_surveys(trigger: Trigger) -> bool:
    """Whether it has to be said if the destination starts surveys."""
    return trigger.destination.kind is not DestinationKind.CONTACT


class Said(Message):
    """Something more, or other, has been said."""

    def __init__(self, draft: Draft) -> None:
        super().__init__()
        self.draft = draft


class Go(Message):
    """To the next step (1), the one before (-1)."""

    def __init__(self, by: int) -> None:
        super().__init__()
        self.by = by


class Save(Message):
    def __init__(self, *, live: bool) -> None:
        super().__init__()
        self.live = live


class GroundRead(Message):
    def __init__(self, ground: Ground) -> None:
        super().__init__()
        self.ground = ground


class ChoicesRead(Message):
    """None: they could not be read, and why."""

    def __init__(self, choices: Choices | None, *, failure: str = "") -> None:
        super().__init__()
        self.choices, self.failure = choices, failure
