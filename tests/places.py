"""Every screen of the console, over a company of which there is something to see on each."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from uuid import UUID

from textual.message import Message

from driving import Driver
from events.attention import Cause
from events.integration import Service
from office import Office, opened
from servers.postgres import Database
from tui.app import Console
from tui.messages import (
    EditTrigger,
    OpenCause,
    OpenEvents,
    OpenFound,
    OpenIntegration,
    OpenInvoice,
    OpenReplay,
    Reconnect,
)
from tui.run import desk_of
from worker.operations.causes import EVERYBODY
from worker.operations.context import Context


@dataclass(frozen=True, slots=True)
class Scene:
    """A company of which one was added, one skipped, and a plan made."""

    office: Office
    database: Database
    plan: UUID


@dataclass(frozen=True, slots=True)
class Place:
    """A screen: the key or the message that leads there, and what it shows of the scene."""

    by: str | Callable[[Scene], Message]
    shows: str


ON: Mapping[str, Place] = {
    "integrations": Place("1", "● active"),
    "events": Place("2", "○ skipped"),
    "replays": Place("3", "○ planned"),
    "attention": Place("4", "Nobody was asked"),
    "workers": Place("5", "Not in Kafka"),
    "integration": Place(lambda at: OpenIntegration(at.office.integration.id), "✔ connected"),
    "events of one": Place(lambda at: OpenEvents(f"in:{at.office.integration.id}"), "○ skipped"),
    "invoice": Place(lambda at: OpenInvoice(at.office.integration.id, 2), "The contact person has no e-mail"),
    "found": Place(lambda _: OpenFound("asiakas1@asiakas.fi"), "1 invoice"),
    "cause": Place(lambda _: OpenCause(Cause.UNASKED, "no_email", EVERYBODY), "10002"),
    "replay": Place(lambda at: OpenReplay(at.office.integration.id, replay=at.plan), "of 2 changes"),
    "new replay": Place(lambda at: OpenReplay(at.office.integration.id), "all live ones"),
    "trigger": Place(lambda at: EditTrigger(at.office.integration.id, at.office.trigger.id), "Invoice"),
    "log in again": Place(lambda at: Reconnect(at.office.integration.id, Service.TRUSTMARY), "API key"),
}


@asynccontextmanager
async def scene_of(database: Database) -> AsyncIterator[Scene]:
    async with opened(database) as office:
        await office.sent(1)
        await office.at.see(office.integration, 2, email=None)
        await office.deliver()
        yield Scene(office, database, (await office.plan()).id)


@asynccontextmanager
async def console(context: Context) -> AsyncIterator[Driver]:
    app = Console(desk_of(context))
    async with app.run_test(size=(150, 40), notifications=True) as pilot:
        at = Driver(app, pilot)
        await at.sees("● active")
        yield at


async def go(at: Driver, scene: Scene, place: Place) -> None:
    """Alone: whatever was opened before is closed."""
    while len(at.app.screen_stack) > 1:
        await at.press("escape")
    if isinstance(place.by, str):
        await at.press(place.by)
    else:
        at.app.screen.post_message(place.by(scene))
