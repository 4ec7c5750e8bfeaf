"""A reconciliation as people see it: counts, what differs line by line, and the plan that shows the repair."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from rich.text import Text

from events.reconcile import Gap, State
from worker.cli.output import ago, clock, out, short, table
from worker.looking_up import Line
from worker.operations.reconciling import Last, Report

NAMED = 12
"""Invoices that a command to copy names one by one."""
BESIDE = {
    "under_way": "on the way or sent since",
    "blocked": "on the block list",
    "erased": "erased",
    "unreadable": "refused by Trustmary",
}


def as_json(report: Report) -> dict[str, Any]:
    found = report.found
    return {
        "integration": report.integration.id,
        "company": report.integration.company,
        "days": found.days,
        "counts": found.counts,
        "invoices": found.invoices.recorded,
        "not_released": report.late,
        "contacts": [{**plain(line), "number": report.numbers.get(line.invoice)} for line in found.contacts.lines],
        "failures": found.failures,
        "repair": repair(report),
        "wants_person": report.wants_person,
    }


def plain(line: Line) -> dict[str, Any]:
    return {
        "state": line.state,
        "email": line.email,
        "invoice": line.invoice,
        "status": line.status,
        "drift": {name: {"sent": sent, "there": there} for name, (sent, there) in line.drift.items()},
        "first_seen": line.first_seen,
    }


def show(report: Report, zone: str) -> None:
    found, counts = report.found, report.found.contacts.counts
    out().print(Text(f"{report.integration.name}, the last {found.days} days", style="bold"))
    caught = found.invoices
    to_come = f", {caught.to_come} still being read" if caught.to_come else ""
    lacking = {kind: sum(one.gap is kind for one in caught.recorded) for kind in Gap}
    out().print(
        f"  Procountor: {caught.looked_at} invoices looked at; {lacking[Gap.MISSING]} missing in the log, "
        f"{lacking[Gap.BEHIND]} behind{to_come}"
    )
    said = [f"{counts[state]} {state.replace('_', ' ')}" for state in State if counts[state] or state is State.AS_SENT]
    said += [f"{counts[name]} {words}" for name, words in BESIDE.items() if counts[name]]
    out().print(f"  Trustmary: {', '.join(said)}")
    if rows := [*invoice_rows(report, zone), *contact_rows(report)]:
        out().print()
        out().print(table(["found", "#invoice", "contact", "what", "what to do"], rows))
    if command := repair(report):
        out().print(Text(f"Nothing was sent. To see what a repair would send: {command}"), soft_wrap=True)
    out().print()


def invoice_rows(report: Report, zone: str) -> list[tuple[object, ...]]:
    waiting = {one.invoice for one in report.late}
    now = {one.invoice: one.gap for one in report.found.invoices.recorded}
    rows: list[tuple[object, ...]] = [
        (
            f"invoice {one.gap}",
            one.number or one.invoice,
            "",
            f"{one.status}, recorded now",
            "nothing: it goes on as ever" if one.live else "nothing: no trigger would add anybody",
        )
        for one in report.found.invoices.recorded
        if one.invoice not in waiting
    ]
    return rows + [
        (
            f"invoice {now.get(one.invoice, 'not released')}",
            one.number or one.invoice,
            "",
            f"{one.status}, recorded {clock(one.at, zone)}",
            f"plan a replay: --invoice {one.invoice}",
        )
        for one in report.late
    ]


def contact_rows(report: Report) -> list[tuple[object, ...]]:
    order = list(State)
    lines = sorted(report.found.contacts.lines, key=lambda line: (order.index(line.state), line.invoice))
    return [
        (
            f"contact {line.state.replace('_', ' ')}",
            report.numbers.get(line.invoice, line.invoice),
            line.email,
            "; ".join(f"{name}: {sent} → {there or '–'}" for name, (sent, there) in line.drift.items()) or line.status,
            TO_DO[line.state].format(invoice=line.invoice),
        )
        for line in lines
    ]


TO_DO = {
    State.MISSING: "plan a replay: --invoice {invoice}",
    State.DRIFTED: "nothing if it was corrected there; else plan: --invoice {invoice}",
    State.DELETED: "nothing: it is not revived",
    State.NOT_ACTIVE: "nothing: it is respected",
}


def repair(report: Report) -> str | None:
    """The plan that shows what can be sent again."""
    invoices = sorted({*(one.invoice for one in report.late), *(line.invoice for line in report.repairable)})
    if not invoices:
        return None
    named = " ".join(f"--invoice {invoice}" for invoice in invoices)
    window = named if len(invoices) <= NAMED else f"--last {report.found.days}"
    return f"ptm replay plan {short(report.integration.id)} {window}"


def told_of(last: Last | None, zone: str) -> str:
    """One line about the last reconciliation."""
    if last is None:
        return "not yet"
    if last.running:
        return "under way"
    if last.ended_at is None:
        return f"not yet, due {clock(last.due_at, zone)}"
    invoices = among(last.counts, "invoices_", Gap)
    contacts = among(last.counts, "contacts_", State)
    failure = f" {last.failure}" if last.failure else ""
    return f"{ago(last.ended_at)}: invoices {invoices or 'all read'}; contacts {contacts or 'none'}.{failure}"


def among(counts: Mapping[str, int], prefix: str, words: Iterable[str]) -> str:
    return ", ".join(f"{count} {word.replace('_', ' ')}" for word in words if (count := counts.get(f"{prefix}{word}")))
