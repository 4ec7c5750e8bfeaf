"""What ends a cause, for all of it or for what is marked: each asks once, with the number of what it touches."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from uuid import UUID

from events.attention import DAYS, Cause
from events.connection import needs_login
from events.errors import PtmError
from events.integration import Service, Waiting
from events.plan import Wanted
from events.reasons import IN_REGISTER
from tui.desk import Desk
from tui.integration import waiting
from tui.messages import OpenIntegration, OpenInvoice, OpenReplay, Reconnect
from tui.view import View
from tui.widgets.ask import Question
from tui.widgets.choose import Choose
from tui.widgets.filter import Filter
from tui.widgets.menu import Choice
from tui.widgets.rows import Rows
from worker.operations import causes, deliveries, integrations, lifecycle, lines
from worker.operations.causes import DELIVERIES, Among, Item, Items
from worker.operations.replay_lines import LAST
from worker.operations.saving import Held

ACTS: Mapping[str, frozenset[Cause]] = {
    "send_again": DELIVERIES,
    "discard": DELIVERIES,
    "resume": frozenset({Cause.BRAKED, Cause.PAUSED}),
    "plan": frozenset({Cause.REFUSED, Cause.UNASKED, Cause.FOUND_LATE, Cause.NOT_AS_SENT}),
}
"""Which causes an action is for."""


class Acting(View[Items]):
    def __init__(self, desk: Desk, cause: Cause, key: str, among: Among) -> None:
        super().__init__(desk)
        self.cause, self.key, self.among = cause, key, among

    @property
    def rows(self) -> Rows[Item]:
        return self.query_one("#rows", Rows)

    @property
    def meant(self) -> Sequence[Item]:
        """The marked ones, else all that the filter lets through."""
        return self.rows.marked or self.rows.rows

    async def _deliveries(self) -> tuple[list[int], str]:
        """All of the cause, beyond what is shown, unless some are marked or filtered; and how a command names them."""
        if not self.rows.marked and not self.query_one(Filter).value:
            ids = await causes.parked(self.desk.context, self.key, self.among)
            return ids, f"--fingerprint {self.key} {self.among.option}".rstrip()
        ids = [item.delivery for item in self.meant if item.delivery is not None]
        return ids, " ".join(map(str, ids))

    def action_send_again(self) -> None:
        self.act(self._send_again())

    async def _send_again(self) -> str | None:
        say = self.desk.say
        ids, named = await self._deliveries()
        doubtful = await deliveries.doubtful(self.desk.context, ids)
        says = say.count(len(ids), "Send {n} delivery again?", "Send {n} deliveries again, in order, at half the pace?")
        if doubtful:
            twice = "Nobody knows whether {n} of them arrived: who did may be asked twice."
            says += "\n" + say(twice, n=say.number(len(doubtful)))
        line = f"ptm delivery retry {named}"
        if not ids or not await self.ask(Question(says=says, line=line, typed=count(ids))):
            return None
        done = await deliveries.retry(self.desk.context, ids)
        return say.count(len(done), "{n} delivery is sent again.", "{n} deliveries are sent again.")

    def action_discard(self) -> None:
        self.act(self._discard())

    async def _discard(self) -> str | None:
        say = self.desk.say
        ids, named = await self._deliveries()
        says = say.count(
            len(ids), "Discard {n} delivery? It is never sent.", "Discard {n} deliveries? They are never sent."
        )
        question = Question(says=says, line=f"ptm delivery discard {named}", typed=count(ids), reason="Why?")
        answer = await self.ask(question) if ids else None
        if answer is None:
            return None
        done = await deliveries.discard(self.desk.context, ids, reason=answer.reason)
        return say.count(len(done), "{n} delivery is discarded.", "{n} deliveries are discarded.")

    def action_resume(self) -> None:
        self.act(self._resume())

    async def _resume(self) -> str | None:
        say = self.desk.say
        ids = [item.integration for item in self.meant if item.integration is not None]
        held = await causes.held(self.desk.context, ids)
        policy = await self._policy(len(ids), held) if held.count else Waiting.DECIDE_AGAIN
        if policy is None or not ids:
            return None
        what = say(waiting.MEANINGS[policy]) if held.count else say("nothing waits")
        which = say.count(len(ids), "{n} integration", "{n} integrations")
        says = say("Resume {which}: {what}?", which=which, what=what)
        answer = policy.value.replace("_", "-")
        line = lines.of_each("ptm integration resume", ids, "--waiting", answer)
        if not await self.ask(Question(says=says, line=line, typed=count(ids))):
            return None
        return await self._resume_each(ids, policy)

    async def _policy(self, many: int, held: Held) -> Waiting | None:
        """What becomes of what waits, said first."""
        say = self.desk.say
        what = f"{say.count(many, '{n} integration', '{n} integrations')}: {waiting.counted(held, say)}"
        choices = [Choice(policy.value, say(meaning)) for policy, meaning in waiting.MEANINGS.items()]
        asked = Choose(say, say("{what}. What becomes of them?", what=what), choices)
        picked = await self.app.push_screen_wait(asked)
        return Waiting(picked) if picked else None

    async def _resume_each(self, ids: Sequence[UUID], policy: Waiting) -> str:
        """One that somebody changed meanwhile stays as it is, and stops no other."""
        done, failures = 0, []
        for id in ids:
            try:
                seen = await integrations.read_one(self.desk.context, id)
                await lifecycle.resume(self.desk.context, seen, policy)
                done += 1
            except PtmError as error:
                failures.append(self.desk.say.told(error))
        if failures:
            self.notify("\n".join(failures[:5]), severity="error", timeout=15, markup=False)
        return self.desk.say.count(done, "{n} integration sends again.", "{n} integrations send again.")

    def action_plan(self) -> None:
        if (item := self.rows.current) is not None and item.integration is not None:
            self.post_message(OpenReplay(item.integration, wanted=self.window(item.integration)))

    def window(self, integration: UUID) -> Wanted:
        """What is meant of *integration*; who was to be put right in the register is read there again."""
        of_reason = self.cause is Cause.UNASKED
        latest = self.key in IN_REGISTER if of_reason else self.cause is Cause.REFUSED
        named = self.rows.marked if of_reason else self.meant
        return Wanted(
            upto=LAST,
            since=self.desk.now() - timedelta(days=DAYS) if of_reason and latest else None,
            skips=frozenset({self.key} if of_reason else ()),
            invoices=frozenset(number for item in named if item.integration == integration for number in item.invoices),
            latest=latest,
        )

    @property
    def login(self) -> Service | None:
        """To which service new credentials end this; None where they do not."""
        if self.cause is Cause.ENDING:
            return Service.PROCOUNTOR
        service, _, reason = self.key.partition(":")
        return Service(service) if self.cause is Cause.BROKEN and needs_login(reason) else None

    def action_reconnect(self) -> None:
        if (item := self.rows.current) is not None and item.integration is not None and self.login is not None:
            self.post_message(Reconnect(item.integration, self.login))

    def action_integration(self) -> None:
        if (item := self.rows.current) is not None and item.integration is not None:
            self.post_message(OpenIntegration(item.integration))

    def open_item(self) -> None:
        item = self.rows.current
        if item is not None and item.integration is not None and item.invoice is not None:
            self.post_message(OpenInvoice(item.integration, item.invoice))
        else:
            self.action_integration()


def count(ids: Sequence[object]) -> str:
    """What has to be typed: of one alone a key is enough."""
    return str(len(ids)) if len(ids) > 1 else ""
