"""Editing a trigger, or making another one for an integration that is there."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID, uuid4

from textual.content import Content
from textual.widgets import Static

from events.integration import Trigger, Waiting
from tui.desk import Desk
from tui.integration import waiting
from tui.making.condition import ConditionStep
from tui.making.destination import DestinationStep
from tui.making.draft import Draft, beside
from tui.making.mapping import MappingStep
from tui.making.newer import Newer
from tui.making.review import ReviewStep
from tui.making.view import Making
from tui.widgets.cluster import Cluster
from worker.operations import drafts, ground, integrations, lines, saving, triggers
from worker.operations.ground import Ground
from worker.operations.integrations import Integration
from worker.operations.live import CONFIGURATION
from worker.operations.saving import Overtaken
from worker.operations.triggers import Choices


class TriggerView(Making):
    NAME = "Trigger"
    LISTENS = frozenset({CONFIGURATION})
    STEPS = (ConditionStep, MappingStep, DestinationStep, ReviewStep)

    def __init__(self, desk: Desk, integration: UUID, trigger: UUID | None) -> None:
        super().__init__(desk)
        self._integration, self._trigger = integration, trigger

    async def load(self) -> Draft:
        return self._begin(await integrations.read_one(self.desk.context, self._integration))

    def _begin(self, seen: Integration) -> Draft:
        before = seen.trigger(str(self._trigger)) if self._trigger else None
        new = Trigger(id=uuid4(), name=free_name(self.desk.say("Invoice sent"), seen))
        return Draft(trigger=before or new, before=before, seen=seen, aimed=before is not None)

    def draw(self, state: Draft) -> None:
        """Where somebody saved meanwhile, that is said at once; what was made here stays."""
        if self.draft and not self.draft.changed:
            self.draft = state
        super().draw(state)
        if state.seen:
            name = state.before.name if state.before else self.desk.say("new trigger")
            self.query_one(Cluster).entitle(f"{self.desk.say(self.NAME)}: {name} · {state.seen.name}")
            self._tell_newer(state.seen)

    def _tell_newer(self, now: Integration) -> None:
        seen = self.draft.seen if self.draft else None
        if seen and now.version > seen.version:
            says = "Somebody has changed {name} meanwhile: saving shows what, before anything is written."
            banner = self.query_one("#banner", Static)
            banner.update(Content("▲ " + self.desk.say(says, name=now.name)))
            banner.add_class("-newer")

    async def read_ground(self, draft: Draft) -> Ground:
        assert draft.seen, "read for an integration"
        return await ground.of_integration(self.desk.context, draft.seen, draft.trigger)

    async def read_choices(self, draft: Draft) -> Choices:
        assert draft.seen, "read for an integration"
        return await triggers.choices_of(self.desk.context, draft.seen)

    async def save(self, draft: Draft, *, live: bool) -> None:
        """On the version that was seen; where somebody saved since, theirs is shown and nothing is written."""
        wanted = self._as_saved(draft, live=live)
        if wanted == draft.before:
            self.notify(self.desk.say("Nothing has been changed."), severity="warning")
            return
        beside_it = draft.before is not None and wanted.id != draft.before.id
        policy = Waiting.SEND if beside_it else await self._waiting(draft, wanted)
        if policy is None or draft.seen is None:
            return
        try:
            await triggers.save(self.desk.context, draft.seen, wanted, waiting=policy, reason=draft.reason or None)
        except Overtaken as overtaken:
            await self._overtaken(draft, overtaken)
            return
        self.app.notify(self.desk.say("{name} is saved.", name=wanted.name), markup=False)
        self.leave()

    def _as_saved(self, draft: Draft, *, live: bool) -> Trigger:
        """A live trigger stays as it is where a draft of it is saved; a draft becomes live by promoting it."""
        if draft.before is None:
            return replace(draft.trigger, live=live)
        if live or not draft.before.live or draft.seen is None:
            return draft.trigger
        draft_of = drafts.beside(draft.seen, draft.before)
        renamed = draft.trigger.name != draft.before.name
        return beside(draft.trigger if renamed else replace(draft.trigger, name=draft_of.name), draft_of)

    async def _waiting(self, draft: Draft, wanted: Trigger) -> Waiting | None:
        """What becomes of what waits; None: do not save."""
        held = await saving.held(self.desk.context, self._integration, wanted.id)
        return await waiting.ask(self.app, self.desk, held, line=self._line(draft, wanted))

    async def _overtaken(self, draft: Draft, overtaken: Overtaken) -> None:
        answer = await self.app.push_screen_wait(Newer(self.desk.say, overtaken, self.desk.now()))
        if answer is None:
            return
        seen = await integrations.read_one(self.desk.context, self._integration)
        before = seen.rules.triggers.get(self._trigger) if self._trigger else None
        mine = replace(draft, seen=seen, before=before)
        self.draft = mine if answer == "mine" else self._begin(seen)
        self.go_to(len(self.STEPS) - 1 if answer == "mine" else 0)

    def line(self) -> str:
        draft = self.draft
        if draft is None:
            return f"ptm trigger list {self._integration}"
        return self._line(draft, self._as_saved(draft, live=self.saves_live))

    def _line(self, draft: Draft, wanted: Trigger) -> str:
        if draft.before is not None and wanted.id != draft.before.id:
            line = lines.draft(self._integration, replace(wanted, live=True), draft.before)
        else:
            line = lines.save(self._integration, wanted, draft.before)
        return lines.with_reason(line, draft.reason)


def free_name(wanted: str, seen: Integration) -> str:
    """Two triggers of one name would be taken for one another."""
    taken = {one.name for one in seen.rules.triggers.values()}
    numbered = (f"{wanted} {number}" for number in range(2, len(taken) + 3))
    return next(name for name in (wanted, *numbered) if name not in taken)
