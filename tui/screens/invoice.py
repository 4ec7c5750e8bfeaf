"""Why, and why not: the life of one invoice, now or as of a time."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar
from uuid import UUID

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.widgets import Static

from events import moments
from events.contact import ContactSkipped, Decision
from events.words import Words
from tui import told
from tui.desk import Desk
from tui.messages import OpenEvents, OpenIntegration, OpenReplay
from tui.screens.invoice_step import Step
from tui.screens.invoice_story import story, telling, verdict
from tui.view import View
from tui.widgets.columns import Cell, Column
from tui.widgets.detail import Detail
from tui.widgets.rows import Rows
from tui.widgets.split import BREAKPOINTS, Split
from tui.widgets.write import Write
from worker.operations import why
from worker.operations.live import DELIVERIES, LOG, Rung
from worker.operations.why import Life


def columns(say: Words) -> list[Column[Step]]:
    return [
        Column(title=say("Time"), width=23, rank=1, cell=lambda step: say.exact(step.at)[:23] if step.at else ""),
        Column(title=say("Event"), width=20, cell=lambda step: Cell(name(step, say), step.title.tone)),
        Column(title="", width=20, grow=1, cell=lambda step: Cell(step.text)),
    ]


def name(step: Step, say: Words) -> str:
    return f"{step.title.glyph} {say(step.title.name)}"


class InvoiceView(View[Life]):
    NAME = "Why?"
    FILTERED = False
    CSS_PATH = "split.tcss"
    HORIZONTAL_BREAKPOINTS = BREAKPOINTS
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("t", "as_of", "As of", tooltip="As it was at a time, or as it is now"),
        Binding("e", "events", "Events", tooltip="Its events in the log"),
        Binding("r", "replay", "Replay", tooltip="A replay that sends what was not sent, or the one that sent this"),
        Binding("i", "integration", "Integration", show=False, tooltip="The integration that it belongs to"),
    ]

    def __init__(self, desk: Desk, integration: UUID, invoice: int) -> None:
        super().__init__(desk)
        self._of, self._invoice = integration, invoice
        self._as_of: datetime | None = None
        self._seen = False

    def content(self) -> ComposeResult:
        yield Static(id="verdict")
        yield Split(Rows[Step](key=lambda step: step.key, id="rows"))

    async def load(self) -> Life:
        return await why.of_invoice(self.desk.context, self._of, self._invoice, as_of=self._as_of)

    def concerns(self, rung: Rung) -> bool:
        if self.state is None or self._as_of is not None:
            return self.state is None
        of = self.state.integration
        mine = {LOG: str(of.partition), DELIVERIES: of.organization}
        return any(not rung[each].isdisjoint({"", one}) for each, one in mine.items() if each in rung)

    def draw(self, state: Life) -> None:
        say, steps = self.desk.say, story(state, self.desk.say, self.desk.typed)
        self.rows.show(steps, columns(say))
        main = telling(steps)
        if main is not None and not self._seen:
            self._seen = True
            self.rows.cursor = steps.index(main)
        self.query_one("#verdict", Static).update(heading(state, verdict(steps), say))
        self.show_empty("" if steps else say("Nothing was known of it then."), self.query_one(Split))
        self.show_step()

    @property
    def rows(self) -> Rows[Step]:
        return self.query_one("#rows", Rows)

    @on(Rows.Highlighted, "#rows")
    def show_step(self) -> None:
        step = self.rows.current
        if step is not None:
            self.query_one(Detail).show(Content("\n").join(step.detail), of=step.key)

    def action_as_of(self) -> None:
        self.act(self._ask_as_of())

    async def _ask_as_of(self) -> None:
        say = self.desk.say
        says = say("As of when? 2h, 2026-03-01T12:00, or a date for the end of that day; nothing: now.")
        written = await self.app.push_screen_wait(Write(say, says, check=self._moment))
        if written is not None:
            self._as_of, self._seen = self._moment(written), False
            self.action_look()

    def _moment(self, text: str) -> datetime | None:
        say = self.desk.say
        return moments.end(text, say.zone, self.desk.now(), flag=say("time")) if text else None

    @on(Rows.Opened, "#rows")
    def action_events(self) -> None:
        if self.state is not None:
            number = self.state.number or self.state.invoice
            self.app.post_message(OpenEvents(f"invoice:{number} in:{self._of}"))

    def action_replay(self) -> None:
        """The one that decided this step; else a new one of what was skipped for the same reason."""
        step = self.rows.current
        event = step.entry.event if step and step.entry else None
        replay = event.replay if isinstance(event, Decision) else None
        skipped = event.reason.value if isinstance(event, ContactSkipped) and not replay else None
        self.app.post_message(OpenReplay(self._of, replay=replay, skipped=skipped))

    def action_integration(self) -> None:
        self.app.post_message(OpenIntegration(self._of))

    def line(self) -> str:
        then = f" --as-of {self._as_of.isoformat()}" if self._as_of else ""
        number = self.state.number if self.state else None
        return f"ptm why {number or self._invoice} --integration {self._of}{then}"


def heading(life: Life, main: Step | None, say: Words) -> Content:
    """Which invoice, and why, in two lines."""
    status = told.status(life.status, say) if life.status else say("not seen yet")
    parts = [say("Invoice {number}", number=life.number or life.invoice), life.integration.name, status]
    if life.as_of:
        parts.append("◷ " + say("as of {at}", at=say.exact(life.as_of)))
    lines = [Content.styled(" · ".join(parts), "bold")]
    if main is not None:
        remedy = f" → {say(main.remedy)}" if main.remedy else ""
        lines.append(Content(f"{name(main, say)} · {main.text}{remedy}"))
    return Content("\n").join(lines)
