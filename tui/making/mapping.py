"""The step that says what Trustmary gets to know: Email, Name and more, each from a field of Procountor's."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.widgets import Static

from events import catalogue as offered
from events.integration import FieldMapping, PersonRule
from events.mapping import CUSTOM, FIELDS
from tui.making import wording
from tui.making.draft import Draft
from tui.making.field import FieldScreen
from tui.making.outlook import OutlookView
from tui.making.step import Step
from tui.making.wording import Entry
from tui.widgets.columns import Cell, Column
from tui.widgets.pick import Asked, Item, Pick
from tui.widgets.rows import Rows
from worker.operations import catalogue


class MappingStep(Step):
    TITLE = "Mapping"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("a", "add", "Add a field", tooltip="Map another contact field"),
        Binding("x,delete", "remove", "Take away", show=False, tooltip="Map this contact field no longer"),
    ]

    @classmethod
    def missing(cls, draft: Draft) -> str:
        return "" if "email" in draft.trigger.mapping.fields else "Map Email first: nobody can be added without it."

    def compose(self) -> ComposeResult:
        says = self.say("What Trustmary gets to know of each contact, and from where:")
        yield Static(Content(says), classes="question")
        yield Rows[Entry](key=lambda entry: entry.id, id="sheet")
        yield Static(id="told")
        yield OutlookView(self.say)

    def draw(self) -> None:
        entries = list(wording.mapping(self.draft.trigger, self.say))
        sheet = self.query_one("#sheet", Rows)
        sheet.styles.height = len(entries) + 1
        sheet.show(entries, self._columns())
        self.query_one(OutlookView).of(self.draft, self.material)

    def _columns(self) -> Sequence[Column[Entry]]:
        found = self.material.ground and self.material.ground.outlook(self.draft.trigger)

        def filled(entry: Entry) -> Cell:
            if not found or not found.shown or not entry.id:
                return Cell("")
            count = found.filled.get(entry.id, 0)
            return Cell(f"{count}/{len(found.shown)}", "" if count == len(found.shown) else "warning")

        def example(entry: Entry) -> Cell:
            values = (one.contact.get(entry.id) for one in (found.shown if found else ()))
            return Cell(next((value for value in values if value), ""), "quiet")

        say = self.say
        return [
            Column(title=say("Contact"), width=16, cell=lambda entry: Cell(entry.label, "strong")),
            Column(title=say("from"), width=30, grow=2, cell=lambda entry: Cell(entry.value, entry.tone)),
            Column(title=say("Filled"), width=8, right=True, cell=filled),
            Column(title=say("Example"), width=20, grow=1, rank=1, cell=example),
        ]

    @on(Rows.Opened, "#sheet")
    def change(self) -> None:
        entry = self._current
        if entry is not None:
            self.attempt(self._map(entry.id) if entry.id else self._choose_person())

    @property
    def _current(self) -> Entry | None:
        current: Entry | None = self.query_one("#sheet", Rows).current
        return current

    async def _map(self, name: str) -> None:
        screen = FieldScreen(self.desk, name, self.draft, self.material, further=self._look_further)
        written = await self.app.push_screen_wait(screen)
        if written is not None:
            self._set({**self.draft.trigger.mapping.fields, name: written})

    async def _look_further(self, mapping: FieldMapping) -> None:
        """Raises `Misconfigured` for a path that no change has, older ones among them."""
        if self.draft.seen is None:
            known = self.material.ground.known if self.material.ground else ()
            offered.check(mapping, known)
        else:
            await catalogue.check(self.desk.context, self.draft.seen, mapping)

    def _set(self, fields: dict[str, str], person: tuple[PersonRule, ...] = ()) -> None:
        mapping = FieldMapping(person=person or self.draft.trigger.mapping.person, fields=fields)
        self.put(replace(self.draft, trigger=replace(self.draft.trigger, mapping=mapping)))

    def action_add(self) -> None:
        self.attempt(self._add())

    async def _add(self) -> None:
        left = [name for name in wording.CONTACT if name not in self.draft.trigger.mapping.fields]
        asked = Asked(
            question=self.say("Which contact field?"),
            items=[Item(name, wording.field(name, self.say), name) for name in left],
            hint=self.say("A custom field of Trustmary's: type its name, such as field_invoice."),
            free=custom_field,
        )
        picked = await self.app.push_screen_wait(Pick(self.say, asked))
        if picked:
            await self._map(picked[0])

    async def _choose_person(self) -> None:
        chosen = self.draft.trigger.mapping.person
        ordered = [*chosen, *(rule for rule in PersonRule if rule not in chosen)]
        asked = Asked(
            question=self.say("Who of the customer is asked? The first that is there, in this order:"),
            items=[Item(rule, self.say(wording.PERSONS[rule])) for rule in ordered],
            picked=chosen,
            many=True,
            ordered=True,
        )
        picked = await self.app.push_screen_wait(Pick(self.say, asked))
        if picked:
            self._set(dict(self.draft.trigger.mapping.fields), tuple(map(PersonRule, picked)))

    def action_remove(self) -> None:
        entry, fields = self._current, self.draft.trigger.mapping.fields
        if entry is not None and entry.id in fields and entry.id != "email":
            self._set({name: written for name, written in fields.items() if name != entry.id})


def custom_field(text: str) -> str | None:
    """`field_x` for `x` too: that is how Trustmary calls its custom fields here."""
    name = text if text in FIELDS or text.startswith("field_") else f"field_{text}"
    return name if name in FIELDS or CUSTOM.fullmatch(name) else None
