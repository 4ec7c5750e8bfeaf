"""`ptm integration export` and `import`."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import replace
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.text import Text

from events import written
from events.document import Document
from events.errors import Misconfigured
from events.integration import Waiting
from worker.cli import asking, cases
from worker.cli.asking import Answer, Wait, Yes
from worker.cli.many import Label, among, tell_failed
from worker.cli.output import Json, NeedsPerson, Reason, complain, out, show_json, told
from worker.cli.running import with_context
from worker.operations import files, importing, integrations, labels, taking_in
from worker.operations.context import Context
from worker.operations.importing import Checker, Planned
from worker.operations.integrations import Integration
from worker.operations.taking_in import Taken

NOTHING = Taken(saved=(), refused=())


class Others(StrEnum):
    """`--others`."""

    KEEP = "keep"
    REMOVE = "remove"


def export(
    which: Annotated[
        list[str] | None, typer.Argument(metavar="INTEGRATION", help="Ids, names, business ids or numbers.")
    ] = None,
    *,
    all: Annotated[bool, typer.Option("--all", help="All that are connected.")] = False,
    label: Label = None,
    output: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write there; tests that it has of the same triggers stay.")
    ] = None,
    json: Json = False,
) -> None:
    """Configuration as a YAML document: settings and triggers, no secret."""
    if [all, bool(which), label is not None].count(True) != 1:
        raise Misconfigured("Name the integrations to export, or give --all, or --label LABEL.")

    async def run(context: Context) -> Document:
        if label is not None:
            named = await labels.having(context, label)
        else:
            named = [await integrations.find(context, each) for each in which or ()]
        found = {one.id: one for one in named or await integrations.read_all(context)}
        return tuple(importing.described(one) for one in found.values())

    found = with_context(run)
    if output:
        found = files.write(found, output)
        told().print(f"{counted(len(found), 'integration')} written to {output}.", markup=False)
    if json:
        show_json(written.plain(found))
    elif not output:
        sys.stdout.write(files.text(found))


def counted(count: int, what: str) -> str:
    return f"{count} {what}" if count == 1 else f"{count} {what}s"


def read_file(file: str) -> Document:
    """`-` is standard input. Raises `Misconfigured` with the file and the place."""
    return files.parsed(sys.stdin.read(), "standard input") if file == "-" else files.read(Path(file))


def import_(
    file: Annotated[str, typer.Argument(help="As ptm integration export writes it; - reads standard input.")],
    *,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only show what would change.")] = False,
    integration: Annotated[str | None, typer.Option(help="Only this one of those in the file.")] = None,
    label: Annotated[
        str | None, typer.Option(metavar="LABEL", help="Only those of the file that have this label here.")
    ] = None,
    others: Annotated[Others | None, typer.Option(help="What becomes of triggers that the file does not name.")] = None,
    waiting: Wait = None,
    yes: Yes = False,
    reason: Reason = None,
    json: Json = False,
) -> None:
    """Make integrations as a document says, after showing what changes; one after the other, each at once or not."""
    wanted = read_file(file)

    async def run(context: Context) -> tuple[list[Planned], Taken]:
        planned = await plan(context, wanted, await among(context, integration, label, removed=False), file)
        fate = others if dry_run else settled(planned, others)
        planned = [replace(one, removing=fate is Others.REMOVE) for one in planned]
        if not json or not (yes or dry_run):
            show(planned, fate, told() if json else out())
        changing = [one for one in planned if one.says]
        if dry_run or not changing:
            return planned, NOTHING
        policies = [await policy(context, one, waiting) for one in changing]
        asking.sure(question(changing), yes=yes)
        pairs = list(zip(changing, policies, strict=True))
        return planned, await taking_in.take_in(context, pairs, reason=reason or f"imported from {file}")

    planned, done = with_context(run)
    if json:
        show_json([as_json(one, done) for one in planned])
    elif done.saved:
        out().print(f"{counted(len(done.saved), 'integration')} saved.")
        if not done.whole:
            for one in done.saved:
                out().print(f"    {one.name}", markup=False)
    tell_refused(done)
    end(done)


async def plan(context: Context, wanted: Document, only: Sequence[Integration] | None, file: str) -> list[Planned]:
    """Everything is checked before anything is saved."""
    found = await importing.find(context, wanted, only)
    cases.require(tuple(one for _, one, _ in found), file)
    checker = Checker(context)
    return [await checker.plan(place, one, seen) for place, one, seen in found]


def settled(planned: Sequence[Planned], others: Others | None) -> Others | None:
    """What becomes of triggers that the file does not name: by flag, else asked."""
    names = [f"{each.name} of {one.integration.company}" for one in planned for each in one.others]
    if names and others is None:
        said = f"The file does not name {', '.join(names)}."
        if not asking.somebody():
            raise NeedsPerson(f"{said} Say what becomes of them: --others keep|remove.")
        told().print(Text(said), soft_wrap=True)
        return list(Others)[asking.choose("What becomes of them?", ["keep them as they are", "remove them"])]
    return others


def show(planned: Sequence[Planned], others: Others | None, console: Console) -> None:
    what = "stays as it is" if others else "would stay, or go: --others keep|remove"
    for one in planned:
        staying = () if one.removing else one.others
        if one.says or staying:
            console.print(Text(one.integration.name, style="bold"), soft_wrap=True)
        for line in (*one.says, *(f"trigger {each.name} is not in the file and {what}" for each in staying)):
            console.print(Text(f"    {line}"), soft_wrap=True)
    alike = sum(not one.says for one in planned)
    if alike:
        console.print(f"{counted(alike, 'integration')} without a difference.")


def question(changing: Sequence[Planned]) -> str:
    surveys = sum(each.live and each.destination.may_start_survey for one in changing for each in one.saved)
    also = f" {counted(surveys, 'trigger')} of it may start surveys." if surveys else ""
    return f"Save this in {counted(len(changing), 'integration')}?{also}"


async def policy(context: Context, one: Planned, given: Answer | None) -> Waiting:
    held = await importing.held(context, one)
    if held.count and given is None:
        told().print(Text(one.integration.name, style="bold"), soft_wrap=True)
    return asking.waiting(given, held)


def tell_refused(done: Taken) -> None:
    """Whom nothing was written for, and why."""
    for one, error in done.refused:
        tell_failed(one.integration, error)
    for one in done.untried:
        told().print(Text(f"{one.integration.name} was not tried."), soft_wrap=True)


def end(done: Taken) -> None:
    """Raises `typer.Exit` where not everything was saved."""
    if done.whole:
        return
    of = len(done.saved) + len(done.refused) + len(done.untried)
    untried = f", {len(done.untried)} not tried" if done.untried else ""
    complain(
        f"{len(done.saved)} of {of} integrations saved, {len(done.refused)} refused{untried}: "
        "repeat the import for the rest."
    )
    raise typer.Exit(1)


def as_json(one: Planned, done: Taken) -> dict[str, Any]:
    seen = one.integration
    now = next((each for each in done.saved if each.id == seen.id), None)
    error = next((error for each, error in done.refused if each.integration.id == seen.id), None)
    return {
        "integration": seen.id,
        "company": {"id": seen.company_id, "name": seen.company},
        "organization": seen.organization,
        "changes": one.says,
        "others": [each.name for each in one.others],
        "saved": now is not None,
        "error": str(error) if error else None,
        "version": now.version if now else seen.version,
    }
