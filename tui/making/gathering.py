"""What a trigger is made of is read beside the screen, once for each company and organization."""

from __future__ import annotations

from collections.abc import Coroutine
from dataclasses import replace
from typing import Any, ClassVar

from textual import on
from textual.binding import Binding, BindingType

from events.errors import PtmError
from tui.desk import Desk
from tui.making.draft import ChoicesRead, Draft, GroundRead, Material
from tui.view import View
from worker.operations.ground import Ground
from worker.operations.triggers import Choices


class Gathering(View[Draft]):
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+r", "gather", "Look again", show=False, tooltip="Read invoices and Trustmary's lists again"),
    ]

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self.draft: Draft | None = None
        """What has been said so far; the state is what was loaded."""
        self.material = Material()
        self._read: dict[str, object] = {}
        """What was read last, of what."""

    async def read_ground(self, draft: Draft) -> Ground:
        raise NotImplementedError

    async def read_choices(self, draft: Draft) -> Choices:
        raise NotImplementedError

    def redraw(self) -> None:
        raise NotImplementedError

    def gather(self, draft: Draft) -> None:
        whose = draft.seen.id if draft.seen else draft.company
        if whose:
            self._want("ground", (whose, draft.trigger.condition.types), self._ground(draft))
        where = draft.seen.id if draft.seen else draft.organization
        if where:
            self._want("choices", where, self._choices(draft))

    def _want(self, what: str, of: object, reading: Coroutine[Any, Any, None]) -> None:
        """What is read already is not read again; what is asked for now is wanted instead of what was before."""
        if self._read.get(what) == of:
            reading.close()
            return
        self._read[what] = of
        self.run_worker(reading, group=what, exclusive=True)

    async def _ground(self, draft: Draft) -> None:
        try:
            self.post_message(GroundRead(await self.read_ground(draft)))
        except PtmError as error:
            self.post_message(GroundRead(Ground(failure=self.desk.say.told(error))))

    async def _choices(self, draft: Draft) -> None:
        try:
            self.post_message(ChoicesRead(await self.read_choices(draft)))
        except PtmError as error:
            self.post_message(ChoicesRead(None, failure=self.desk.say.told(error)))

    @on(GroundRead)
    def keep_ground(self, message: GroundRead) -> None:
        self.material = replace(self.material, ground=message.ground)
        self.redraw()

    @on(ChoicesRead)
    def keep_choices(self, message: ChoicesRead) -> None:
        self.material = replace(self.material, choices=message.choices, failure=message.failure)
        self.redraw()

    def action_gather(self) -> None:
        self._read.clear()
        self.material = Material()
        self.redraw()
