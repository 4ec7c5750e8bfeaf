"""How Procountor's fields, and what one of them gives, read as lines."""

from __future__ import annotations

from events.catalogue import Offered
from events.grammar import PERSON
from events.words import Language, Words
from tui.making.outlook import outcome
from tui.making.wording import field
from tui.widgets.columns import Cell, Column
from worker.operations.preview import Previewed

WRITTEN = ("person.", "invoice.", "customer.")


def offered_columns(say: Words) -> list[Column[Offered]]:
    return [
        Column(title=say("Procountor's field"), width=28, grow=2, cell=lambda one: labelled(one, say)),
        Column(title=say("Filled"), width=8, right=True, cell=rate),
        Column(title=say("Example"), width=20, grow=2, cell=lambda one: Cell(one.example or "", "quiet")),
        Column(title=say("Path"), width=26, grow=1, rank=1, cell=lambda one: Cell(one.field.path, "quiet")),
    ]


def value_columns(name: str, say: Words) -> list[Column[Previewed]]:
    return [
        Column(title=say("Invoice"), width=8, right=True, cell=lambda one: str(one.number or one.invoice)),
        Column(title=say("Customer"), width=18, grow=1, cell=lambda one: one.customer or ""),
        Column(title=field(name, say), width=24, grow=1, cell=lambda one: one.contact.get(name, "")),
        Column(title=say("Contact"), width=24, grow=1, rank=1, cell=lambda one: outcome(one, ("email",), say)),
    ]


def looks_written(text: str) -> bool:
    """Whether that is meant as a path or an expression, not as words to search for."""
    return text in PERSON or text.startswith(WRITTEN) or "(" in text or '"' in text


def labelled(one: Offered, say: Words) -> str:
    return one.field.label.fi if say.language is Language.FINNISH else one.field.label.en


def rate(one: Offered) -> str:
    """Rounded down: 100 % is every one."""
    return f"{100 * one.filled // one.changes} %" if one.changes else ""
