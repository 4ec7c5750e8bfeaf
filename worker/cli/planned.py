"""A replay as people see it: its plan contact by contact, what applying it takes, and what became of it."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any

from events import reasons
from events.integration import Rules
from events.plan import Class
from events.replay import Reach
from worker.cli import exported, progress
from worker.cli.output import clock, fields, out, short, show_json, table, told
from worker.operations.integrations import Integration
from worker.operations.replays import Cost, Line, Replay


class Form(StrEnum):
    TABLE = "table"
    JSON = "json"
    CSV = "csv"
    MARKDOWN = "markdown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """A replay with what it belongs to."""

    replay: Replay
    integration: Integration
    costs: Mapping[Reach, Cost]
    lines: tuple[Line, ...]
    zone: str


def present(shown: Shown, form: Form) -> None:
    match form:
        case Form.JSON:
            show_json(as_json(shown))
        case Form.CSV:
            exported.csv(shown.lines)
        case Form.MARKDOWN:
            exported.markdown(shown.integration.name, summary(shown), shown.lines)
        case Form.TABLE:
            show(shown)


def as_json(shown: Shown) -> dict[str, Any]:
    return {
        "replay": shown.replay,
        "integration": shown.integration.id,
        "costs": {reach.value: cost for reach, cost in shown.costs.items()},
        "items": shown.lines,
    }


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
        if old := shown.replay.about["counts"].get(Class.TAKE_OFF):
            told().print(f"To take {counted(old, 'contact')} off old lists too, add --remove-old.", soft_wrap=True)
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


def summary(shown: Shown) -> list[tuple[str, object]]:
    replay, counts = shown.replay, shown.replay.about["counts"]
    what = "contacts that the replay added" if replay.undoes else "changes that reach a status of the trigger"
    pairs: list[tuple[str, object]] = [
        ("replay", f"{short(replay.id)} · {replay.state}"),
        *([("undoes", short(replay.undoes))] if replay.undoes else []),
        ("integration", shown.integration.name),
        ("planned", f"{clock(replay.planned_at, shown.zone)} by {replay.planned_by}, up to position {replay.upto}"),
        *([("applied", applied(replay, shown.zone))] if replay.started_at else []),
        ("looked at", f"{replay.about['looked_at']} {what}"),
        ("contacts", ", ".join(f"{count} {word(kind)}" for kind, count in counts.items() if count) or "none"),
    ]
    if replay.about["skipped"]:
        skips = replay.about["skipped"].items()
        label = "nothing to undo" if replay.undoes else "still skipped"
        pairs.append((label, ", ".join(f"{count} {reason}" for reason, count in skips)))
    if not replay.undoes:
        pairs.append(("customers", data_of(replay)))
    if replay.state == "planned":
        pairs += [
            (f"at reach {reach}", price(cost)) for reach, cost in shown.costs.items() if reach is not Reach.RECORD
        ]
    else:
        if not replay.undoes:
            old = ", and old addresses are taken off" if Class.TAKE_OFF in replay.classes else ""
            pairs.append(("reach", f"{replay.reach}{old}"))
        pairs.append(("asked for", progress.asked(replay)))
        pairs.append(("finished", progress.finished(replay, datetime.now(UTC))))
        pairs.append(
            ("results", ", ".join(f"{count} {result}" for result, count in replay.results.items()) or "none yet")
        )
    return pairs


def data_of(replay: Replay) -> str:
    """Whose data it was planned with, and what that took."""
    if not replay.about["wanted"]["latest"]:
        return "as seen then, no call to Procountor"
    return f"read again, {counted(replay.about.get('procountor', 0), 'call')} to Procountor"


def applied(replay: Replay, zone: str) -> str:
    said = f"{clock(replay.started_at, zone)} by {replay.started_by}"
    return f"{said}, as {replay.name}: {replay.reason}" if replay.name else said


def names_of(rules: Rules) -> Mapping[str, str]:
    """Lists and automations as Trustmary calls them, as far as the triggers know."""
    return {id: name for trigger in rules.triggers.values() for id, name in trigger.destination.names.items()}


def called(target: str, names: Mapping[str, str]) -> str:
    """`list:<id>` as people know it."""
    kind, _, id = target.partition(":")
    return f"{kind} {names.get(id, id)}".strip()


def word(kind: str) -> str:
    return kind.replace("_", " ")


def price(cost: Cost) -> str:
    surveys = f"{cost.surveys} may start a survey" if cost.surveys else "no survey starts"
    off = f" ({cost.off} of them taken off lists)" if cost.off else ""
    time = f" ({timedelta(seconds=math.ceil(cost.seconds))} at its pace)" if cost.seconds else ""
    return f"{counted(cost.contacts, 'contact')}{off}, {counted(cost.calls, 'call')} to Trustmary{time}, {surveys}"


def counted(count: int, what: str) -> str:
    return f"{count} {what}{'' if count == 1 else 's'}"


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
