"""Plans and replays of all integrations, newest first."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.widgets import Input

from events.errors import Misconfigured
from tui.matching import matcher
from tui.messages import OpenReplay
from tui.replay.list_line import columns, searched
from tui.view import View
from tui.widgets.filter import Filter
from tui.widgets.rows import Rows
from worker.operations import overview, replays
from worker.operations.live import LOG
from worker.operations.replays import Replay

MOST = 500
"""Replays that are listed, the newest."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    replays: tuple[Replay, ...]
    names: Mapping[UUID, str]


class ReplaysView(View[Listed]):
    NAME = "Replays"
    LISTENS = frozenset({LOG})
    CHANGES = frozenset({"new"})
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("n", "new", "New", tooltip="Plan what to send of the past: planning sends nothing"),
    ]

    def content(self) -> ComposeResult:
        yield Rows[Replay](key=lambda one: one.id, id="rows")

    async def load(self) -> Listed:
        found = await replays.listed(self.desk.context, limit=MOST)
        names = await overview.names(self.desk.context, {one.integration for one in found})
        return Listed(replays=tuple(found), names=names)

    def draw(self, state: Listed) -> None:
        say = self.desk.say
        try:
            fits = matcher(self.query_one(Filter).value)
        except Misconfigured as error:
            self.show_empty(self.desk.say.told(error), self.rows)
            return
        found = [one for one in state.replays if fits(searched(one, state.names, say))]
        self.rows.show(found, columns(say, self.desk.now(), state.names))
        nothing = "Nothing matches the filter." if state.replays else "No replay was planned yet. n: plan the first one"
        self.show_empty("" if found else say(nothing), self.rows)

    @property
    def rows(self) -> Rows[Replay]:
        return self.query_one("#rows", Rows)

    @on(Input.Changed, "#filter")
    def narrow(self) -> None:
        if self.state is not None:
            self.draw(self.state)

    @on(Rows.Opened)
    def open_row(self) -> None:
        if self.rows.current:
            self.post_message(OpenReplay(self.rows.current.integration, replay=self.rows.current.id))

    def action_new(self) -> None:
        self.post_message(OpenReplay(None))

    def line(self) -> str:
        return f"ptm replay list --limit {MOST}"
