"""The log: as it comes, through a filter line, and any part of it that one goes to."""

from __future__ import annotations

import re
from typing import ClassVar

from textual import on
from textual.binding import Binding, BindingType
from textual.timer import Timer

from events import moments
from events.errors import Misconfigured
from tui import stretch, terms
from tui.desk import Desk
from tui.screens.log_view import LogView
from tui.stretch import Stretch
from tui.widgets.filter import Filter
from tui.widgets.log_rows import LogRows
from tui.widgets.write import Write
from worker.operations import related
from worker.operations.browse import Key

PATIENCE = 0.4
"""Seconds without a key after which the database is asked for other terms."""
PLACE = re.compile(r"(\d{1,9}):(\d{1,18})", re.ASCII)


class EventsView(LogView):
    NAME = "Events"
    HINT = "type: in: label: invoice: customer: email: since: until: at: !not /re/ ~fuzzy"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("p", "pause", "Hold", tooltip="Hold the log still, or let it go on; what is new is counted"),
        Binding("ctrl+g", "go", "Go to", show=False, tooltip="To a place (partition:position) or a time"),
    ]

    def __init__(self, desk: Desk, line: str = "") -> None:
        super().__init__(desk, line)
        self._timer: Timer | None = None

    def on_mount(self) -> None:
        self.ask_anew()

    @on(Filter.Changed, "#filter")
    def narrow(self, message: Filter.Changed) -> None:
        """Words at once, terms after a while."""
        self.mistyped = ""
        if self._timer is not None:
            self._timer.stop()
        if terms.terms_of(message.value) == self.of.asked.line:
            self.redraw(to_end=self.following)
        else:
            self._timer = self.set_timer(PATIENCE, self.ask_anew)

    @on(Filter.Done)
    def ask_anew(self) -> None:
        if self.of.window is not None and terms.terms_of(self.written) == self.of.asked.line:
            return
        try:
            asked = terms.parse(self.written, self.desk.say.zone, self.desk.now())
        except Misconfigured as error:
            self.mistyped = self.desk.say.told(error)
            self.tell()
            return
        self.begin(Stretch(asked, at=Key(at=asked.at) if asked.at else None))

    def called(self, action: str, otherwise: str) -> str:
        return "Follow" if action == "pause" and not self.live else otherwise

    def action_pause(self) -> None:
        if self.of.asked.terms.until:
            ended = "until: ends the log: take it out of the line to follow what comes."
            self.notify(self.desk.say(ended), markup=False)
            return
        if self.paused or not self.following:
            self.go_to_end()
        else:
            self.paused = True
        self.tell(self.wrong)

    @on(LogRows.End, "#rows")
    def go_to_end(self) -> None:
        """And on with what comes."""
        self.paused = False
        window = self.of.window
        if window is None or window.heads is None or self.of.new > stretch.MANY:
            self.begin(Stretch(self.of.asked))
        else:
            self.rows.to_end()
            self.action_look()

    def action_go(self) -> None:
        self.act(self._go())

    async def _go(self) -> None:
        says = self.desk.say("Where to? A place (partition:position), or a time: 2h, 2026-03-01, 2026-03-01T12:00.")
        written = await self.app.push_screen_wait(Write(self.desk.say, says, check=self._place))
        if not written:
            return
        place = self._place(written)
        if isinstance(place, tuple):
            entry = await related.at(self.desk.context, *place)
            if entry is None:
                raise Misconfigured(self.desk.say("Nothing stands at {place}.", place=written))
            place = entry.key
        self.begin(Stretch(self.of.asked, at=place))

    def _place(self, text: str) -> Key | tuple[int, int]:
        if found := PLACE.fullmatch(text):
            return int(found[1]), int(found[2])
        return Key(at=moments.moment(text, self.desk.say.zone, self.desk.now(), flag=self.desk.say("time")))

    def line(self) -> str:
        return terms.command(self.written)
