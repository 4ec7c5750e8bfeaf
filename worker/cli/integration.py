"""`ptm integration …`, but connecting, labels and files."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Annotated
from uuid import UUID

import typer
from rich.text import Text

from events import brake as brakes
from events import versions
from events.errors import Misconfigured
from events.integration import Settings, Waiting
from events.versions import Act
from events.words import Words
from worker.cli import alerts, asking, everywhere, standing, trigger
from worker.cli.alerts import AlertLanguage, AlertOff, AlertTo, AlertWebhook
from worker.cli.asking import Wait, Yes
from worker.cli.many import Each, From, Label, Maybe, each, listed
from worker.cli.output import Expect, Json, Reason, ago, clock, fields, out, short, show_json, table
from worker.cli.reconciled import told_of
from worker.cli.running import with_context
from worker.operations import browse, integrations, labels, lifecycle, recipients, reconciling, saving, together
from worker.operations.context import Context
from worker.operations.integrations import WORDS, Integration, State
from worker.operations.lifecycle import Paused
from worker.operations.reconciling import Last

OneOrAll = Annotated[
    str | None, typer.Argument(metavar="INTEGRATION", help="Its id, the company's name, business id or number.")
]
All = Annotated[bool, typer.Option("--all", help="Every integration; asks first, or --yes.")]
app = typer.Typer(
    name="integration", help="Companies of Procountor joined to organizations of Trustmary.", no_args_is_help=True
)


def as_json(one: Integration, removed: Act | None = None) -> dict[str, object]:
    return {
        "id": one.id,
        "state": one.state,
        "trouble": one.trouble,
        "rest": one.rest,
        "version": one.version,
        "partition": one.partition,
        "company": {"id": one.company_id, "name": one.company, "business_id": one.names.get("business_id") or None},
        "organization": {"id": one.organization, "name": one.organization_name},
        "user": one.names.get("user"),
        "labels": one.rules.labels,
        "alerts": one.rules.recipients,
        "connected_at": one.connected_at,
        "settings": one.rules.settings,
        "triggers": [trigger.as_json(each) for each in one.rules.triggers.values()],
        **standing.as_json(one, removed),
        "reading": one.reading,
        "deliveries": {"waiting": one.waiting, "attempting": one.attempting, "parked": one.parked},
    }


@app.command("list")
def list_(
    removed: Annotated[bool, typer.Option("--removed", help="Removed ones too.")] = False,
    label: Label = None,
    user: Annotated[
        str | None, typer.Option(metavar="NAME", help="Only those that use this Procountor user's login.")
    ] = None,
    json: Json = False,
) -> None:
    """All integrations; with --user those that end when a colleague's user does."""
    if removed and label:
        raise Misconfigured("--label means integrations that are connected: give it without --removed.")

    async def run(context: Context) -> tuple[list[Integration], Words]:
        every = await (labels.having(context, label) if label else integrations.read_all(context, removed=removed))
        found = [one for one in every if user is None or integrations.is_let_in_by(one, user)]
        return found, context.settings.words

    found, say = with_context(run)
    if json:
        show_json([as_json(one) for one in found])
        return
    rows = [
        (
            short(one.id),
            one.company,
            one.organization_name,
            *([one.names.get("user")] if user is not None else []),
            say(WORDS[one.standing]),
            ", ".join(one.rules.labels),
            connections(one),
            len(one.rules.triggers),
            ago(one.reading.polled_at) if one.reading else "",
            one.waiting,
            one.parked,
        )
        for one in found
    ]
    columns = [
        "id",
        "company",
        "organization",
        *(["user"] if user is not None else []),
        "state",
        "labels",
        "connections",
        "#triggers",
        "read",
        "#waiting",
        "#parked",
    ]
    none = "Nothing is connected: ptm integration connect." if user is None else f"No integration uses {user}'s login."
    out().print(table(columns, rows) if rows else Text(none))


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
def show(which: Maybe = None, label: Label = None, json: Json = False) -> None:
    """Everything about one integration, or about each that has a label."""

    async def run(context: Context) -> tuple[list[Integration], Mapping[UUID, Last], Mapping[UUID, Act], Words]:
        found = await labels.chosen(context, which, label, removed=True)
        last = await reconciling.last(context, [one.id for one in found])
        gone = [one for one in found if one.state is State.REMOVED]
        removed = {one.id: versions.acts(await browse.said(context, one))[-1] for one in gone}
        return found, last, removed, context.settings.words

    found, last, removed, say = with_context(run)
    if json:
        shown = [{**as_json(one, removed.get(one.id)), "reconciliation": last.get(one.id)} for one in found]
        show_json(shown if label else shown[0])
        return
    for one in found:
        known = [] if one.id in removed else [("reconciled", told_of(last.get(one.id), say.zone.key))]
        tell(one, say, *known, removed=removed.get(one.id))


