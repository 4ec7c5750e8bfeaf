"""Applying a plan: how far, whether old addresses are taken off, name and reason, and at last the count."""

from __future__ import annotations

from collections.abc import Collection

from events.errors import Misconfigured
from events.replay import Reach
from tui.replay.contacts import Contacts
from tui.replay.look import Look, old_ones, order
from tui.replay.reach import HowFar, choices
from tui.replay.wording import REACHES, price
from tui.widgets.ask import Question
from tui.widgets.choose import Choose
from tui.widgets.menu import Choice
from tui.widgets.write import Write
from worker.operations import replay_lines, replays
from worker.operations.replays import Order


class Applying(Contacts):
    def action_apply(self) -> None:
        if self.state:
            self.act(self._apply(self.seen, frozenset(self.marked)))

    async def _apply(self, at: Look, marked: Collection[int]) -> str | None:
        """What is meant is what was shown when it began, whatever comes while questions are open."""
        say, context = self.desk.say, self.desk.context
        replays.check_rules(at.integration, at.replay)
        wanted = await self._ordered(at, marked)
        called = await self._called() if wanted else None
        if wanted is None or called is None:
            return None
        name, reason = called
        cost = await replays.cost(context, at.replay, at.integration.rules, wanted)
        count = cost.contacts
        line = replay_lines.apply(at.replay.id, wanted, name=name, reason=reason, count=count)
        says = f"{name}: {reason}\n{say(REACHES[wanted.reach])}\n{price(cost, say)}"
        if not await self.ask(Question(says=says, line=line, typed=str(count))):
            return None
        await replays.apply(context, at.replay, wanted, name=name, reason=reason)
        return say("{name} has begun: workers carry it out, behind live traffic.", name=name)

    async def _ordered(self, at: Look, marked: Collection[int]) -> Order | None:
        """How far, and whether old addresses are taken off; raises `Misconfigured` where nothing could be sent."""
        say, context = self.desk.say, self.desk.context
        wanted = {reach: order(at, reach, marked) for reach in Reach}
        costs = {
            reach: await replays.cost(context, at.replay, at.integration.rules, one)
            for reach, one in wanted.items()
            if one
        }
        if not costs or not any(cost.contacts for cost in costs.values()):
            raise Misconfigured(say("Nothing of what is meant can be sent: mark others, or take the marks off."))
        answer = await self.app.push_screen_wait(HowFar(say, say("How far may it go?"), choices(at, costs, say)))
        if answer is None:
            return None
        reach, old = Reach(answer), old_ones(at, marked)
        if reach not in (Reach.LIST, Reach.SURVEY) or not old:
            return wanted[reach]
        remove = await self._remove_old(old)
        return None if remove is None else order(at, reach, marked, remove_old=remove)

    async def _remove_old(self, old: int) -> bool | None:
        say = self.desk.say
        question = say("{n} are on lists under an old address, or are no longer matched.", n=say.number(old))
        offered = [
            Choice("keep", say("leave them on their lists")),
            Choice("off", say("take them off their lists too")),
        ]
        answer = await self.app.push_screen_wait(Choose(say, question, offered))
        return None if answer is None else answer == "off"

    async def _called(self) -> tuple[str, str] | None:
        """Name and reason: whoever reads the log later will ask."""
        say = self.desk.say
        name = await self._written(say("What is it called, in the log?"))
        reason = await self._written(say("Why?")) if name else None
        return (name, reason) if name and reason else None

    async def _written(self, question: str) -> str | None:
        return await self.app.push_screen_wait(Write(self.desk.say, question, check=something))


def something(text: str) -> None:
    if not text:
        raise Misconfigured("Write something.")
