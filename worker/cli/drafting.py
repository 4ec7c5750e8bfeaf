"""`ptm trigger draft`, `shadow` and `promote`: a rule worked on beside the one in force."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

import typer
from rich.console import Console
from rich.text import Text

from events import versions
from events.contact import ContactAdded
from events.integration import Trigger
from events.proof import Decided
from events.shadow import DIFFERENT, Sample, Shadow, Verdict
from worker.cli import asking, trigger
from worker.cli.asking import Wait, Yes
from worker.cli.flags import wishing
from worker.cli.log import moment
from worker.cli.output import Expect, Json, Reason, Which, clock, out, show_json, table, told
from worker.cli.planned import called
from worker.cli.running import with_context
from worker.operations import drafts, integrations, saving, triggers
from worker.operations.context import Context
from worker.operations.drafts import Watched
from worker.operations.integrations import Integration
from worker.operations.wishes import Wishes, apply

Named = Annotated[str, typer.Argument(metavar="DRAFT", help="Its name or id.")]
WORDS: Mapping[Verdict, str] = {
    Verdict.EQUAL: "both add the same",
    Verdict.OTHER_FIELDS: "other fields",
    Verdict.OTHER_ADDRESS: "other address",
    Verdict.OTHER_DESTINATION: "other destination",
    Verdict.ONLY_LIVE: "only the live one adds",
    Verdict.ONLY_DRAFT: "only the draft adds",
    Verdict.NEITHER: "neither adds",
}


@wishing
def draft(
    which: Which,
    live: Annotated[str, typer.Argument(metavar="TRIGGER", help="The live one: its name or id.")],
    *,
    wishes: Wishes,
    expect: Expect = None,
    reason: Reason = None,
    json: Json = False,
) -> None:
    """Make a draft from a live trigger, to stand beside it; it sends nothing until it is promoted."""

    async def run(context: Context) -> tuple[Integration, Trigger]:
        seen = trigger.expected(await integrations.find(context, which), expect)
        beside = drafts.beside(seen, seen.trigger(live))
        offered = await triggers.choices_of(context, seen) if wishes.aim.given else triggers.Choices()
        wanted = apply(wishes, beside, offered)
        return await triggers.save(context, seen, wanted, reason=reason), wanted

    seen, saved = with_context(run)
    if json:
        show_json({"integration": seen.id, "version": seen.version, "trigger": trigger.as_json(saved)})
        return
    trigger.show(seen)
    show_lines(out(), versions.difference(seen.trigger(live), drafts.promoted(seen, saved)))


def shadow(
    which: Which,
    wanted: Named,
    *,
    since: Annotated[str | None, typer.Option(help="From then on: 2h, 3d, or 2026-03-01T12:00.")] = None,
    json: Json = False,
) -> None:
    """Where a draft would have decided otherwise than the live rule, since it was saved; sends nothing."""

    async def run(context: Context) -> tuple[Watched, str]:
        seen, zone = await integrations.find(context, which), context.settings.timezone
        start = moment(since, zone, flag="--since") if since else None
        return await drafts.watch(context, seen, seen.trigger(wanted), since=start), zone

    watched, zone = with_context(run)
    if json:
        show_json(watched_json(watched))
    else:
        show_watched(out(), watched, zone)


def watched_json(watched: Watched) -> dict[str, object]:
    shadow = watched.shadow
    return {
        "draft": trigger.as_json(watched.draft),
        "live": trigger.as_json(watched.live) if watched.live else None,
        "since": watched.since,
        "changes": watched.changes,
        "unmet": shadow.unmet,
        "erased": shadow.erased,
        "counts": {verdict: shadow.counts[verdict] for verdict in Verdict},
        "samples": {
            verdict: [sample_json(one) for one in shadow.samples[verdict]]
            for verdict in DIFFERENT
            if verdict in shadow.samples
        },
    }


def sample_json(sample: Sample) -> dict[str, object]:
    return {
        "invoice": sample.invoice,
        "number": sample.number,
        "at": sample.at,
        "live": answer_json(sample.live),
        "draft": answer_json(sample.draft),
    }


def answer_json(answer: Decided | None) -> dict[str, object] | None:
    if answer is None:
        return None
    if isinstance(answer, ContactAdded):
        return {"contact": answer.contact, "targets": answer.targets, "skip": None}
    return {"contact": None, "targets": (), "skip": answer.reason, "detail": answer.detail}


def show_watched(console: Console, watched: Watched, zone: str) -> None:
    shadow, live = watched.shadow, watched.live
    beside = f"beside {live.name}" if live else "beside no live trigger"
    since = f" since {clock(watched.since, zone)}" if watched.since else " since it was saved"
    console.print(Text(f"{watched.draft.name} {beside}: {watched.changes} changes recorded{since}", style="bold"))
    aside = [f"{shadow.unmet} to a status of neither"] + ([f"{shadow.erased} erased"] if shadow.erased else [])
    console.print(table(["", "#changes"], [(WORDS[each], shadow.counts[each]) for each in Verdict]))
    console.print(Text(f"And {', '.join(aside)}."))
    names = {**(live.destination.names if live else {}), **watched.draft.destination.names}
    for verdict in DIFFERENT:
        if verdict in shadow.samples:
            show_samples(console, verdict, shadow, names=names, zone=zone)


def show_samples(console: Console, verdict: Verdict, shadow: Shadow, *, names: Mapping[str, str], zone: str) -> None:
    rows = [
        (one.number or one.invoice, clock(one.at, zone), in_short(one.live, names), in_short(one.draft, names))
        for one in shadow.samples[verdict]
    ]
    console.print()
    console.print(table(["#invoice", "recorded", "live", "draft"], rows, title=WORDS[verdict]))


def in_short(answer: Decided | None, names: Mapping[str, str]) -> str:
    if answer is None:
        return "not asked: another status"
    if isinstance(answer, ContactAdded):
        goes = ", ".join(called(one, names) for one in answer.targets)
        return ", ".join(f"{name} {value}" for name, value in answer.contact.items()) + f" → {goes}"
    return f"skipped: {answer.reason}" + (f" ({answer.detail})" if answer.detail else "")


def show_lines(console: Console, lines: tuple[str, ...]) -> None:
    for line in lines or ("no difference",):
        console.print(Text(f"    {line}"), soft_wrap=True)


def promote(
    which: Which,
    wanted: Named,
    *,
    waiting: Wait = None,
    expect: Expect = None,
    yes: Yes = False,
    reason: Reason = None,
    json: Json = False,
) -> None:
    """Put a draft in force: in the place of its live trigger, under that one's id, or as a trigger of its own."""

    async def run(context: Context) -> tuple[Integration, Trigger, Watched]:
        seen = trigger.expected(await integrations.find(context, which), expect)
        mine = seen.trigger(wanted)
        becomes = drafts.promoted(seen, mine)
        watched = await drafts.watch(context, seen, mine)
        if not json:
            show_watched(told(), watched, context.settings.timezone)
            told().print()
            show_lines(told(), versions.difference(watched.live, becomes))
        asking.sure(question(watched, becomes), yes=yes)
        policy = asking.waiting(waiting, await saving.held(context, seen.id, becomes.id))
        return await drafts.promote(context, seen, mine, waiting=policy, reason=reason), becomes, watched

    seen, live, watched = with_context(run)
    if json:
        shown = {"integration": seen.id, "version": seen.version, "trigger": trigger.as_json(live)}
        show_json({**shown, "shadow": watched_json(watched)})
    else:
        trigger.show(seen)


def question(watched: Watched, becomes: Trigger) -> str:
    place = f" in the place of {watched.live.name}" if watched.live else ""
    surveys = ", which may start surveys" if becomes.destination.may_start_survey else ""
    return f"Put {watched.draft.name} in force{place}? From now on it adds to {trigger.describe(becomes)}{surveys}."
