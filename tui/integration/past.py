"""The history: who changed what, when and why, and going back to what one of the changes left."""

from __future__ import annotations

from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType

from events.errors import Misconfigured
from events.versions import Act
from tui.integration import changes, restoring
from tui.integration.facts import Fact
from tui.integration.page import Page
from tui.integration.paper import Paper
from tui.matching import matcher
from tui.widgets.rows import Rows
from worker.operations.integrations import Integration
from worker.operations.whole import Whole


class HistoryPage(Page):
    TITLE = "History"
    CHANGES = frozenset({"restore"})
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("r", "restore", "Restore", tooltip="Save what this version left once more, as the newest"),
    ]

    def __init__(self, *arguments: object) -> None:
        super().__init__(*arguments)  # type: ignore[arg-type]
        self._line = ""

    def compose(self) -> ComposeResult:
        yield Rows[Act](key=lambda act: act.position, id="acts")
        yield Paper(id="act", label=10)

    @property
    def line(self) -> str:
        return f"ptm trigger history {self.seen.id}"

    @property
    def rows(self) -> Rows[Act]:
        return self.query_one("#acts", Rows)

    def narrow(self, line: str) -> None:
        self._line = line
        if self.known:
            self.draw(self.known)

    def draw(self, known: Whole) -> None:
        """The newest first; who looks at the newest sees a newer one at once."""
        found = [act for act in reversed(known.acts) if self._lets_through(act)]
        on_newest = not self.rows.cursor
        self.rows.show(found, changes.columns(self.say, self.desk.now()))
        if on_newest:
            self.rows.action_first()
        self.show_current()

    def _lets_through(self, act: Act) -> bool:
        try:
            said = changes.lines(act.steps, self.say) if self._line else []
            return matcher(self._line)(" ".join([str(act.position), act.actor, act.reason or "", *said]))
        except Misconfigured:
            return True

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
