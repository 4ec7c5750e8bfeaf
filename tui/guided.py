"""The console of `ptm demo`: beside everything else, a guided tour."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import ClassVar

from textual import on
from textual.binding import Binding, BindingType
from textual.message import Message

from events.errors import PtmError
from tui.app import Console
from tui.desk import Desk
from tui.messages import OpenReplay
from tui.widgets.guide import Guide
from worker.demo.tour import MISSED, Step, Tour

LOOK = 0.5
"""Seconds between two looks at what has happened."""


class Toured(Message):
    """The tour has looked."""


class GuidedConsole(Console):
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("f2", "take_step", "Next step", show=False, tooltip="Do what the tour's next step is about"),
        Binding("f3", "toggle_guide", "Tour", show=False, tooltip="Put the tour away, or get it back"),
    ]

    def __init__(self, desk: Desk, tour: Tour) -> None:
        super().__init__(desk)
        self._tour = tour

    async def on_mount(self) -> None:
        self.set_interval(LOOK, self.show_guide)
        self.run_worker(self._follow(), group="tour")

    async def _follow(self) -> None:
        while True:
            with suppress(PtmError):
                await self._tour.look()
            self.post_message(Toured())
            await asyncio.sleep(LOOK)

    @on(Toured)
    def show_guide(self) -> None:
        for screen in self.screen_stack[-1:]:  # none while the console leaves
            for guide in screen.query(Guide):
                guide.display = not self.desk.tour_away
                guide.show()

    def action_take_step(self) -> None:
        company = self._tour.company
        if self._tour.step is Step.REPLAY and company is not None:
            self.screen.post_message(OpenReplay(company.id, skipped=MISSED))
        else:
            self.run_worker(self._take(), group="tour-step")

    async def _take(self) -> None:
        try:
            await self._tour.take()
            await self._tour.look()
        except PtmError as error:
            self.notify(self.desk.say.told(error), severity="error", markup=False)
        self.post_message(Toured())

    def action_toggle_guide(self) -> None:
        self.desk.tour_away = not self.desk.tour_away
        self.show_guide()
