"""The guided tour's panel: the next step in words, and how far the invoice has come."""

from __future__ import annotations

from collections.abc import Iterator

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Static

from events.reasons import SKIPS
from events.words import Words
from worker.demo.tour import Step, Tour, Track

STEPS = len(Step) - 1
"""The end is none."""


LINES = {"guide-title": "strong", "guide-text": "", "guide-track": ""}


class Guide(Vertical):
    """Stands on every screen of the demo until it is sent away."""

    def __init__(self, tour: Tour, say: Words) -> None:
        super().__init__(id="guide")
        self._tour, self._say = tour, say

    def compose(self) -> ComposeResult:
        yield from (Static(id=id, classes=classes) for id, classes in LINES.items())

    def on_mount(self) -> None:
        self.show()

    def show(self) -> None:
        """Nothing where its lines are being made, or taken away: another language makes them anew."""
        lines = {each.id: each for each in self.query_children(Static)}
        if len(lines) < len(LINES):
            return
        tour, say = self._tour, self._say
        place = list(Step).index(tour.step) + 1
        head = "" if tour.is_over else say("Tour {n} of {all}", n=place, all=STEPS) + " · "
        lines["guide-title"].update(Content(head + title(tour.step, say)))
        lines["guide-text"].update(Content(text(tour, say)))
        line = "  →  ".join(stations(tour.track, say)) if tour.track else ""
        lines["guide-track"].update(Content(line))
        lines["guide-track"].display = bool(line)


def title(step: Step, say: Words) -> str:
    return {
        Step.SEND: say("Send an invoice"),
        Step.TRAVEL: say("Watch it travel"),
        Step.BREAK: say("Break the mapping"),
        Step.MISS: say("Send another invoice"),
        Step.REPAIR: say("Repair the mapping"),
        Step.REPLAY: say("Replay what was missed"),
        Step.END: say("That was the tour"),
    }[step]


def text(tour: Tour, say: Words) -> str:
    return {
        Step.SEND: say(
            "F2 sends one in the first company's Procountor (a stand-in on this machine). F3 puts this panel away."
        ),
        Step.TRAVEL: say(
            "Its status change becomes an event, the rules decide, Trustmary gets the contact. 2 shows every event."
        ),
        Step.BREAK: say("F2 takes the e-mail from the customer's name instead of from its contact person."),
        Step.MISS: say("F2 sends it. Under the broken mapping nobody can be added; w and its number say why."),
        Step.REPAIR: say("F2 takes the e-mail from the contact person again. What was skipped stays skipped."),
        Step.REPLAY: say(
            "F2 asks for what was skipped for its address: p plans that, which sends nothing. Look at the difference, "
            "then a applies it. Nobody is added twice."
        ),
        Step.END: say(
            "?: the keys of a screen · ctrl+p: everything by name · 1, then a: connect a company, as {login} with "
            "{password}, and with Trustmary's key {key} · F3: put this away · q: end the demo, which leaves nothing "
            "behind",
            **tour.logins,
        ),
    }[tour.step]


def stations(track: Track, say: Words) -> Iterator[str]:
    """Each with a glyph: behind it, or still before it."""
    number = track.number or track.invoice
    yield "✔ " + say("invoice {n} sent", n=number)
    yield ("✔ " if track.seen else "○ ") + say("event")
    if track.skipped and not track.added:
        yield f"✖ {say(SKIPS[track.skipped].says)}"
        return
    yield ("✔ " if track.decided else "○ ") + say("to be added")
    if track.seconds is None:
        yield "○ " + say("added")
    else:
        yield "✔ " + say("added, {n} s after it was sent", n=say.decimal(track.seconds, 1))
