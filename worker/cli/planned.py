"""A replay as people see it: its plan contact by contact, what applying it takes, and what became of it."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from enum import StrEnum

from events import reasons
from events.plan import Class
from events.replay import Reach
from worker.cli.output import fields, out, short, show_json, table, told
from worker.operations import exports, progress
from worker.operations.exports import as_json
from worker.operations.replays import Line
from worker.operations.shown import Shown
from worker.operations.summary import called, counted, names_of, summary, taking_off, word


class Form(StrEnum):
    TABLE = "table"
    JSON = "json"
    CSV = "csv"
    MARKDOWN = "markdown"


def present(shown: Shown, form: Form) -> None:
    match form:
        case Form.JSON:
            show_json(as_json(shown))
        case Form.CSV:
            exports.csv(shown.lines, sys.stdout)
        case Form.MARKDOWN:
            exports.markdown(shown, sys.stdout)
        case Form.TABLE:
            show(shown)


SHOWN = 20
"""Lines of a plan that a terminal shows; the exports have all."""


def show(shown: Shown) -> None:
    out().print(fields(summary(shown)))
    if shown.lines:
        out().print()
        names = names_of(shown.integration.rules)
        rows = [row(one, names) for one in shown.lines]
        out().print(table(["#", "class", "#invoice", "contact", "change"], rows))
        if more := sum(shown.replay.about["counts"].values()) - len(rows):
            said = f"… and {more} more: ptm replay show {short(shown.replay.id)} --format csv"
            told().print(said, soft_wrap=True)
    if shown.replay.state == "planned":
        told().print(f"Nothing has been sent. {onward(shown)}", soft_wrap=True)
        if old := taking_off(shown.old):
            told().print(old, soft_wrap=True)
    if shown.replay.state in ("paused", "cancelled") and (going := progress.under_way(shown.replay)):
        stop = f"ptm integration pause {shown.integration.company_id}"
        told().print(f"{counted(going, 'contact')} decided before still to go out: {stop} stops all.", soft_wrap=True)


def onward(shown: Shown) -> str:
    """What a person can do with a plan."""
    triggers = shown.integration.rules.triggers
    drafts = [triggers[id].name for id in shown.replay.triggers if id in triggers and not triggers[id].live]
    if not shown.costs[Reach.SURVEY].contacts and not shown.replay.about["counts"].get(Class.TAKE_OFF):
        return "There is nothing to apply."
    if drafts:
        return f"{', '.join(drafts)} is a draft: to apply it, ptm trigger promote, then plan again."
    return (
        f"To apply it: ptm replay apply {short(shown.replay.id)} --reach contact, list or survey; "
        "without --reach it is recorded, and nothing is sent."
    )


def row(one: Line, names: Mapping[str, str]) -> tuple[object, ...]:
    return one.number, word(one.kind), one.invoice_number or one.invoice, one.email or "(erased)", change(one, names)


def change(one: Line, names: Mapping[str, str]) -> str:
    """What is different, or why nothing is sent, or what became of it."""
    if one.left_out:
        return f"left out: {reasons.said(one.left_out)}"
    if one.delivery:
        return f"{one.delivery}{f': {one.failure}' if one.failure else ''}"
    if one.kind is Class.TAKE_OFF:
        off = f"off {', '.join(called(target, names) for target in one.targets)}"
        return f"{off}. {reasons.said(one.reason)}" if one.reason else off
    if one.reason:
        return reasons.said(one.reason)
    if one.kind is Class.OTHER_ADDRESS:
        return f"{one.before.get('email')} → {one.email}"
    differing = [
        f"{name}: {one.before.get(name, '–')} → {value}"
        for name, value in one.after.items()
        if one.before.get(name) != value
    ]
    added = [f"+ {called(target, names)}" for target in one.targets if target != "contact"]
    return ", ".join([*differing, *added]) if one.kind is Class.CHANGED else ""


def lines_of(form: Form) -> int | None:
    """How many are looked at: a terminal shows the first, an export all."""
    return SHOWN if form is Form.TABLE else None
