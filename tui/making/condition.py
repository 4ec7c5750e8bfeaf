"""The step that says which invoices count."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any, cast

from textual import on
from textual.app import ComposeResult
from textual.content import Content
from textual.widgets import Static

from events.integration import Trigger
from events.invoice import InvoiceType, Status
from events.picture import CHANNELS, LANGUAGES
from tui.making import wording
from tui.making.outlook import OutlookView
from tui.making.sheet import Sheet
from tui.making.step import Step
from tui.widgets.pick import Asked, Item, Pick
from tui.widgets.rows import Rows
from tui.widgets.write import Write
from worker.operations import wishes
from worker.operations.triggers import check_condition, check_name

WORDS: Mapping[str, tuple[str, ...]] = {
    "statuses": tuple(Status),
    "types": tuple(InvoiceType),
    "channels": tuple(sorted(CHANNELS)),
    "languages": tuple(sorted(LANGUAGES)),
}
SUGGESTED = {"statuses": Status.SENT.value, "types": InvoiceType.SALES_INVOICE.value}


class ConditionStep(Step):
    TITLE = "Condition"

    def compose(self) -> ComposeResult:
        says = "When an invoice reaches the status, its contact person is added. Sent is recommended."
        yield Static(Content(self.say(says)), classes="question")
        yield Sheet(self.say, id="sheet")
        yield Static(id="told")
        yield OutlookView(self.say)

    def draw(self) -> None:
        entries = list(wording.condition(self.draft.trigger, self.say, self._names))
        self.query_one(Sheet).fill(entries)
        self.query_one(OutlookView).of(self.draft, self.material)

    @property
    def _names(self) -> Mapping[int, str]:
        found = self.material.ground
        return {**found.customers, **found.customer_groups} if found else {}

    @on(Rows.Opened, "#sheet")
    def change(self) -> None:
        entry = self.query_one(Sheet).current
        if entry is not None:
            self.attempt(self._change(entry.id))

    async def _change(self, id: str) -> None:
        ways: Mapping[str, Callable[[str], Awaitable[Trigger | None]]] = {
            "name": self._rename,
            **dict.fromkeys(WORDS, self._words),
            **dict.fromkeys(("customers", "customer_groups"), self._numbers),
            **dict.fromkeys(("minimum", "maximum"), self._amount),
            **dict.fromkeys(("offers", "not_positive"), self._flip),
        }
        trigger = await ways[id](id)
        if trigger is not None:
            check_condition(trigger.condition)
            self.put(replace(self.draft, trigger=trigger))

    def _with(self, id: str, value: object) -> Trigger:
        changes: dict[str, Any] = {id: value}
        return replace(self.draft.trigger, condition=replace(self.draft.trigger.condition, **changes))

    async def _rename(self, id: str) -> Trigger | None:
        trigger = self.draft.trigger
        question = Write(self.say, self.say("What is the trigger called?"), text=trigger.name, check=check_name)
        name = await self.app.push_screen_wait(question)
        return None if name is None else replace(trigger, name=name)

    async def _words(self, id: str) -> Trigger | None:
        suggested = SUGGESTED.get(id)
        notes = {suggested: self.say("recommended")} if suggested else {}
        ordered = sorted(WORDS[id], key=lambda word: word != suggested)
        items = [Item(word, wording.code(word, self.say), notes.get(word, "")) for word in ordered]
        picked = await self._pick(id, items)
        return None if picked is None else self._with(id, frozenset(picked))

    async def _numbers(self, id: str) -> Trigger | None:
        """Those of the latest invoices are offered by name; any other by its id."""
        ground = self.material.ground
        known = {} if ground is None else ground.customers if id == "customers" else ground.customer_groups
        items = [Item(str(number), name, str(number)) for number, name in known.items()]
        hint = self.say("From the latest invoices; any other by its id in Procountor. None marked: all of them.")
        picked = await self._pick(id, items, hint=hint, free=number_in)
        return None if picked is None else self._with(id, frozenset(map(int, picked)))

    async def _pick(
        self, id: str, items: list[Item], *, hint: str = "", free: Callable[[str], str | None] | None = None
    ) -> tuple[str, ...] | None:
        label, chosen = self._shown(id)
        asked = Asked(question=label, items=items, picked=chosen, many=True, hint=hint, free=free)
        return await self.app.push_screen_wait(Pick(self.say, asked))

    def _shown(self, id: str) -> tuple[str, list[str]]:
        entry = next(one for one in wording.condition(self.draft.trigger, self.say) if one.id == id)
        return entry.label, sorted(map(str, cast(frozenset[object], entry.raw)))

    async def _amount(self, id: str) -> Trigger | None:
        entry = next(one for one in wording.condition(self.draft.trigger, self.say) if one.id == id)
        question = f"{entry.label}: {self.say('an amount with VAT; empty: no limit')}"
        text = "" if entry.raw is None else str(entry.raw)
        answer = await self.app.push_screen_wait(Write(self.say, question, text=text, check=amount))
        return None if answer is None else self._with(id, amount(answer))

    async def _flip(self, id: str) -> Trigger | None:
        return self._with(id, not getattr(self.draft.trigger.condition, id))


def number_in(text: str) -> str | None:
    return text if text.isdecimal() else None


def amount(text: str) -> Decimal | None:
    return wishes.amount(text or "none", None)
