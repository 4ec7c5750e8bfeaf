"""In place of one company: all that a customer has accepted by an activation link, named before any is approved."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import ClassVar

from textual import on
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Input, Static

from events.activation import request_of
from events.errors import Misconfigured
from tui.making.naming import LABEL, Naming
from tui.widgets.menu import Choice, Menu
from tui.widgets.pick import Asked, Item, Pick
from worker.operations import activating
from worker.operations.activating import Accepted


class AcceptedStages(Naming):
    ACCEPTING: ClassVar = frozenset({"activation", "integrator", "some"})
    """The stages, and what can be chosen in them."""
    request: int | None = None

    def accepting(self) -> Iterator[Widget]:
        say = self.say
        if self.draft.accepted:
            yield from self._named_all(self.draft.accepted)
        elif self.stage == "integrator":
            yield from self.hidden(
                say("API key of your own company in Procountor, the one with the API Integrator tool"), id="integrator"
            )
        else:
            says = say("Where was the customer's browser sent to? The address, or the number at its end:")
            yield Static(Content(says), classes="question")
            yield Input(id="address", placeholder="https://…=70001", compact=True)
            yield Static(id="told")
            yield Static(Content(say("Nothing is approved before all companies are named and the rest is said.")),
                         classes="hint quiet")  # fmt: skip

    def _named_all(self, accepted: Accepted) -> Iterator[Widget]:
        """What is there to choose stands first: there may be hundreds of companies below."""
        say, count = self.say, len(self.draft.approved)
        if accepted.asked:
            lines = [(say("accepted by"), accepted.asked.initiator), (say("answer before"), accepted.asked.expires)]
            yield Static(Content("\n".join(f"{label:<{LABEL}} {value}" for label, value in lines)), classes="named")
        else:
            says = say("Approved before, and not joined yet: their keys are kept here.")
            yield Static(Content(says), classes="question")
        yield Menu(list(self._choices(accepted, count)))
        yield Static(id="told")
        yield VerticalScroll(Static(Content("\n".join(self._companies(accepted)))), id="companies")

    def _choices(self, accepted: Accepted, count: int) -> Iterator[Choice]:
        say = self.say
        yield Choice("right", say.count(count, "Join {n} company: go on", "Join {n} companies: go on"))
        if accepted.asked and len(accepted.companies) > 1:
            yield Choice("some", say("Only some of them: the others are rejected"))
        yield Choice("wrong", say("Not this one: leave it as it is"))

    def _companies(self, accepted: Accepted) -> Iterator[str]:
        for one in accepted.companies:
            mark = "✔" if one.id in self.draft.approved else "○"
            yield " ".join(filter(None, (mark, one.name, f"({one.id})", one.business_id)))

    async def accept(self, way: str) -> None:
        if way == "some":
            self.attempt(self._some())
        else:
            await self.enter(way)

    async def _some(self) -> None:
        accepted = self.draft.accepted
        assert accepted, "chosen from among its companies"
        asked = Asked(
            question=self.say("Which companies are to be joined? The others are rejected."),
            items=[Item(str(one.id), one.name, f"{one.id} {one.business_id or ''}") for one in accepted.companies],
            picked=[str(id) for id in self.draft.approved],
            many=True,
        )
        picked = await self.app.push_screen_wait(Pick(self.say, asked))
        if picked:
            self.draft = replace(self.draft, approved=tuple(map(int, picked)))
            self.put(self.draft)
            await self.enter("activation")

    @on(Input.Submitted, "#address")
    def look(self, event: Input.Submitted) -> None:
        if event.value.strip():
            self.attempt(self._look(event.value))

    async def _look(self, address: str) -> None:
        """What waits here to be joined needs no key of ours, nor does what the settings have one for."""
        self.request = request_of(address)
        key = self.desk.context.settings.procountor_integrator_key
        if key is None and not await activating.kept(self.desk.context, self.request):
            await self.enter("integrator")
        else:
            await self._put(self.request, key.get_secret_value() if key else "")

    @on(Input.Submitted, "#integrator")
    def ask(self, event: Input.Submitted) -> None:
        self.attempt(self._ask(event.value.strip()))

    async def _ask(self, key: str) -> None:
        if not key or self.request is None:
            raise Misconfigured("Procountor's API key is empty.")
        await self._put(self.request, key)

    async def _put(self, request: int, key: str) -> None:
        self.tell(self.say("Asking Procountor …"))
        accepted = await activating.look(self.desk.context, request, key)
        approved = tuple(one.id for one in accepted.companies)
        self.draft = replace(self.draft, accepted=accepted, approved=approved, company=None, login=None)
        self.put(self.draft)
        await self.enter("activation")