def tell(one: Integration, say: Words, *more: tuple[str, object], removed: Act | None = None) -> None:
    settings, reading, zone = one.rules.settings, one.reading, say.zone.key
    cool_down = f"once per contact per {settings.cool_down_days} days" if settings.cool_down_days else "none"
    lines: list[tuple[str, object]] = [
        ("integration", one.id),
        ("company", f"{one.company} ({one.company_id}) {one.names.get('business_id', '')}"),
        ("organization", f"{one.organization_name} ({one.organization})"),
        ("user", one.names.get("user")),
        ("labels", ", ".join(one.rules.labels) or "none"),
        ("state", f"{say(WORDS[one.standing])}, version {one.version}, connected {clock(one.connected_at, zone)}"),
        *([("paused by", f"the brake: {brakes.said(one.rules.braked, say)}")] if one.rules.braked else []),
        *standing.lines(one, say, removed),
        *([("sending", one.rest.told(one.organization_name, say, datetime.now(UTC)))] if one.rest else []),
        ("cool-down", cool_down),
        ("shared mailboxes", "let through" if settings.role_addresses else "left out"),
        ("brake", limit_of(settings)),
        ("alerts to", ", ".join(each.says for each in one.rules.recipients) or "nobody"),
        ("oldest invoice", f"{settings.oldest_invoice} days" if settings.oldest_invoice else "however old"),
        ("deliveries", f"{one.waiting} waiting, {one.attempting} under way, {one.parked} parked"),
    ]
    if reading:
        failing = f", failing since {clock(reading.failing_since, zone)}: {reading.failure}" if reading.failure else ""
        read = f"{ago(reading.polled_at)}, every {reading.interval_s:.0f} s, up to {reading.cursor or 'nothing yet'}"
        lines.append(("read", f"{read} ({reading.phase}){failing}"))
    out().print(fields([*lines, *more]))
    out().print()
    trigger.show(one)


def limit_of(settings: Settings) -> str:
    match settings.brake:
        case "usual":
            return f"at {brakes.FLOOR} contacts within 24 hours, or {brakes.TIMES} times the busiest day of late"
        case "off":
            return "off"
        case number:
            return f"at {number} contacts within 24 hours"


