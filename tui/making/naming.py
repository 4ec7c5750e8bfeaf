"""Whose credentials these are: asked for, tried, named back, and left again where they are the wrong ones."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from textual import on
from textual.app import ComposeResult
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Input, Static

from tui.making.draft import Go
from tui.making.step import Step
from tui.widgets.hint import Hint
from tui.widgets.menu import Choice, Menu

LABEL = 18


class Naming(Step):
    """Goes through its stages in the same place: each is composed anew."""

    stage = "ways"

    async def enter(self, stage: str) -> None:
        self.stage = stage
        await self.recompose()
        for widget in self.query("Input, Menu, Link").results(Widget):
            widget.focus()
            return

    def named(self, lines: Sequence[tuple[str, str]], warnings: Sequence[str], wrong: str) -> ComposeResult:
        """*wrong* is what the choice of leaving it says."""
        yield Static(Content("\n".join(f"{label:<{LABEL}} {value}" for label, value in lines)), classes="named")
        for warning in warnings:
            yield Static(Content(f"! {warning}"), classes="warning")
        yield Menu([Choice("right", self.say("This is the right one: go on")), Choice("wrong", wrong)])
        yield Static(id="told")

    def hidden(self, question: str, *, id: str = "key") -> Iterator[Widget]:
        """A field that shows nothing of what is typed."""
        yield Static(Content(question), classes="question")
        yield Input(password=True, id=id, placeholder=self.say("the key stays hidden"), compact=True)
        yield Static(id="told")
        yield Hint(self.say("enter: go on · escape: leave it"))

    @on(Menu.OptionSelected)
    async def choose(self, event: Menu.OptionSelected) -> None:
        event.stop()
        match event.option_id:
            case "right":
                self.post_message(Go(1))
            case "wrong":
                self.forget()
                await self.enter("ways")
            case way if way:
                await self.take(way)

    async def take(self, way: str) -> None:
        """One of the ways to get in was chosen."""
        raise NotImplementedError

    def forget(self) -> None:
        """What was named is not what was meant."""
        raise NotImplementedError
