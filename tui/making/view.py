"""The screen of the steps: which one is shown, and the one save."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Container
from textual.css.query import NoMatches
from textual.widget import MountError, Widget

from tui.desk import Desk
from tui.making.draft import Draft, Go, Said, Save
from tui.making.leaving import Leaving
from tui.making.step import Step
from tui.making.steps import StepName, Steps


class Making(Leaving):
    STEPS: ClassVar[Sequence[type[Step]]] = ()
    CHANGES = frozenset({"save", "save_draft"})
    FILTERED = False
    CSS_PATH = "../making/making.tcss"
    VERTICAL_BREAKPOINTS = [(0, "-short"), (30, "-tall")]  # noqa: RUF012 - Textual declares it of the instance
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("n,right", "go(1)", "Next", tooltip="The next step"),
        Binding("p,left", "go(-1)", "Previous", show=False, tooltip="The step before"),
        Binding("ctrl+s", "save", "Save", tooltip="Review, then save it all at once"),
        Binding("ctrl+d", "save_draft", "Save as draft", show=False, tooltip="Save as a draft, which sends nothing"),
    ]

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self.place = 0
        self._one_at_a_time = asyncio.Lock()
        self._saving = False

    async def save(self, draft: Draft, *, live: bool) -> None:
        """In a worker; leaves the screen where that went well."""
        raise NotImplementedError

    # Showing

    def content(self) -> ComposeResult:
        yield Steps([self.desk.say(step.TITLE) for step in self.STEPS])
        yield Container(id="step")

    def draw(self, state: Draft) -> None:
        """What was loaded is where it begins; from then on what somebody says counts."""
        self.draft = self.draft or state
        self.redraw()

    def redraw(self) -> None:
        self.beside("draw", self._redraw, exclusive=False)

    async def _redraw(self) -> None:
        """Each in its turn: another step than is there is put in its place."""
        async with self._one_at_a_time:
            if self.draft is None:
                return
            try:
                await self._show_step(self.draft)
            except (MountError, NoMatches):
                if not self._is_left:
                    raise

    @property
    def _is_left(self) -> bool:
        """The library then takes the screen apart, while a step may still be put there."""
        return not (self.is_current and self.app.is_running and all(one.is_attached for one in self.query("#step")))

    async def _show_step(self, draft: Draft) -> None:
        here = self.STEPS[self.place]
        step = next((one for one in self.query(Step) if type(one) is here), None) or await self._put(here, draft)
        draft = self.draft or draft  # more may have been said meanwhile
        step.show(draft, self.material)
        self.query_one(Steps).point(self.place, [not one.missing(draft) for one in self.STEPS])
        self.note_unsaved(draft)
        self.gather(draft)

    async def _put(self, here: type[Step], draft: Draft) -> Step:
        place = self.query_one("#step")
        await place.remove_children()
        step = here(self.desk, draft, self.material)
        await place.mount(step)
        first = next((one for one in step.query("*").results(Widget) if one.focusable), None)
        if first:
            self.set_focus(first)
        return step

    @on(Said)
    def hear(self, message: Said) -> None:
        self.draft = message.draft
        self.redraw()

    # Moving

    @on(Go)
    def move(self, message: Go) -> None:
        self.go_to(self.place + message.by)

    @on(StepName.Chosen)
    def jump(self, message: StepName.Chosen) -> None:
        self.go_to(message.place)

    def action_go(self, by: int) -> None:
        self.go_to(self.place + by)

    def go_to(self, place: int) -> None:
        """As far as what lies before it has been said."""
        if self.draft is None or not 0 <= place < len(self.STEPS):
            return
        said = [step.missing(self.draft) for step in self.STEPS[:place]]
        self.place = next((number for number, missing in enumerate(said) if missing), place)
        if self.place < place:
            self.notify(self.desk.say(said[self.place]), severity="warning", markup=False)
        self.redraw()

    # Saving

    @property
    def saves_live(self) -> bool:
        """Whether what the cursor is on saves what is made here as live; elsewhere than in the review it would."""
        return not any(step.saves_draft for step in self.query(Step))

    @on(Save)
    def save_it(self, message: Save) -> None:
        if not self._saving and not self.desk.read_only:
            self._saving = True
            self.act(self._save(live=message.live))

    async def _save(self, *, live: bool) -> None:
        try:
            if self.draft is not None:
                await self.save(self.draft, live=live)
        finally:
            self._saving = False

    def action_save(self) -> None:
        self._save_from_review(live=True)

    def action_save_draft(self) -> None:
        self._save_from_review(live=False)

    def _save_from_review(self, *, live: bool) -> None:
        """What nobody has read is not saved: the first press shows the review."""
        last = len(self.STEPS) - 1
        if self.place == last:
            self.post_message(Save(live=live))
        else:
            self.go_to(last)
