"""`ptm integration test-alert`: one real message to whoever is told of states that last, and what was answered."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.text import Text

from events.words import Words
from worker.cli.asking import Yes, sure
from worker.cli.many import Label, Maybe, each
from worker.cli.output import Json, complain, out, show_json
from worker.cli.running import with_context
from worker.operations import telling
from worker.operations.context import Context
from worker.operations.telling import Told


def test_alert(
    which: Maybe = None,
    *,
    label: Label = None,
    to: Annotated[
        str | None, typer.Option(metavar="EMAIL|ID", help="Only this address, or the webhook of this id.")
    ] = None,
    yes: Yes = False,
    json: Json = False,
) -> None:
    """Send one test to whoever is told of states that last, and say what was answered."""

    async def run(context: Context) -> tuple[list[Told], Words]:
        meant = telling.chosen((await each(context, which, label)).results, to)
        sure(f"Send a test now to {', '.join(one.name for _, one in meant)}?", yes=yes)
        return [await telling.tell(context, seen, one) for seen, one in meant], context.settings.words

    done, say = with_context(run)
    if json:
        show_json([as_json(one) for one in done])
    for one in done if not json else ():
        out().print(Text(line(one, say)), soft_wrap=True)
    if failed := [one for one in done if not one.well]:
        complain(f"{len(failed)} of {len(done)} could not be told.")
        raise typer.Exit(1)


def line(one: Told, say: Words) -> str:
    if one.well:
        return say("✔ {name}: taken ({answer})", name=one.recipient.name, answer=one.answer)
    return say("✖ {name}: {why}", name=one.recipient.name, why=f"{say.told(one.error)} {one.answer}".strip())


def as_json(one: Told) -> dict[str, object]:
    return {
        "integration": one.integration.id,
        "recipient": one.recipient,
        "well": one.well,
        "answer": one.answer or None,
        "error": str(one.error) if one.error else None,
    }
