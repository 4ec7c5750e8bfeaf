"""One cause: what it stands for, and what ends it."""

from __future__ import annotations

from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.widgets import Input, Static

from events.errors import Misconfigured
from tui.matching import matcher
from tui.screens.attention_line import head, item_columns, item_in_full, item_searched
from tui.screens.cause_acts import ACTS, Acting
from tui.widgets.cluster import Cluster
from tui.widgets.filter import Filter
from tui.widgets.rows import Rows
from worker.operations import causes
from worker.operations.causes import DELIVERIES, Item, Items


class CauseView(Acting):
    NAME = "Cause"
    CSS_PATH = "attention.tcss"
    EASE = 5.0
    CHANGES = frozenset({"send_again", "discard", "resume", "reconnect"})
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("s", "send_again", "Send again", tooltip="Send again in order: the marked ones, else all"),
        Binding("d", "discard", "Discard", tooltip="Give up for good: the marked ones, else all"),
        Binding("r", "resume", "Resume", tooltip="Says what waits, then resumes the marked ones, else all"),
        Binding("L", "reconnect", "Log in again", tooltip="New credentials for the integration of this row"),
        Binding("p", "plan", "Replay", tooltip="Plan a replay of these, for the integration of this row"),
        Binding("i", "integration", "Integration", show=False, tooltip="The integration of this row"),
    ]

    def content(self) -> ComposeResult:
        yield Static(id="cause")
        yield Rows[Item](key=lambda item: item.id, id="rows")
        yield Static(id="item", classes="quiet")

    async def load(self) -> Items:
        return await causes.items(self.desk.context, self.cause, self.key, self.among, say=self.desk.say)

    def draw(self, state: Items) -> None:
        say = self.desk.say
        whose = self.among.label or self.among.name
        self.query_one(Cluster).entitle(f"{say(self.NAME)} · {whose}" if whose else say(self.NAME))
        self.query_one("#cause", Static).update(Content("\n".join(head(state, self.desk))))
        try:
            lets_through = matcher(self.query_one(Filter).value)
        except Misconfigured as error:
            self.show_empty(self.desk.say.told(error), self.rows)
            return
        found = [item for item in state.items if lets_through(item_searched(item))]
        self.rows.show(found, item_columns(say, self.desk.now(), invoices=any(item.invoices for item in state.items)))
        nothing = "Nothing matches the filter." if state.items else "✔ Nothing of this waits any more."
        self.show_empty("" if found else say(nothing), self.rows)

    @on(Input.Changed, "#filter")
    def narrow_down(self) -> None:
        if self.state is not None:
            self.draw(self.state)

    @on(Rows.Highlighted)
    def show_item(self) -> None:
        item = self.rows.current
        self.query_one("#item", Static).update(Content(item_in_full(item, self.desk.say) if item else ""))

    @on(Rows.Opened)
    def open_what_it_is_on(self) -> None:
        self.open_item()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        if action in ACTS and self.cause not in ACTS[action]:
            return False
        if action == "reconnect" and self.login is None:
            return False
        return super().check_action(action, parameters)

    def line(self) -> str:
        if self.cause in DELIVERIES:
            return f"ptm delivery list --fingerprint {self.key} {self.among.option}".rstrip()
        group = self.state.group if self.state else None
        return group.commands[0] if group and group.commands else f"ptm attention {self.among.option}".rstrip()
