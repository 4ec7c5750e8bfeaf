"""The header: where one is, and the cluster in one line."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.content import Content
from textual.widgets import Static

from events.words import Words
from tui.pace import Trend
from worker.operations.pulse import Pulse

FULL, EMPTY = "█", "░"
GAUGE = 8
"""Cells of the gauge."""


class Cluster(Horizontal):
    """Shows the last pulse; says in words what a colour says."""

    def __init__(self, title: str, note: str = "") -> None:
        super().__init__(id="cluster")
        self._title, self._note = title, note
        self._shown: tuple[Pulse, Trend, Words] | None = None

    def compose(self) -> ComposeResult:
        yield Static(Content(self._title), id="where")
        if self._note:
            yield Static(Content(f"◇ {self._note}"), id="note")
        yield Static(id="pulse")

    def entitle(self, title: str) -> None:
        self._title = title
        self.query_one("#where", Static).update(Content(title))

    def show(self, pulse: Pulse, trend: Trend, say: Words) -> None:
        self._shown = pulse, trend, say
        room = self.size.width - len(self._note)
        self.query_one("#pulse", Static).update(Content("  ".join(parts(pulse, trend, say, room))), layout=False)
        self.set_class(not pulse.alive, "-alone")

    def doubt(self, say: Words) -> None:
        """Until the next pulse nothing is said of how things stand."""
        self._shown = None
        self.query_one("#pulse", Static).update(Content("✖ " + say("database away")))
        self.add_class("-alone")

    def on_resize(self) -> None:
        """What there is room for."""
        if self._shown is not None:
            self.show(*self._shown)


def parts(pulse: Pulse, trend: Trend, say: Words, width: int) -> list[str]:
    """From the most to the least important, as many as there is room for beside the title."""
    every = [
        say.count(pulse.alive, "{n} worker", "{n} workers") if pulse.alive else "✖ " + say("no worker"),
        lag(pulse, trend, say),
        say("{n} waiting", n=say.number(pulse.waiting)),
        say("{n}/s events", n=say.number(round(trend.per_second))),
        gauge(pulse, say),
    ]
    kept: list[str] = []
    for part in every:
        if sum(len(each) + 2 for each in [*kept, part]) > width - 20:
            break
        kept.append(part)
    return kept


def lag(pulse: Pulse, trend: Trend, say: Words) -> str:
    if not pulse.late:
        return "✔ " + say("up to date")
    behind = say("{n} behind", n=say.number(pulse.undecided))
    left = trend.empty_in(pulse.undecided)
    if left is not None:
        return f"▼ {behind}, {say('empty in {n} s', n=max(1, round(left.total_seconds())))}"
    return f"▲ {behind}, {say('growing')}" if trend.draining < 0 else f"■ {behind}"


def gauge(pulse: Pulse, say: Words) -> str:
    """The request budget of Procountor."""
    full = min(GAUGE, round(GAUGE * pulse.requests / max(1, pulse.per_second)))
    return say("budget") + f" {FULL * full}{EMPTY * (GAUGE - full)} {pulse.requests}/{pulse.per_second}"
