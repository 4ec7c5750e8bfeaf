"""One page of the screen: what it shows of the integration, and what can be done there."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Sequence
from typing import Any, ClassVar, Protocol, TypeVar

from textual.containers import Container
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Static

from events.errors import Misconfigured
from tui.desk import Desk
from tui.matching import matcher
from tui.widgets.ask import Question, Yes
from worker.operations.integrations import Integration, State
from worker.operations.whole import Whole

R = TypeVar("R")


class Hands(Protocol):
    """What a page does things with: the screen."""

    def do(self, work: Coroutine[Any, Any, str | None]) -> None: ...

    async def ask(self, question: Question) -> Yes | None: ...


class Page(Container):
    TITLE: ClassVar[str] = ""
    """In English."""
    CHANGES: ClassVar[frozenset[str]] = frozenset()
    """Actions that change something."""
    FILTERED: ClassVar[bool] = True
    """Whether there is anything that the filter line could narrow."""

    def __init__(self, desk: Desk, hands: Hands, id: str) -> None:
        super().__init__(id=id, classes="page")
        self.desk, self.say, self.hands = desk, desk.say, hands
        self.known: Whole | None = None
        self.written = ""
        """The filter line."""

    def show(self, known: Whole) -> None:
        self.known = known
        self.draw(known)

    def draw(self, known: Whole) -> None:
        """No I/O."""

    def narrow(self, line: str) -> None:
        """The filter line has changed."""
        self.written = line
        if self.known:
            self.draw(self.known)

    def let_through(self, every: Sequence[R], searched: Callable[[R], str], otherwise: str = "") -> Sequence[R]:
        """By the filter line; why there is nothing is said in the page's `.none`: *otherwise* where there never was."""
        found, says = every, otherwise
        if self.written.strip():
            try:
                fits = matcher(self.written)
                found, says = [one for one in every if fits(searched(one))], "Nothing matches the filter."
            except Misconfigured as error:
                found, says = [], f"✖ {self.say.told(error)}"
        place = self.query_one(".none", Static)
        place.update(Content("" if found else self.say(says)))
        place.display = not found
        return found

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
