"""What waits for a person: causes, each with what ends it."""

from __future__ import annotations

from typing import Any, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.widgets import Input, Static

from events.errors import Misconfigured
from tui.matching import matcher
from tui.messages import OpenCause, PulseRead, Rang
from tui.screens.attention_line import columns, in_full, searched
from tui.screens.narrowing import narrowed
from tui.screens.reconciling import Looked, reconcile
from tui.view import View
from tui.widgets.filter import Filter
from tui.widgets.rows import Rows
from tui.widgets.scroll import Scroll
from worker.operations import causes
from worker.operations.causes import EVERYBODY, Line, Lines
from worker.operations.live import CONFIGURATION


class AttentionView(View[Lines]):
    NAME = "Attention"
    CSS_PATH = "attention.tcss"
    EASE = 30.0
    CHANGES = frozenset({"reconcile"})
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("n", "narrow", "Narrow", tooltip="Only of one integration, or of all that have a label"),
        Binding("c", "reconcile", "Reconcile", tooltip="Hold the log against Procountor and Trustmary now"),
    ]

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self.among = EVERYBODY
        self._parked: int | None = None

    def content(self) -> ComposeResult:
        yield Static(id="among", classes="quiet")
        yield Static(id="doing")
        yield Rows[Line](key=lambda line: (line.group.cause, line.group.key), id="rows")
        with Scroll(id="detail"):
            yield Static(id="cause")

    async def load(self) -> Lines:
        return await causes.lines(self.desk.context, self.among, say=self.desk.say)

    def draw(self, state: Lines) -> None:
        say = self.desk.say
        self.query_one("#among", Static).update(Content(self._says(state)))
        try:
            lets_through = matcher(self.query_one(Filter).value)
        except Misconfigured as error:
            self.show_empty(self.desk.say.told(error), self.rows)
            return
        found = [line for line in state.lines if lets_through(searched(line, say))]
        self.rows.show(found, columns(say, self.desk.now()))
        nothing = "Nothing matches the filter." if state.lines else "✔ Nothing waits for a person."
        self.show_empty("" if found else say(nothing), self.rows)
        self.query_one("#detail").display = bool(found)

    def _says(self, state: Lines) -> str:
        say, among = self.desk.say, self.among
        every = say.count(state.integrations, "{n} integration", "{n} integrations")
        whose = among.label or among.name
        cut = say("More was found than is looked at in one go: counts are lower bounds.") if state.cut else ""
        return " · ".join(part for part in (whose and f"▼ {whose}", every, cut) if part)

    @property
    def rows(self) -> Rows[Line]:
        return self.query_one("#rows", Rows)

    @on(Input.Changed, "#filter")
    def narrow_down(self) -> None:
        if self.state is not None:
            self.draw(self.state)

    @on(Rows.Highlighted)
    def show_cause(self) -> None:
        line = self.rows.current
        self.query_one("#cause", Static).update(Content("\n".join(in_full(line.group, self.desk)) if line else ""))

    @on(Rows.Opened)
    def open_cause(self) -> None:
        if (line := self.rows.current) is not None:
            self.post_message(OpenCause(line.group.cause, line.group.key, self.among))

    @on(Rang)
    def look_where_somebody_acted(self, message: Rang) -> None:
        if CONFIGURATION in message.rung:
            self.action_look()

    @on(PulseRead)
    def look_where_more_is_parked(self, message: PulseRead) -> None:
        before, self._parked = self._parked, message.pulse.parked
        if before is not None and before != self._parked:
            self.action_look()

    @on(Looked)
    def show_reconciliation(self, message: Looked) -> None:
        doing = self.query_one("#doing", Static)
        doing.update(Content(message.says))
        doing.display = bool(message.says)

    def action_narrow(self) -> None:
        self.act(self._narrow())

    async def _narrow(self) -> None:
        chosen = await narrowed(self, self.among)
        if chosen is not None:
            self.among = chosen
            self.action_look()

    def action_reconcile(self) -> None:
        self.act(reconcile(self, self.among))

    def line(self) -> str:
        return f"ptm attention {self.among.option}".rstrip()
