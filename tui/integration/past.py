"""The history: who changed what, when and why, and going back to what one of the changes left."""

from __future__ import annotations

from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.widgets import Static

from events.versions import Act
from tui.integration import changes, restoring
from tui.integration.facts import Fact
from tui.integration.page import Page
from tui.integration.paper import Paper
from tui.widgets.rows import Rows
from worker.operations.integrations import Integration
from worker.operations.whole import Whole


class HistoryPage(Page):
    TITLE = "History"
    CHANGES = frozenset({"restore"})
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("r", "restore", "Restore", tooltip="Save what this version left once more, as the newest"),
    ]

    def compose(self) -> ComposeResult:
        yield Rows[Act](key=lambda act: act.position, id="acts")
        yield Static(classes="none")
        yield Paper(id="act", label=10)

    @property
    def line(self) -> str:
        return f"ptm trigger history {self.seen.id}"

    @property
    def rows(self) -> Rows[Act]:
        return self.query_one("#acts", Rows)

    def draw(self, known: Whole) -> None:
        """The newest first; who looks at the newest sees a newer one at once."""
        found = self.let_through(known.acts[::-1], self._searched)
        on_newest = not self.rows.cursor
        self.rows.show(found, changes.columns(self.say, self.desk.now()))
        if on_newest:
            self.rows.action_first()
        self.show_current()

    def _searched(self, act: Act) -> str:
        return " ".join([str(act.position), act.actor, act.reason or "", *changes.lines(act.steps, self.say)])

    @on(Rows.Highlighted)
    def show_current(self) -> None:
        act = self.rows.current
        self.query_one("#act", Paper).show(self._facts(act) if act else ())

    def _facts(self, act: Act) -> list[Fact]:
        say = self.say
        found = [
            Fact(say("Version"), f"{act.position} · {say.exact(act.at)}"),
            Fact(say("Who"), act.actor),
            Fact(say("Why"), act.reason or say("no reason given"), "" if act.reason else "quiet"),
        ]
        for before, event in act.steps:
            found.append(Fact(say("What"), changes.title(before, event, say), "strong"))
            found += [Fact("", line) for line in changes.details(before, event, say)]
        return found

    def action_restore(self) -> None:
        if self.rows.current and self.known:
            self.act(self._restored(self.seen, self.known, self.rows.current))

    async def _restored(self, seen: Integration, known: Whole, act: Act) -> str | None:
        return await restoring.restore(self, seen, known, act)

    @on(Rows.Opened)
    def open_row(self) -> None:
        if self.check_action("restore", ()):
            self.action_restore()
