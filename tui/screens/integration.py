"""One integration: how it stands, its triggers, its history, its block list, and all that can be done to it."""

from __future__ import annotations

from typing import ClassVar
from uuid import UUID

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.widgets import ContentSwitcher, Input

from tui.desk import Desk
from tui.integration.alerts import AlertsPage
from tui.integration.blocked import BlockedPage
from tui.integration.doing import Doing
from tui.integration.overview import OverviewPage
from tui.integration.page import Page
from tui.integration.pages import PageName, Pages
from tui.integration.past import HistoryPage
from tui.integration.triggers import TriggersPage
from tui.messages import EditTrigger, OpenEvents, OpenReplay
from tui.widgets.cluster import Cluster
from tui.widgets.filter import Filter
from worker.operations import whole
from worker.operations.integrations import State
from worker.operations.live import CONFIGURATION, DELIVERIES, LOG, Rung
from worker.operations.whole import Whole

PAGES: tuple[type[Page], ...] = (OverviewPage, TriggersPage, HistoryPage, AlertsPage, BlockedPage)
NEEDS = frozenset({"pause", "undo", "remove", "new_trigger", "replay", "export", "reconnect"})
"""What a removed integration has no more, and one that is not read yet not yet."""


class IntegrationView(Doing):
    NAME = "Integration"
    CHANGES = frozenset({"pause", "undo", "remove", "new_trigger", "reconnect"})
    CSS_PATH = "integration.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(
            "right,right_square_bracket",
            "turn(1)",
            "Next page",
            show=False,
            tooltip="Overview, triggers, history, alerts, block list",
        ),
        Binding("left,left_square_bracket", "turn(-1)", "Page before", show=False),
        Binding("p", "pause", "Pause", tooltip="Pause sending, or resume it"),
        Binding("z", "undo", "Undo", tooltip="Undo the last change of the configuration, after showing what that does"),
        Binding("o", "events", "Events", show=False, tooltip="What has happened in it: the log"),
        Binding("R", "replay", "Replay", show=False, tooltip="Plan what to send again, or for the first time"),
        Binding("x", "export", "Export", show=False, tooltip="Write settings and triggers to a file"),
        Binding("N", "new_trigger", "New trigger", show=False, tooltip="Another trigger, step by step"),
        Binding("L", "reconnect", "Log in again", show=False, tooltip="New credentials for Procountor or Trustmary"),
        Binding("D", "remove", "Remove", show=False, tooltip="Remove the integration; the log stays"),
    ]

    def __init__(self, desk: Desk, integration: UUID) -> None:
        super().__init__(desk)
        self._integration = integration
        self._place = 0

    def content(self) -> ComposeResult:
        say = self.desk.say
        yield Pages([say(page.TITLE) for page in PAGES], say("← →: pages"))
        with ContentSwitcher(initial=f"page-{self._place}", id="page"):
            for place, page in enumerate(PAGES):
                yield page(self.desk, self, f"page-{place}")

    async def load(self) -> Whole:
        return await whole.read(self.desk.context, self._integration, self.state)

    def draw(self, state: Whole) -> None:
        self.query_one(Cluster).entitle(state.integration.name)
        self._point()
        for page in self.query(Page):
            page.show(state)
        if self.focused is None:
            self.page.take_focus()
        self.refresh_bindings()

    def concerns(self, rung: Rung) -> bool:
        seen = self.state.integration if self.state else None
        if seen is None:
            return True
        mine = {LOG: str(seen.partition), DELIVERIES: seen.organization, CONFIGURATION: str(seen.id)}
        return any(not {"", mine[channel]}.isdisjoint(rung[channel]) for channel in rung)

    @property
    def page(self) -> Page:
        return self.query_one(f"#page-{self._place}", Page)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        if action in NEEDS and (self.state is None or self.state.integration.state is State.REMOVED):
            return None
        if action == "filter" and not self.page.FILTERED:
            return False
        return super().check_action(action, parameters)

    def called(self, action: str, otherwise: str) -> str:
        paused = self.state is not None and self.state.integration.state is State.PAUSED
        return "Resume" if action == "pause" and paused else otherwise

    # Turning pages

    def action_turn(self, by: int) -> None:
        self.turn_to((self._place + by) % len(PAGES))

    @on(PageName.Chosen)
    def jump(self, message: PageName.Chosen) -> None:
        self.turn_to(message.place)

    def turn_to(self, place: int) -> None:
        self._place = place
        self.query_one("#page", ContentSwitcher).current = f"page-{place}"
        self._point()
        self.page.take_focus()
        self.refresh_bindings()

    def _point(self) -> None:
        self.query_one(Pages).point(self._place)
        self.query_one(Filter).display = self.page.FILTERED

    @on(Input.Changed, "#filter")
    def narrow(self, event: Input.Changed) -> None:
        for page in self.query(Page):
            page.narrow(event.value)

    # Where it leads

    def action_events(self) -> None:
        self.post_message(OpenEvents(f"in:{self._integration}"))

    def action_replay(self) -> None:
        self.post_message(OpenReplay(self._integration))

    def action_new_trigger(self) -> None:
        self.post_message(EditTrigger(self._integration, None))

    def line(self) -> str:
        return (self.page.line if self.page.known else "") or f"ptm integration show {self._integration}"
