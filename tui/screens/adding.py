"""Adding an integration: in at both services, then its first trigger, then one save."""

from __future__ import annotations

from dataclasses import replace
from uuid import uuid4

from events.integration import Trigger
from events.plan import Wanted
from tui.making import joining
from tui.making.condition import ConditionStep
from tui.making.destination import DestinationStep
from tui.making.draft import Draft
from tui.making.mapping import MappingStep
from tui.making.procountor import ProcountorStep
from tui.making.review import ReviewStep
from tui.making.trustmary import TrustmaryStep
from tui.making.view import Making
from tui.messages import OpenReplay
from tui.widgets.ask import Question
from worker.operations import backfilling, connecting, ground, lines, replay_lines, triggers
from worker.operations.beginning import Beginning
from worker.operations.ground import Ground
from worker.operations.integrations import Integration
from worker.operations.triggers import Choices


class AddingView(Making):
    NAME = "Add integration"
    LISTENS = frozenset()
    STEPS = (ProcountorStep, TrustmaryStep, ConditionStep, MappingStep, DestinationStep, ReviewStep)

    async def load(self) -> Draft:
        return Draft(trigger=Trigger(id=uuid4(), name=self.desk.say("Invoice sent")))

    async def read_ground(self, draft: Draft) -> Ground:
        assert draft.company, "read for a company"
        return await ground.of_company(self.desk.context, draft.company, draft.trigger)

    async def read_choices(self, draft: Draft) -> Choices:
        assert draft.organization, "read for an organization"
        return await triggers.choices(self.desk.context, draft.organization.key)

    async def save(self, draft: Draft, *, live: bool) -> None:
        assert draft.organization, "named before the review"
        if draft.accepted:
            await joining.join(self, draft, draft.accepted, draft.organization, live=live)
            return
        assert draft.company, "named before the review"
        one = await connecting.connect(
            self.desk.context,
            draft.company,
            draft.organization,
            beginning=Beginning(triggers=(replace(draft.trigger, live=live),)),
            reason=draft.reason or None,
            progress=self._progress,
        )
        self.desk.unsaved.discard(self)
        drafts = frozenset() if live else frozenset({draft.trigger.id})
        wanted = Wanted(upto=replay_lines.LAST, triggers=drafts)
        line = replay_lines.plan(one.id, wanted, backfill=backfilling.DAYS)
        plan = await self.ask(Question(says=self._saved(one, live=live), line=line))
        self.leave()
        if plan:
            self.app.post_message(OpenReplay(one.id, wanted=wanted, backfill=backfilling.DAYS))

    def _progress(self, read: int) -> None:
        self.tell(self.desk.say("Looking at the invoices that wait to be sent: {n}", n=read))

    def tell(self, says: str) -> None:
        for step in self.query(ReviewStep):
            step.tell(says)

    def _saved(self, one: Integration, *, live: bool) -> str:
        say = self.desk.say
        now = say("Connected: from now on." if live else "Connected. The trigger is a draft: nothing is sent yet.")
        past = say(
            "Invoices that were sent before fire nothing. Have those of the last {n} days read, and look at them as a "
            "plan, which sends nothing?",
            n=backfilling.DAYS,
        )
        return f"{one.name}\n\n{now} {past}"

    def line(self) -> str:
        draft = self.draft
        if not draft:
            return lines.connect(None)
        trigger = replace(draft.trigger, live=self.saves_live) if draft.aimed else None
        if draft.accepted or any(step.stage in step.ACCEPTING for step in self.query(ProcountorStep)):
            line = joining.line(draft, trigger)
        else:
            line = lines.connect(trigger, login=draft.login if trigger else None)
        return lines.with_reason(line, draft.reason)
