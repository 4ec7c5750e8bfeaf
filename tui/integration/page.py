"""One page of the screen: what it shows of the integration, and what can be done there."""

from __future__ import annotations

from collections.abc import Coroutine
from typing import Any, ClassVar, Protocol

from textual.containers import Container
from textual.widget import Widget

from tui.desk import Desk
from tui.widgets.ask import Question, Yes
from worker.operations.integrations import Integration, State
from worker.operations.whole import Whole


class Hands(Protocol):
    """What a page does things with: the screen."""

    def do(self, work: Coroutine[Any, Any, str | None]) -> None: ...

    async def ask(self, question: Question) -> Yes | None: ...


class Page(Container):
    TITLE: ClassVar[str] = ""
    """In English."""
    CHANGES: ClassVar[frozenset[str]] = frozenset()
    """Actions that change something."""

    def __init__(self, desk: Desk, hands: Hands, id: str) -> None:
        super().__init__(id=id, classes="page")
        self.desk, self.say, self.hands = desk, desk.say, hands
        self.known: Whole | None = None

    def show(self, known: Whole) -> None:
        self.known = known
        self.draw(known)

    def draw(self, known: Whole) -> None:
        """No I/O."""

    def narrow(self, line: str) -> None:
        """The filter line has changed."""

    @property
    def line(self) -> str:
        """The `ptm …` command that shows the same; "" where that is the whole screen's."""
        return ""

    @property
    def seen(self) -> Integration:
        assert self.known, "nothing can be done before something is shown"
        return self.known.integration

    def act(self, work: Coroutine[Any, Any, str | None]) -> None:
        self.hands.do(work)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        if action not in self.CHANGES:
            return True
        possible = self.known is not None and self.known.integration.state is not State.REMOVED
        return True if possible and not self.desk.read_only else None

    async def ask(self, question: Question) -> Yes | None:
        """To be awaited in what is done."""
        return await self.hands.ask(question)

    def take_focus(self) -> None:
        first = next((one for one in self.query("*").results(Widget) if one.focusable), None)
        if first:
            self.screen.set_focus(first)  # at once: the next key may be under way already
