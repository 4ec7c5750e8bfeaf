"""The form of what holds for all triggers: checked while it is written, saved on the version that was seen."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from typing import Any, ClassVar, Generic, TypeVar

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
from tui.widgets.hint import Hint
from tui.widgets.line import Copying, brief
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


W = TypeVar("W")
SETTINGS = tuple(each.name for each in fields(Settings))
FORMS: Mapping[str, Callable[[str], int | str]] = {
    "cool_down_days": days, "oldest_invoice": days, "brake": brake.written,
}  # fmt: skip
"""How each field is read, but for yes and no, which are said in the operator's language."""


class Form(Copying[W | None], Generic[W]):
    """Answers what was written, or None."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "dismiss(None)", "Back"),
        Binding("ctrl+s", "save", "Save"),
    ]

    def __init__(self, desk: Desk, title: str, values: Mapping[str, str]) -> None:
        """*values*: what stands in the fields at first."""
        super().__init__(desk.say)
        self._desk, self._title, self._values = desk, title, values

    def wish(self) -> W:
        """Raises `Misconfigured` for what cannot be."""
        raise NotImplementedError

    def line_of(self, wish: W) -> str:
        """What saving it is called on the command line; "" where nothing would change."""
        raise NotImplementedError

    def compose(self) -> ComposeResult:
        say = self._say
        with Vertical(id="settings", classes="modal"):
            yield Static(Content(self._title), classes="strong")
            yield from self._field("cool_down_days", say("Cool-down, days"), say("per contact; 0: no limit"))
            yield from self._field("oldest_invoice", say("Oldest invoice, days"), say("0: however old"))
            yield from self._field("brake", say("Brake"), say("contacts in 24 hours, usual, off"))
            yield from self._field("role_addresses", say("Shared mailboxes"), say("laskutus@, info@ …: yes or no"))
            yield from self._field("reason", say("Why?"), "")
            yield Static(id="wrong", classes="bad")
            yield Static(id="line", classes="hint quiet")
            keys = " · ".join((say("enter: next · ctrl+s: save · escape: leave it"), say("ctrl+y: copy the command")))
            yield Hint(keys)

    def _field(self, id: str, label: str, hint: str) -> ComposeResult:
        with Horizontal(classes="field"):
            yield Static(Content(label), classes="field-label")
            value = self._values.get(id, "")
            yield Input(value, id=id, compact=True, classes="-long" if id == "reason" else "")
            yield Static(Content(hint), classes="field-hint quiet")

    @on(Input.Changed)
    def check(self) -> None:
        """Says what is wrong, or what saving it is called on the command line."""
        try:
            wrong, line = "", brief(self._desk.typed(self.line_of(self.wish()))) or self._say("as it is")
        except Misconfigured as error:
            wrong, line = f"✖ {self._say.told(error)}", ""
        self.query_one("#wrong", Static).update(Content(wrong))
        self.query_one("#line", Static).update(Content(line))

    def line(self) -> str:
        try:
            return self._desk.typed(self.line_of(self.wish()))
        except Misconfigured:
            return ""

    def written(self) -> Iterator[tuple[str, Any]]:
        """Name and value of each setting that something is written for; raises `Misconfigured`."""
        for name in SETTINGS:
            if (text := self.text(name)) or self._values.get(name):
                yield name, FORMS[name](text) if name in FORMS else self._yes(text)

    def _yes(self, text: str) -> bool:
        answers = {yes_no(value, self._say): value for value in (True, False)}
        if text.casefold() not in answers:
            raise Misconfigured(f"Write {' or '.join(answers)}.")
        return answers[text.casefold()]

    def text(self, id: str) -> str:
        return self.query_one(f"#{id}", Input).value.strip()

    @on(Input.Submitted)
    def go_on(self, event: Input.Submitted) -> None:
        if event.input.id == "reason":
            self.action_save()
        else:
            self.focus_next()

    def action_save(self) -> None:
        try:
            self.dismiss(self.wish())
        except Misconfigured:
            self.check()


class SettingsForm(Form[Wish]):
    """Of one integration."""

    def __init__(self, desk: Desk, seen: Integration, settings: Settings) -> None:
        """*settings*: what the form begins with."""
        values = {name: str(value) for name, value in asdict(settings).items()}
        values["role_addresses"] = yes_no(settings.role_addresses, desk.say)
        super().__init__(desk, desk.say("Settings of {name}", name=seen.name), values)
        self._seen = seen

    def wish(self) -> Wish:
        return Wish(Settings(**dict(self.written())), self.text("reason"))

    def line_of(self, wish: Wish) -> str:
        now = self._seen.rules.settings
        line = "" if wish.settings == now else lines.settings(self._seen.id, wish.settings, now)
        return lines.with_reason(line, wish.reason)


@dataclass(frozen=True, slots=True)
class Changes:
    given: Mapping[str, Any]
    """Setting → value; what is not there stays as each has it."""
    reason: str


class SettingsOfMany(Form[Changes]):
    """Of several at once: an empty field leaves each as it is."""

    def __init__(self, desk: Desk, title: str, line_for: Callable[[Sequence[str]], str]) -> None:
        """*line_for* tells the command with such flags."""
        super().__init__(desk, title, {})
        self._line_for = line_for

    def wish(self) -> Changes:
        return Changes(dict(self.written()), self.text("reason"))

    def line_of(self, wish: Changes) -> str:
        return lines.with_reason(self._line_for(list(lines.setting(wish.given))), wish.reason) if wish.given else ""
