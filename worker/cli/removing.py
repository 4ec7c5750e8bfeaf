"""`ptm integration remove`."""

from __future__ import annotations

from typing import Annotated

import typer

from worker.cli.asking import Count, YesOrCount
from worker.cli.many import Each, Label, Maybe, each
from worker.cli.output import Json, Reason, out
from worker.cli.running import with_context
from worker.operations import lifecycle, together
from worker.operations.context import Context
from worker.operations.integrations import Integration
from worker.operations.lifecycle import Removed


def remove(
    which: Maybe = None,
    *,
    label: Label = None,
    erase: Annotated[bool, typer.Option("--erase", help="Destroy the keys of everybody in it too. For ever.")] = False,
    yes: YesOrCount = False,
    count: Count = None,
    reason: Reason = None,
    json: Json = False,
) -> None:
    """Stop reading and sending, discard what waits, forget the credentials; the log stays."""

    async def run(context: Context) -> Each[Removed]:
        every = await each(context, which, label, removed=erase)
        held = await together.held(context, every.results)
        also = f" and erase everybody in {'them' if every.several else 'it'}" if erase else ""
        every.confirm(
            lambda name: f"Remove {name}{also}? {held.count} decisions that wait are discarded.", yes=yes, count=count
        )
        return await every.then(lambda seen, _: lifecycle.remove(context, seen, erase=erase, reason=reason))

    done = with_context(run)
    if json:
        done.show_json(as_json)
    for seen, one in done.done if not json else ():
        erased = f" The keys of {one.erased_keys} data subjects are destroyed." if erase else ""
        name = f"{seen.name}: " if done.several else ""
        out().print(f"{name}Removed; {one.discarded} decisions discarded, the log is kept.{erased}", markup=False)
    done.end()


def as_json(seen: Integration, one: Removed) -> dict[str, object]:
    return {"id": seen.id, "discarded": one.discarded, "erased_keys": one.erased_keys}
