"""The step that says where contacts go, picked by the names that Trustmary shows."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import replace

from textual import on
from textual.app import ComposeResult
from textual.content import Content
from textual.widgets import Static

from events.integration import Destination, DestinationKind, StartsSurveys
from tui.making import wording
from tui.making.draft import Draft, asks_surveys
from tui.making.sheet import Sheet
from tui.making.step import Step
from tui.making.wording import Entry
from tui.widgets.choose import Choose
from tui.widgets.menu import Choice
from tui.widgets.pick import Asked, Item, Pick
from tui.widgets.rows import Rows
from worker.operations import triggers
from worker.operations.triggers import Choices, Target

MADE_THERE = "Lists, surveys and automations are made in Trustmary; ctrl+r looks there again."


class DestinationStep(Step):
    TITLE = "Destination"

    @classmethod
    def missing(cls, draft: Draft) -> str:
        return "" if draft.aimed else "Say where contacts go first."

    def compose(self) -> ComposeResult:
        yield Static(Content(self.say("What becomes of the contact in Trustmary?")), classes="question")
        yield Sheet(self.say, id="sheet")
        yield Static(id="told")
        yield Static(Content(self.say(MADE_THERE)), classes="quiet")
        yield Static(Content(self.say("A survey is sent by Trustmary, as its list or automation is set there.")),
                     classes="quiet")  # fmt: skip

    def draw(self) -> None:
        entries = list(wording.destination(self.draft.trigger, self.say))
        if not self.draft.aimed:
            entries[0] = replace(entries[0], value="○ " + self.say("not said yet: press enter"), tone="warning")
        self.query_one(Sheet).fill(entries)
        if self.material.failure:
            self.tell(f"✖ {self.material.failure}", "bad")

    @on(Rows.Opened, "#sheet")
    def change(self) -> None:
        entry: Entry | None = self.query_one(Sheet).current
        ways: Mapping[str, Callable[[], Awaitable[None]]] = {
            "goal": self._aim, "starts": self._mark, "existing": self._existing
        }  # fmt: skip
        if entry is not None:
            self.attempt(self._change(ways[entry.id]))

    async def _change(self, way: Callable[[], Awaitable[None]]) -> None:
        await way()

    async def _aim(self) -> None:
        """What kind, then which by name, then whether that starts surveys: escape leaves all as it was."""
        kinds = [Choice(kind, self.say(says)) for kind, says in wording.KINDS.items()]
        question = self.say("What becomes of the contact in Trustmary?")
        at = self.draft.trigger.destination.kind if self.draft.aimed else ""
        kind = await self.app.push_screen_wait(Choose(self.say, question, kinds, at=at, hint=self.say(MADE_THERE)))
        aim = await self._aimed(DestinationKind(kind)) if kind else None
        if aim is None:
            return
        trigger = replace(self.draft.trigger, destination=aim)
        self.draft = replace(self.draft, trigger=trigger, aimed=True)
        self.put(self.draft)
        if asks_surveys(trigger):
            await self._mark()

    async def _aimed(self, kind: DestinationKind) -> Destination | None:
        choices = self.material.choices
        if kind is DestinationKind.CONTACT:
            return triggers.to_contact()
        if choices is None:
            self.tell(self.say("Trustmary's lists are still being read."), "warning")
            return None
        match kind:
            case DestinationKind.LISTS:
                lists = await self._pick(self.say("To which lists?"), choices.lists, many=True)
                return triggers.to_lists(lists) if lists else None
            case DestinationKind.SURVEY:
                return await self._survey(choices)
            case _:
                found = await self._pick(self.say("To which automation?"), choices.automations)
                return triggers.to_automation(found[0]) if found else None

    async def _survey(self, choices: Choices) -> Destination | None:
        """A survey is reached by its list: the one of its name is proposed."""
        survey = await self._pick(self.say("To which survey?"), choices.surveys)
        if not survey:
            return None
        own = choices.list_of(survey[0])
        question = self.say("Which list is {survey} sent to?", survey=survey[0].name)
        through = await self._pick(question, choices.lists, at=[own.id] if own else [])
        return triggers.to_survey(survey[0], through[0], StartsSurveys.YES) if through else None

    async def _pick(
        self, question: str, offered: Iterable[Target], *, many: bool = False, at: Iterable[str] = ()
    ) -> list[Target]:
        """None, or nothing, where it was left."""
        known = {one.id: one for one in offered}
        if not known:
            self.tell(self.say("Trustmary has none yet. Make it there first."), "warning")
            return []
        aim = self.draft.trigger.destination
        picked = list(at) or [id for id in (*aim.lists, aim.survey, aim.automation) if id and id in known]
        items = [Item(one.id, one.name, one.status or "") for one in known.values()]
        asked = Asked(
            question=question, items=items, picked=[id for id in picked if id], many=many, hint=self.say(MADE_THERE)
        )
        return [known[id] for id in await self.app.push_screen_wait(Pick(self.say, asked)) or ()]

    async def _mark(self) -> None:
        question = self.say("Does that send surveys to people?")
        answers = [Choice(one, self.say(says)) for one, says in wording.STARTS.items()]
        hint = self.say("Replays and undoing go by this mark: what may start a survey is not sent by mistake.")
        at = self.draft.trigger.destination.starts_surveys
        answer = await self.app.push_screen_wait(Choose(self.say, question, answers, at=at, hint=hint))
        if answer:
            trigger = self.draft.trigger
            aim = replace(trigger.destination, starts_surveys=StartsSurveys(answer))
            self.put(replace(self.draft, trigger=replace(trigger, destination=aim)))

    async def _existing(self) -> None:
        question = self.say("A contact that Trustmary has already …")
        answers = [Choice(id, self.say(says)) for id, says in wording.EXISTING.items()]
        answer = await self.app.push_screen_wait(Choose(self.say, question, answers, at=self.draft.trigger.existing))
        if answer:
            self.put(replace(self.draft, trigger=replace(self.draft.trigger, existing=answer)))
