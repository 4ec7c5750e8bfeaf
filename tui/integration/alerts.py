"""Who is told of states that last: added, taken off, and told once now to see whether that works."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.widgets import Static

from events import recipient
from events.recipient import Channel, Recipient, Wanted
from events.words import Language
from tui.integration.page import Page
from tui.widgets.ask import Question
from tui.widgets.choose import Choose
from tui.widgets.columns import Cell, Column
from tui.widgets.menu import Choice
from tui.widgets.rows import Rows
from tui.widgets.write import Write
from worker.operations import lines, recipients, saving, telling
from worker.operations.integrations import Integration
from worker.operations.whole import Whole

CHANNELS = {Channel.EMAIL: "e-mail, and every week a summary", Channel.WEBHOOK: "webhook"}
LANGUAGES = {Language.ENGLISH: "English", Language.FINNISH: "Finnish"}


class AlertsPage(Page):
    TITLE = "Alerts"
    CHANGES = frozenset({"tell", "speak", "tell_no_more", "test"})
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("a", "tell", "Tell somebody", tooltip="Tell an e-mail address or a webhook of states that last"),
        Binding("e", "speak", "Language", show=False, tooltip="In which language an e-mail address is told"),
        Binding("delete,backspace", "tell_no_more", "Tell no more", tooltip="Tell the marked ones no more"),
        Binding("T", "test", "Test", tooltip="Send a test now, and see what is answered"),
    ]

    def compose(self) -> ComposeResult:
        yield Rows[Recipient](key=lambda one: one.id, id="told")
        yield Static(classes="none")

    @property
    def rows(self) -> Rows[Recipient]:
        return self.query_one("#told", Rows)

    def draw(self, known: Whole) -> None:
        say, every = self.say, known.integration.rules.recipients
        nobody = "Nobody is told of what lasts. a: tell an e-mail address or a webhook"
        found = self.let_through(every, lambda one: f"{one.name} {say(CHANNELS[one.channel])}", nobody)
        self.rows.show(
            found,
            [
                Column(title=say("Who is told"), width=30, grow=2, cell=lambda one: one.name),
                Column(title=say("How"), width=18, grow=1, rank=1, cell=lambda one: say(CHANNELS[one.channel])),
                Column(title=say("Language"), width=10, cell=lambda one: Cell(say(LANGUAGES[one.language]), "quiet")),
            ],
        )

    @on(Rows.Opened)
    def open_row(self) -> None:
        if self.check_action("speak", ()):
            self.action_speak()

    # Who is told

    def action_tell(self) -> None:
        self.act(self._tell(self.seen))

    async def _tell(self, seen: Integration) -> str | None:
        ways = [Choice(one, self.say(says)) for one, says in CHANNELS.items()]
        channel = await self.app.push_screen_wait(Choose(self.say, self.say("Who is to be told, and how?"), ways))
        if channel is None:
            return None
        to = await self._address(Channel(channel))
        language = await self._language(self.say.language) if to else None
        if not to or language is None:
            return None
        return await self._save(seen, [Wanted(channel=Channel(channel), to=to, language=language)], [])

    async def _address(self, channel: Channel) -> str | None:
        if channel is Channel.EMAIL:
            asks = Write(self.say, self.say("Which e-mail address?"), check=recipient.mailbox)
        else:
            says = self.say("The webhook's whole address? It stays hidden: whoever knows it may write there.")
            asks = Write(self.say, says, check=recipient.host, hidden=True)
        return await self.app.push_screen_wait(asks)

    async def _language(self, at: Language) -> Language | None:
        choices = [Choice(one, self.say(says)) for one, says in LANGUAGES.items()]
        answer = await self.app.push_screen_wait(Choose(self.say, self.say("In which language?"), choices, at=at))
        return Language(answer) if answer else None

    def action_speak(self) -> None:
        if self.rows.current:
            self.act(self._speak(self.seen, self.rows.current))

    async def _speak(self, seen: Integration, one: Recipient) -> str | None:
        """A webhook's address is known to the vault alone: whoever has it gives it once more."""
        if one.channel is Channel.WEBHOOK:
            return self.say("For a webhook in another language give its address again: a.")
        language = await self._language(one.language)
        if language is None or language is one.language:
            return None
        return await self._save(seen, [Wanted(channel=one.channel, to=one.to, language=language)], [])

    def action_tell_no_more(self) -> None:
        if chosen := self.rows.chosen:
            self.act(self._save(self.seen, [], chosen))

    async def _save(self, seen: Integration, added: Sequence[Wanted], gone: Sequence[Recipient]) -> str | None:
        called = [one.to if one.channel is Channel.EMAIL else str(one.id) for one in gone]
        told = await recipients.changed(self.desk.context, seen, added, called)
        if not told.differs_from(seen.rules):
            return self.say("Nothing has been changed.")
        line = lines.alerts(seen.id, added, called)
        if not await self.ask(Question(says=self._asked(seen, added, gone), line=line)):
            return None
        await saving.edit(self.desk.context, seen, told=told)
        return self.say("It is saved who is told.")

    def _asked(self, seen: Integration, added: Sequence[Wanted], gone: Sequence[Recipient]) -> str:
        say = self.say
        if added:
            [one] = added
            to = one.to if one.channel is Channel.EMAIL else recipient.host(one.to)
            language = say(LANGUAGES[one.language])
            return say("Tell {to} of what lasts in {name}? In {language}.", to=to, name=seen.name, language=language)
        names = ", ".join(one.name for one in gone)
        return say("Tell {to} no more of what lasts in {name}?", to=names, name=seen.name)

    # Whether they can be

    def action_test(self) -> None:
        if self.rows.current:
            self.act(self._test(self.seen, self.rows.current))

    async def _test(self, seen: Integration, one: Recipient) -> str | None:
        called = one.to if one.channel is Channel.EMAIL else str(one.id)
        line = shlex.join(["ptm", "integration", "test-alert", str(seen.id), "--to", called])
        if not await self.ask(Question(says=self.say("Send a test to {name} now?", name=one.name), line=line)):
            return None
        done = await telling.tell(self.desk.context, seen, one)
        if done.error:
            raise done.error
        return self.say("✔ {name}: taken ({answer})", name=one.name, answer=done.answer)
