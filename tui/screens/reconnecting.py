"""New credentials for an integration: the same steps as when it was connected, for one of the two services."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID, uuid4

from events.integration import Service, Trigger
from tui.desk import Desk
from tui.making.draft import Draft
from tui.making.procountor import ProcountorStep
from tui.making.trustmary import TrustmaryStep
from tui.making.view import Making
from tui.widgets.ask import Question
from tui.widgets.cluster import Cluster
from worker.operations import integrations, reconnecting


class Reconnecting(Making):
    NAME = "Log in again"
    LISTENS = frozenset()
    SERVICE: Service

    def __init__(self, desk: Desk, integration: UUID) -> None:
        super().__init__(desk)
        self._integration = integration

    async def load(self) -> Draft:
        seen = await integrations.read_one(self.desk.context, self._integration)
        return Draft(trigger=Trigger(id=uuid4(), name=""), seen=seen)

    def draw(self, state: Draft) -> None:
        super().draw(state)
        if state.seen:
            self.query_one(Cluster).entitle(f"{self.desk.say(self.NAME)}: {state.seen.name}")

    def gather(self, draft: Draft) -> None:
        """No trigger is made here."""

    def go_to(self, place: int) -> None:
        """There is one step: behind it, what was said is saved."""
        missing = self.STEPS[0].missing(self.draft) if self.draft else ""
        if place and missing:
            self.notify(self.desk.say(missing), severity="warning", markup=False)
        elif place:
            self.action_save()

    async def save(self, draft: Draft, *, live: bool) -> None:
        say, seen = self.desk.say, draft.seen
        if seen is None or self.STEPS[0].missing(draft):
            return
        says = say("Use this for {name} from now on? Reading and sending go on where they stood.", name=seen.name)
        if not await self.ask(Question(says=says, line=self.line())):
            return
        await reconnecting.reconnect(
            self.desk.context, seen, company=draft.company, organization=draft.organization, reason=None
        )
        self.app.notify(say("{name} is connected anew.", name=seen.name), markup=False)
        self.leave()

    def line(self) -> str:
        login = self.draft.login if self.draft else None
        return f"ptm integration reconnect {self._integration} --{f'login {login}' if login else self.SERVICE}"


class IntoProcountor(Reconnecting):
    SERVICE = Service.PROCOUNTOR
    STEPS = (ProcountorStep,)


class IntoTrustmary(Reconnecting):
    SERVICE = Service.TRUSTMARY
    STEPS = (TrustmaryStep,)


SCREENS: Mapping[Service, type[Reconnecting]] = {Service.PROCOUNTOR: IntoProcountor, Service.TRUSTMARY: IntoTrustmary}
