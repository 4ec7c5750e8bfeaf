"""The contacts of a replay as rows, with filters and marks, and what the marked ones come to."""

from __future__ import annotations

import asyncio

from textual import on
from textual.app import ComposeResult
from textual.containers import Container
from textual.message import Message
from textual.widgets import Input, Static

from events.errors import Misconfigured, PtmError
from events.plan import Class
from events.replay import Reach
from tui.desk import Desk
from tui.matching import matcher
from tui.messages import Failed, OpenInvoice
from tui.replay.head import Meant, head
from tui.replay.line import columns, in_full, searched
from tui.replay.look import Look, order
from tui.view import View
from tui.widgets.detail import Detail
from tui.widgets.filter import Filter
from tui.widgets.rows import Rows
from worker.operations import replays
from worker.operations.replays import Cost, Line

PAUSE = 0.2
"""Seconds after the last mark before it is asked what that comes to."""


NOBODY = Cost(contacts=0, calls=0, surveys=0)


class Weighed(Message):
    """What applying the meant contacts takes at most."""

    def __init__(self, cost: Cost) -> None:
        super().__init__()
        self.cost = cost


class Contacts(View[Look]):
    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self.kind: Class | None = None
        """The only class that is shown; None: all."""
        self.marked: set[int] = set()
        """Also of what filters hide."""
        self._cost: Cost | None = None
        """The number of whom the detail is about."""

    def content(self) -> ComposeResult:
        yield Static(id="head")
        with Container(id="replay"):
            yield Rows[Line](key=lambda one: one.number, id="rows")
            yield Detail()

    def fill(self, state: Look) -> None:
        say, names = self.desk.say, state.names
        try:
            fits = matcher(self.query_one(Filter).value)
        except Misconfigured as error:
            self.show_empty(self.desk.say.told(error), self.query_one("#replay"))
            return
        marked = set(self.marked)
        found = [one for one in state.lines if fits(searched(one, say, names))]
        self.rows.show(found, columns(say, names))
        if marked:
            self.rows.mark(marked)
        nothing = "Nothing matches the filter." if state.lines else "Nobody: nothing of that window would be sent."
        self.show_empty("" if found else say(nothing), self.query_one("#replay"))
        self._write_head()
        self.show_current()

    def _write_head(self) -> None:
        if self.state:
            said = head(self.state, Meant(marked=self.marked, cost=self._cost), self.desk.say, self.desk.now())
            self.query_one("#head", Static).update(said)

    @property
    def rows(self) -> Rows[Line]:
        return self.query_one("#rows", Rows)

    @property
    def seen(self) -> Look:
        assert self.state, "nothing can be done before something is shown"
        return self.state

    @on(Input.Changed, "#filter")
    def narrow(self) -> None:
        if self.state is not None:
            self.fill(self.state)

    @on(Rows.Highlighted)
    def show_current(self) -> None:
        one, at = self.rows.current, self.state
        if one and at:
            said = in_full(one, at.integration.rules, self.desk.say, at.names)
            self.query_one(Detail).show(said, of=one.number)

    @on(Rows.Marked)
    def keep_marks(self) -> None:
        self.marked -= {one.number for one in self.rows.rows}
        self.marked |= {one.number for one in self.rows.marked}
        self.weigh()

    def weigh(self) -> None:
        self._write_head()
        if self.state and self.state.replay.state == "planned":
            self.beside("weigh", self._weigh, self.state)

    async def _weigh(self, at: Look) -> None:
        await asyncio.sleep(PAUSE)
        wanted = order(at, Reach.SURVEY, self.marked)
        try:
            cost = await replays.cost(self.desk.context, at.replay, at.integration.rules, wanted) if wanted else NOBODY
        except PtmError as error:
            self.post_message(Failed(error))
        else:
            self.post_message(Weighed(cost))

    @on(Weighed)
    def show_cost(self, message: Weighed) -> None:
        self._cost = message.cost
        self._write_head()

    def action_next_class(self, by: int) -> None:
        """Only of classes that there are; marks stay."""
        if self.state is None:
            return
        there = [None, *(kind for kind, count in self.state.counts.items() if count)]
        self.kind = there[(there.index(self.kind) + by) % len(there)] if self.kind in there else None
        self.action_look()

    @on(Rows.Opened)
    def open_row(self) -> None:
        if self.rows.current and self.state:
            self.post_message(OpenInvoice(self.state.replay.integration, self.rows.current.invoice))
