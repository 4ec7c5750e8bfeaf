"""`ptm trigger draft` and `shadow`: a rule worked on beside the one in force."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

import typer
from rich.console import Console
from rich.text import Text

from events import versions
from events.contact import ContactAdded
from events.proof import Decided
from events.shadow import DIFFERENT, Sample, Shadow, Verdict
from worker.cli import trigger
from worker.cli.flags import wishing
from worker.cli.log import moment
from worker.cli.many import Each, Label, Maybe, each, named, words
from worker.cli.output import Expect, Json, Reason, clock, out, table
from worker.cli.running import with_context
from worker.cli.said import show_lines
from worker.cli.saving import Saved, tell
from worker.operations import drafts, triggers
from worker.operations.context import Context
from worker.operations.drafts import Watched
from worker.operations.importing import Checker
from worker.operations.integrations import Integration
from worker.operations.summary import called
from worker.operations.wishes import Wishes, apply

Named = Annotated[str | None, typer.Argument(metavar="DRAFT", help="Its name or id.")]
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
    which: Maybe = None,
    live: Annotated[str | None, typer.Argument(metavar="TRIGGER", help="The live one: its name or id.")] = None,
    *,
    label: Label = None,
    wishes: Wishes,
    expect: Expect = None,
    reason: Reason = None,
    json: Json = False,
) -> None:
    """Make a draft from a live trigger, to stand beside it; it sends nothing until it is promoted."""
    which, live = words(label, which, live)
    name = named(live, "trigger")
    trigger.one_version(expect, label)

    async def run(context: Context) -> Each[Saved]:
        checker = Checker(context)

        async def one(seen: Integration, _: Integration) -> Saved:
            beside = drafts.beside(seen, seen.trigger(name))
            offered = await checker.choices(seen) if wishes.aim.given else triggers.Choices()
            wanted = apply(wishes, beside, offered)
            return await triggers.save(context, trigger.expected(seen, expect), wanted, reason=reason), wanted

        return await (await each(context, which, label)).then(one)

    done = with_context(run)
    tell(done, "made", json=json)
    for seen, saved in done.results if not (json or done.several) else ():
        show_lines(out(), versions.difference(seen.trigger(name), drafts.promoted(seen, saved)))


def shadow(
    which: Maybe = None,
    wanted: Named = None,
    *,
    label: Label = None,
    since: Annotated[str | None, typer.Option(help="From then on: 2h, 3d, or 2026-03-01T12:00.")] = None,
    json: Json = False,
) -> None:
    """Where a draft would have decided otherwise than the live rule, since it was saved; sends nothing."""
    which, wanted = words(label, which, wanted)
    name = named(wanted, "draft")

    async def run(context: Context) -> tuple[Each[Watched], str]:
        zone = context.settings.timezone
        start = moment(since, zone, flag="--since") if since else None
        every = await each(context, which, label)
        return await every.then(
            lambda seen, _: drafts.watch(context, seen, seen.trigger(name), since=start), at_once=1
        ), zone

    done, zone = with_context(run)
    if json:
        done.show_json(lambda seen, one: watched_json(one) | ({"integration": seen.id} if label else {}))
    elif done.several:
        show_all(out(), done)
    else:
        show_watched(out(), done.results[0], zone)
    done.end()


def show_all(console: Console, done: Each[Watched]) -> None:
    """A line for each integration."""
    rows = [(seen.name, one.changes, *(one.shadow.counts[verdict] for verdict in Verdict)) for seen, one in done.done]
    if rows:
        console.print(table(["integration", "#changes", *(f"#{WORDS[verdict]}" for verdict in Verdict)], rows))


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
