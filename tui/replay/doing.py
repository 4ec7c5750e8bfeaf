"""What is done with a plan or a replay: paused, resumed, cancelled, undone, written to a file, planned again."""

from __future__ import annotations

import shlex
from collections.abc import Mapping

from tui.messages import OpenReplay
from tui.replay.applying import Applying, something
from tui.replay.look import Look
from tui.replay.undo import Preview
from tui.replay.wording import price
from tui.widgets.ask import Question
from tui.widgets.write import Write
from worker.operations import exports, files, replay_lines, replays, shown, undoing


class Doing(Applying):
    # Steering

    def action_pause(self) -> None:
        if self.state:
            self.act(self._resume(self.seen) if self.seen.replay.state == "paused" else self._pause(self.seen))

    async def _pause(self, at: Look) -> str | None:
        says = self.desk.say("Pause it? {n} contacts wait then; what is decided goes out.", n=self._left(at))
        if not await self.ask(Question(says=says, line=f"ptm replay pause {at.replay.id}")):
            return None
        await replays.pause(self.desk.context, at.replay)
        return self.desk.say("Paused: no more is asked for; what is decided goes out.")

    async def _resume(self, at: Look) -> str | None:
        says = self.desk.say("Let it go on? {n} contacts are still to be asked for.", n=self._left(at))
        if not await self.ask(Question(says=says, line=f"ptm replay resume {at.replay.id}")):
            return None
        await replays.resume(self.desk.context, at.replay)
        return self.desk.say("It goes on.")

    def _left(self, at: Look) -> str:
        return self.desk.say.number((at.replay.items or 0) - at.replay.asked)

    def action_cancel(self) -> None:
        if self.state:
            self.act(self._cancel(self.seen))

    async def _cancel(self, at: Look) -> str | None:
        say, one = self.desk.say, at.replay
        line = f"ptm replay cancel {one.id}"
        if one.state == "planned":
            says = say("Give up this plan? Nothing was sent.")
        else:
            says = say("Cancel it? {n} contacts are never asked for; what is decided goes out.", n=self._left(at))
        sure = await self.ask(Question(says=says, line=line))
        if not sure:
            return None
        await replays.cancel(self.desk.context, one)
        return say("Cancelled.")

    # Undoing

    def action_undo(self) -> None:
        if self.state:
            self.act(self._undo(self.seen))

    async def _undo(self, at: Look) -> str | None:
        say, context = self.desk.say, self.desk.context
        prepared = await undoing.prepare(context, at.replay)
        if not await self.app.push_screen_wait(Preview(say, prepared)):
            return None
        if not prepared.count:
            return say("There is nothing to undo: nobody was put on a list who could be taken off.")
        called = await self._called()
        if called is None:
            return None
        name, reason = called
        line = replay_lines.undo(at.replay.id, name=name, reason=reason, count=prepared.count)
        says = f"{name}: {reason}\n{price(prepared.cost, say)}"
        if not await self.ask(Question(says=says, line=line, typed=str(prepared.count))):
            return None
        begun = await undoing.start(context, prepared, name=name, reason=reason)
        self.post_message(OpenReplay(begun.integration, replay=begun.id))
        return say("{name} has begun.", name=name)

    # Writing it to a file

    def action_export(self) -> None:
        if self.state:
            self.act(self._export(self.seen))

    async def _export(self, at: Look) -> str | None:
        """All contacts, marked or not: for a colleague to approve."""
        say, short = self.desk.say, str(at.replay.id)[:8]
        asked = say("Write all of it to which file? By its ending: .csv, .json or .md. It names people.")

        def line_for(path: str) -> str:
            form = exports.FORMS.get(files.meant(path).suffix, "markdown")
            return f"ptm replay show {short} --format {form} > {shlex.quote(str(files.meant(path)))}"

        question = Write(
            say,
            asked,
            text=f"replay-{short}.csv",
            check=something,
            line_for=lambda path: self.desk.typed(line_for(path)),
        )
        path = await self.app.push_screen_wait(question)
        if not path:
            return None
        output, line = files.meant(path), line_for(path)
        there = say("{file} is there already. Write over it?", file=output)
        if output.exists() and not await self.ask(Question(says=there, line=line)):
            return None
        whole = await shown.looked_up(self.desk.context, str(at.replay.id), lines=None)
        files.write_file(output, exports.text(whole, output.suffix))
        return say("{n} contacts are written to {file}.", n=say.number(len(whole.lines)), file=output)

    # Planning anew

    def action_plan_again(self) -> None:
        """The same window, with an end that is now."""
        if self.state:
            wanted = replays.wanted_of(self.seen.replay)
            self.post_message(OpenReplay(self.seen.replay.integration, wanted=replay_lines.to_now(wanted)))


def can(action: str, at: Look | None) -> bool:
    """Whether *action* makes sense in the state that the replay is in."""
    if action not in IN:
        return True
    if at is None or at.replay.state not in IN[action]:
        return False
    if action == "undo" and at.replay.reach is None:
        return False
    return not at.replay.undoes or action in ("pause", "cancel")


EVER = frozenset({"planned", "running", "paused", "done", "cancelled"})
IN: Mapping[str, frozenset[str]] = {
    "apply": frozenset({"planned"}),
    "pause": frozenset({"running", "paused"}),
    "cancel": frozenset({"planned", "running", "paused"}),
    "undo": frozenset({"done", "cancelled"}),
    "plan_again": EVER,
}
"""Action → states of a replay in which it can be done."""
