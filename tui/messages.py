"""What is told between the parts of the console."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING
from uuid import UUID

from textual.message import Message

from events.errors import PtmError
from worker.operations.live import Rung
from worker.operations.overview import Figures
from worker.operations.pulse import Pulse

if TYPE_CHECKING:
    from events.attention import Cause
    from events.integration import Service
    from events.plan import Wanted
    from worker.operations.causes import Among


class Rang(Message):
    """Something has changed in the database."""

    def __init__(self, rung: Rung) -> None:
        super().__init__()
        self.rung = rung


class PulseRead(Message):
    def __init__(self, pulse: Pulse) -> None:
        super().__init__()
        self.pulse = pulse


class Failed(Message):
    """What was asked for did not come; what is shown is older."""

    def __init__(self, error: PtmError) -> None:
        super().__init__()
        self.error = error


class Loaded(Message):
    """What was asked for has come: a screen's state, whole."""

    def __init__(self, state: object) -> None:
        super().__init__()
        self.state = state


class Done(Message):
    """What somebody asked for has been done."""

    def __init__(self, says: str) -> None:
        super().__init__()
        self.says = says


class FiguresRead(Message):
    """Of the integrations in sight."""

    def __init__(self, figures: Mapping[UUID, Figures]) -> None:
        super().__init__()
        self.figures = figures


class OpenIntegration(Message):
    """One integration, with everything about it."""

    def __init__(self, integration: UUID) -> None:
        super().__init__()
        self.integration = integration


class OpenInvoice(Message):
    """The life of an invoice: why, and why not."""

    def __init__(self, integration: UUID, invoice: int) -> None:
        super().__init__()
        self.integration, self.invoice = integration, invoice


class OpenFound(Message):
    """What a number or an address has led to, to choose from."""

    def __init__(self, wanted: str) -> None:
        super().__init__()
        self.wanted = wanted


class OpenCause(Message):
    """What waits for a person for one cause, item by item."""

    def __init__(self, cause: Cause, key: str, among: Among) -> None:
        super().__init__()
        self.cause, self.key, self.among = cause, key, among


class OpenEvents(Message):
    """The log, with a filter line already written."""

    def __init__(self, line: str) -> None:
        super().__init__()
        self.line = line


class OpenReplay(Message):
    """A new plan, with a window already chosen, of an integration or of one to be chosen; or a replay that exists."""

    def __init__(
        self,
        integration: UUID | None,
        *,
        replay: UUID | None = None,
        skipped: str | None = None,
        wanted: Wanted | None = None,
        backfill: int = 0,
    ) -> None:
        """*backfill*: days of which the past before connecting is read first."""
        super().__init__()
        self.integration, self.replay, self.skipped, self.wanted = integration, replay, skipped, wanted
        self.backfill = backfill


class AddIntegration(Message):
    """A company is to be connected, step by step."""


class Reconnect(Message):
    """New credentials for one of the two services of an integration."""

    def __init__(self, integration: UUID, service: Service) -> None:
        super().__init__()
        self.integration, self.service = integration, service


class EditTrigger(Message):
    """A trigger is to be changed, or with None a new one made."""

    def __init__(self, integration: UUID, trigger: UUID | None) -> None:
        super().__init__()
        self.integration, self.trigger = integration, trigger
