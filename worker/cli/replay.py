"""`ptm replay …`."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any

import typer

from events import moments
from events.errors import Misconfigured
from events.plan import Wanted
from worker.adapters.beside import Beside
from worker.cli.log import moment
from worker.cli.many import Label, Maybe, among, where_possible
from worker.cli.output import Json, clock, counting, json_array, out, short, show_json, table
from worker.cli.planned import Form, lines_of, present
from worker.cli.running import with_context
from worker.cli.steering import One, of_label, one_of
from worker.operations import backfilling, integrations, labels, planning, progress, replays
from worker.operations.context import Context
from worker.operations.exports import as_json
from worker.operations.integrations import Integration
from worker.operations.replay_lines import LAST
from worker.operations.replays import Replay
from worker.operations.shown import Shown, looked_up
from worker.operations.summary import word

app = typer.Typer(name="replay", help="The past through today's rules: plan, diff, apply.", no_args_is_help=True)
Many = list[str] | None


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
    backfill: Annotated[
        int | None,
        typer.Option(
            min=1,
            max=backfilling.MOST,
            metavar="DAYS",
            help="First read what changed in the last so many days, before the company was connected.",
        ),
    ] = None,
    form: Annotated[Form, typer.Option("--format", help="How to show it.")] = Form.TABLE,
    json: Json = False,
) -> None:
    """What today's rules would have meant for the past; sends nothing."""

    if label:
        refuse_together(form)

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
        found, wish = await labels.chosen(context, which, label), wanted(context.settings.timezone)
        async with planning.processes(context) as beside:
            if label is None:
                present(await planned(context, found[0], wish, beside), form)
            else:
                each = [(seen, wish) for seen in found]
                plans = where_possible(each, lambda seen, wish: planned(context, seen, wish, beside))
                await one_by_one(plans, form)

    async def planned(context: Context, seen: Integration, wish: Wanted, beside: Beside) -> Shown:
        wish = replace(wish, triggers=frozenset(seen.trigger(one).id for one in trigger or ()))
        await read_past(context, seen, backfill, quiet=form is not Form.TABLE)
        with counting("events", quiet=form is not Form.TABLE) as counts:
            kept = await planning.plan(context, seen, wish, progress=counts, beside=beside)
        return await looked_up(context, str(kept.id), lines=lines_of(form))

    with_context(run)


async def one_by_one(each: AsyncIterator[Shown], form: Form) -> None:
    """Made, shown and forgotten: a label may mean thousands."""
    with json_array() as show_next:
        async for one in each:
            if form is Form.JSON:
                show_next(as_json(one))
            else:
                present(one, form)


async def read_past(context: Context, seen: Integration, days: int | None, *, quiet: bool) -> None:
    """Of before connecting, where that is asked for."""
    if days:
        with counting("invoices from before connecting", quiet=quiet) as counts:
            await backfilling.read(context, seen, days=days, progress=counts)


def beginning(since: str | None, last: int | None, zone: str) -> datetime | None:
    if since and last:
        raise Misconfigured("--since and --last both say where the window begins: give one.")
    return moment(since or f"{last}d", zone, flag="--since") if since or last else None


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
    that: One = None,
    *,
    label: Label = None,
    form: Annotated[Form, typer.Option("--format", help="How to show it.")] = Form.TABLE,
    json: Json = False,
) -> None:
    """A plan contact by contact, and what became of each; with --label the newest of each integration."""
    form = Form.JSON if json else form
    which = one_of(that, label)
    if label is None:
        present(with_context(lambda context: looked_up(context, which, lines=lines_of(form))), form)
        return
    refuse_together(form)

    async def run(context: Context) -> None:
        """One after the other, as they are planned."""
        every = await of_label(context, label)
        newest = {seen.id: one for seen, one in reversed(every.done)}
        with json_array() as show_next:
            for one in newest.values():
                shown = await looked_up(context, str(one.id), lines=lines_of(form))
                show_next(as_json(shown)) if form is Form.JSON else present(shown, form)

    with_context(run)


def refuse_together(form: Form) -> None:
    if form is Form.CSV:
        raise Misconfigured(
            "Each plan has columns of its own: with --label use --format markdown or json, or write one plan: "
            "ptm replay show PLAN --format csv."
        )
