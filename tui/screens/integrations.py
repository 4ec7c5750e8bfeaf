"""Home: every integration with what it does and what it needs."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any, ClassVar
from uuid import UUID

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.timer import Timer
from textual.widgets import Input

from events.errors import Misconfigured, PtmError
from tui.apart import apart
from tui.matching import matcher
from tui.messages import AddIntegration, Failed, FiguresRead, OpenIntegration, Rang
from tui.screens.integration_line import columns, joined_twice, searched
from tui.view import View
from tui.widgets.filter import Filter
from tui.widgets.rows import Rows
from worker.operations import live, overview
from worker.operations.overview import Figures, Line
from worker.operations.trouble import Trouble

ORDERS: Mapping[str, Callable[[tuple[int, Line]], Any]] = {
    "as connected": lambda pair: pair[0],
    "by name": lambda pair: pair[1].name.casefold(),
    "what needs a person first": lambda pair: (worst(pair[1]), pair[0]),
}


def worst(line: Line) -> int:
    return WORST[line.trouble]


WORST: Mapping[Trouble | None, int] = {trouble: place for place, trouble in enumerate((*Trouble, None))}
SAVED_AT_MOST = 5.0
"""Seconds after which it is looked whether anything was saved although nobody has rung: the brake does not."""
SETTLED = 0.06
"""Seconds after the last letter before the rows follow: what is typed stands there at once."""
FIRST = 100
"""Integrations that are shown before all are there: more than fit a screen."""


class IntegrationsView(View[tuple[Line, ...]]):
    NAME = "Integrations"
    CHANGES = frozenset({"add", "pause", "resume", "label", "settings", "import"})
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("a", "add", "Add", tooltip="Connect another company, step by step"),
        Binding("p", "pause", "Pause", show=False, tooltip="Pause the marked ones"),
        Binding(
            "r", "resume", "Resume", show=False, tooltip="Resume the marked ones, and say what becomes of what waits"
        ),
        Binding(
            "l", "label", "Label", show=False, tooltip="Give the marked ones a label, by which many are meant at once"
        ),
        Binding("e", "settings", "Settings", show=False, tooltip="Change settings of the marked ones, all at once"),
        Binding("I", "import", "Import", show=False, tooltip="Make integrations as a file says, shown first"),
        Binding("s", "next_order", "Order", tooltip="As connected, by name, or what needs a person first"),
    ]

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self._figures: dict[UUID, Figures] = {}
        self._order = next(iter(ORDERS))
        self._figures_wanted: Sequence[UUID] = ()
        self._reading = False
        self._saved, self._read_at = True, 0.0
        self._texts: tuple[Sequence[Line], list[str]] = ((), [])
        self._settling: Timer | None = None

    def content(self) -> ComposeResult:
        yield Rows[Line](key=lambda line: line.id, id="rows")

    async def load(self) -> tuple[Line, ...]:
        """The first screenful comes first; of what is known only what moves is read again."""
        if self.state is None:
            first = await overview.lines(self.desk.context, most=FIRST)
            self._wanted = self._wanted or len(first) == FIRST
            return first
        if self._saved or time.monotonic() - self._read_at > SAVED_AT_MOST:
            self._saved, self._read_at = False, time.monotonic()
            return await overview.lines(self.desk.context, self.state)
        return await overview.moved(self.desk.context, self.state)

    @on(Rang)
    def note_what_was_saved(self, message: Rang) -> None:
        self._saved = self._saved or not message.rung or live.CONFIGURATION in message.rung

    def draw(self, state: tuple[Line, ...]) -> None:
        say = self.desk.say
        try:
            found = self._narrowed(state, self.query_one(Filter).value)
        except Misconfigured as error:
            self.show_empty(self.desk.say.told(error), self.rows)
            return
        self.rows.show(found, columns(say, self.desk.now(), self._figures, joined_twice(state)))
        nothing = "Nothing matches the filter." if state else "No company is connected yet. a: add the first one"
        self.show_empty("" if found else say(nothing), self.rows)

    def _narrowed(self, state: Sequence[Line], written: str) -> Sequence[Line]:
        """In the order asked for. Raises `Misconfigured` for a broken regular expression."""
        lets_through = matcher(written)
        found: Sequence[Line] = state
        if written.strip():
            found = [line for line, text in zip(state, self._searched(state), strict=True) if lets_through(text)]
        if self._order == next(iter(ORDERS)):
            return found
        return [line for _, line in sorted(enumerate(found), key=ORDERS[self._order])]

    def _searched(self, state: Sequence[Line]) -> list[str]:
        """What the filter looks through, put together once."""
        if self._texts[0] is not state:
            self._texts = (state, [searched(line) for line in state])
        return self._texts[1]

    @property
    def rows(self) -> Rows[Line]:
        return self.query_one("#rows", Rows)

    @on(Input.Changed, "#filter")
    def narrow_soon(self) -> None:
        if self._settling is not None:
            self._settling.stop()
        self._settling = self.set_timer(SETTLED, self.narrow)

    def narrow(self) -> None:
        if self.state is not None:
            self.draw(self.state)

    @on(Rows.Seen)
    def look_at_figures(self) -> None:
        """Only at those of what is in sight: all others cost nothing. One look after the other, none is broken off."""
        self._figures_wanted = [line.id for line in self.rows.in_sight]
        if not self._reading:
            self._reading = True
            self.beside("figures", self._read_figures, exclusive=False)

    async def _read_figures(self) -> None:
        try:
            while ids := self._figures_wanted:
                self._figures_wanted = ()
                self.post_message(FiguresRead(await apart(overview.figures(self.desk.context, ids))))
        except PtmError as error:
            self.post_message(Failed(error))
        finally:
            self._reading = False

    @on(FiguresRead)
    def show_figures(self, message: FiguresRead) -> None:
        news = {id for id, figures in message.figures.items() if self._figures.get(id) != figures}
        self._figures |= message.figures
        self.rows.draw_again(news)

    def action_add(self) -> None:
        self.post_message(AddIntegration())

    @on(Rows.Opened)
    def open_row(self) -> None:
        if self.rows.current:
            self.post_message(OpenIntegration(self.rows.current.id))

    def action_pause(self) -> None:
        from tui.integration import many  # noqa: PLC0415 - loaded when first asked for

        if self.rows.chosen:
            self.act(many.pause(self, self.rows.chosen))

    def action_resume(self) -> None:
        from tui.integration import many  # noqa: PLC0415 - loaded when first asked for

        if self.rows.chosen:
            self.act(many.resume(self, self.rows.chosen))

    def action_label(self) -> None:
        from tui.integration import many  # noqa: PLC0415 - loaded when first asked for

        if self.rows.chosen:
            self.act(many.label(self, self.rows.chosen, self.state or ()))

    def action_settings(self) -> None:
        from tui.integration import many  # noqa: PLC0415 - loaded when first asked for

        if self.rows.chosen:
            self.act(many.settings(self, self.rows.chosen))

    def action_import(self) -> None:
        from tui.integration import importing  # noqa: PLC0415 - loaded when first asked for

        self.act(importing.take(self))

    def action_next_order(self) -> None:
        names = list(ORDERS)
        self._order = names[(names.index(self._order) + 1) % len(names)]
        self.notify(self.desk.say(self._order))
        self.narrow()

    def line(self) -> str:
        return "ptm integration list"
