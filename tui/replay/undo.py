"""What undoing a replay comes to, before anybody is asked: who is taken off what, and plainly what stays as it is."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static

from events import reasons
from events.plan import Item
from events.words import Words
from tui.making.wording import field
from tui.widgets.hint import Hint
from tui.widgets.scroll import Scroll
from worker.operations.summary import called, names_of
from worker.operations.undoing import Prepared

SHOWN = 40
"""Contacts that each part shows."""


class Preview(ModalScreen[bool]):
    """Answers whether to go on."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "dismiss(True)", "Go on"),
        Binding("escape", "dismiss(False)", "Back"),
    ]

    def __init__(self, say: Words, prepared: Prepared) -> None:
        super().__init__()
        self._say, self._prepared = say, prepared

    def compose(self) -> ComposeResult:
        with Vertical(id="undo", classes="modal -wide"):
            with Scroll():
                yield Static(Content("\n").join(told(self._prepared, self._say)))
            yield Hint(self._say("enter: go on · escape: leave it"))

    def on_mount(self) -> None:
        self.query_one(Scroll).focus()


def told(prepared: Prepared, say: Words) -> Iterator[Content]:
    names = names_of(prepared.integration.rules)

    def where(item: Item) -> str:
        return ", ".join(called(one, names, say) for one in item.targets)

    def why(item: Item) -> str:
        return f"{where(item)} · {say(reasons.said(item.reason or ''))}"

    def invoice(item: Item) -> str:
        return say("invoice {n}", n=prepared.numbers.get(item.invoice, item.invoice))

    def overwritten(item: Item) -> str:
        return ", ".join(f"{field(name, say)}: {old or '–'} → {new}" for name, (old, new) in item.differences.items())

    looked = say.count(prepared.plan.looked_at, "{n} contact that it added", "{n} contacts that it added")
    yield Content.styled(say("Undo {id}?", id=str(prepared.replay.id)[:8]) + f" {looked}", "bold")
    for reason, count in prepared.plan.skipped.items():
        yield Content(f"{say.number(count)}: {say(reasons.said(reason))}")
    yield from part(say("Taken off"), prepared.off, where, say)
    yield from part(say("Not sent yet, and dropped"), prepared.dropped, where, say)
    yield from part(say("Stays on"), prepared.stays, why, say)
    yield Content("")
    yield Content.styled(say("What cannot be undone:"), "bold")
    yield from part("▲ " + say("A survey may have started"), prepared.surveys, invoice, say)
    yield from part(say("Fields were overwritten, and stay so"), prepared.overwritten, overwritten, say)
    yield from part(say("Contacts that were new, and stay in Trustmary"), prepared.created, invoice, say)
    if not (prepared.surveys or prepared.overwritten or prepared.created):
        yield Content(say("nothing that the log knows of"))


def part(title: str, items: Sequence[Item], said: Callable[[Item], str], say: Words) -> Iterator[Content]:
    """Nothing where there are none."""
    if not items:
        return
    yield Content.styled(f"\n{title}: {say.number(len(items))}", "bold")
    for item in items[:SHOWN]:
        yield Content.assemble(item.email, ("  " + said(item), "$foreground 72%"))
    if len(items) > SHOWN:
        yield Content(say("… and {n} more: the undoing itself has all of them", n=say.number(len(items) - SHOWN)))
