"""Where a contact field comes from: searched for among Procountor's fields or written, with what it gives at once."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import replace
from typing import Any, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Input, Static

from events import catalogue
from events.catalogue import Offered
from events.errors import Misconfigured, PtmError
from events.integration import FieldMapping, Trigger
from events.mapping import check_expression
from tui.desk import Desk
from tui.making.draft import Draft, Material
from tui.making.field_line import looks_written, offered_columns, value_columns
from tui.making.wording import field
from tui.widgets.hint import Hint
from tui.widgets.line import Copying
from tui.widgets.rows import Rows
from worker.operations.preview import Outlook, Previewed

PAUSE = 0.15
"""Seconds after the last letter before it is tried: while somebody types, nothing is."""


Further = Callable[[FieldMapping], Coroutine[Any, Any, None]]
"""Raises `Misconfigured` for a path that there is not."""


class FieldScreen(Copying[str | None]):
    """Answers a path or an expression, or None."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "dismiss(None)", "Back"),
        Binding("down", "down", "Down", show=False),
        Binding("slash", "search", "Search", show=False),
    ]

    def __init__(self, desk: Desk, name: str, draft: Draft, material: Material, *, further: Further) -> None:
        """*further* looks for a path where *material* has it not."""
        super().__init__(desk.say)
        self._desk = desk
        self._field, self._draft, self._material = name, draft, material
        self._further = further

    def compose(self) -> ComposeResult:
        say, now = self._say, self._draft.trigger.mapping.fields.get(self._field, "")
        with Vertical(id="field", classes="modal -wide"):
            yield Static(Content(say("{field} comes from:", field=field(self._field, say))), id="question")
            yield Input(now, placeholder=say("search by name or example, or write a path or an expression"),
                        id="written", compact=True, select_on_focus=True)  # fmt: skip
            yield Static(id="wrong")
            yield Rows[Offered](key=lambda one: one.field.path, id="fields")
            yield Static(id="gives", classes="strong")
            yield Rows[Previewed](key=lambda one: one.invoice, id="values")
            if self.line():
                yield Static(Content(self.line()), id="line", classes="hint quiet")
            copy = " · " + say("ctrl+y: copy the command") if self.line() else ""
            yield Hint(say("enter: take it · down: to the list · escape: leave it") + copy)

    def line(self) -> str:
        return self._desk.typed(f"ptm trigger fields {self._draft.seen.id}") if self._draft.seen else ""

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        return bool(self.line()) if action == "copy" else True

    def on_mount(self) -> None:
        self._search("")
        self._try(self._draft.trigger.mapping.fields.get(self._field, ""))

    @property
    def fields(self) -> Rows[Offered]:
        return self.query_one("#fields", Rows)

    @on(Input.Changed)
    def typed(self, event: Input.Changed) -> None:
        """What stood there before and another letter came is not tried any more."""
        self.run_worker(self._later(event.value.strip()), group="typed", exclusive=True)

    async def _later(self, text: str) -> None:
        await asyncio.sleep(PAUSE)
        if not self.query("#values"):
            return  # the dialog has been left meanwhile
        expression = looks_written(text)
        self._search("" if text == self._draft.trigger.mapping.fields.get(self._field) else text)
        found = self.fields.current
        self._try(text if expression else found.field.path if found else "")
        if text and not expression and not found:
            self._tell(self._say("No field has that in its path, name or example."), "quiet")

    def _search(self, text: str) -> None:
        ground = self._material.ground
        offered = ground.offered if ground else catalogue.offered(catalogue.Sightings())
        usual = [one for one in offered if one.field.main or one.filled]
        found = [one for one in offered if one.mentions(text)] if text else usual
        self.fields.show(found or (usual if looks_written(text) else ()), offered_columns(self._say))

    @on(Rows.Highlighted, "#fields")
    def preview(self) -> None:
        """Of what the cursor is on, once somebody has gone there."""
        if self.fields.has_focus and self.fields.current:
            self._try(self.fields.current.field.path)

    def _try(self, written: str) -> None:
        """Shows what it gives, or what is wrong with it."""
        wrong = self._wrong(written) if written else ""
        self._tell(f"✖ {wrong}" if wrong else "", "bad")
        outlook = None if wrong or not written else self._outlook(written)
        rows = self.query_one("#values", Rows)
        rows.show(outlook.shown if outlook else (), value_columns(self._field, self._say))
        says = self._say("{written} gives, {n} times of {all}:", written=written,
                         n=outlook.filled.get(self._field, 0), all=len(outlook.shown)) if outlook else ""  # fmt: skip
        self.query_one("#gives", Static).update(Content(says))

    def _outlook(self, written: str) -> Outlook | None:
        return self._material.ground.outlook(self._with(written)) if self._material.ground else None

    def _with(self, written: str) -> Trigger:
        mapping = self._draft.trigger.mapping
        fields = {**mapping.fields, self._field: written}
        return replace(self._draft.trigger, mapping=replace(mapping, fields=fields))

    def _wrong(self, written: str) -> str:
        try:
            check_expression(self._field, written)
            known = self._material.ground.known if self._material.ground else ()
            catalogue.check(FieldMapping(fields={self._field: written}), known)
        except Misconfigured as error:
            return self._say.told(error)
        return ""

    def _tell(self, says: str, tone: str) -> None:
        place = self.query_one("#wrong", Static)
        place.update(Content(says))
        place.set_classes(tone)

    @on(Rows.Opened, "#fields")
    def take_field(self) -> None:
        if self.fields.current:
            self.dismiss(self.fields.current.field.path)

    @on(Input.Submitted)
    def take(self, event: Input.Submitted) -> None:
        """What is written as it is; what was searched for: the field that is shown first."""
        text = event.value.strip()
        if looks_written(text):
            self.run_worker(self._take(text), group="take", exclusive=True)
        elif text:
            self._search(text)
            self.take_field()

    async def _take(self, text: str) -> None:
        """What only older changes have is looked for when it is wanted, since that takes a while."""
        try:
            check_expression(self._field, text)
            if self._wrong(text):
                self._tell(self._say("Looking in older changes …"), "quiet")
                await self._further(FieldMapping(fields={self._field: text}))
        except PtmError as error:
            self._tell(f"✖ {self._say.told(error)}", "bad")
        else:
            self.dismiss(text)

    def action_down(self) -> None:
        self.fields.focus()

    def action_search(self) -> None:
        self.query_one(Input).focus()
