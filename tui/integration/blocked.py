"""The block list: addresses and domains that are never added."""

from __future__ import annotations

import shlex
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.widgets import Static

from tui.integration.page import Page
from tui.widgets.ask import Question
from tui.widgets.columns import Cell, Column
from tui.widgets.rows import Rows
from tui.widgets.write import Write
from worker.operations import blocks, integrations
from worker.operations.blocks import Blocked
from worker.operations.integrations import Integration
from worker.operations.whole import Whole


def searched(one: Blocked) -> str:
    return f"{one.address} {one.actor} {one.reason or ''}"


class BlockedPage(Page):
    TITLE = "Block list"
    CHANGES = frozenset({"block", "unblock"})
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("a", "block", "Block", tooltip="Never add an address, or anybody at a domain"),
        Binding("delete,backspace", "unblock", "Take off", tooltip="Take the marked ones off the list"),
    ]

    def compose(self) -> ComposeResult:
        yield Rows[Blocked](key=lambda one: one.address, id="blocked")
        yield Static(classes="none")

    @property
    def line(self) -> str:
        return f"ptm block list {self.seen.id}"

    @property
    def rows(self) -> Rows[Blocked]:
        return self.query_one("#blocked", Rows)

    def draw(self, known: Whole) -> None:
        say, now = self.say, self.desk.now()
        nobody = "Nobody is blocked. a: block an address"
        found = self.let_through(known.blocked, searched, nobody)
        self.rows.show(
            found,
            [
                Column(title=say("Address"), width=30, grow=2, cell=lambda one: one.address or say("(erased)")),
                Column(title=say("Since"), width=10, cell=lambda one: say.moment(one.at, now)),
                Column(title=say("Who"), width=14, rank=1, cell=lambda one: Cell(one.actor, "quiet")),
                Column(title=say("Why"), width=16, grow=1, cell=lambda one: one.reason or ""),
            ],
        )

    @on(Rows.Opened)
    def nothing_more(self) -> None:
        """A row says everything about itself."""

    def action_block(self) -> None:
        self.act(self._block(self.seen))

    async def _block(self, seen: Integration) -> str | None:
        asked = self.say("Which address? For everybody at a domain write @example.fi.")
        address = await self.app.push_screen_wait(Write(self.say, asked, check=blocks.valid))
        if not address:
            return None
        says = self.say("{address} is never added from now on. What waits for it is not sent.", address=address)
        line = shlex.join(["ptm", "block", "add", str(seen.id), address])
        sure = await self.ask(Question(says=says, line=line, reason="Why?"))
        if not sure:
            return None
        known = await blocks.add(self.desk.context, seen, address, reason=sure.reason)
        return self.say("{address} is blocked.", address=known)

    def action_unblock(self) -> None:
        chosen = [one for one in self.rows.chosen if one.address]
        if chosen:
            self.act(self._unblock(self.seen, chosen))

    async def _unblock(self, seen: Integration, chosen: list[Blocked]) -> str | None:
        """One after the other: an event each."""
        first, count = chosen[0].address, len(chosen)
        says = self.say("{address} may be added again?", address=first)
        if count > 1:
            says = self.say("Take {n} entries off the block list?", n=count)
        line = shlex.join(["ptm", "block", "remove", str(seen.id), *(one.address for one in chosen)])
        if not await self.ask(Question(says=says, line=line, typed=str(count) if count > 1 else "")):
            return None
        for one in chosen:
            await blocks.remove(self.desk.context, seen, one.address)
            seen = await integrations.read_one(self.desk.context, seen.id)
        return self.say.count(count, "{n} entry is off the block list.", "{n} entries are off the block list.")
