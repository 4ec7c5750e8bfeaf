"""The form of what holds for all triggers: checked while it is written, saved on the version that was seen."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.widgets import Input, Static

from events import brake
from events.errors import Misconfigured
from events.integration import Settings
from tui.desk import Desk
from tui.making.wording import yes_no
from tui.widgets.line import Copying
from worker.operations import lines
from worker.operations.integrations import Integration


@dataclass(frozen=True, slots=True)
class Wish:
    settings: Settings
    reason: str


def days(text: str) -> int:
    if text.isascii() and text.isdecimal():
        return int(text)
    raise Misconfigured(
        f"{text} is no number of days: write 0 or more." if text else "Write a number of days: 0 or more."
    )


FORMS: Mapping[str, Callable[[str], int | str]] = {
    "cool_down_days": days, "oldest_invoice": days, "brake": brake.written,
}  # fmt: skip
"""How each field is read, but for yes and no, which are said in the operator's language."""


class SettingsForm(Copying[Wish | None]):
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "dismiss(None)", "Back"),
        Binding("ctrl+s", "save", "Save"),
    ]

    def __init__(self, desk: Desk, seen: Integration, settings: Settings) -> None:
        """*settings*: what the form begins with."""
        super().__init__(desk.say)
        self._desk, self._seen, self._settings = desk, seen, settings

    def compose(self) -> ComposeResult:
        say, now = self._say, self._settings
        with Vertical(id="settings", classes="modal"):
            yield Static(Content(say("Settings of {name}", name=self._seen.name)), classes="strong")
            yield from self._field("cool_down_days", say("Cool-down, days"), str(now.cool_down_days),
                                   say("per contact; 0: no limit"))  # fmt: skip
            yield from self._field("oldest_invoice", say("Oldest invoice, days"), str(now.oldest_invoice),
                                   say("0: however old"))  # fmt: skip
            yield from self._field("brake", say("Brake"), str(now.brake),
                                   say("contacts in 24 hours, usual, off"))  # fmt: skip
            yield from self._field("role_addresses", say("Shared mailboxes"), yes_no(now.role_addresses, say),
                                   say("laskutus@, info@ …: yes or no"))  # fmt: skip
            yield from self._field("reason", say("Why?"), "", "")
            yield Static(id="wrong", classes="bad")
            yield Static(id="line", classes="hint quiet")
            keys = " · ".join((say("enter: next · ctrl+s: save · escape: leave it"), say("ctrl+y: copy the command")))
            yield Static(Content(keys), classes="hint quiet")

    def _field(self, id: str, label: str, value: str, hint: str) -> ComposeResult:
        with Horizontal(classes="field"):
            yield Static(Content(label), classes="field-label")
            yield Input(value, id=id, compact=True, classes="-long" if id == "reason" else "")
            yield Static(Content(hint), classes="field-hint quiet")

    @on(Input.Changed)
    def check(self) -> None:
        """Says what is wrong, or what saving it is called on the command line."""
        try:
            wrong, line = "", self._line(self._wish()) or self._say("as it is")
        except Misconfigured as error:
            wrong, line = f"✖ {self._say.told(error)}", ""
        self.query_one("#wrong", Static).update(Content(wrong))
        self.query_one("#line", Static).update(Content(line))

    def line(self) -> str:
        try:
            return self._line(self._wish())
        except Misconfigured:
            return ""

    def _line(self, wish: Wish) -> str:
        now = self._seen.rules.settings
        line = "" if wish.settings == now else lines.settings(self._seen.id, wish.settings, now)
        return self._desk.typed(lines.with_reason(line, wish.reason))

    def _wish(self) -> Wish:
        read = {name: form(self._text(name)) for name, form in FORMS.items()}
        through = self._yes(self._text("role_addresses"))
        return Wish(Settings(role_addresses=through, **read), self._text("reason"))  # type: ignore[arg-type]

    def _yes(self, text: str) -> bool:
        answers = {yes_no(value, self._say): value for value in (True, False)}
        if text.casefold() not in answers:
            raise Misconfigured(f"Write {' or '.join(answers)}.")
        return answers[text.casefold()]

    def _text(self, id: str) -> str:
        return self.query_one(f"#{id}", Input).value.strip()

    @on(Input.Submitted)
    def go_on(self, event: Input.Submitted) -> None:
        if event.input.id == "reason":
            self.action_save()
        else:
            self.focus_next()

    def action_save(self) -> None:
        try:
            self.dismiss(self._wish())
        except Misconfigured:
            self.check()
