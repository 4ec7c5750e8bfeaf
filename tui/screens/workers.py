"""The workers: who is there, how far each partition stands, what rests, and how fast it all goes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.content import Content
from textual.widgets import Input, Static

from events.errors import Misconfigured
from tui.apart import apart
from tui.matching import matcher
from tui.past import slots
from tui.screens import share_line, worker_line
from tui.screens.share_line import Share
from tui.view import View
from tui.widgets.filter import Filter
from tui.widgets.plot import Labels, Plot
from tui.widgets.reading import Reading, Wide
from tui.widgets.rows import Rows
from worker.operations import cluster, doctor
from worker.operations.checks.finding import lines as finding_lines
from worker.operations.cluster import Cluster
from worker.operations.status import Running

MINUTES = 5
MEMBERS = 8
"""Lines for those who work, at most, with their head."""


class WorkersView(View[Cluster]):
    NAME = "Workers"
    CSS_PATH = "workers.tcss"
    EASE = 2.0
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (110, "-wide")]  # noqa: RUF012 - declared so by the library
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(
            "d", "doctor", "Doctor", tooltip="Look whether everything can be reached and used, and what to do if not"
        ),
    ]
    VERTICAL_BREAKPOINTS = [(0, "-short"), (32, "-tall")]  # noqa: RUF012

    def content(self) -> ComposeResult:
        yield Rows[Running](key=lambda one: one.id, id="workers")
        yield Static(id="resting")
        yield Rows[Share](key=lambda one: one.lag.partition, id="partitions")
        with Horizontal(id="plots"):
            yield Plot(id="throughput")
            yield Plot(id="latency")

    async def load(self) -> Cluster:
        return await cluster.read(self.desk.context)

    def draw(self, state: Cluster) -> None:
        says = "\n".join(self._troubles(state))
        resting = self.query_one("#resting", Static)
        resting.update(Content(says))
        resting.display = bool(says)
        self._draw_rows(state)
        self._draw_plots(state)

    def _troubles(self, state: Cluster) -> Iterator[str]:
        say = self.desk.say
        if not state.pulse.alive:
            yield "✖ " + say("No worker is running: nothing is read, decided or sent. Start one: ptm worker")
        yield from worker_line.resting(state.breakers, say, state.pulse.at)

    def _draw_rows(self, state: Cluster) -> None:
        say, now, pulse = self.desk.say, self.desk.now(), state.pulse
        try:
            fits = matcher(self.query_one(Filter).value)
        except Misconfigured as error:
            self.show_empty(self.desk.say.told(error))
            return
        workers = [one for one in pulse.workers if fits(worker_line.searched(one, say))]
        partitions = [
            one for one in share_line.shares(pulse, self.desk.past.trends) if fits(share_line.searched(one, say))
        ]
        members = self.query_one("#workers", Rows)
        members.styles.height = min(MEMBERS, len(workers) + 1)
        members.show(workers, worker_line.columns(say, now))
        self.query_one("#partitions", Rows).show(partitions, share_line.columns(say, now))
        self.show_empty(
            "" if workers or partitions or not self.query_one(Filter).value else say("Nothing matches the filter.")
        )

    def _draw_plots(self, state: Cluster) -> None:
        say, at, past = self.desk.say, state.pulse.at, self.desk.past
        delivered = [(one.at, one.delivered) for one in state.latencies]
        speed = Labels(
            title=say("Events decided a second, last {n} min", n=MINUTES),
            brief=say("Decided"),
            says=lambda number: f"{say.decimal(number, 0)}/s",
            sums=self._sums,
        )
        taken = Labels(
            title=say("From change to Trustmary's answer, last {n} min", n=MINUTES),
            brief=say("Took"),
            says=lambda number: f"{say.decimal(number, 2)} s",
            sums=self._sums,
        )
        self.query_one("#throughput", Plot).show(lambda count: slots(past.decided(), at, count), speed)
        self.query_one("#latency", Plot).show(lambda count: slots(delivered, at, count), taken)

    def _sums(self, newest: str, most: str) -> str:
        return self.desk.say("latest {newest}, at most {most} in {n} min", newest=newest, most=most, n=MINUTES)

    @on(Input.Changed, "#filter")
    def narrow(self) -> None:
        if self.state is not None:
            self.draw(self.state)

    @on(Rows.Opened, "#workers")
    def tell_what_it_does(self) -> None:
        one: Running | None = self.query_one("#workers", Rows).current
        if one is not None:
            lines = list(worker_line.loops(one, self.desk.say))
            self.app.push_screen(Reading(self.desk.say, f"{one.host} {one.pid}, {one.version}, {one.id}", lines))

    @on(Rows.Opened, "#partitions")
    def tell_how_far_it_is(self) -> None:
        one: Share | None = self.query_one("#partitions", Rows).current
        if one is not None:
            say = self.desk.say
            title = say("partition {n}", n=one.lag.partition)
            self.app.push_screen(Reading(say, title, list(share_line.in_full(one, say))))

    def action_doctor(self) -> None:
        self.notify(self.desk.say("Looking …"), markup=False)
        self.act(self._examine())

    async def _examine(self) -> None:
        """At everything, which takes seconds; what is found is read in a dialog."""
        say = self.desk.say
        found = await apart(doctor.examine(self.desk.context.settings, say))
        lines = [line for one in found.findings for line in finding_lines(one, say)]
        self.app.push_screen(Wide(say, say("Doctor"), lines, line=self.desk.typed("ptm doctor")))

    def line(self) -> str:
        return "ptm status"
