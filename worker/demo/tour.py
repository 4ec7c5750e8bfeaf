"""The guided tour of the demo: which step comes next, what it does when asked to, and whether it has happened."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any
from uuid import UUID

from events.contact import ContactAdded, ContactSkipped, Skip
from events.errors import Misconfigured
from events.integration import Trigger
from events.invoice import InvoiceStatusChanged
from worker.operations import integrations, triggers, why
from worker.operations.integrations import Integration
from worker.operations.why import Life

if TYPE_CHECKING:
    from worker.demo.scene import Scene  # the console shows a tour, and starts no servers

GOOD, BROKEN = "person.email", "customer.name"
"""Where the e-mail is taken from; a company's name is no address."""
MISSED = Skip.INVALID_EMAIL
"""Why nobody is added under the broken mapping."""
READING = 5.0
"""Seconds that a step which happens by itself is shown at least: it takes less time than to read of it."""


class Step(StrEnum):
    SEND = "send"
    TRAVEL = "travel"
    BREAK = "break"
    MISS = "miss"
    REPAIR = "repair"
    REPLAY = "replay"
    END = "end"


BY_ITSELF = frozenset({Step.TRAVEL})


@dataclass(frozen=True, slots=True, kw_only=True)
class Track:
    """How far the invoice of the tour has come."""

    invoice: int
    """Procountor's id."""
    number: int | None = None
    """As people know it, once it was seen."""
    sent: datetime
    seen: datetime | None = None
    decided: datetime | None = None
    skipped: Skip | None = None
    added: datetime | None = None

    @property
    def seconds(self) -> float | None:
        """From sent to added."""
        return None if self.added is None else (self.added - self.sent).total_seconds()


class Tour:
    """Of one company of *scene*; whoever takes a step, the guide, a screen or a command, takes it."""

    def __init__(self, scene: Scene, *, reading: float = READING) -> None:
        self._scene, self._context, self._reading = scene, scene.context, reading
        self.step, self._since = Step.SEND, time.monotonic()
        self.company: Integration | None = None
        self.track: Track | None = None

    @property
    def logins(self) -> Mapping[str, str]:
        """What the stand-ins let in: a company's login to Procountor, and a key of Trustmary."""
        company, organization = self._scene.sandbox["companies"][0], self._scene.sandbox["organizations"][-1]
        return {"login": company["login"], "password": company["password"], "key": organization["api_key"]}

    async def look(self) -> None:
        """Moves on as far as things have happened. Raises what operations raise."""
        company, track = self.company, self.track
        every = await integrations.read_all(self._context)
        if self.company is company:  # else a step was taken meanwhile, and knows better
            self.company = next((one for one in every if one.id == self._chosen(every)), None)
        if track is not None and self.company is not None:
            seen = await self._follow(track, self.company)
            if self.track is track:
                self.track = seen
        if self.step is Step.MISS and not self.broken:
            self._go_to(Step.BREAK)
        while HAPPENED[self.step](self) and self._is_read():
            self._go_to(list(Step)[list(Step).index(self.step) + 1])

    def _go_to(self, step: Step) -> None:
        self.step, self._since = step, time.monotonic()

    def _is_read(self) -> bool:
        return self.step not in BY_ITSELF or time.monotonic() - self._since >= self._reading

    def _chosen(self, every: list[Integration]) -> UUID | None:
        return self.company.id if self.company else next((one.id for one in every), None)

    async def _follow(self, track: Track, company: Integration) -> Track:
        try:
            lives = await why.why(self._context, str(track.invoice), among=[company])
        except Misconfigured:
            return track
        return next((followed(track, life) for life in lives if life.invoice == track.invoice), track)

    @property
    def trigger(self) -> Trigger | None:
        return next(iter(self.company.rules.live), None) if self.company else None

    @property
    def broken(self) -> bool:
        return self.trigger is not None and self.trigger.mapping.fields.get("email") != GOOD

    @property
    def is_over(self) -> bool:
        return self.step is Step.END

    async def take(self) -> None:
        """Does what the step is about, where it can be done for somebody. Raises what operations raise."""
        if self.company is None:
            await self.look()
        match self.step:
            case Step.SEND | Step.MISS:
                await self.send()
            case Step.BREAK:
                await self._map_email(BROKEN, "the tour breaks the mapping")
            case Step.REPAIR:
                await self._map_email(GOOD, "the tour repairs the mapping")

    async def send(self) -> None:
        """An invoice to a new customer whose contact person is named."""
        if self.company is None:
            return
        books, company = self._scene.books, self.company.company_id
        customer: Mapping[str, Any] = await books.say(f"customers/{company}", kind="named_contact")
        made = await books.say("invoice", company=company, customer=customer["id"])
        for act in ("approve", "send"):
            await books.say(f"invoices/{made['id']}/{act}")
        self.track = Track(invoice=made["id"], sent=datetime.now(UTC))

    async def _map_email(self, path: str, reason: str) -> None:
        trigger, company = self.trigger, self.company
        if trigger is None or company is None:
            return
        fields = {**trigger.mapping.fields, "email": path}
        changed = replace(trigger, mapping=replace(trigger.mapping, fields=fields))
        self.company = await triggers.save(self._context, company, changed, reason=reason)


def followed(track: Track, life: Life) -> Track:
    """*track* as far as the log has it."""
    found = replace(track, number=life.number)
    for entry in life.entries:
        match entry.event:
            case InvoiceStatusChanged():
                found = replace(found, seen=found.seen or entry.record.at)
            case ContactAdded():
                found = replace(found, decided=entry.record.at)
            case ContactSkipped(reason=reason):
                found = replace(found, skipped=reason, decided=entry.record.at)
    added = [call.settled_at for call in life.deliveries if call.state == "delivered"]
    return replace(found, added=added[-1] if added else None)


HAPPENED: Mapping[Step, Callable[[Tour], bool]] = {
    Step.SEND: lambda tour: tour.track is not None,
    Step.TRAVEL: lambda tour: tour.track is not None and tour.track.added is not None,
    Step.BREAK: lambda tour: tour.broken,
    Step.MISS: lambda tour: tour.track is not None and tour.track.skipped is not None,
    Step.REPAIR: lambda tour: not tour.broken,
    Step.REPLAY: lambda tour: tour.track is not None and tour.track.added is not None,
    Step.END: lambda _: False,
}
