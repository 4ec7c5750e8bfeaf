"""What stands above the contacts of a replay: what it is, how many of which class, what is meant or how far it is."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime

from textual.content import Content

from events import reasons
from events.plan import SENDABLE, Class
from events.words import Words
from tui.replay.look import Look
from tui.replay.wording import CLASSES, RESULTS, STATES, bar, class_of, price, result, state_of
from worker.operations import progress, replays
from worker.operations.integrations import State
from worker.operations.replays import Cost

TONES = {"good": "$success", "warning": "$warning", "bad": "$error", "quiet": "$foreground 72%", "": ""}


@dataclass(frozen=True, slots=True, kw_only=True)
class Meant:
    """What would be applied."""

    marked: Collection[int] = ()
    cost: Cost | None = None
    """At most; None: not known yet."""


def head(at: Look, mean: Meant, say: Words, now: datetime) -> Content:
    lines = [what(at, say, now), classes(at, say)]
    if at.replay.state == "planned":
        lines.append(meant(at, mean, say))
    else:
        lines += [far(at, say, now), results(at, say), held(at, say)]
    return Content("\n").join(line for line in lines if line)


def what(at: Look, say: Words, now: datetime) -> Content:
    one = at.replay
    at_time, who = one.started_at or one.planned_at, one.started_by or one.planned_by
    said = [say("{at} by {actor}", at=say.moment(at_time, now), actor=who)]
    if one.name:
        said.append(f"{one.name}: {one.reason}")
    if one.undoes:
        said.append(say("undoes {id}", id=str(one.undoes)[:8]))
    elif one.reach:
        said.append(say("reach {reach}", reach=one.reach.value))
    else:
        said.append(say("up to position {n}", n=one.upto))
        latest = one.about["wanted"]["latest"]
        said.append(say("customers read again") if latest else say("customers as seen"))
    state = Content.styled(state_of(one, say), f"bold {TONES[STATES[one.state][2]]}")
    return Content.assemble(state, " · " + " · ".join(said))


def classes(at: Look, say: Words) -> Content:
    """How many of which, and what is skipped still."""
    parts = [
        Content.styled(counted(kind, count, at, say), look_of(kind, at)) for kind, count in at.counts.items() if count
    ]
    skipped = sum(at.replay.about["skipped"].values())
    if skipped:
        parts.append(Content.styled(say("still skipped {n}", n=say.number(skipped)), "$foreground 72%"))
    looked = say("of {n} changes", n=say.number(at.replay.about["looked_at"]))
    return Content(" · ").join([*(parts or [Content(say("nobody"))]), Content.styled(looked, "$foreground 72%")])


def counted(kind: Class, count: int, at: Look, say: Words) -> str:
    """In brackets where only those are shown."""
    said = f"{class_of(kind, say)} {say.number(count)}"
    return f"[{said}]" if kind is at.kind else said


def look_of(kind: Class, at: Look) -> str:
    return f"{TONES[CLASSES[kind][2]]} {'reverse' if kind is at.kind else ''}".strip()


def meant(at: Look, mean: Meant, say: Words) -> Content:
    """Which contacts would be applied, and what that takes when everything is sent as far as it goes."""
    if not replays.holds(at.integration, at.replay):
        return Content.styled("▲ " + say("The rules have changed since it was planned: r plans it again."), "$warning")
    if at.drafts:
        return Content.styled(
            say("{names} is a draft: to look at, not to apply. Put it in force, then plan again.",
                names=", ".join(at.drafts)), "$warning")  # fmt: skip
    if not any(at.counts.get(kind) for kind in SENDABLE):
        return Content(say("There is nothing to apply."))
    if mean.marked:
        which = say("Meant: {n} marked", n=say.number(len(mean.marked)))
    elif at.kind:
        which = say("Meant: all that are {word}", word=say(CLASSES[at.kind][1]))
    else:
        which = say("Meant: all that can be sent")
    if mean.cost is None:
        return Content.assemble((which, "bold"), " · …")
    if not mean.cost.contacts:
        return Content.assemble((which, "bold"), " · " + say("nothing of that can be sent"))
    return Content.assemble((which, "bold"), " · " + say("at most {price}", price=price(mean.cost, say)))


def far(at: Look, say: Words, now: datetime) -> Content:
    one = at.replay
    reached = progress.of(one, now)
    said = [
        bar(reached.done, reached.whole),
        say("{n} of {all} finished", n=say.number(reached.done), all=say.number(reached.whole)),
        say("{n} asked for", n=say.number(one.asked)),
    ]
    if reached.left and one.state in ("running", "paused", "cancelled"):
        said += list(pace(reached, say))
    return Content(" · ".join(said))


def held(at: Look, say: Words) -> Content:
    """Why nothing moves, though a worker is there."""
    if at.integration.state is not State.PAUSED or not progress.of(at.replay, at.replay.planned_at).left:
        return Content("")
    says = say("The integration is paused, or held by the brake: what is decided waits.")
    return Content.styled(f"‖ {says}", "$warning")


def pace(reached: progress.Progress, say: Words) -> Iterator[str]:
    if reached.to_go is not None:
        yield say("{n} a second", n=say.decimal(reached.rate, 1))
        yield say("{time} to go", time=reached.to_go)
    else:
        yield say("none in the last {n} s", n=round(reached.span))


def results(at: Look, say: Words) -> Content:
    """What was sent, and what was left out by name and why."""
    found = at.replay.results
    off = at.replay.undoes is not None
    sent = [f"{result(name, say, off=off)} {say.number(n)}" for name, n in found.items() if name in RESULTS]
    left = [f"{say(reasons.said(name))} ({say.number(n)})" for name, n in found.items() if name not in RESULTS]
    if left:
        sent.append(say("left out: {why}", why=" ".join(left)))
    return Content(" · ".join(sent))
