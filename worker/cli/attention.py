"""`ptm attention`: what waits for a person, by cause."""

from __future__ import annotations

from shlex import quote
from typing import Annotated

import typer
from rich.text import Text

from events.attention import Group, Sample, counted
from events.words import Say, Words, english
from worker.cli.many import Label
from worker.cli.output import Json, clock, out, short, show_json
from worker.cli.running import with_context
from worker.operations import attention as attentions
from worker.operations import labels
from worker.operations.attention import Attention
from worker.operations.context import Context


def attention(
    integration: Annotated[str | None, typer.Option(help="Only of this one.")] = None,
    *,
    label: Label = None,
    days: Annotated[int, typer.Option(min=1, help="Refused and skipped contacts of so many days.")] = 30,
    samples: Annotated[int, typer.Option(min=0, help="Of each cause, name so many, oldest first.")] = 5,
    json: Json = False,
) -> None:
    """What waits for a person, by cause, each with the command that acts on it (then the exit code is 3)."""

    async def run(context: Context) -> tuple[Attention, Words]:
        say = context.settings.words
        spoken: Say = english if json else say
        if not (integration or label):
            return await attentions.read(context, days=days, samples=samples, say=spoken), say
        among = await labels.chosen(context, integration, label)
        of = f"--label {quote(label)}" if label else f"--integration {short(among[0].id)}"
        found = await attentions.read(
            context, among=[one.id for one in among], of=of, days=days, samples=samples, say=spoken
        )
        return found, say

    found, say = with_context(run)
    if json:
        show_json(found)
    else:
        show(found, say)
    if any(group.urgent for group in found.groups):
        raise typer.Exit(3)


def show(found: Attention, say: Words) -> None:
    if not found.groups:
        out().print(say("Nothing waits for a person."))
    for group in found.groups:
        show_group(group, say)
    if found.cut:
        cut = say("More was found than is looked at in one go: counts are lower bounds.")
        out().print(f"{cut} {say('Try --integration, --label.')}")


def show_group(group: Group, say: Words) -> None:
    since = say("the oldest since {at}", at=clock(group.oldest, say.zone.key)) if group.oldest else ""
    much = ", ".join(part for part in (counted(group, say), since) if part)
    time = "" if group.urgent else f" ({say('has time')})"
    out().print(Text(f"{group.says}{time}", style="bold"))
    out().print(Text(f"    {f'{much}. ' if much else ''}{group.remedy}"))
    for sample in group.samples:
        if sample.label:
            out().print(Text(f"      {describe(sample, say)}"))
    for command in group.commands:
        out().print(Text(f"    {command}"), soft_wrap=True)
    out().print()


def describe(sample: Sample, say: Words) -> str:
    invoices = f": {', '.join(map(str, sample.invoices))}" if sample.invoices else ""
    detail = f" ({sample.detail})" if sample.detail else ""
    since = f", {say('since {at}', at=clock(sample.since, say.zone.key))}" if sample.since else ""
    return f"{sample.label}{invoices}{detail}{since}"
