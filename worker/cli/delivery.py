"""`ptm delivery …`."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

import typer

from events.errors import Misconfigured
from worker.cli.asking import Yes, sure
from worker.cli.many import Label, among
from worker.cli.output import Json, Reason, clock, out, short, show_json, table
from worker.cli.running import with_context
from worker.operations import deliveries
from worker.operations.context import Context
from worker.operations.deliveries import Delivery, Filter

app = typer.Typer(name="delivery", help="Calls to Trustmary: what waits, what is parked.", no_args_is_help=True)
STATES = ("waiting", "attempting", "parked", "delivered", "refused", "withdrawn")
Ids = Annotated[list[int] | None, typer.Argument(metavar="[ID]...", help="Deliveries, as the list shows them.")]
Fingerprint = Annotated[str | None, typer.Option(help="All that are parked for this cause.")]
Of = Annotated[str | None, typer.Option("--integration", help="Only of this one.")]


@app.command("list")
def list_(
    *,
    state: Annotated[list[str] | None, typer.Option(help=f"{', '.join(STATES)}; may be repeated.")] = None,
    integration: Of = None,
    label: Label = None,
    invoice: Annotated[int | None, typer.Option(help="Procountor's invoice id.")] = None,
    fingerprint: Fingerprint = None,
    limit: Annotated[int, typer.Option(min=1, help="At most so many, newest first.")] = 100,
    json: Json = False,
) -> None:
    """Deliveries, newest first; without --state those that have not ended."""
    for one in state or ():
        if one not in STATES:
            raise Misconfigured(f"There is no state {one}: use {', '.join(STATES)}.")

    async def run(context: Context) -> tuple[list[Delivery], str]:
        of = await those(context, integration, label)
        states = tuple(state or ("waiting", "attempting", "parked"))
        wanted = Filter(integrations=of, states=states, invoice=invoice, fingerprint=fingerprint, limit=limit)
        return await deliveries.read(context, wanted, attempts=True), context.settings.timezone

    found, zone = with_context(run)
    show_json(found) if json else show(found, zone)


def show(found: list[Delivery], zone: str) -> None:
    rows = [
        (
            one.id,
            one.number or one.invoice,
            one.call,
            one.state,
            one.tries,
            one.fingerprint or one.failure,
            clock(one.settled_at or one.created_at, zone),
            short(one.integration),
        )
        for one in found
    ]
    columns = ["#id", "#invoice", "call", "state", "#attempts", "cause", "since", "integration"]
    out().print(table(columns, rows) if rows else "No deliveries.")


async def those(context: Context, integration: str | None, label: str | None) -> tuple[UUID, ...] | None:
    """The ids of the integrations that are meant; None: all."""
    found = await among(context, integration, label)
    return None if found is None else tuple(one.id for one in found)


async def meant(
    context: Context, ids: list[int] | None, fingerprint: str | None, *, integration: str | None, label: str | None
) -> list[int]:
    """By id, or all that are parked for one cause."""
    if bool(ids) == bool(fingerprint):
        raise Misconfigured("Say which: ids, or --fingerprint for all that are parked for one cause.")
    if ids:
        return ids
    of = await those(context, integration, label)
    return await deliveries.parked(context, fingerprint or "", of)


@app.command()
def retry(
    ids: Ids = None,
    *,
    fingerprint: Fingerprint = None,
    integration: Of = None,
    label: Label = None,
    yes: Yes = False,
    json: Json = False,
) -> None:
    """Send parked deliveries again, in order from now on; half of the pace is left to what is live."""

    async def run(context: Context) -> list[int]:
        wanted = await meant(context, ids, fingerprint, integration=integration, label=label)
        if doubtful := await deliveries.doubtful(context, wanted):
            sure(
                f"Nobody knows whether {len(doubtful)} of them arrived: who did may be asked twice. Send them again?",
                yes=yes,
            )
        return await deliveries.retry(context, wanted)

    report(with_context(run), "sent again", "None of them is parked.", json=json)


@app.command()
def discard(
    ids: Ids = None,
    *,
    fingerprint: Fingerprint = None,
    integration: Of = None,
    label: Label = None,
    reason: Reason = None,
    yes: Yes = False,
    json: Json = False,
) -> None:
    """Give up waiting or parked deliveries: they are never sent."""

    async def run(context: Context) -> list[int]:
        wanted = await meant(context, ids, fingerprint, integration=integration, label=label)
        sure(f"Discard {len(wanted)} deliveries?", yes=yes)
        return await deliveries.discard(context, wanted, reason=reason)

    report(with_context(run), "discarded", "None of them waits or is parked.", json=json)


def report(done: list[int], word: str, nothing: str, *, json: bool) -> None:
    if json:
        show_json({word.replace(" ", "_"): done})
    else:
        more = f" and {len(done) - 20} more" if len(done) > 20 else ""
        out().print(f"{len(done)} {word}: {', '.join(map(str, done[:20]))}{more}" if done else nothing)
    if not done:
        raise typer.Exit(1)
