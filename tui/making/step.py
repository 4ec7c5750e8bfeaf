"""One step: what it shows, and what is still to be said in it."""

from __future__ import annotations

from collections.abc import Coroutine
from typing import Any, ClassVar

from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Static

from events.errors import PtmError
from tui.desk import Desk
from tui.making.draft import Draft, Material, Said


class Step(Vertical):
    TITLE: ClassVar[str] = ""
    """In English."""

    @property
    def saves_draft(self) -> bool:
        """Whether the cursor is on saving as a draft."""
        return False

    def __init__(self, desk: Desk, draft: Draft, material: Material) -> None:
        super().__init__(classes="step")
        self.desk, self.say = desk, desk.say
        self.draft, self.material = draft, material

    @classmethod
    def missing(cls, draft: Draft) -> str:
        """What has to be said before one can go on, in English; "" for nothing."""
        return ""

    def show(self, draft: Draft, material: Material) -> None:
        self.draft, self.material = draft, material
        self.draw()

    def draw(self) -> None:
        """From *draft* and *material*: no I/O."""

    def put(self, draft: Draft) -> None:
        """Tells the screen, which shows it to this step again."""
        self.post_message(Said(draft))

    # For steps that ask a service

    def attempt(self, work: Coroutine[Any, Any, None]) -> None:
        """Runs *work* in place of what ran before; an error is told in the step."""
        self.tell("")
        self.run_worker(self._attempt(work), group="attempt", exclusive=True)

    async def _attempt(self, work: Coroutine[Any, Any, None]) -> None:
        try:
            await work
        except PtmError as error:
            self.failed(error)

    def failed(self, error: PtmError) -> None:
        self.tell(f"✖ {self.say.told(error)}", "bad")

    def tell(self, says: str, tone: str = "quiet") -> None:
        for place in self.query("#told").results(Static):
            place.update(Content(says))
            place.set_classes(tone)
