"""Home: every integration with what it does and what it needs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, ClassVar
from uuid import UUID

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.widgets import Input

from events.errors import Misconfigured, PtmError
from tui.integration import many
from tui.matching import matcher
from tui.messages import AddIntegration, Failed, FiguresRead, OpenIntegration
from tui.screens.integration_line import columns, searched
from tui.view import View
from tui.widgets.filter import Filter
from tui.widgets.rows import Rows
from worker.operations import overview
from worker.operations.overview import Figures, Line, Trouble

ORDERS: Mapping[str, Callable[[tuple[int, Line]], Any]] = {
    "as connected": lambda pair: pair[0],
    "by name": lambda pair: pair[1].name.casefold(),
    "what needs a person first": lambda pair: (worst(pair[1]), pair[0]),
}


def worst(line: Line) -> int:
    return list(Trouble).index(line.trouble) if line.trouble else len(Trouble)


class IntegrationsView(View[tuple[Line, ...]]):
    NAME = "Integrations"
    CHANGES = frozenset({"add", "pause", "resume", "label"})
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("a", "add", "Add", tooltip="Connect another company, step by step"),
        Binding("p", "pause", "Pause", show=False, tooltip="Pause the marked ones"),
        Binding(
            "r", "resume", "Resume", show=False, tooltip="Resume the marked ones, and say what becomes of what waits"
        ),
        Binding(
            "l", "label", "Label", show=False, tooltip="Give the marked ones a label, by which many are meant at once"
        ),
        Binding("s", "next_order", "Order", tooltip="As connected, by name, or what needs a person first"),
    ]

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self._figures: dict[UUID, Figures] = {}
        self._order = next(iter(ORDERS))

    def content(self) -> ComposeResult:
        yield Rows[Line](key=lambda line: line.id, id="rows")

    async def load(self) -> tuple[Line, ...]:
        return await overview.lines(self.desk.context)

    def draw(self, state: tuple[Line, ...]) -> None:
        say = self.desk.say
        try:
            lets_through = matcher(self.query_one(Filter).value)
        except Misconfigured as error:
            self.show_empty(str(error), self.rows)
            return
        ordered = (line for _, line in sorted(enumerate(state), key=ORDERS[self._order]))
        found = [line for line in ordered if lets_through(searched(line))]
        self.rows.show(found, columns(say, self.desk.now(), self._figures))
        nothing = "Nothing matches the filter." if state else "No company is connected yet. a: add the first one"
        self.show_empty("" if found else say(nothing), self.rows)

    @property
    def rows(self) -> Rows[Line]:
        return self.query_one("#rows", Rows)

    @on(Input.Changed, "#filter")
    def narrow(self) -> None:
        if self.state is not None:
            self.draw(self.state)

    @on(Rows.Seen)
    def look_at_figures(self) -> None:
        """Only at those of what is in sight: all others cost nothing."""
        ids = [line.id for line in self.rows.in_sight]

        async def read() -> None:
            """A function: of what is overtaken before it began, a coroutine would be left that nobody awaits."""
            await self._read_figures(ids)

        self.run_worker(read, group="figures", exclusive=True)  # type: ignore[arg-type] # mypy picks the wrong half

    async def _read_figures(self, ids: list[UUID]) -> None:
        try:
            self.post_message(FiguresRead(await overview.figures(self.desk.context, ids)))
        except PtmError as error:
            self.post_message(Failed(error))

    @on(FiguresRead)
    def show_figures(self, message: FiguresRead) -> None:
        self._figures |= message.figures
        self.rows.refresh()

    def action_add(self) -> None:
        self.post_message(AddIntegration())

    @on(Rows.Opened)
    def open_row(self) -> None:
        if self.rows.current:
            self.post_message(OpenIntegration(self.rows.current.id))

    def action_pause(self) -> None:
        if self.rows.chosen:
            self.act(many.pause(self, self.rows.chosen))

    def action_resume(self) -> None:
        if self.rows.chosen:
            self.act(many.resume(self, self.rows.chosen))

    def action_label(self) -> None:
        if self.rows.chosen:
            self.act(many.label(self, self.rows.chosen, self.state or ()))

    def action_next_order(self) -> None:
        names = list(ORDERS)
        self._order = names[(names.index(self._order) + 1) % len(names)]
        self.notify(self.desk.say(self._order))
        self.narrow()

    def line(self) -> str:
        return "ptm integration list"
