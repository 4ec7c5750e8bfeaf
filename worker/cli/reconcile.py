"""`ptm reconcile`: the log held against Procountor and Trustmary."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.text import Text

from worker.cli.many import Label, Maybe
from worker.cli.output import Counts, Json, counting, out, show_json, told
from worker.cli.reconciled import as_json, show
from worker.cli.running import with_context
from worker.operations import integrations, labels
from worker.operations import reconciling as operation
from worker.operations.context import Context
from worker.operations.integrations import Integration
from worker.operations.reconciling import Report


def reconcile(
    which: Maybe = None,
    *,
    label: Label = None,
    days: Annotated[int, typer.Option(min=1, max=400, help="Invoices and deliveries of so many days.")] = 30,
    json: Json = False,
) -> None:
    """What is missing, drifted, deleted or unsubscribed, against both services; sends nothing (3: wants a person)."""

    async def run(context: Context) -> tuple[list[Report], list[tuple[Integration, str]], str]:
        reports, failed = await each(context, await chosen(context, which, label), days, quiet=json)
        return reports, failed, context.settings.timezone

    reports, failed, zone = with_context(run)
    if json:
        show_json([as_json(report) for report in reports])
    elif not reports and not failed:
        out().print("Nothing is connected: ptm integration connect.")
    for report in reports if not json else ():
        show(report, zone)
    for seen, failure in failed:
        told().print(Text(f"{seen.name}: {failure}"), soft_wrap=True)
    if failed and not any(report.found.refused for report in reports):
        raise typer.Exit(1)
    if any(report.wants_person for report in reports):
        raise typer.Exit(3)


async def each(
    context: Context, every: list[Integration], days: int, *, quiet: bool
) -> tuple[list[Report], list[tuple[Integration, str]]]:
    """Of one alone a failure is raised."""
    reports: list[Report] = []
    failed: list[tuple[Integration, str]] = []
    for seen in every:
        with counting(f"{seen.name}: contacts looked up", quiet=quiet) as progress:
            if len(every) == 1:
                reports.append(await operation.reconcile(context, seen, days=days, progress=progress))
                failed += [(seen, failure) for failure in reports[0].found.failures]
                continue

            def looked_up(_: Integration, done: int, of: int, counts: Counts = progress) -> None:
                counts(done, of)

            found, failures = await operation.reconcile_each(context, [seen], days=days, progress=looked_up)
        reports += found
        failed += failures
    return reports, failed


async def chosen(context: Context, which: str | None, label: str | None) -> list[Integration]:
    """Without a word: every one."""
    if which is None and label is None:
        return await integrations.read_all(context)
    return await labels.chosen(context, which, label)
