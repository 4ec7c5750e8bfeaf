"""`ptm integration label`."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer

from worker.cli.integration import as_json
from worker.cli.output import Json, Reason, Which, out, show_json
from worker.cli.running import with_context
from worker.operations import integrations, labels
from worker.operations.context import Context
from worker.operations.integrations import Integration


class Act(StrEnum):
    ADD = "add"
    REMOVE = "remove"


def label(
    which: Which,
    act: Annotated[Act, typer.Argument(help="add or remove.")],
    label: Annotated[str, typer.Argument(help="Up to 40 characters.")],
    *,
    reason: Reason = None,
    json: Json = False,
) -> None:
    """Give an integration a label, or take it away: --label then means all that have it."""

    async def run(context: Context) -> Integration:
        work = labels.add if act is Act.ADD else labels.remove
        return await work(context, await integrations.find(context, which), label, reason=reason)

    one = with_context(run)
    if json:
        show_json(as_json(one))
    else:
        out().print(f"{one.name}: {', '.join(one.rules.labels) or 'no label'}", markup=False)
