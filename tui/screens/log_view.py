"""A stretch of the log on the screen: followed as it comes, read on where one comes near to its ends."""

from __future__ import annotations

from textual import on
from textual.app import ComposeResult
from textual.content import Content
from textual.message import Message
from textual.widgets import Static

from events.errors import Barred, Misconfigured, PtmError
from tui import stretch, terms
from tui.apart import apart
from tui.desk import Desk
from tui.messages import Failed
from tui.screens.event_detail import EventDetail
from tui.screens.event_line import columns, let_through
from tui.screens.log_state import state
from tui.stretch import Further, Look, Stretch
from tui.widgets.log_rows import LogRows
from tui.widgets.split import BREAKPOINTS, Split
from worker.operations.browse import Key
from worker.operations.live import LOG, Rung


class Read(Message):
    def __init__(self, found: Further) -> None:
        super().__init__()
        self.found = found


class LogView(EventDetail):
    LISTENS = frozenset({LOG})
    CSS_PATH = "split.tcss"
    HORIZONTAL_BREAKPOINTS = BREAKPOINTS

    def __init__(self, desk: Desk, line: str = "") -> None:
        super().__init__(desk)
        self.written = line
        self.of = Stretch(terms.NOTHING)
        self.wrong = ""
        """Why the terms mean nothing."""
        self.mistyped = ""
        """What is wrong with the line as it is written; typing on clears it."""
        self.live = True
        """What comes is shown as it comes."""
        self._go_to: Key | None = None
        """Where the cursor is to stand once that is read."""
        self._at_end = True
        """Where the cursor last stood: `load` runs in a worker, and while a screen is made anew it has no rows."""
        self._reading = False
        self._taken: Look | None = None
        """The newest that is in the stretch: drawn again, it is not taken twice."""

    def content(self) -> ComposeResult:
        yield Static(id="log-state")
        yield Split(LogRows(key=lambda entry: entry.key, id="rows"))

    def begin(self, of: Stretch) -> None:
        self.of, self._go_to, self.wrong = of, of.at, ""
        self.show_empty("", self.query_one(Split))
        self.action_look()

    @property
    def following(self) -> bool:
        return self._follows and self.rows.at_end

    @property
    def _follows(self) -> bool:
        return not self.paused and self._go_to is None

    async def load(self) -> Look:
        try:
            return await stretch.look(self.desk.context, self.of, self.known, follow=self._follows and self._at_end)
        except Barred:
            raise
        except Misconfigured as error:
            return Look(of=self.of, wrong=self.desk.say.told(error))

    def concerns(self, rung: Rung) -> bool:
        rang, mine = rung.get(LOG, frozenset()), self.of.wanted.partitions if self.of.wanted else None
        return bool(rang) and (mine is None or "" in rang or not rang.isdisjoint(map(str, mine)))

    def draw(self, state: Look) -> None:
        if state.of is not self.of:
            return
        following, self.wrong = self.following, state.wrong
        taken = not state.wrong and state is not self._taken
        if taken:
            self._taken = state
            self.known = self.known.joined(state.known)
            self.of.take(state)
        if taken and state.only_counted:
            self.tell()
        else:
            self.redraw(to_end=following)
        if self.shown and any(entry.record.row.cause == self.shown.record.row.id for entry in state.entries or ()):
            self.relate()

    def redraw(self, *, to_end: bool = False) -> None:
        window, say = self.of.window, self.desk.say
        try:
            found = let_through(window.entries if window else [], self.written, say, self.known)
        except Misconfigured as error:
            self.mistyped = self.desk.say.told(error)
            self.tell()
            return
        self.rows.show(found, columns(found, say, self.desk.now(), self.known))
        if self._go_to is not None and window:
            self.rows.cursor = next((at for at, entry in enumerate(found) if entry.key >= self._go_to), len(found) - 1)
            self._go_to = None
        elif to_end and found:
            self.rows.to_end()
        self.tell(self.wrong)
        nothing = "Nothing matches the filter." if self.written else "Nothing has happened yet."
        self.show_empty("" if found or not window else say(nothing), self.query_one(Split))
        self.draw_detail()
        self._read_on()

    def tell(self, wrong: str = "") -> None:
        """Where one is, or what is *wrong*."""
        wrong = self.mistyped or wrong
        line, window = self.query_one("#log-state", Static), self.of.window
        self._at_end = self.rows.at_end
        ended = self.of.asked.terms.until is not None
        live = self.following and not ended and window is not None and window.heads is not None
        if live != self.live:
            self.live = live
            self.refresh_bindings()
        line.set_class(bool(wrong), "-wrong")
        line.set_class(not wrong and not live, "-held")
        says = (
            f"✖ {wrong}"
            if wrong
            else state(self.of, self.desk.say, self.desk.now(), shown=len(self.rows.rows), live=live)
        )
        line.update(Content(says), layout=False)

    @on(LogRows.Seen, "#rows")
    def look_where_it_ends(self) -> None:
        self.tell(self.wrong)
        self._read_on()
        if self.following and self.of.new:
            self.action_look()

    def _read_on(self) -> None:
        """More of what one comes near to, and of what leaves the screen half empty."""
        rows = self.rows
        place, shown, room = rows.cursor, len(rows.rows), max(1, rows.size.height - 1)
        older = self.of.wants_older(shown if self.following else place, shown, room)
        if not self._reading and (older or self.of.wants_newer(place, shown)):
            self._reading = True
            self.beside("read", self._read, self.of, older)

    async def _read(self, of: Stretch, older: bool) -> None:
        try:
            found = await apart(stretch.further(self.desk.context, of, self.known, older=older))
            self.post_message(Read(found))
        except PtmError as error:
            self._reading = False
            self.post_message(Failed(error))

    @on(Read)
    def show_further(self, message: Read) -> None:
        self._reading = False
        if message.found.of is not self.of:
            self._read_on()
            return
        following = self.following
        self.known = self.known.joined(message.found.known)
        self.of.go_further(message.found)
        self.redraw(to_end=following and message.found.older)
