"""How an integration stands: state, connections, figures, settings, and its triggers in words."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType

from tui.integration import facts, health, setting
from tui.integration.facts import Fact
from tui.integration.page import Page
from tui.integration.paper import Paper
from worker.operations import connections
from worker.operations.connections import Answers
from worker.operations.integrations import Integration, State
from worker.operations.whole import Whole

WIDE = 110
"""Columns from which on the triggers stand beside the rest."""


class OverviewPage(Page):
    TITLE = "Overview"
    FILTERED = False
    CHANGES = frozenset({"settings", "labels", "check_connection"})
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("e", "settings", "Settings", tooltip="Change what holds for all triggers"),
        Binding("l", "labels", "Labels", show=False, tooltip="Change the labels, by which many are meant at once"),
        Binding("c", "check_connection", "Ask both", show=False, tooltip="Ask both services now: user, rights, key"),
    ]
    answers: Answers | None = None
    """What both services said when they were asked."""

    def compose(self) -> ComposeResult:
        yield Paper(id="left")
        yield Paper(id="right")

    def draw(self, known: Whole) -> None:
        wide = self.size.width >= WIDE
        left, right = list(self._left(known)), list(self._right(known))
        self.query_one("#left", Paper).show(left if wide else [*left, *right])
        self.query_one("#right", Paper).show(right if wide else [])
        self.set_class(wide, "-wide")

    def _left(self, known: Whole) -> Iterator[Fact]:
        say, now = self.say, self.desk.now()
        yield from facts.standing(known, say, now)
        yield from health.connections(known, self.desk, now)
        if self.answers:
            yield from health.answered(self.answers, say, now)
        elif known.integration.state is not State.REMOVED:
            yield Fact(say("Rights"), say("c asks both services now: user, rights, key"), "quiet")
        yield from facts.moving(known, say, now)

    def _right(self, known: Whole) -> Iterator[Fact]:
        yield from facts.settings(known, self.say)
        yield from facts.of_triggers(known, self.say)

    def on_resize(self) -> None:
        if self.known:
            self.draw(self.known)

    def action_settings(self) -> None:
        self.act(setting.settings(self, self.seen))

    def action_labels(self) -> None:
        self.act(setting.labels(self, self.seen))

    def action_check_connection(self) -> None:
        if self.known:
            self.act(self._ask(self.seen))

    async def _ask(self, seen: Integration) -> str | None:
        self.answers = await connections.ask(self.desk.context, seen, self.desk.now())
        if self.known:
            self.draw(self.known)
        failed = ", ".join(health.NAMES[service] for service in self.answers.failures)
        return self.say("{name} refuses us.", name=failed) if failed else self.say("Both let us in.")
