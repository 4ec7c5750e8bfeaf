"""What the trigger as it stands would do with the company's latest invoices."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Static

from events.reasons import SKIPS
from events.words import Words
from tui.making.draft import Draft, Material
from tui.making.wording import code, field
from tui.widgets.columns import Cell, Column
from tui.widgets.rows import Rows
from worker.operations.ground import Ground
from worker.operations.preview import Outlook, Previewed

WARNED = 2
"""Reasons that are told with what to do about them: the most frequent ones."""


ACCEPTED = "What it would add can be shown once the companies are joined: until then nothing of theirs can be read."


class OutlookView(Vertical):
    def __init__(self, say: Words) -> None:
        super().__init__(id="outlook")
        self._say = say

    def compose(self) -> ComposeResult:
        yield Static(id="sum")
        yield Static(id="warnings", classes="warning")
        yield Rows[Previewed](key=lambda one: one.invoice, id="latest")

    def of(self, draft: Draft, material: Material) -> None:
        ground = material.ground
        if ground is None:
            self._tell(self._say(ACCEPTED if draft.accepted else "Reading the company's latest invoices …"), "")
            return
        found = ground.outlook(draft.trigger)
        self._tell(summed(found, ground, self._say), "\n".join(warnings(found, self._say)))
        columns = columns_of(list(draft.trigger.mapping.fields), self._say)
        self.query_one("#latest", Rows).show(found.shown, columns)

    def _tell(self, says: str, warns: str) -> None:
        self.query_one("#sum", Static).update(Content(says))
        place = self.query_one("#warnings", Static)
        place.update(Content(warns))
        place.display = bool(warns)


def summed(found: Outlook, ground: Ground, say: Words) -> str:
    if not found.shown:
        none = say("The company has no invoices yet to show it on.")
        return f"{none}\n✖ {ground.failure}" if ground.failure else none
    says = say("Of the latest {n} invoices it would add {added}", n=len(found.shown), added=found.added)
    if ground.failure:
        why = say("These are the ones recorded last, since Procountor could not be asked: {why}", why=ground.failure)
        says += f"\n▲ {why}"
    return says


def warnings(found: Outlook, say: Words) -> Iterator[str]:
    """Why nobody would be added, the most frequent reasons first, and what to do."""
    for skip, count in found.skips.most_common(WARNED):
        told = SKIPS[skip]
        yield f"! {say('{n} of {all}', n=count, all=len(found.shown))}: {say(told.says)} {say(told.remedy)}"


def columns_of(fields: Sequence[str], say: Words) -> list[Column[Previewed]]:
    return [
        Column(title=say("Invoice"), width=8, right=True, cell=lambda one: str(one.number or one.invoice)),
        Column(title=say("Customer"), width=18, grow=1, rank=1, cell=lambda one: one.customer or ""),
        Column(title=say("Status now"), width=12, rank=3, cell=lambda one: code(one.status, say)),
        Column(title=say("Contact"), width=30, grow=2, cell=lambda one: outcome(one, fields[:1], say)),
        *(value_column(name, say, rank=2 + place) for place, name in enumerate(fields[1:])),
    ]


def value_column(name: str, say: Words, *, rank: int) -> Column[Previewed]:
    return Column(title=field(name, say), width=16, grow=1, rank=rank, cell=lambda one: one.contact.get(name, ""))


def outcome(one: Previewed, first: Sequence[str], say: Words) -> Cell:
    if one.skip is not None:
        return Cell(f"○ {say('nobody')}: {say(SKIPS[one.skip].says)}", "warning")
    return Cell("✔ " + ", ".join(one.contact.get(name, "") for name in first), "good")
