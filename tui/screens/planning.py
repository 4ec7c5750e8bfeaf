"""Planning a replay: which of the past, said line by line; then the past is read, which can be given up."""

from __future__ import annotations

from dataclasses import replace
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.widgets import Static
from textual.worker import Worker

from events.errors import PtmError
from events.plan import Wanted
from tui.desk import Desk
from tui.making.sheet import Sheet
from tui.messages import OpenReplay
from tui.replay import asking
from tui.replay.reading import Met, Planned
from tui.replay.wish import Wish, entries
from tui.replay.wording import bar
from tui.view import View
from tui.widgets.rows import Rows
from worker.operations import backfilling, integrations, planning, replay_lines
from worker.operations.live import CONFIGURATION
from worker.operations.planning import Kept
from worker.operations.replay_lines import LAST


class PlanningView(View[Wish]):
    NAME = "New replay"
    LISTENS = frozenset({CONFIGURATION})
    CHANGES = frozenset({"plan"})
    FILTERED = False
    CSS_PATH = "replay.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("p,ctrl+s", "plan", "Plan", tooltip="Read the past and show what would be sent; sends nothing"),
    ]

    def __init__(self, desk: Desk, message: OpenReplay) -> None:
        super().__init__(desk)
        self._integration = message.integration
        skips = frozenset({message.skipped} if message.skipped else ())
        self.wish = Wish(wanted=message.wanted or Wanted(upto=LAST, skips=skips), backfill=message.backfill)
        self._planning: Worker[None] | None = None

    def content(self) -> ComposeResult:
        say = self.desk.say
        what = say("The past through today's rules, held against what was really sent. Planning sends nothing.")
        yield Static(Content(what), id="what")
        yield Sheet(say, id="sheet")
        yield Static(id="reading")

    async def load(self) -> Wish:
        """With the rules as they are now."""
        chosen = self.wish.integration.id if self.wish.integration else self._integration
        if chosen is None:
            return self.wish
        return replace(self.wish, integration=await integrations.read_one(self.desk.context, chosen))

    def draw(self, state: Wish) -> None:
        """What was said meanwhile counts; of what was loaded only the integration is newer."""
        here, now = self.wish.integration, state.integration
        if now and (here is None or here.id == now.id):
            self.wish = replace(self.wish, integration=now)
        self._fill()

    def _fill(self) -> None:
        self.query_one(Sheet).fill(list(entries(self.wish, self.desk.say)))

    @on(Rows.Opened)
    def change(self) -> None:
        entry = self.query_one(Sheet).current
        if entry is not None and self._planning is None:
            self.act(self._change(entry.id))

    async def _change(self, id: str) -> None:
        changed = await asking.change(self.app, self.desk, self.wish, id)
        if changed is not None:
            self.wish = changed
            self._fill()

    # Planning

    def action_plan(self) -> None:
        if self._planning is not None:
            return
        if self.wish.integration is None:
            self.notify(self.desk.say("Choose the integration first."), severity="warning", markup=False)
            return
        self._tell(0, 0, invoices=bool(self.wish.backfill))
        self._planning = self.beside("plan", self._plan, self.wish, exclusive=False)

    async def _plan(self, wish: Wish) -> None:
        assert wish.integration, "a plan is of an integration"
        kept: Kept | None = None
        try:
            seen = await integrations.read_one(self.desk.context, wish.integration.id)
            if wish.backfill:
                await backfilling.read(self.desk.context, seen, days=wish.backfill, progress=self._backfilled)
            kept = await planning.plan(self.desk.context, seen, wish.wanted, progress=self._progress)
        except PtmError as error:
            self.notify(self.desk.say.told(error), severity="error", timeout=15, markup=False)
        finally:
            self.post_message(Planned(kept))

    def _backfilled(self, count: int, of: int) -> None:
        self.post_message(Met(count, of, invoices=True))

    def _progress(self, count: int, of: int) -> None:
        self.post_message(Met(count, of))

    @on(Met)
    def show_progress(self, message: Met) -> None:
        if self._planning is not None:
            self._tell(message.count, message.of, invoices=message.invoices)

    def _tell(self, count: int, of: int, *, invoices: bool = False) -> None:
        say = self.desk.say
        what = (
            "Reading Procountor's invoices of before connecting: {n} of {all}"
            if invoices
            else "Reading the past: {n} of {all} events"
        )
        says = say(what, n=say.number(count), all=say.number(of))
        self.query_one("#reading", Static).update(Content(f"{says} {bar(count, of)}\n{say('escape: give it up')}"))

    @on(Planned)
    def show_plan(self, message: Planned) -> None:
        self._planning = None
        self.query_one("#reading", Static).update("")
        if message.kept and self.wish.integration:
            self.post_message(OpenReplay(self.wish.integration.id, replay=message.kept.id))

    @property
    def busy(self) -> bool:
        return self._planning is not None

    def action_back(self) -> None:
        """While the past is read, only that is given up; nothing is kept of it."""
        if self._planning is None:
            super().action_back()
            return
        self._planning.cancel()
        self.notify(self.desk.say("Given up: no plan was kept."), markup=False)

    def line(self) -> str:
        seen = self.wish.integration
        if seen is None:
            return "ptm replay plan --help"
        return replay_lines.plan(seen.id, self.wish.wanted, backfill=self.wish.backfill)
