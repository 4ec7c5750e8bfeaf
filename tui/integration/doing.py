"""What is done to an integration as a whole: pausing, resuming, removing, undoing, writing it to a file."""

from __future__ import annotations

import shlex
from collections.abc import Coroutine
from typing import Any

from events.errors import Misconfigured
from events.integration import Service, Waiting
from tui.integration import changes, waiting
from tui.integration.health import NAMES
from tui.integration.newer import Told
from tui.messages import Loaded, Reconnect
from tui.view import View
from tui.widgets.ask import Question
from tui.widgets.choose import Choose
from tui.widgets.menu import Choice
from tui.widgets.write import Write
from worker.operations import files, importing, integrations, lifecycle, reverting, saving
from worker.operations.integrations import Integration, State
from worker.operations.reverting import Undoing
from worker.operations.saving import Overtaken
from worker.operations.whole import Whole


class Doing(View[Whole]):
    def do(self, work: Coroutine[Any, Any, str | None]) -> None:
        """As `act`; what somebody else saved meanwhile is shown, and what was saved here the next act knows of."""
        self.act(self._do(work))

    async def _do(self, work: Coroutine[Any, Any, str | None]) -> str | None:
        try:
            says = await work
        except Overtaken as overtaken:
            await self.app.push_screen_wait(Told(self.desk.say, overtaken, self.desk.now()))
            self.action_look()
            return None
        if says is not None:
            self.post_message(Loaded(await self.load()))
        return says

    @property
    def seen(self) -> Integration:
        assert self.state, "nothing can be done before something is shown"
        return self.state.integration

    # Sending

    def action_pause(self) -> None:
        self.do(self._resume() if self.seen.state is State.PAUSED else self._pause())

    async def _pause(self) -> str | None:
        say, seen = self.desk.say, self.seen
        says = say("Pause {name}? Nothing is sent until it is resumed; invoices are still recorded.", name=seen.name)
        if not await self.ask(Question(says=says, line=f"ptm integration pause {seen.id}")):
            return None
        done = await lifecycle.pause(self.desk.context, seen)
        return say("{name} is paused; {n} calls wait.", name=seen.name, n=say.number(done.waiting))

    async def _resume(self) -> str | None:
        say, seen = self.desk.say, self.seen
        held = await saving.held(self.desk.context, seen.id)
        line = f"ptm integration resume {seen.id}"
        if not held.count and not await self.ask(
            Question(says=say("Resume {name}? Nothing waits.", name=seen.name), line=line)
        ):
            return None
        policy = await waiting.ask(self.app, self.desk, held, line=line)
        if policy is None:
            return None
        await lifecycle.resume(self.desk.context, seen, policy)
        return say("{name} sends again.", name=seen.name)

    # Being let in again

    def action_reconnect(self) -> None:
        self.do(self._reconnect())

    async def _reconnect(self) -> str | None:
        """The one that refuses us is offered first."""
        say, seen = self.desk.say, self.seen
        ordered = sorted(Service, key=lambda one: seen.connections[one].state != "broken")
        choices = [Choice(one, NAMES[one]) for one in ordered]
        asks = say("Log in again to which service?")
        if answer := await self.app.push_screen_wait(Choose(say, asks, choices)):
            self.post_message(Reconnect(seen.id, Service(answer)))
        return None

    # Removing

    def action_remove(self) -> None:
        self.do(self._remove())

    async def _remove(self) -> str | None:
        say, seen, context = self.desk.say, self.seen, self.desk.context
        discarded = say.number(await lifecycle.unsent(context, seen))
        question = say("Remove {name}? {n} decisions that wait are discarded.", name=seen.name, n=discarded)
        choices = [
            Choice("keep", say("Remove: the log stays as it is")),
            Choice("erase", say("Remove, and erase everybody in it from the log, for ever")),
        ]
        answer = await self.app.push_screen_wait(Choose(say, question, choices))
        if answer is None:
            return None
        line = f"ptm integration remove {seen.id}" + (" --erase" if answer == "erase" else "")
        says = f"{question}\n{dict((one.id, one.says) for one in choices)[answer]}."
        sure = await self.ask(Question(says=says, line=line, typed=seen.company, reason="Why?"))
        if not sure:
            return None
        done = await lifecycle.remove(context, seen, erase=answer == "erase", reason=sure.reason)
        return say("{name} is removed; {n} decisions were discarded.", name=seen.name, n=say.number(done.discarded))

    # Undoing

    def action_undo(self) -> None:
        self.do(self._undo())

    async def _undo(self) -> str | None:
        say, seen, context = self.desk.say, self.seen, self.desk.context
        try:
            undoing = await reverting.prepare(context, seen)
        except Misconfigured as error:
            return say.told(say(str(error)))
        line = f"ptm integration undo {seen.id} --expect {seen.version}"
        if not await self.ask(Question(says=self._what(undoing), line=line)):
            return None
        offered = waiting.GOING if undoing.only_removes else tuple(Waiting)
        held = await reverting.held(context, undoing)
        policy = await waiting.ask(self.app, self.desk, held, line=line, offered=offered)
        if policy is None:
            return None
        await reverting.save(context, undoing, waiting=policy)
        return say("Version {n} is undone.", n=undoing.act.position)

    def _what(self, undoing: Undoing) -> str:
        say, act = self.desk.say, undoing.act
        when = say("{actor} {at}", actor=act.actor, at=say.moment(act.at, self.desk.now()))
        why = f" ({act.reason})" if act.reason else ""
        was = [f"  {line}" for line in changes.lines(act.steps, say)]
        does = [f"  {line}" for line in changes.lines(undoing.steps, say)]
        return "\n".join([f"{say('Undo the last change?')} {when}{why}:", *was, say("Undoing it does this:"), *does])

    # Writing it to a file

    def action_export(self) -> None:
        self.do(self._export())

    async def _export(self) -> str | None:
        say, seen = self.desk.say, self.seen
        asked = say("Write settings and triggers to which file? No secret is in it.")

        def line_for(path: str) -> str:
            return shlex.join(["ptm", "integration", "export", str(seen.id), "--output", str(files.meant(path))])

        question = Write(
            say, asked, text=f"{seen.company_id}.yaml", line_for=lambda path: self.desk.typed(line_for(path))
        )
        path = await self.app.push_screen_wait(question)
        if not path:
            return None
        output, line = files.meant(path), line_for(path)
        there = say("{file} is there already. Write over it? Its tests of the same triggers stay.", file=output)
        if output.exists() and not await self.ask(Question(says=there, line=line)):
            return None
        now = await integrations.read_one(self.desk.context, seen.id)
        files.write((importing.described(now),), output)
        return say("Written to {file}.", file=output)
