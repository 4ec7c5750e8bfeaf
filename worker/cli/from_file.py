"""`ptm trigger save --file`: the triggers of one document, in any integration."""

from __future__ import annotations

from dataclasses import replace

from events.document import Entry
from events.errors import Misconfigured
from worker.cli import asking, cases, configuration, trigger
from worker.cli.asking import Answer
from worker.cli.many import Each, each
from worker.cli.output import out
from worker.cli.running import with_context
from worker.cli.said import show_lines
from worker.operations import importing, saving
from worker.operations.context import Context
from worker.operations.importing import Checker, Planned
from worker.operations.integrations import Integration
from worker.operations.saving import Held

Ready = tuple[Planned, Held]
Saved = tuple[Planned, Integration]


def save(
    file: str,
    which: str | None,
    label: str | None,
    *,
    waiting: Answer | None,
    expect: int | None,
    reason: str | None,
    json: bool,
) -> None:
    """Its labels and settings stay as they are, and so do triggers that the document does not name."""
    wanted = read(file)

    async def run(context: Context) -> Each[Saved]:
        checker = Checker(context)

        async def prepared(seen: Integration, _: Integration) -> Ready:
            planned = await checker.plan(file, fitted(wanted, seen), trigger.expected(seen, expect))
            return planned, await importing.held(context, planned)

        async def one(_: Integration, ready: Ready) -> Saved:
            why = reason or f"saved from {file}"
            return ready[0], await importing.save(context, ready[0], waiting=policy, reason=why)

        ready = await (await each(context, which, label)).then(prepared)
        policy = asking.waiting(waiting, saving.summed([held for _, held in ready.results]))
        return await ready.then(one)

    done = with_context(run)
    if json:
        done.show_json(as_json)
    for planned, now in done.results if not json else ():
        if done.several:
            said = f"saved, version {now.version}" if planned.says else "no difference"
            out().print(f"{now.name}: {said}.", markup=False)
        else:
            show_lines(out(), planned.says)
    done.end()


def read(file: str) -> Entry:
    """Raises `Misconfigured` where it has not one integration, or one of its tests fails."""
    document = configuration.read_file(file)
    if len(document) != 1:
        raise Misconfigured(f"{file} has {len(document)} integrations: leave the one whose triggers are meant.")
    cases.require(document, file)
    return document[0]


def fitted(wanted: Entry, seen: Integration) -> Entry:
    """The document's triggers as if it had been written for *seen*."""
    return replace(
        wanted,
        company=seen.company_id,
        organization=seen.organization,
        names={},
        labels=seen.rules.labels,
        settings=seen.rules.settings,
    )


def as_json(_: Integration, saved: Saved) -> dict[str, object]:
    planned, now = saved
    return {"integration": now.id, "version": now.version, "changes": planned.says, "saved": bool(planned.says)}
