"""The console: which screens there are, what they are told, and where a message leads."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar

from textual import on
from textual.app import App
from textual.binding import Binding, BindingType
from textual.command import CommandPalette
from textual.filter import LineFilter
from textual.message import Message
from textual.notifications import SeverityLevel

from events.errors import PtmError, Unavailable
from events.words import Language, Words
from tui.desk import Desk
from tui.later import Later
from tui.messages import (
    AddIntegration,
    EditTrigger,
    Failed,
    OpenCause,
    OpenEvents,
    OpenFound,
    OpenIntegration,
    OpenInvoice,
    OpenReplay,
    PulseRead,
    Rang,
    Reconnect,
)
from tui.palette import Everything
from tui.plain import Plain
from tui.screens.integrations import IntegrationsView
from tui.theme import THEMES
from tui.view import View
from tui.widgets.ask import Ask, Question
from tui.widgets.choose import Choose
from tui.widgets.filter import Filter
from tui.widgets.menu import Choice
from worker.operations import live, pulse
from worker.operations.live import Ears
from worker.operations.pulse import Pulse

if TYPE_CHECKING:
    from tui.screens.adding import AddingView
    from tui.screens.attention import AttentionView
    from tui.screens.cause import CauseView
    from tui.screens.events import EventsView
    from tui.screens.found import FoundView
    from tui.screens.integration import IntegrationView
    from tui.screens.invoice import InvoiceView
    from tui.screens.planning import PlanningView
    from tui.screens.replay import ReplayView
    from tui.screens.replays import ReplaysView
    from tui.screens.trigger import TriggerView
    from tui.screens.workers import WorkersView
else:
    AddingView = Later("tui.screens.adding:AddingView")
    AttentionView = Later("tui.screens.attention:AttentionView", "Attention")
    CauseView = Later("tui.screens.cause:CauseView")
    EventsView = Later("tui.screens.events:EventsView", "Events")
    FoundView = Later("tui.screens.found:FoundView")
    IntegrationView = Later("tui.screens.integration:IntegrationView")
    InvoiceView = Later("tui.screens.invoice:InvoiceView")
    PlanningView = Later("tui.screens.planning:PlanningView")
    ReplayView = Later("tui.screens.replay:ReplayView")
    ReplaysView = Later("tui.screens.replays:ReplaysView", "Replays")
    TriggerView = Later("tui.screens.trigger:TriggerView")
    WorkersView = Later("tui.screens.workers:WorkersView", "Workers")

GATHER = 0.25
"""Seconds in which what rings is gathered."""
BEAT = 1.0
"""Seconds between two pulses, at least."""

PATIENCE = 5
"""Seconds that a pulse may take."""

MODES: Mapping[str, type[View[Any]]] = {
    "integrations": IntegrationsView,
    "events": EventsView,
    "replays": ReplaysView,
    "attention": AttentionView,
    "workers": WorkersView,
}
"""The screens one goes to by number, in their order."""
HOME = next(iter(MODES))


GLYPHS: Mapping[SeverityLevel, str] = {"warning": "▲ ", "error": "✖ "}
PLAIN = Plain()


class Console(App[None]):
    CSS_PATH = "tui.tcss"
    TITLE = "ptm"
    COMMANDS: ClassVar = {Everything}
    BINDINGS: ClassVar[list[BindingType]] = [
        *(
            Binding(str(number), f"go_to('{mode}')", view.NAME, show=False)
            for number, (mode, view) in enumerate(MODES.items(), start=1)
        ),
        Binding("escape", "go_back", "Back", tooltip="Back to where you came from"),
        Binding("0", "screens", "Screens", key_display=f"1-{len(MODES)}", tooltip="Another screen, by its number"),
        Binding("ctrl+p", "command_palette", "Commands", show=False, tooltip="Every action, by name"),
        Binding("ctrl+t", "next_theme", "Theme", show=False, tooltip="Dark, light, high contrast"),
        Binding("ctrl+l", "next_language", "Language", show=False, tooltip="English, Finnish"),
        Binding("q,ctrl+q", "quit", "Quit", show=False),
    ]

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self.desk = desk
        self._beaten = float("-inf")
        self._way: list[str] = []
        """The screens one came by, by number; home is where a way begins."""
        for theme in THEMES:
            self.register_theme(theme)
        self.theme = THEMES[0].name
        for mode, view in MODES.items():
            self.add_mode(mode, partial(view, desk))

    async def on_mount(self) -> None:
        await self.switch_mode(HOME)
        self.run_worker(self._listen(), group="live")

    # Going from screen to screen

    def action_go_to(self, mode: str) -> None:
        """Where one is there already: back to its beginning, as far as nothing would be lost."""
        if mode != self.current_mode:
            self._way = [] if mode == HOME else [*(each for each in self._way if each != mode), self.current_mode]
            self.switch_mode(mode)
            return
        for screen in reversed(self.screen_stack[1:]):
            if not isinstance(screen, View) or screen.busy:
                return
            if screen in self.desk.unsaved:
                screen.action_back()
                return
            self.pop_screen()

    def action_go_back(self) -> None:
        self.switch_mode(self._way.pop())

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        return bool(self._way) if action == "go_back" else True

    def action_screens(self) -> None:
        say = self.desk.say
        names = [Choice(mode, f"{place} {say(view.NAME)}") for place, (mode, view) in enumerate(MODES.items(), start=1)]
        self.push_screen(Choose(say, say("Which screen?"), names, at=self.current_mode), self._go_chosen)

    def _go_chosen(self, mode: str | None) -> None:
        if mode is not None:
            self.action_go_to(mode)

    # Where messages lead

    @on(AddIntegration)
    def add_integration(self) -> None:
        self.push_screen(AddingView(self.desk))

    @on(OpenIntegration)
    def open_integration(self, message: OpenIntegration) -> None:
        self.push_screen(IntegrationView(self.desk, message.integration))

    @on(Reconnect)
    def reconnect(self, message: Reconnect) -> None:
        from tui.screens.reconnecting import SCREENS  # noqa: PLC0415 - loaded when first asked for

        self.push_screen(SCREENS[message.service](self.desk, message.integration))

    @on(EditTrigger)
    def edit_trigger(self, message: EditTrigger) -> None:
        self.push_screen(TriggerView(self.desk, message.integration, message.trigger))

    @on(OpenEvents)
    def open_events(self, message: OpenEvents) -> None:
        self.push_screen(EventsView(self.desk, message.line))

    @on(OpenInvoice)
    def open_invoice(self, message: OpenInvoice) -> None:
        self.push_screen(InvoiceView(self.desk, message.integration, message.invoice))

    @on(OpenFound)
    def open_found(self, message: OpenFound) -> None:
        self.push_screen(FoundView(self.desk, message.wanted))

    @on(OpenReplay)
    def open_replay(self, message: OpenReplay) -> None:
        if message.replay:
            self.push_screen(ReplayView(self.desk, message.replay))
        else:
            self.push_screen(PlanningView(self.desk, message))

    @on(OpenCause)
    def open_cause(self, message: OpenCause) -> None:
        self.push_screen(CauseView(self.desk, message.cause, message.key, message.among))

    async def action_quit(self) -> None:
        """Asks where something would be lost."""
        if not self.desk.unsaved:
            self.exit()
            return
        says = self.desk.say("Something is not saved yet. Leave the console all the same?")
        self.push_screen(Ask(self.desk.say, Question(says=says)), lambda yes: self.exit() if yes else None)

    # What moves in the database

    async def _listen(self) -> None:
        """For as long as the console runs; a database that is away is asked for again."""
        while True:
            try:
                async with live.listening(self.desk.context) as ears:
                    await self._hear(ears)
            except PtmError as error:
                self._is_away(error)
            await asyncio.sleep(BEAT)

    async def _hear(self, ears: Ears) -> None:
        while True:
            rung = await ears.heard()
            self._tell(Rang(rung))
            await self._beat()
            await asyncio.sleep(GATHER)

    async def _beat(self) -> None:
        if time.monotonic() - self._beaten < BEAT:
            return
        self._beaten = time.monotonic()
        try:
            self.desk.pulse = seen = await self._pulse()
            self.desk.past.note(seen)
        except PtmError as error:
            self._is_away(error)
        else:
            self.desk.away = None
            self._tell(PulseRead(seen))

    async def _pulse(self) -> Pulse:
        """A server that neither answers nor refuses is said to be away too, long before the driver gives it up."""
        reading = asyncio.create_task(pulse.read(self.desk.context))
        try:
            while not (await asyncio.wait({reading}, timeout=PATIENCE))[0]:
                self._is_away(Unavailable(f"PostgreSQL does not answer: nothing has come for {PATIENCE} s"))
            return await reading
        finally:
            reading.cancel()

    def _is_away(self, error: PtmError) -> None:
        """What the last pulse said is not shown on any screen any more."""
        self.desk.pulse, self.desk.away = None, error
        self._tell(Failed(error))

    def _tell(self, message: Message) -> None:
        """The screen one looks at, also behind a dialog."""
        for each in reversed(self.screen_stack):
            if isinstance(each, View):
                each.post_message(message)
                return

    # Looks and language

    def get_line_filters(self) -> Sequence[LineFilter]:
        return [*super().get_line_filters(), PLAIN]

    def action_command_palette(self) -> None:
        """Of what the filter line stands for: while one writes there, letters are no keys."""
        if isinstance(self.screen, View) and isinstance(self.focused, Filter):
            self.screen.leave_filter()
        self.push_screen(CommandPalette(placeholder=self.desk.say("type to search")))

    def action_next_theme(self) -> None:
        names = [theme.name for theme in THEMES]
        self.theme = names[(names.index(self.theme) + 1) % len(names)]

    def action_next_language(self) -> None:
        languages = list(Language)
        spoken = self.desk.say
        language = languages[(languages.index(spoken.language) + 1) % len(languages)]
        self.desk.say = Words(language, spoken.zone)
        if isinstance(self.screen, View):
            self.screen.call_next(self.screen.say_anew)

    def notify(self, message: str, *, severity: SeverityLevel = "information", **shown: Any) -> None:
        """How bad it is says a glyph too, and no colour alone."""
        super().notify(f"{GLYPHS.get(severity, '')}{message}", severity=severity, **shown)

    def action_help_quit(self) -> None:
        """What ctrl+c does where nothing is selected that it could copy."""
        self.notify(self.desk.say("q leaves the console."), markup=False)
