"""The triggers: what each does in full, and everything that can be done to one."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.widgets import Static

from events.integration import Trigger
from tui.integration import trigger_doing, trying
from tui.integration.facts import of_trigger
from tui.integration.page import Page
from tui.integration.paper import Paper
from tui.integration.trigger_line import columns
from tui.messages import EditTrigger
from tui.widgets.rows import Rows
from worker.operations.integrations import Integration
from worker.operations.whole import Whole

Work = Callable[[Page, Integration, Trigger], Awaitable[str | None]]
MOST = 8
"""Rows before they scroll."""


class TriggersPage(Page):
    TITLE = "Triggers"
    CHANGES = frozenset({"edit", "new", "draft", "rest", "promote", "remove_trigger", "try_out"})
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("e", "edit", "Edit", tooltip="Change the trigger under the cursor, step by step"),
        Binding("n", "new", "New", tooltip="Another trigger, step by step"),
        Binding("d", "draft", "Draft", show=False, tooltip="A draft beside the live trigger, which sends nothing"),
        Binding("s", "shadow", "Shadow", show=False, tooltip="Where the draft would have decided otherwise"),
        Binding("r", "rehearse", "Rehearse", show=False, tooltip="What it would have done with what the log has"),
        Binding("T", "try_out", "Try out", show=False, tooltip="Send one real contact, to an address of your own"),
        Binding("P", "promote", "Put in force", show=False, tooltip="Put the draft in force"),
        Binding("t", "rest", "Rest", show=False, tooltip="Take the trigger out of force: it stays as a draft"),
        Binding("delete,backspace", "remove_trigger", "Remove trigger", show=False, tooltip="Remove the trigger"),
    ]

    def compose(self) -> ComposeResult:
        yield Rows[Trigger](key=lambda trigger: trigger.id, id="triggers")
        yield Static(classes="none")
        yield Paper(id="trigger")

    @property
    def line(self) -> str:
        return f"ptm trigger list {self.seen.id}"

    @property
    def rows(self) -> Rows[Trigger]:
        return self.query_one("#triggers", Rows)

    def draw(self, known: Whole) -> None:
        every = list(known.integration.rules.triggers.values())
        found = self.let_through(every, self._searched, "No trigger: nothing is sent. N makes one.")
        self.rows.styles.height = min(MOST, len(found) + 1)
        self.rows.show(found, columns(known.integration, self.say))
        self.show_current()

    def _searched(self, trigger: Trigger) -> str:
        """All that the page says of it."""
        return " ".join(f"{fact.label} {fact.value}" for fact in of_trigger(self.seen, trigger, self.say))

    @on(Rows.Highlighted)
    def show_current(self) -> None:
        trigger = self.rows.current
        self.query_one("#trigger", Paper).show(of_trigger(self.seen, trigger, self.say) if trigger else ())

    def action_new(self) -> None:
        self.post_message(EditTrigger(self.seen.id, None))

    def action_edit(self) -> None:
        if self.rows.current:
            self.post_message(EditTrigger(self.seen.id, self.rows.current.id))

    @on(Rows.Opened)
    def open_row(self) -> None:
        if self.check_action("edit", ()):
            self.action_edit()

    def _with_current(self, work: Work) -> None:
        """On the version that is seen now, whatever comes while questions are open."""
        if self.rows.current:
            self.act(self._done(work, self.seen, self.rows.current))

    async def _done(self, work: Work, seen: Integration, trigger: Trigger) -> str | None:
        return await work(self, seen, trigger)

    def action_draft(self) -> None:
        self._with_current(trigger_doing.draft)

    def action_rest(self) -> None:
        self._with_current(trigger_doing.rest)

    def action_shadow(self) -> None:
        self._with_current(trigger_doing.watch)

    def action_rehearse(self) -> None:
        self._with_current(trying.rehearse)

    def action_try_out(self) -> None:
        self._with_current(trying.try_out)

    def action_promote(self) -> None:
        self._with_current(trigger_doing.promote)

    def action_remove_trigger(self) -> None:
        self._with_current(trigger_doing.remove)
