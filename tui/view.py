"""What all screens have in common: they ask in a worker, are told by a message, and draw in a handler."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Coroutine
from contextlib import suppress
from dataclasses import replace
from functools import partial
from typing import Any, ClassVar, Generic, TypeVar, cast

from textual import on
from textual._styles_cache import StylesCache
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.events import Key, ScreenResume, Unmount
from textual.screen import Screen
from textual.timer import Timer
from textual.widget import Widget
from textual.widgets import Static
from textual.worker import Worker, WorkType

from events.errors import PtmError, Unavailable
from tui.apart import apart
from tui.desk import Desk
from tui.messages import Done, Failed, Loaded, OpenFound, OpenInvoice, PulseRead, Rang
from tui.pace import Pace
from tui.standing import standing
from tui.widgets.ask import Ask, Question, Yes
from tui.widgets.cluster import Cluster
from tui.widgets.filter import Filter
from tui.widgets.help import Help
from tui.widgets.keys import Keys
from tui.widgets.line import CommandLine
from tui.widgets.write import Write
from worker.operations.live import CHANNELS, Rung

S = TypeVar("S")

EASE = 0.5
"""Seconds between two looks, at least: what rings meanwhile is looked at once."""
LONGEST = 10.0
"""Seconds that a look which took long is rested after: it may have taken long since the database stood still."""


class View(Screen[None], Generic[S]):
    """Of one state *S*, which `load` fetches whole and `draw` shows."""

    NAME: ClassVar[str] = ""
    """What it is called, in English."""
    HINT: ClassVar[str] = "filter: words · !not · /regex/ · ~fuzzy"
    """What the filter line understands."""
    LISTENS: ClassVar[frozenset[str]] = frozenset(CHANNELS)
    """What has to ring for it to look again."""
    EASE: ClassVar[float] = EASE
    """Seconds between two looks that only rang for: more where a look is dear."""
    CHANGES: ClassVar[frozenset[str]] = frozenset()
    """Actions that change something: not to be had where everything is read only."""
    FILTERED: ClassVar[bool] = True
    """Whether there is anything that the filter line could narrow."""
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "back", "Back", tooltip="Back to where you came from"),
        Binding("slash", "filter", "Filter", tooltip="words · !not · /regular expression/ · ~fuzzy"),
        Binding("question_mark", "help", "Help", tooltip="Every key that works here"),
        Binding("f1", "help", "Help", show=False, tooltip="Every key that works here"),
        Binding("colon", "line", "Command", show=False, tooltip="The ptm command that does the same, to copy"),
        Binding("ctrl+r", "look", "Look again", show=False),
        Binding("w", "why", "Why?", show=False, tooltip="Why, or why not: by an invoice's number or an e-mail address"),
    ]

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self.desk = desk
        self.state: S | None = None
        self.written = ""
        """The filter line: it outlives a change of language."""
        self._said_in = desk.say.language
        self._loaded_at: float | None = None
        self._failure: PtmError | None = None
        self._aging: Timer | None = None
        """While what is shown is older than it should be."""
        self._wanted = False
        self._looking = False
        self._hurry = asyncio.Event()
        self._pace = Pace()

    # What a screen says of itself

    async def load(self) -> S:
        """In a worker: raises what operations raise."""
        raise NotImplementedError

    def draw(self, state: S) -> None:
        """In a handler: no I/O."""
        raise NotImplementedError

    def content(self) -> ComposeResult:
        """What stands between header and filter line."""
        raise NotImplementedError

    def line(self) -> str:
        """The `ptm …` command that shows, or does, the same."""
        raise NotImplementedError

    def compose(self) -> ComposeResult:
        say = self.desk.say
        yield Cluster(say(self.NAME), say("read only") if self.desk.read_only else "")
        if self.desk.tour is not None:
            from tui.widgets.guide import Guide  # noqa: PLC0415 - the demo's

            guide = Guide(self.desk.tour, say)
            guide.display = not self.desk.tour_away
            yield guide
        yield Static(Content(say("Loading …")), id="banner", classes="-loading")
        yield from self.content()
        yield Static(id="empty")
        if self.FILTERED:
            yield Filter(say, self.HINT, self.written)
        yield Keys(say, self.called_here)

    def called(self, action: str, otherwise: str) -> str:
        """What an action is called in the state that is shown, in English."""
        return otherwise

    def called_here(self, action: str, otherwise: str) -> str:
        return "Clear" if action == "back" and not self._is_opened else self.called(action, otherwise)

    @property
    def _is_opened(self) -> bool:
        """From another one, which escape leads back to."""
        return self in self.app.screen_stack[1:]

    @on(Unmount)
    def forget_what_was_drawn(self) -> None:
        """The library remembers two colours of a thousand widgets, and with them all that was drawn in each."""
        StylesCache.get_inner_outer.cache_clear()

    # Looking

    @property
    def busy(self) -> bool:
        """Whether something is under way here that leaving would end."""
        return False

    @on(ScreenResume)
    def action_look(self) -> None:
        """Looks now, or again after the look under way."""
        self._hurry.set()
        self.look_in_time()

    def look_in_time(self) -> None:
        """Looks, but no sooner than `EASE` after the last look."""
        self._wanted = True
        if not self._looking:
            self._looking = True
            self.beside("look", self._look, exclusive=False)

    async def _look(self) -> None:
        try:
            while self._wanted and self.is_current:
                self._wanted = False
                self._hurry.clear()
                began = time.monotonic()
                try:
                    self.post_message(Loaded(await apart(self.load())))
                except PtmError as error:
                    self.post_message(Failed(error))
                    self._wanted = True
                    self._hurry.set()
                    await asyncio.sleep(EASE * 2)
                    continue
                await self._rest(min(LONGEST, 3 * (time.monotonic() - began)))
        finally:
            self._looking = False

    async def _rest(self, least: float) -> None:
        await asyncio.sleep(max(EASE, least))
        with suppress(TimeoutError):
            await asyncio.wait_for(self._hurry.wait(), self.EASE - max(EASE, least))

    @on(Rang)
    def look_where_it_rang(self, message: Rang) -> None:
        if not message.rung or self.concerns(message.rung):
            self.look_in_time()

    def concerns(self, rung: Rung) -> bool:
        """Whether what rang may change what is shown."""
        return not self.LISTENS.isdisjoint(rung)

    @on(Loaded)
    def show_state(self, message: Loaded) -> None:
        self.state = cast(S, message.state)
        self._loaded_at = self.desk.now().timestamp()
        if self._aging is not None:
            self._aging.stop()
            self._aging = None
        banner = self.query_one("#banner", Static)
        if banner.has_class("-loading") or banner.has_class("-failed"):
            banner.remove_class("-loading", "-failed").update("")
        self.draw(self.state)

    @on(ScreenResume)
    async def say_anew(self) -> None:
        """In the screen's own turn, where the language is another than it was made in; one stays where one was."""
        if self._said_in == self.desk.say.language:
            return
        self._said_in = self.desk.say.language
        put_back = standing(self)
        await self.recompose()
        self.refresh_bindings()
        if self.state is not None:
            self.query_one("#banner", Static).remove_class("-loading").update("")
            self.draw(self.state)
        put_back()
        self.show_last_pulse()
        self.action_look()

    @on(Failed)
    def show_failure(self, message: Failed) -> None:
        """What was shown stays, and how old it is goes on being told."""
        self._failure = message.error
        self._tell_failure()
        self._aging = self._aging or self.set_interval(1, self._tell_failure)
        if isinstance(message.error, Unavailable):
            self.query_one(Cluster).doubt(self.desk.say)

    def _tell_failure(self) -> None:
        say, banner = self.desk.say, self.query_one("#banner", Static)
        says = f"✖ {say.told(self._failure)}"
        if self._loaded_at is not None:
            seconds = int(self.desk.now().timestamp() - self._loaded_at)
            says += " · " + say("shown is what was known {n} s ago; trying again", n=seconds)
        else:
            says += " · " + say("trying again")
        banner.remove_class("-loading")
        banner.add_class("-failed")
        banner.update(Content(says))

    @on(ScreenResume)
    def show_last_pulse(self) -> None:
        if self.desk.pulse is not None:
            self.post_message(PulseRead(self.desk.pulse))
        elif self.desk.away is not None:
            self.post_message(Failed(self.desk.away))

    @on(PulseRead)
    def show_pulse(self, message: PulseRead) -> None:
        self.query_one(Cluster).show(message.pulse, self._pace.note(message.pulse), self.desk.say)

    def show_empty(self, says: str, *instead_of: Widget) -> None:
        """*says* stands in place of what would be empty, which keeps its head and the focus; "" for what is not."""
        placeholder = self.query_one("#empty", Static)
        if says or placeholder.display:
            placeholder.update(Content(says))
            placeholder.display = bool(says)
        for each in instead_of:
            each.set_class(bool(says), "-empty")

    # Doing

    def beside(
        self, group: str, work: Callable[..., Coroutine[Any, Any, None]], *arguments: Any, exclusive: bool = True
    ) -> Worker[None]:
        """Runs *work*, *exclusive* instead of what still runs in *group*.

        Its coroutine is made as it begins: a screen may be left before, and Python complains of one that nobody awaits.
        """
        begin: WorkType[None] = partial(work, *arguments)
        return self.run_worker(begin, group=group, exclusive=exclusive)

    def act(self, work: Coroutine[Any, Any, str | None]) -> None:
        """Runs *work* beside the screen, and tells what it answers; an error is told in its own words."""
        self.run_worker(self._act(work), group="act")

    async def _act(self, work: Coroutine[Any, Any, str | None]) -> None:
        try:
            says = await work
        except PtmError as error:
            self.notify(self.desk.say.told(error), severity="error", timeout=15, markup=False)
            return
        if says is not None:
            self.post_message(Done(says))

    @on(Done)
    def tell_done(self, message: Done) -> None:
        self.notify(message.says, markup=False)
        self.action_look()

    async def ask(self, question: Question) -> Yes | None:
        """To be awaited in `act`."""
        return await self.app.push_screen_wait(
            Ask(self.desk.say, replace(question, line=self.desk.typed(question.line)))
        )

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        if action == "filter":
            return self.FILTERED and not isinstance(self.focused, Filter)
        if action == "back":
            return self._is_opened or bool(self.written)
        return None if self.desk.read_only and action in self.CHANGES else True

    @on(Key)
    def refuse_change(self, event: Key) -> None:
        """A key that would change something, where nothing can be changed, is answered."""
        active = self.active_bindings.get(event.key)
        if active and not active.enabled and self.desk.read_only:
            self.notify(self.desk.say("Read only: nothing can be changed here."), severity="warning", markup=False)

    # Keys that every screen has

    def action_back(self) -> None:
        if self._is_opened:
            self.app.pop_screen()
        else:
            self.query_one(Filter).value = ""

    def action_filter(self) -> None:
        self.set_focus(self.query_one(Filter))

    @on(Filter.Changed, "#filter")
    def keep_written(self, message: Filter.Changed) -> None:
        self.written = message.value
        self.refresh_bindings()

    @on(Filter.Done)
    def leave_filter(self) -> None:
        self.focus_next()

    def action_help(self) -> None:
        self.app.push_screen(Help(self.desk.say, self.NAME, list(self.active_bindings.values())))

    def action_why(self) -> None:
        self.act(self._why())

    async def _why(self) -> None:
        asked = await self.app.push_screen_wait(
            Write(self.desk.say, self.desk.say("Which invoice? Its number, Procountor's id, or an e-mail address."))
        )
        if not asked:
            return
        from worker.operations import about  # noqa: PLC0415 - loaded when first asked for

        found = await about.look_for(self.desk.context, asked)
        if len(found.invoices) == 1 and not found.email:
            [one] = found.invoices
            self.post_message(OpenInvoice(one.integration, one.invoice))
        else:
            self.post_message(OpenFound(asked))

    def action_line(self) -> None:
        self.app.push_screen(CommandLine(self.desk.say, self.desk.typed(self.line())))
