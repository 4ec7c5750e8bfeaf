"""The second step: into an organization of Trustmary, by its API key."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from textual import on
from textual.app import ComposeResult
from textual.content import Content
from textual.widgets import Input, Static

from events.integration import Destination
from tui.making.draft import Draft
from tui.making.naming import Naming
from tui.widgets.menu import Choice, Menu
from worker.operations import access, connecting
from worker.operations.access import Organization


class TrustmaryStep(Naming):
    TITLE = "Trustmary"

    @classmethod
    def missing(cls, draft: Draft) -> str:
        return "" if draft.organization else "Give Trustmary's API key first."

    def compose(self) -> ComposeResult:
        if self.draft.organization:
            yield from self._organization(self.draft.organization)
        elif self.stage == "key" or not self.desk.context.settings.trustmary_api_key:
            yield from self.hidden(self.say("Trustmary's API key (in Trustmary: Settings, Developers)"))
        else:
            yield Static(Content(self.say("How do you get into Trustmary?")), classes="question")
            yield Menu(list(self._ways()))
            yield Static(id="told")

    def _ways(self) -> Iterator[Choice]:
        yield Choice("key", self.say("An API key that I have"))
        yield Choice("settings", self.say("The API key of the settings (PTM_TRUSTMARY_API_KEY)"))

    def _organization(self, organization: Organization) -> ComposeResult:
        say = self.say
        lines = [
            (say("organization"), f"{organization.name} ({organization.id})"),
            (say("key"), organization.key_name or say("without a name")),
        ]
        yield from self.named(lines, [], say("Not this one: another key"))

    async def take(self, way: str) -> None:
        if way == "settings" and (key := self.desk.context.settings.trustmary_api_key):
            self.attempt(self._check(key.get_secret_value()))
        else:
            await self.enter("key")

    @on(Input.Submitted, "#key")
    def try_key(self, event: Input.Submitted) -> None:
        self.attempt(self._check(event.value))

    async def _check(self, key: str) -> None:
        """Also whether the two are joined already, before anybody goes on for nothing."""
        self.tell(self.say("Asking Trustmary …"))
        organization = await access.check_organization(self.desk.context, key)
        if self.draft.company:
            await connecting.refuse_twice(self.desk.context, self.draft.company, organization)
        self.draft = replace(self.draft, organization=organization)
        self.put(self.draft)
        await self.enter("named")

    def forget(self) -> None:
        """Lists and surveys of the one are unknown to the other."""
        trigger = replace(self.draft.trigger, destination=Destination())
        self.draft = replace(self.draft, organization=None, aimed=False, trigger=trigger)
        self.put(self.draft)
