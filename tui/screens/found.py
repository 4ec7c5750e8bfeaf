"""What a number or an address has led to: several companies may have the same number, and one person many invoices."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from shlex import quote
from typing import ClassVar
from uuid import UUID

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.widgets import Input, Static

from events.errors import Misconfigured
from events.words import Words
from tui import told
from tui.desk import Desk
from tui.matching import matcher
from tui.messages import OpenEvents, OpenInvoice
from tui.view import View
from tui.widgets.columns import Column, called
from tui.widgets.rows import Rows
from worker.operations import about, overview, related
from worker.operations.about import BlockedBy, Traces
from worker.operations.finding import Found


@dataclass(frozen=True, slots=True, kw_only=True)
class Finds:
    traces: Traces
    companies: Mapping[UUID, str]
    blocked: tuple[BlockedBy, ...]


def columns(say: Words, companies: Mapping[UUID, str]) -> list[Column[Found]]:
    return [
        Column(title=say("Company"), width=20, grow=1, cell=lambda one: called(companies[one.integration], "strong")),
        Column(title=say("Invoice"), width=12, right=True, cell=lambda one: str(one.number or one.invoice)),
        Column(title=say("Status"), width=20, cell=lambda one: told.status(one.status, say) if one.status else "–"),
        Column(
            title=say("Changed"), width=23, cell=lambda one: say.exact(one.changed_at)[:23] if one.changed_at else "–"
        ),
    ]


class FoundView(View[Finds]):
    NAME = "Why?"
    CSS_PATH = "split.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("e", "events", "Skipped", tooltip="What was skipped lately, with this address among the words"),
    ]

    def __init__(self, desk: Desk, wanted: str) -> None:
        super().__init__(desk)
        self._asked = wanted

    def content(self) -> ComposeResult:
        yield Static(id="verdict")
        yield Rows[Found](key=lambda one: (one.integration, one.invoice), id="rows")

    async def load(self) -> Finds:
        context = self.desk.context
        traces = await about.look_for(context, self._asked)
        every = await overview.lines(context) if traces.email else ()
        return Finds(
            traces=traces,
            companies=await related.companies(context, {one.integration for one in traces.invoices}),
            blocked=await about.blocked(context, every, traces.email) if traces.email else (),
        )

    def draw(self, state: Finds) -> None:
        say, traces = self.desk.say, state.traces
        try:
            lets = matcher(self.written)
        except Misconfigured as error:
            self.show_empty(self.desk.say.told(error), self.rows)
            return
        names = state.companies
        found = [one for one in traces.invoices if lets(f"{names[one.integration]} {one.number} {one.status}")]
        self.rows.show(found, columns(say, names))
        self.query_one("#verdict", Static).update(Content("\n".join(heading(state, self._asked, say))))
        nothing = "Nothing matches the filter." if traces.invoices else "No invoice was to add this address."
        self.show_empty("" if found else say(nothing), self.rows)

    @property
    def rows(self) -> Rows[Found]:
        return self.query_one("#rows", Rows)

    @on(Input.Changed, "#filter")
    def narrow(self) -> None:
        if self.state is not None:
            self.draw(self.state)

    @on(Rows.Opened, "#rows")
    def open_one(self) -> None:
        if (one := self.rows.current) is not None:
            self.app.post_message(OpenInvoice(one.integration, one.invoice))

    def action_events(self) -> None:
        self.app.post_message(OpenEvents(f'type:ContactSkipped since:30d "{self._asked}"'))

    def line(self) -> str:
        return f"ptm why {'--email ' if '@' in self._asked else ''}{quote(self._asked)}"


def heading(state: Finds, asked: str, say: Words) -> list[str]:
    """Of an address also who blocks it, and what is not found so."""
    traces = state.traces
    lines = [f"{asked}: " + say.count(len(traces.invoices), "{n} invoice", "{n} invoices")]
    if traces.more:
        lines[0] += " · " + say("only the newest are shown")
    if traces.email:
        lines += [blocked(one, say) for one in state.blocked] or [say("It is on no block list.")]
        lines.append(say("What was skipped for an address is not found by it: e shows what was skipped lately."))
    return lines


def blocked(one: BlockedBy, say: Words) -> str:
    entry = one.entry
    told_by = say(
        "Blocked in {company} by {address} since {at}, by {actor}",
        company=one.integration.company, address=entry.address, at=say.exact(entry.at), actor=entry.actor,
    )  # fmt: skip
    return f"■ {told_by}{f': {entry.reason}' if entry.reason else ''}"
