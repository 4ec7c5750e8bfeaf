"""`ptm integration label`."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer

from events.errors import Misconfigured
from worker.cli.integration import as_json
from worker.cli.many import Each, Label, each
from worker.cli.output import Json, Reason, out
from worker.cli.running import with_context
from worker.operations import labels
from worker.operations.context import Context
from worker.operations.integrations import Integration


class Act(StrEnum):
    ADD = "add"
    REMOVE = "remove"


Words = Annotated[
    list[str],
    typer.Argument(metavar="[INTEGRATION] add|remove NAME", help="The label's name has up to 40 characters."),
]


def meant(words: list[str], label: str | None) -> tuple[str | None, Act, str]:
    """The integration, if one is named, what to do, and the label."""
    which, rest = (None, words) if label else (words[0], words[1:])
    if len(rest) != 2 or rest[0] not in list(Act):
        raise Misconfigured("Say INTEGRATION add NAME or INTEGRATION remove NAME, or with --label without INTEGRATION.")
    return which, Act(rest[0]), rest[1]


def label(words: Words, *, label: Label = None, reason: Reason = None, json: Json = False) -> None:
    """Give an integration a label, or take it away: --label then means all that have it."""
    which, act, name = meant(words, label)
    work = labels.add if act is Act.ADD else labels.remove

    async def run(context: Context) -> Each[Integration]:
        every = await each(context, which, label)
        return await every.then(lambda seen, _: work(context, seen, name, reason=reason))

    done = with_context(run)
    if json:
        done.show_json(lambda _, one: as_json(one))
    for one in done.results if not json else ():
        out().print(f"{one.name}: {', '.join(one.rules.labels) or 'no label'}", markup=False)
    done.end()
