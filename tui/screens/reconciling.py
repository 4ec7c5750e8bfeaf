"""A reconciliation from the console: company by company, as the command does."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from textual.message import Message

from tui.view import View
from tui.widgets.ask import Question
from worker.operations import causes, reconciling
from worker.operations.causes import EVERYBODY, Among
from worker.operations.integrations import Integration


class Looked(Message):
    """How far it is; empty: it is over."""

    def __init__(self, says: str) -> None:
        super().__init__()
        self.says = says


async def reconcile(view: View[Any], among: Among) -> str | None:
    """Asks first, and tells what it came to; to be awaited in `act`."""
    say = view.desk.say
    every = await causes.whose(view.desk.context, among)
    which = among.option if among.label else str(among.integration)[:8] if among != EVERYBODY else ""
    question = Question(
        says=say.count(
            len(every),
            "Hold {n} integration against Procountor and Trustmary? Nothing is sent.",
            "Hold {n} integrations against Procountor and Trustmary, one after the other? Nothing is sent.",
        ),
        line=f"ptm reconcile {which}".rstrip(),
        typed=str(len(every)) if len(every) > 1 else "",
    )
    return await run(view, every) if every and await view.ask(question) else None


async def run(view: View[Any], every: Sequence[Integration]) -> str:
    say = view.desk.say

    def progress(seen: Integration, done: int, of: int) -> None:
        says = say("{name}: {n} of {of} contacts looked up", name=seen.name, n=done, of=of)
        view.post_message(Looked(f"⟳ {every.index(seen) + 1}/{len(every)} · {says}"))

    try:
        reports, failed = await reconciling.reconcile_each(view.desk.context, every, progress=progress)
    finally:
        view.post_message(Looked(""))
    if failed:
        says = "\n".join(f"{seen.name}: {say.told(failure)}" for seen, failure in failed[:5])
        view.notify(says, severity="error", timeout=15, markup=False)
    wanting = sum(report.wants_person for report in reports)
    return say(
        "Reconciled {n} of {of}; something for a person in {wanting}.", n=len(reports), of=len(every), wanting=wanting
    )
