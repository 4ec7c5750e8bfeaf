"""`ptm replay …`."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any

import typer

from events import moments
from events.errors import Misconfigured
from events.plan import Wanted
from worker.cli import undone
from worker.cli.applying import asked_for, confirm
from worker.cli.log import moment
from worker.cli.many import Label, Maybe, among, where_possible
from worker.cli.output import Json, clock, counting, json_array, out, short, show_json, table
from worker.cli.planned import Form, lines_of, present
from worker.cli.running import with_context
from worker.operations import integrations, labels, planning, progress, replays, undoing
from worker.operations.context import Context
from worker.operations.exports import as_json
from worker.operations.integrations import Integration
from worker.operations.replay_lines import LAST
from worker.operations.replays import Replay
from worker.operations.shown import Shown, looked_up
from worker.operations.summary import word

app = typer.Typer(name="replay", help="The past through today's rules: plan, diff, apply.", no_args_is_help=True)
Many = list[str] | None
That = Annotated[str, typer.Argument(metavar="REPLAY", help="Its id, or the beginning of it.")]


class Customers(StrEnum):
    SNAPSHOT = "snapshot"
    LATEST = "latest"


@app.command()
def plan(  # noqa: PLR0913 - each is a flag of its own
    which: Maybe = None,
    *,
    label: Label = None,
    trigger: Annotated[
        Many, typer.Option(help="Only this trigger, a draft too; may be repeated. None: all live.")
    ] = None,
    since: Annotated[str | None, typer.Option(help="Recorded then or later: 2026-11-01, or with a time.")] = None,
    until: Annotated[str | None, typer.Option(help="Recorded before then; none: up to now.")] = None,
    last: Annotated[int | None, typer.Option(min=1, metavar="DAYS", help="Recorded in the last so many days.")] = None,
    dated_from: Annotated[str | None, typer.Option(help="Invoice date, Procountor's, from this day on.")] = None,
    dated_to: Annotated[str | None, typer.Option(help="Invoice date up to this day.")] = None,
    after: Annotated[int, typer.Option(min=0, help="Only behind this position of the log.")] = 0,
    upto: Annotated[int, typer.Option(min=1, help="Only up to this position of the log.")] = LAST,
    status: Annotated[Many, typer.Option(help="Only changes that reach this status; may be repeated.")] = None,
    customer: Annotated[list[int] | None, typer.Option(help="Only this customer (id); may be repeated.")] = None,
    invoice: Annotated[
        list[int] | None, typer.Option(help="Only this invoice (number, or Procountor's id); may be repeated.")
    ] = None,
    skipped: Annotated[Many, typer.Option(help="Only what was skipped for this reason, such as no_email.")] = None,
    customers: Annotated[Customers, typer.Option(help="Their data as seen then, or read again.")] = Customers.SNAPSHOT,
    form: Annotated[Form, typer.Option("--format", help="How to show it.")] = Form.TABLE,
    json: Json = False,
) -> None:
    """What today's rules would have meant for the past; sends nothing."""

    if label and form in (Form.CSV, Form.MARKDOWN):
        raise Misconfigured(f"--label makes several plans: show each by itself, ptm replay show PLAN --format {form}.")

    def wanted(zone: str) -> Wanted:
        return Wanted(
            after=after,
            upto=upto,
            since=beginning(since, last, zone),
            until=moment(until, zone, flag="--until") if until else None,
            dated_from=moments.day(dated_from, flag="--dated-from") if dated_from else None,
            dated_to=moments.day(dated_to, flag="--dated-to") if dated_to else None,
            statuses=frozenset(one.upper() for one in status or ()),
            customers=frozenset(customer or ()),
            invoices=frozenset(invoice or ()),
            skips=frozenset(skipped or ()),
            latest=customers is Customers.LATEST,
        )

    form = Form.JSON if json else form

    async def run(context: Context) -> None:
        """One plan after the other is made, shown and forgotten: a label may mean thousands."""
        found, wish = await labels.chosen(context, which, label), wanted(context.settings.timezone)
        if label is None:
            present(await planned(context, found[0], wish), form)
            return
        each = [(seen, wish) for seen in found]
        with json_array() as show_next:
            async for one in where_possible(each, lambda seen, wish: planned(context, seen, wish)):
                if form is Form.JSON:
                    show_next(as_json(one))
                else:
                    present(one, form)

    async def planned(context: Context, seen: Integration, wish: Wanted) -> Shown:
        wish = replace(wish, triggers=frozenset(seen.trigger(one).id for one in trigger or ()))
        with counting("events", quiet=form is not Form.TABLE) as counts:
            kept = await planning.plan(context, seen, wish, progress=counts)
        return await looked_up(context, str(kept.id), lines=lines_of(form))

    with_context(run)


def beginning(since: str | None, last: int | None, zone: str) -> datetime | None:
    if since and last:
        raise Misconfigured("--since and --last both say where the window begins: give one.")
    return moment(since or f"{last}d", zone, flag="--since") if since or last else None


@app.command()
def undo(
    that: That,
    *,
    name: Annotated[str | None, typer.Option(help="What to call it.")] = None,
    reason: Annotated[str | None, typer.Option(help="Why, for whoever reads the log later.")] = None,
    yes: Annotated[int | None, typer.Option(metavar="N", help="Do not ask: so many contacts are meant.")] = None,
    json: Json = False,
) -> None:
    """Take off the lists whom a replay has put on; shows first what cannot be undone."""

    async def run(context: Context) -> Shown:
        prepared = await undoing.prepare(context, await replays.find(context, that))
        if not json:
            undone.show(prepared)
        named, why = asked_for("name", name), asked_for("reason", reason)
        if prepared.count:
            confirm(prepared.cost, "This undoes", yes)
        begun = await undoing.start(context, prepared, name=named, reason=why)
        return await looked_up(context, str(begun.id))

    present(with_context(run), Form.JSON if json else Form.TABLE)


@app.command("list")
def list_(
    integration: Annotated[str | None, typer.Option(help="Only of this one.")] = None,
    label: Label = None,
    limit: Annotated[int, typer.Option(min=1, help="At most so many, newest first.")] = 20,
    json: Json = False,
) -> None:
    """Plans and replays, newest first."""

    async def run(context: Context) -> tuple[list[Replay], dict[Any, str], str]:
        found = await replays.listed(context, among=await among(context, integration, label), limit=limit)
        names = {one.id: one.name for one in await integrations.read_all(context, removed=True)}
        return found, names, context.settings.timezone

    found, names, zone = with_context(run)
    if json:
        show_json(found)
        return
    rows = [
        (
            short(one.id),
            one.state if one.undoes is None else f"{one.state}, undoes {short(one.undoes)}",
            names.get(one.integration, short(one.integration)),
            one.reach if one.undoes is None else None,
            progress.asked(one)
            if one.items or one.undoes
            else ", ".join(f"{n} {word(kind)}" for kind, n in one.about["counts"].items() if n),
            clock(one.started_at or one.planned_at, zone),
            one.started_by or one.planned_by,
            one.name,
        )
        for one in found
    ]
    columns = ["id", "state", "integration", "reach", "contacts", "since", "by", "name"]
    out().print(table(columns, rows) if rows else "No replay was planned yet.")


@app.command("show")
def show_(
    that: That,
    form: Annotated[Form, typer.Option("--format", help="How to show it.")] = Form.TABLE,
    json: Json = False,
) -> None:
    """A plan contact by contact, and what became of each."""
    form = Form.JSON if json else form
    present(with_context(lambda context: looked_up(context, that, lines=lines_of(form))), form)
