"""Of a screen with rows of events: the one under the cursor in full, and the way along causes and effects."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from functools import partial
from typing import Any, ClassVar

from textual import on
from textual.binding import Binding, BindingType
from textual.message import Message

from events.envelope import integration_of
from events.errors import PtmError
from events.replay import Replayed
from tui.apart import apart
from tui.messages import Failed, OpenIntegration, OpenInvoice, OpenReplay
from tui.screens.event_fields import as_fields, as_json
from tui.stretch import Look
from tui.trail import Trail
from tui.view import View
from tui.widgets.detail import Detail
from tui.widgets.log_rows import LogRows
from worker.operations import related
from worker.operations.browse import Entry
from worker.operations.related import Known, Related, invoice_of

REST = 0.25
"""Seconds for which the cursor rests before its event is shown in full: a key held down, or one after the other, costs
rows only. The detail is laid out anew, which takes longer than a key may."""


class Rested(Message):
    """The cursor stands still."""


class RelatedRead(Message):
    def __init__(self, found: Related, known: Known) -> None:
        super().__init__()
        self.found, self.known = found, known


class EventDetail(View[Look]):
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("u", "up", "Cause", tooltip="To what this came of"),
        Binding("d", "down", "Effects", tooltip="To what came of this, one after the other"),
        Binding("v", "turn", "Fields or JSON", show=False, tooltip="As fields, or as JSON"),
    ]

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self.known = Known()
        self.shown: Entry | None = None
        """In the detail: what the cursor is on, or what a cause or an effect has led to beside the rows."""
        self._related: Related | None = None
        self._next: Callable[[], None] | None = None
        """What was asked for before it was known where it leads."""
        self._trail = Trail()
        self.paused = False
        """The rows hold still, whatever comes."""
        self._as_json = False
        self._drawn: object = None

    @property
    def rows(self) -> LogRows:
        return self.query_one("#rows", LogRows)

    @on(LogRows.Highlighted, "#rows")
    def show_current(self) -> None:
        entry = self.rows.current
        if entry is not None and (self.shown is None or self.shown.key != entry.key):
            self._trail.leave()
            self.show_entry(entry)

    def show_entry(self, entry: Entry) -> None:
        self.shown, self._related, self._next = entry, None, None
        self.relate(rest=REST)

    @on(Rested)
    def draw_detail(self) -> None:
        if self.shown is None:
            return
        say = self.desk.say
        drawn = (self.shown.key, self._as_json, self._related, say.language)
        for detail in self.query(Detail) if drawn != self._drawn else ():  # none while the screen is made anew
            self._drawn = drawn
            content = as_json(self.shown) if self._as_json else as_fields(self.shown, self._related, self.known, say)
            detail.show(content, of=drawn[:2])

    def relate(self, *, rest: float = 0) -> None:
        if self.shown is not None:
            self.beside("related", self._relate, self.shown, rest)

    async def _relate(self, entry: Entry, rest: float) -> None:
        await asyncio.sleep(rest)
        self.post_message(Rested())
        try:
            self.post_message(RelatedRead(*await apart(self._related_to(entry))))
        except PtmError as error:
            self.post_message(Failed(error))

    async def _related_to(self, entry: Entry) -> tuple[Related, Known]:
        found = await related.read(self.desk.context, entry)
        beside = [*found.effects, *([found.cause] if found.cause else [])]
        return found, await related.known(self.desk.context, beside, self.known)

    @on(RelatedRead)
    def show_related(self, message: RelatedRead) -> None:
        self.known = self.known.joined(message.known)
        if self.shown is not None and self.shown.record.row.id == message.found.of:
            self._related = message.found
            self.draw_detail()
            if self._next is not None:
                self._next()

    def action_up(self) -> None:
        self._walk(self._trail.up, self.desk.say("Nothing in the log has caused it."))

    def action_down(self) -> None:
        self._walk(self._trail.down, self.desk.say("Nothing more has come of it."))

    def _walk(self, way: Callable[[Related], Entry | None], otherwise: str) -> None:
        """As soon as it is known where that leads; the rows hold still from then on."""
        if self._related is None:
            self._next = partial(self._walk, way, otherwise)
            return
        entry = way(self._related)
        if entry is None:
            self.notify(otherwise, markup=False)
            return
        self.paused = True
        self.show_entry(entry)
        place = self.rows.place(entry.key)
        if place is not None:
            self.rows.cursor = place

    def action_turn(self) -> None:
        self._as_json = not self._as_json
        self.draw_detail()

    @on(LogRows.Opened, "#rows")
    def open_shown(self) -> None:
        """What the event shown belongs to: an invoice, a replay, else its integration."""
        if self.shown is None:
            return
        event = self.shown.event
        if of := invoice_of(self.shown):
            self.app.post_message(OpenInvoice(*of))
        elif isinstance(event, Replayed):
            self.app.post_message(OpenReplay(event.integration, replay=event.replay))
        else:
            self.app.post_message(OpenIntegration(integration_of(self.shown.record.row.stream)))
