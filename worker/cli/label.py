"""`ptm integration label`."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer

from events.errors import Misconfigured
from worker.cli.integration import as_json
from worker.cli.many import Each, From, Label, each, listed
from worker.cli.output import Json, Reason, out
from worker.cli.running import with_context
from worker.operations import labels
from worker.operations.context import Context
from worker.operations.integrations import Integration


class Act(StrEnum):
    ADD = "add"
    REMOVE = "remove"
    SET = "set"


WORKS = {Act.ADD: labels.add, Act.REMOVE: labels.remove, Act.SET: labels.replace}
Words = Annotated[
    list[str],
    typer.Argument(
        metavar="[INTEGRATION] add|remove|set NAME...",
        help="A label has up to 40 characters; set: these and no others.",
    ),
]


def meant(words: list[str], many: str | None) -> tuple[str | None, Act, list[str]]:
    """The integration, if one is named, what to do, and with which labels; *many*: what was given instead of one."""
    which, rest = (None, words) if many else (words[0], words[1:])
    act, *names = rest or [""]
    if act not in list(Act) or not (names or act == Act.SET):
        raise Misconfigured(
            "Say INTEGRATION add NAME, INTEGRATION remove NAME or INTEGRATION set NAME, each with as many names as you "
            "like; with --label or --from without INTEGRATION."
        )
    return which, Act(act), names


def label(words: Words, *, label: Label = None, from_: From = None, reason: Reason = None, json: Json = False) -> None:
    """Give an integration labels, or take them away: --label then means all that have one."""
    which, act, names = meant(words, label or from_)
    work, ids = WORKS[act], listed(from_)

    async def run(context: Context) -> Each[Integration]:
        every = await each(context, which, label, ids)
        return await every.then(lambda seen, _: work(context, seen, *names, reason=reason))

    done = with_context(run)
    if json:
        done.show_json(lambda _, one: as_json(one))
    for one in done.results if not json else ():
        out().print(f"{one.name}: {', '.join(one.rules.labels) or 'no label'}", markup=False)
    done.end()
