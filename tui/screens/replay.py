"""One replay: its plan contact by contact, what of it is meant, and what became of it."""

from __future__ import annotations

from typing import ClassVar
from uuid import UUID

from textual.binding import Binding, BindingType

from tui.desk import Desk
from tui.replay.doing import Doing, can
from tui.replay.look import Look, look
from tui.widgets.cluster import Cluster
from worker.operations import replay_lines, replays
from worker.operations.live import CONFIGURATION, DELIVERIES, LOG, Rung


class ReplayView(Doing):
    NAME = "Replay"
    CHANGES = frozenset({"apply", "pause", "cancel", "undo", "plan_again"})
    CSS_PATH = "replay.tcss"
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (120, "-wide")]  # noqa: RUF012 - Textual declares it of the instance
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("a", "apply", "Apply", tooltip="Send the marked contacts, or all that can be sent: asks first"),
        Binding("p", "pause", "Pause", tooltip="Pause it, or let it go on"),
        Binding("u", "undo", "Undo", tooltip="Take off the lists whom it has put on: shows first what that does"),
        Binding("f", "next_class(1)", "Class", tooltip="Only the next class: new, changed, other address, …"),
        Binding("F", "next_class(-1)", "Class before", show=False, tooltip="Only the class before"),
        Binding("c", "cancel", "Cancel", show=False, tooltip="Give up the plan, or the rest of the replay"),
        Binding("r", "plan_again", "Plan again", show=False, tooltip="The same window once more, up to now"),
        Binding("x", "export", "Export", show=False, tooltip="Write it to a file: CSV, JSON or Markdown"),
    ]

    def __init__(self, desk: Desk, replay: UUID) -> None:
        super().__init__(desk)
        self._replay = replay

    async def load(self) -> Look:
        return await look(self.desk.context, self._replay, self.kind, self.state)

    def draw(self, state: Look) -> None:
        self.query_one(Cluster).entitle(f"{self.desk.say(self.NAME)}: {state.integration.name}")
        self.refresh_bindings()
        self.fill(state)
        self.weigh()

    def concerns(self, rung: Rung) -> bool:
        seen = self.state.integration if self.state else None
        if seen is None:
            return True
        mine = {LOG: str(seen.partition), DELIVERIES: seen.organization, CONFIGURATION: str(seen.id)}
        return any(not {"", mine[channel]}.isdisjoint(rung[channel]) for channel in rung)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        return super().check_action(action, parameters) if can(action, self.state) else False

    def called(self, action: str, otherwise: str) -> str:
        paused = self.state is not None and self.state.replay.state == "paused"
        return "Resume" if action == "pause" and paused else otherwise

    def line(self) -> str:
        at = self.state
        if at is None or at.replay.state != "planned" or at.replay.undoes:
            return f"ptm replay show {self._replay}"
        return replay_lines.plan(at.replay.integration, replays.wanted_of(at.replay))
