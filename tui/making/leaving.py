"""Nothing is lost by leaving: what is not saved is asked about, wherever one goes."""

from __future__ import annotations

from tui.making.draft import Draft
from tui.making.gathering import Gathering
from tui.widgets.ask import Question


class Leaving(Gathering):
    def note_unsaved(self, draft: Draft) -> None:
        if draft.changed:
            self.desk.unsaved.add(self)
        else:
            self.desk.unsaved.discard(self)

    def on_unmount(self) -> None:
        self.desk.unsaved.discard(self)

    def leave(self) -> None:
        """Saved, or given up."""
        self.desk.unsaved.discard(self)
        super().action_back()

    def action_back(self) -> None:
        if self in self.desk.unsaved:
            self.act(self._leave())
        else:
            self.leave()

    async def _leave(self) -> None:
        says = self.desk.say("Leave without saving? What was made here is lost.")
        if await self.ask(Question(says=says)):
            self.leave()