@app.command()
def edit(  # noqa: PLR0913 - each is an option of its own
    which: Maybe = None,
    *,
    label: Label = None,
    from_: From = None,
    cool_down_days: Annotated[int | None, typer.Option(min=0, help="Once per contact in so many days.")] = None,
    role_addresses: Annotated[
        bool | None, typer.Option("--role-addresses/--no-role-addresses", help="Shared mailboxes such as laskutus@.")
    ] = None,
    brake: Annotated[
        str | None,
        typer.Option(metavar="N|usual|off", help="Pause beyond so many contacts within 24 hours (docs/brake.md)."),
    ] = None,
    oldest_invoice: Annotated[
        int | None, typer.Option(min=0, help="Leave out invoices dated more than so many days ago; 0: none.")
    ] = None,
    alert_to: AlertTo = None,
    alert_webhook: AlertWebhook = None,
    alert_off: AlertOff = None,
    alert_language: AlertLanguage = None,
    waiting: Wait = None,
    expect: Expect = None,
    reason: Reason = None,
    json: Json = False,
) -> None:
    """Change what holds for all triggers, and who is told of states that last."""
    limit, ids = as_limit(brake), listed(from_)
    trigger.one_version(expect, label or from_)
    added, off = alerts.wanted(alert_to, alert_webhook, alert_language), alert_off or []
    telling = bool(added or off)
    deciding = (cool_down_days, role_addresses, limit, oldest_invoice) != (None,) * 4 or not telling

    async def run(context: Context) -> tuple[Each[Integration], Words]:
        every = await each(context, which, label, ids)
        policy = Waiting.SEND
        if deciding:
            policy = asking.waiting(waiting, await together.held(context, every.results))

        async def one(seen: Integration, _: Integration) -> Integration:
            return await saving.edit(
                context,
                trigger.expected(seen, expect),
                told=await recipients.changed(context, seen, added, off) if telling else None,
                cool_down_days=cool_down_days,
                role_addresses=role_addresses,
                brake=limit,
                oldest_invoice=oldest_invoice,
                waiting=policy,
                reason=reason,
            )

        return await every.then(one), context.settings.words

    tell_each(*with_context(run), "saved", json=json)


def as_limit(given: str | None) -> int | str | None:
    try:
        return None if given is None else brakes.written(given)
    except Misconfigured as error:
        raise Misconfigured(f"--brake {error}") from error


def everywhere_is_meant(*others: str | None, all: bool) -> bool:
    """Raises `Misconfigured` where more than one way to say which is used, or none."""
    if [*(one is not None for one in others), all].count(True) != 1:
        raise Misconfigured("Say which: an integration, --label LABEL, --from FILE, or --all for every one.")
    return all


@app.command()
def pause(
    which: OneOrAll = None,
    *,
    all: All = False,
    label: Label = None,
    from_: From = None,
    reason: Reason = None,
    yes: Yes = False,
    json: Json = False,
) -> None:
    """Stop sending at once; invoices are still read and recorded, nothing is lost."""
    if everywhere_is_meant(which, label, from_, all=all):
        everywhere.pause(reason, yes=yes, json=json)
        return
    ids = listed(from_)

    async def run(context: Context) -> Each[Paused]:
        every = await each(context, which, label, ids)
        return await every.then(lambda seen, _: lifecycle.pause(context, seen, reason=reason))

    done = with_context(run)
    if json:
        done.show_json(lambda _, one: {**as_json(one.integration), "under_way": one.under_way})
    for one in done.results if not json else ():
        late = f" {one.under_way} calls had left and are not answered yet." if one.under_way else ""
        out().print(f"{one.integration.name} is paused; {one.waiting} calls wait.{late}", markup=False)
    done.end()


@app.command()
def resume(
    which: OneOrAll = None,
    *,
    all: All = False,
    label: Label = None,
    from_: From = None,
    waiting: Wait = None,
    reason: Reason = None,
    yes: Yes = False,
    json: Json = False,
) -> None:
    """Send again, after saying what becomes of what waits."""
    if everywhere_is_meant(which, label, from_, all=all):
        everywhere.resume(waiting, reason, yes=yes, json=json)
        return
    ids = listed(from_)

    async def run(context: Context) -> tuple[Each[Integration], Words]:
        every = await each(context, which, label, ids)
        asked = [seen for seen in every.results if seen.state is not State.ACTIVE]
        policy = asking.waiting(waiting, await together.held(context, asked))
        resumed = await every.then(lambda seen, _: lifecycle.resume(context, seen, policy, reason=reason))
        return resumed, context.settings.words

    tell_each(*with_context(run), "active", json=json)


def tell_each(done: Each[Integration], say: Words, word: str, *, json: bool) -> None:
    if json:
        done.show_json(lambda _, one: as_json(one))
    for one in done.results if not json else ():
        if done.several:
            out().print(f"{one.name} is {word}.", markup=False)
        else:
            tell(one, say)
    done.end()
