"""`ptm integration …`, but connecting."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Annotated

import typer

from events.errors import Misconfigured
from events.integration import Waiting
from worker.cli import asking, everywhere, trigger
from worker.cli.asking import Wait, Yes, sure
from worker.cli.output import Expect, Json, Reason, Which, ago, clock, fields, out, short, show_json, table
from worker.cli.running import with_context
from worker.operations import integrations, lifecycle, saving
from worker.operations.context import Context
from worker.operations.integrations import Integration, State
from worker.operations.lifecycle import Paused, Removed

OneOrAll = Annotated[
    str | None, typer.Argument(metavar="[INTEGRATION]", help="Its id, the company's name, business id or number.")
]
All = Annotated[bool, typer.Option("--all", help="Every integration; asks first, or --yes.")]
app = typer.Typer(
    name="integration", help="Companies of Procountor joined to organizations of Trustmary.", no_args_is_help=True
)


def as_json(one: Integration) -> dict[str, object]:
    return {
        "id": one.id,
        "state": one.state,
        "version": one.version,
        "partition": one.partition,
        "company": {"id": one.company_id, "name": one.company, "business_id": one.names.get("business_id") or None},
        "organization": {"id": one.organization, "name": one.organization_name},
        "user": one.names.get("user"),
        "connected_at": one.connected_at,
        "settings": one.rules.settings,
        "triggers": [trigger.as_json(each) for each in one.rules.triggers.values()],
        "connections": {service.value: connection for service, connection in one.connections.items()},
        "reading": one.reading,
        "deliveries": {"waiting": one.waiting, "attempting": one.attempting, "parked": one.parked},
    }


@app.command("list")
def list_(
    removed: Annotated[bool, typer.Option("--removed", help="Removed ones too.")] = False, json: Json = False
) -> None:
    """All integrations."""
    found = with_context(lambda context: integrations.read_all(context, removed=removed))
    if json:
        show_json([as_json(one) for one in found])
        return
    rows = [
        (
            short(one.id),
            one.company,
            one.organization_name,
            one.state.value,
            connections(one),
            len(one.rules.triggers),
            ago(one.reading.polled_at) if one.reading else "",
            one.waiting,
            one.parked,
        )
        for one in found
    ]
    columns = ["id", "company", "organization", "state", "connections", "#triggers", "read", "#waiting", "#parked"]
    out().print(table(columns, rows) if rows else "Nothing is connected: ptm integration connect.")


def connections(one: Integration) -> str:
    if one.state is State.REMOVED:
        return "ended"
    broken = [
        f"{service} broken ({connection.reason})"
        for service, connection in one.connections.items()
        if connection.state == "broken"
    ]
    return ", ".join(broken) or "connected"


@app.command()
def show(which: Which, json: Json = False) -> None:
    """Everything about one integration."""

    async def run(context: Context) -> tuple[Integration, str]:
        return await integrations.find(context, which, removed=True), context.settings.timezone

    one, zone = with_context(run)
    if json:
        show_json(as_json(one))
    else:
        tell(one, zone)


def tell(one: Integration, zone: str) -> None:
    settings, reading = one.rules.settings, one.reading
    cool_down = f"once per contact per {settings.cool_down_days} days" if settings.cool_down_days else "none"
    lines: list[tuple[str, object]] = [
        ("integration", one.id),
        ("company", f"{one.company} ({one.company_id}) {one.names.get('business_id', '')}"),
        ("organization", f"{one.organization_name} ({one.organization})"),
        ("user", one.names.get("user")),
        ("state", f"{one.state}, version {one.version}, connected {clock(one.connected_at, zone)}"),
        *((service.value, f"{each.state} {each.reason or ''}") for service, each in one.connections.items()),
        ("cool-down", cool_down),
        ("shared mailboxes", "let through" if settings.role_addresses else "left out"),
        ("deliveries", f"{one.waiting} waiting, {one.attempting} under way, {one.parked} parked"),
    ]
    if reading:
        failing = f", failing since {clock(reading.failing_since, zone)}: {reading.failure}" if reading.failure else ""
        read = f"{ago(reading.polled_at)}, every {reading.interval_s:.0f} s, up to {reading.cursor or 'nothing yet'}"
        lines.append(("read", f"{read} ({reading.phase}){failing}"))
    out().print(fields(lines))
    out().print()
    trigger.show(one)


@app.command()
def edit(
    which: Which,
    *,
    cool_down_days: Annotated[int | None, typer.Option(min=0, help="Once per contact in so many days.")] = None,
    role_addresses: Annotated[
        bool | None, typer.Option("--role-addresses/--no-role-addresses", help="Shared mailboxes such as laskutus@.")
    ] = None,
    waiting: Wait = None,
    expect: Expect = None,
    reason: Reason = None,
    json: Json = False,
) -> None:
    """Change what holds for all triggers."""

    async def run(context: Context) -> Integration:
        seen = trigger.expected(await integrations.find(context, which), expect)
        policy = asking.waiting(waiting, await saving.held(context, seen.id))
        return await saving.edit(
            context,
            seen,
            cool_down_days=cool_down_days,
            role_addresses=role_addresses,
            waiting=policy,
            reason=reason,
        )

    report(run, json)


def one_or_all(which: str | None, *, all: bool) -> str | None:
    """The one that is meant; None: all of them. Raises `Misconfigured` where neither or both are said."""
    if (which is None) is not all:
        raise Misconfigured("Say which integration, or --all for every one.")
    return which


@app.command()
def pause(
    which: OneOrAll = None, *, all: All = False, reason: Reason = None, yes: Yes = False, json: Json = False
) -> None:
    """Stop sending at once; invoices are still read and recorded, nothing is lost."""
    if one_or_all(which, all=all) is None:
        everywhere.pause(reason, yes=yes, json=json)
        return

    async def run(context: Context) -> Paused:
        return await lifecycle.pause(context, await integrations.find(context, which or ""), reason=reason)

    done = with_context(run)
    if json:
        show_json({**as_json(done.integration), "under_way": done.under_way})
        return
    late = f" {done.under_way} calls had left and are not answered yet." if done.under_way else ""
    out().print(f"{done.integration.name} is paused; {done.waiting} calls wait.{late}", markup=False)


@app.command()
def resume(
    which: OneOrAll = None,
    *,
    all: All = False,
    waiting: Wait = None,
    reason: Reason = None,
    yes: Yes = False,
    json: Json = False,
) -> None:
    """Send again, after saying what becomes of what waits."""
    if one_or_all(which, all=all) is None:
        everywhere.resume(waiting, reason, yes=yes, json=json)
        return

    async def run(context: Context) -> Integration:
        seen = await integrations.find(context, which or "")
        if seen.state is State.ACTIVE:
            return seen
        policy: Waiting = asking.waiting(waiting, await saving.held(context, seen.id))
        return await lifecycle.resume(context, seen, policy, reason=reason)

    report(run, json)


@app.command()
def remove(
    which: Which,
    *,
    erase: Annotated[bool, typer.Option("--erase", help="Destroy the keys of everybody in it too. For ever.")] = False,
    yes: Yes = False,
    reason: Reason = None,
    json: Json = False,
) -> None:
    """Stop reading and sending, discard what waits, forget the credentials; the log stays."""

    async def run(context: Context) -> Removed:
        seen = await integrations.find(context, which, removed=erase)
        held = await saving.held(context, seen.id)
        also = " and erase everybody in it" if erase else ""
        sure(f"Remove {seen.name}{also}? {held.count} decisions that wait are discarded.", yes=yes)
        return await lifecycle.remove(context, seen, erase=erase, reason=reason)

    done = with_context(run)
    if json:
        show_json({"id": done.integration.id, "discarded": done.discarded, "erased_keys": done.erased_keys})
        return
    erased = f" The keys of {done.erased_keys} data subjects are destroyed." if erase else ""
    out().print(f"Removed; {done.discarded} decisions discarded, the log is kept.{erased}", markup=False)


def report(run: Callable[[Context], Awaitable[Integration]], json: bool) -> None:
    async def both(context: Context) -> tuple[Integration, str]:
        return await run(context), context.settings.timezone

    one, zone = with_context(both)
    if json:
        show_json(as_json(one))
    else:
        tell(one, zone)
