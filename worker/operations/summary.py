"""A replay in an operator's words: what it looked at, what applying it takes, how far it is. In English."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from uuid import UUID

from events.integration import Rules
from events.moments import clock
from events.plan import Class, Wanted
from events.replay import Reach
from events.words import Say, english
from worker.operations import progress, replays
from worker.operations.replays import Cost, Replay
from worker.operations.shown import Shown


def summary(shown: Shown) -> list[tuple[str, object]]:
    replay, counts = shown.replay, shown.replay.about["counts"]
    what = "contacts that the replay added" if replay.undoes else "changes that reach a status of the trigger"
    pairs: list[tuple[str, object]] = [
        ("replay", f"{short(replay.id)} · {replay.state}"),
        *([("undoes", short(replay.undoes))] if replay.undoes else []),
        ("integration", shown.integration.name),
        ("planned", f"{clock(replay.planned_at, shown.zone)} by {replay.planned_by}, up to position {replay.upto}"),
        *([("applied", applied(replay, shown.zone))] if replay.started_at else []),
        *(() if replay.undoes else past(shown)),
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
        pairs.append(("finished", progress.finished(replay, datetime.now(UTC), shown.say)))
        pairs.append(
            ("results", ", ".join(f"{count} {result}" for result, count in replay.results.items()) or "none yet")
        )
    return pairs


def past(shown: Shown) -> Iterator[tuple[str, object]]:
    """Which of the past it has looked at, and by which rules."""
    rules, wanted = shown.integration.rules, replays.wanted_of(shown.replay)
    yield "window", "; ".join(window(wanted, shown.zone))
    if only := list(narrowed(wanted)):
        yield "only", "; ".join(only)
    known = (rules.triggers.get(id) for id in shown.replay.triggers)
    names = (f"{one.name}{'' if one.live else ' (draft)'}" if one else "one that was removed" for one in known)
    yield "triggers", ", ".join(names)


def window(wanted: Wanted, zone: str) -> Iterator[str]:
    """Which time is meant is said: when it was recorded, or the invoice's own date."""
    yield f"positions {wanted.after + 1} to {wanted.upto}"
    if wanted.since:
        yield f"recorded from {clock(wanted.since, zone)} on"
    if wanted.until:
        yield f"recorded before {clock(wanted.until, zone)}"
    if wanted.dated_from:
        yield f"invoice date from {wanted.dated_from} on"
    if wanted.dated_to:
        yield f"invoice date up to {wanted.dated_to}"


def narrowed(wanted: Wanted) -> Iterator[str]:
    for what, values in (
        ("changes that reach", wanted.statuses),
        ("customers", wanted.customers),
        ("invoices", wanted.invoices),
        ("what was skipped for", wanted.skips),
    ):
        if values:
            yield f"{what} {', '.join(map(str, sorted(values)))}"


def data_of(replay: Replay) -> str:
    """Whose data it was planned with, and what that took."""
    if not replay.about["wanted"]["latest"]:
        return "as seen then, no call to Procountor"
    gone = replay.about.get("unread", 0)
    left = f"; {counted(gone, 'customer')} not in the register: as seen then" if gone else ""
    return f"read again, {counted(replay.about.get('procountor', 0), 'call')} to Procountor{left}"


def applied(replay: Replay, zone: str) -> str:
    said = f"{clock(replay.started_at, zone)} by {replay.started_by}"
    return f"{said}, as {replay.name}: {replay.reason}" if replay.name else said


def names_of(rules: Rules) -> Mapping[str, str]:
    """Lists and automations as Trustmary calls them, as far as the triggers know."""
    return {id: name for trigger in rules.triggers.values() for id, name in trigger.destination.names.items()}


def called(target: str, names: Mapping[str, str], say: Say = english) -> str:
    """`list:<id>` as people know it."""
    kind, _, id = target.partition(":")
    return f"{say(kind)} {names.get(id, id)}".strip()


def word(kind: str) -> str:
    return kind.replace("_", " ")


def price(cost: Cost) -> str:
    surveys = f"{cost.surveys} may start a survey" if cost.surveys else "no survey starts"
    off = f" ({cost.off} of them taken off lists)" if cost.off else ""
    time = f" ({timedelta(seconds=math.ceil(cost.seconds))} at its pace)" if cost.seconds else ""
    return f"{counted(cost.contacts, 'contact')}{off}, {counted(cost.calls, 'call')} to Trustmary{time}, {surveys}"


def taking_off(old: Mapping[Reach, int]) -> str:
    """Which reach `--remove-old` takes; empty where nobody would be taken off."""
    at_list, most = old[Reach.LIST], old[Reach.SURVEY]
    if not most:
        return ""
    says = f"To take {counted(most, 'contact')} off old lists too, add --remove-old to --reach"
    if at_list == most:
        return f"{says} list or survey."
    least = f"takes off {at_list} of them" if at_list else "takes off nobody"
    return f"{says} survey: --reach list {least}, as it leaves lists alone that may start surveys."


def counted(count: int, what: str) -> str:
    return f"{count} {what}{'' if count == 1 else 's'}"


def short(id: UUID) -> str:
    return str(id)[:8]
