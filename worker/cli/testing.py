"""`ptm trigger test`: what a trigger would have done, and one real contact to oneself."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Annotated

import typer
from rich.text import Text

from events.errors import Misconfigured
from events.rehearsal import Rehearsal
from worker.cli import cases, configuration, trigger
from worker.cli.asking import Yes, sure
from worker.cli.log import moment
from worker.cli.many import Each, Label, Maybe, each, named, words
from worker.cli.output import Json, Reason, clock, fields, out, show_json, table, told
from worker.cli.running import with_context
from worker.operations import integrations, rehearsing, trial
from worker.operations.context import Context
from worker.operations.integrations import Integration, State
from worker.operations.rehearsing import Span
from worker.operations.trial import Prepared, Tried

Named = Annotated[str | None, typer.Argument(metavar="TRIGGER", help="Live or draft: its name or id.")]
BARS = "▁▂▃▄▅▆▇█"


def test(  # noqa: PLR0913 - each is a flag of its own
    which: Maybe = None,
    wanted: Named = None,
    *,
    label: Label = None,
    file: Annotated[
        str | None, typer.Option(metavar="FILE", help="Run the tests of a document instead; - reads standard input.")
    ] = None,
    since: Annotated[str | None, typer.Option(help="Recorded since: 3d, or 2026-03-01T12:00.")] = None,
    until: Annotated[str | None, typer.Option(help="Recorded before then.")] = None,
    last: Annotated[int | None, typer.Option(min=1, metavar="DAYS", help="Recorded in the last so many days.")] = None,
    send_to: Annotated[
        str | None, typer.Option(metavar="ADDRESS", help="Send one real contact, to this address of your own.")
    ] = None,
    yes: Yes = False,
    reason: Reason = None,
    json: Json = False,
) -> None:
    """What a trigger would have done with what the log has, or the tests in a file; sends nothing without --send-to."""
    if file is None and wanted is None and which and which.endswith((".yaml", ".yml")):
        which, file = None, which
    if file is not None:
        if which or label or since or until or last or send_to:
            raise Misconfigured("--file runs the tests of a document, and goes with nothing but --json.")
        cases.run(configuration.read_file(file), file, json=json)
        return
    which, wanted = words(label, which, wanted)
    name = named(wanted, "trigger")
    if since and last:
        raise Misconfigured("--since and --last both say where the window begins: give one.")
    if send_to is None:
        decide_past(which, name, label, since=since, until=until, last=last, json=json)
    elif since or until or last:
        raise Misconfigured("--send-to takes the newest invoice that matches: give it without a window.")
    elif which is None:
        raise Misconfigured("--send-to sends one contact to yourself: name the integration, without --label.")
    else:
        try_out(which, name, send_to, yes=yes, reason=reason, json=json)


def decide_past(
    which: str | None,
    wanted: str,
    label: str | None,
    *,
    since: str | None,
    until: str | None,
    last: int | None,
    json: bool,
) -> None:
    async def run(context: Context) -> tuple[Each[Rehearsal], str]:
        zone = context.settings.timezone
        start = moment(since, zone, flag="--since") if since else None
        span = Span(
            since=datetime.now(UTC) - timedelta(days=last) if last else start,
            until=moment(until, zone, flag="--until") if until else None,
        )
        every = await each(context, which, label)
        return await every.then(
            lambda seen, _: rehearsing.rehearse(context, seen, seen.trigger(wanted), span), at_once=1
        ), zone

    done, zone = with_context(run)
    if json:
        done.show_json(lambda seen, found: as_json(found) | ({"integration": seen.id} if label else {}))
    elif done.several:
        show_all(done)
    else:
        show(done.results[0], zone)
    done.end()


def show_all(done: Each[Rehearsal]) -> None:
    """A line for each integration."""
    rows = [
        (
            seen.name,
            found.events,
            found.matches,
            found.contacts,
            sum(found.skipped.values()),
            None if not found.matches else f"{100 * found.filled['email'] / found.matches:.0f} %",
            found.invalid,
            found.roles,
        )
        for seen, found in done.done
    ]
    columns = [
        "integration",
        "#changes",
        "#matches",
        "#to be added",
        "#skipped",
        "#email",
        "#invalid",
        "#role addresses",
    ]
    if rows:
        out().print(table(columns, rows))


def as_json(found: Rehearsal) -> dict[str, object]:
    people, shared, most = found.sharing
    return {
        "trigger": trigger.as_json(found.trigger),
        "since": found.first,
        "until": found.last,
        "events": found.events,
        "erased": found.erased,
        "unfired": found.unfired,
        "unmet": found.unmet,
        "met": found.met,
        "matches": found.matches,
        "contacts": found.contacts,
        "skipped": dict(found.skipped),
        "fields": {
            name: {"path": path, "present": found.filled[name], "percent": percent(found.filled[name], found.matches)}
            for name, path in found.trigger.mapping.fields.items()
        },
        "email": {"invalid": found.invalid, "role_addresses": found.roles},
        "people": {"all": len(found.invoices), "sharing": people, "invoices_shared": shared, "most": most},
        "weeks": [{"monday": monday, "matches": count} for monday, count in found.weeks],
        "samples": list(found.latest),
    }


def percent(part: int, whole: int) -> float | None:
    return round(100 * part / whole, 1) if whole else None


def show(found: Rehearsal, zone: str) -> None:
    people, shared, most = found.sharing
    weeks = found.weeks
    left_out = [f"{found.unmet} to another status"]
    left_out += [f"{found.unfired} read while connecting"] if found.unfired else []
    left_out += [f"{found.erased} erased"] if found.erased else []
    window = f"{clock(found.first, zone)} to {clock(found.last, zone)}" if found.first else "nothing recorded"
    sharing = f"{people} of {len(found.invoices)} persons have more than one invoice" if people else "none"
    lines: list[tuple[str, object]] = [
        ("trigger", found.trigger.name + ("" if found.trigger.live else " (draft)")),
        ("window", window),
        ("changes", f"{found.events}, of which {', '.join(left_out)}"),
        ("matches", f"{found.matches} of {found.met} that met the status"),
        ("to be added", found.contacts),
        *(("skipped", f"{count} {reason.value.replace('_', ' ')}") for reason, count in found.skipped.most_common()),
        *((name, fill(found, name)) for name in found.trigger.mapping.fields),
        ("shared", f"{sharing}, {shared} invoices together, {most} at most" if people else sharing),
        *([("weeks", f"{spark([count for _, count in weeks])}  from {weeks[0][0]}, a week each")] if weeks else []),
    ]
    out().print(fields(lines))
    if found.latest:
        rows = [
            (one.number or one.invoice, clock(one.at, zone), ", ".join(f"{k} {v}" for k, v in one.contact.items()))
            for one in reversed(found.latest)
        ]
        out().print()
        out().print(table(["#invoice", "recorded", "contact"], rows, title="the newest that would be added"))


def fill(found: Rehearsal, name: str) -> str:
    if not found.matches:
        return f"{found.trigger.mapping.fields[name]}: no match to fill it from"
    said = f"present {100 * found.filled[name] / found.matches:.0f} %"
    if name == "email":
        said += f", {found.invalid} invalid, {found.roles} role addresses"
    return f"{said} ({found.trigger.mapping.fields[name]})"


def spark(counts: list[int]) -> str:
    """A bar a week; only a week without any is the lowest."""
    top = max(counts, default=0)
    return "".join(BARS[-(-count * (len(BARS) - 1) // top)] if count else BARS[0] for count in counts)


def try_out(which: str, wanted: str, own: str, *, yes: bool, reason: str | None, json: bool) -> None:
    async def run(context: Context) -> tuple[Tried, Prepared]:
        seen = await integrations.find(context, which)
        prepared = await trial.prepare(context, seen, seen.trigger(wanted), own)
        if yes and not json:
            told().print(Text(question(seen, prepared)), soft_wrap=True)
        sure(question(seen, prepared), yes=yes)
        return await trial.send(context, seen, prepared, reason=reason), prepared

    tried, prepared = with_context(run)
    if json:
        show_json({"sent": tried.sent, "answers": tried.answers, "well": tried.well})
    else:
        show_tried(tried, prepared)
    if not tried.well:
        raise typer.Exit(1)


def question(seen: Integration, prepared: Prepared) -> str:
    added = prepared.added
    contact = ", ".join(f"{name} {value}" for name, value in added.contact.items())
    starts = (
        f"This may start a survey to {added.contact['email']}."
        if added.starts_surveys
        else "That starts no survey by itself; an automation of Trustmary's that watches contacts may."
    )
    paused = " The integration is paused; this is sent all the same." if seen.state is State.PAUSED else ""
    return (
        f"Send the contact of invoice {prepared.number or added.invoice_id} to {seen.organization_name} "
        f"({contact}) → {trigger.describe(prepared.trigger)}? {starts}{paused}"
    )


def show_tried(tried: Tried, prepared: Prepared) -> None:
    for one in tried.answers:
        what = "automation" if one.step == 2 else "contact"
        why = f": {one.failure}" if one.failure else ""
        status = f" ({one.status})" if one.status else ""
        out().print(Text(f"{what} {one.outcome}{status}{why}"), soft_wrap=True)
    if tried.well:
        email, goes = tried.sent.contact["email"], trigger.describe(prepared.trigger)
        see = f"See ptm why {prepared.number or tried.sent.invoice_id}."
        out().print(Text(f"{email} was added → {goes}. {see}"), soft_wrap=True)
