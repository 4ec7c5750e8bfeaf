"""The header: where one is, and the cluster in one line."""

from __future__ import annotations

from rich.cells import cell_len
from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.content import Content
from textual.widgets import Static

from events.words import Words
from tui.pace import Trend
from worker.operations.pulse import Pulse

FULL, EMPTY = "█", "░"
GAUGE, SHORT = 8, 4
"""Cells of the gauge, and where there is little room."""
BESIDE = 2
"""Cells of padding around each part of the header."""
TITLE = 45
"""Hundredths of the header that the title may take: as in tui.tcss."""


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
        self.on_resize()

    def show(self, pulse: Pulse, trend: Trend, say: Words) -> None:
        self._shown = pulse, trend, say
        says = "  ".join(parts(pulse, trend, say, self._room))
        self.query_one("#pulse", Static).update(Content(says), layout=False)
        self.set_class(not pulse.alive, "-alone")

    @property
    def _room(self) -> int:
        """Cells beside title and note; a long title is cut (tui.tcss)."""
        title = min(cell_len(self._title) + BESIDE, self.size.width * TITLE // 100)
        note = cell_len(self._note) + cell_len("◇ ") + BESIDE if self._note else 0
        return self.size.width - title - note - BESIDE

    def doubt(self, say: Words) -> None:
        """Until the next pulse nothing is said of how things stand."""
        self._shown = None
        self.query_one("#pulse", Static).update(Content("✖ " + say("database away")))
        self.add_class("-alone")

    def on_resize(self) -> None:
        """What there is room for."""
        if self._shown is not None:
            self.show(*self._shown)


def parts(pulse: Pulse, trend: Trend, say: Words, room: int) -> list[str]:
    """As many as there is room for: the gauge is cut short first, then what matters less goes."""
    workers = say.count(pulse.alive, "{n} worker", "{n} workers") if pulse.alive else "✖ " + say("no worker")
    behind = lag(pulse, trend, say)
    waiting = say("{n} waiting", n=say.number(pulse.waiting))
    speed = say("{n}/s events", n=say.number(round(trend.per_second)))
    short = gauge(pulse, say, SHORT)
    every = (
        [workers, behind, waiting, speed, gauge(pulse, say, GAUGE)],
        [workers, behind, waiting, speed, short],
        [workers, behind, waiting, short],
        [workers, behind, short],
        [workers, short],
        [workers, level(pulse, SHORT)],
    )
    return next((each for each in every if cell_len("  ".join(each)) <= room), [workers])


def lag(pulse: Pulse, trend: Trend, say: Words) -> str:
    if not pulse.late:
        return "✔ " + say("up to date")
    behind = say("{n} behind", n=say.number(pulse.undecided))
    left = trend.empty_in(pulse.undecided)
    if left is not None:
        return f"▼ {behind}, {say('empty in {n} s', n=say.number(max(1, round(left.total_seconds()))))}"
    return f"▲ {behind}, {say('growing')}" if trend.draining < 0 else f"■ {behind}"


def gauge(pulse: Pulse, say: Words, cells: int) -> str:
    """The request budget of Procountor."""
    return f"{say('budget')} {level(pulse, cells)}"


def level(pulse: Pulse, cells: int) -> str:
    full = min(cells, round(cells * pulse.requests / max(1, pulse.per_second)))
    return f"{FULL * full}{EMPTY * (cells - full)} {pulse.requests}/{pulse.per_second}"
