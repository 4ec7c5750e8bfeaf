"""The last step: everything in words, what follows from saving it and what does not, and the one save."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import zip_longest

from textual import on
from textual.app import ComposeResult
from textual.content import Content
from textual.widgets import Static

from events.integration import DEFAULT_PERSON, DestinationKind, StartsSurveys
from events.words import Words
from tui.making import whole
from tui.making.draft import Draft, Material, Save
from tui.making.outlook import summed, warnings
from tui.making.step import Step
from tui.widgets.menu import Choice, Menu
from tui.widgets.scroll import Scroll
from tui.widgets.write import Write
from worker.operations.access import Organization

LABEL = 24
USUAL: tuple[object, ...] = (frozenset(), None, False, DEFAULT_PERSON)
"""What needs no line where everything is new: a filter that lets everything through, the usual person."""


class ReviewStep(Step):
    TITLE = "Review"

    def compose(self) -> ComposeResult:
        say = self.say
        yield Menu(
            [
                Choice("save", say("Save")),
                Choice("draft", say("Save as a draft: nothing is sent until it is promoted")),
                Choice("reason", say("Write a reason for whoever reads the log later")),
            ]
        )
        yield Static(id="told")
        with Scroll(id="words"):
            yield Static(id="review")
            yield Static(id="warnings", classes="warning")

    @property
    def saves_draft(self) -> bool:
        return self.query_one(Menu).chosen == "draft"

    def draw(self) -> None:
        self.query_one("#review", Static).update(Content("\n".join(told(self.draft, self.material, self.say))))
        ground = self.material.ground
        found = ground.outlook(self.draft.trigger) if ground else None
        self.query_one("#warnings", Static).update(Content("\n".join(warnings(found, self.say)) if found else ""))

    @on(Menu.OptionSelected)
    def choose(self, event: Menu.OptionSelected) -> None:
        event.stop()
        if event.option_id == "reason":
            self.attempt(self._reason())
        else:
            self.post_message(Save(live=event.option_id == "save"))

    async def _reason(self) -> None:
        reason = await self.app.push_screen_wait(Write(self.say, self.say("Why?"), text=self.draft.reason))
        if reason is not None:
            self.put(replace(self.draft, reason=reason))


def told(draft: Draft, material: Material, say: Words) -> Iterator[str]:
    if draft.organization and draft.connects:
        yield from connected(draft, draft.organization, say)
    if draft.before is not None:
        lines = whole.difference(draft.before, draft.trigger, say)
        yield say("What changes:") if lines else say("Nothing has been changed.")
        yield from (f"  {one}" for one in lines)
        yield ""
    if material.ground:
        yield summed(material.ground.outlook(draft.trigger), material.ground, say)
    yield from consequences(draft, say)
    yield ""
    for entry in whole.everything(draft.trigger, say):
        if draft.before is not None or entry.raw not in USUAL:
            yield line(entry.label, entry.value)
    if draft.reason:
        yield line(say("Reason"), draft.reason)


def connected(draft: Draft, organization: Organization, say: Words) -> Iterator[str]:
    names = [draft.company.name] if draft.company else [one.name for one in draft.joined]
    for label, name in zip_longest([say("Connects")], names, fillvalue=""):
        yield line(label, f"{name} → {organization.name}")
    if draft.accepted and (left := len(draft.accepted.companies) - len(draft.approved)):
        yield line(say("Rejects"), say.count(left, "{n} company", "{n} companies"))


def line(label: str, value: str) -> str:
    return f"{label:<{LABEL}} {value}"


def consequences(draft: Draft, say: Words) -> Iterator[str]:
    if draft.accepted and draft.accepted.asked:
        yield "· " + say("An approval cannot be taken back: Procountor makes a technical user in each company.")
    if draft.connects:
        yield "· " + say("The past is not sent: invoices that were sent before now add nobody.")
        yield "· " + say("Invoices that are not sent yet count, from the moment they are sent.")
    if draft.company:
        yield "· " + say("After saving, the past can be read and looked at as a plan, which sends nothing by itself.")
    elif draft.before is None and not draft.connects:
        yield "· " + say("From now on: what was recorded before is not decided again. A replay can do that.")
    aim = draft.trigger.destination
    if aim.kind is not DestinationKind.CONTACT and aim.starts_surveys is not StartsSurveys.NO:
        yield "· " + say("May start surveys.")
