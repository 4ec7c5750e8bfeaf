"""All companies of an activation link at once: approved, then joined each by itself; what could not be is told."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Protocol
from uuid import uuid4

from textual.app import App

from events.integration import Trigger
from events.words import Words
from tui.desk import Desk
from tui.making.draft import Draft
from tui.widgets.ask import Question, Yes
from tui.widgets.reading import Reading
from worker.operations import activating, lines
from worker.operations.access import Organization
from worker.operations.activating import Accepted
from worker.operations.joining import Candidate, Fate, Joiner, Progress


class At(Protocol):
    """The screen, as far as it is needed here."""

    desk: Desk

    @property
    def app(self) -> App[object]: ...
    async def ask(self, question: Question) -> Yes | None: ...
    def tell(self, says: str) -> None: ...
    def leave(self) -> None: ...


async def join(at: At, draft: Draft, accepted: Accepted, organization: Organization, *, live: bool) -> None:
    """Leaves the screen once keys have come of it: from then on it is gone on with by the same address."""
    context, trigger = at.desk.context, replace(draft.trigger, live=live)
    typed = str(len(draft.approved)) if len(draft.approved) > 1 else ""
    command = lines.with_reason(line(draft, trigger), draft.reason)
    question = Question(says=asked(draft, accepted, organization, at.desk.say), line=command, typed=typed)
    if not await at.ask(question):
        return
    if accepted.asked and not await activating.kept(context, accepted.request):
        await activating.approve(context, accepted.key, accepted.asked, draft.approved)
    joiner = Joiner(context, lambda _: replace(trigger, id=uuid4()))
    found = await activating.check(context, accepted.request, joiner, organization, progress=telling(at, "asked"))
    done = await activating.join(
        context, accepted.request, joiner, found, reason=draft.reason or None, progress=telling(at, "joined")
    )
    await at.app.push_screen_wait(Reading(at.desk.say, *outcome(done, accepted, at.desk.say)))
    at.leave()


def asked(draft: Draft, accepted: Accepted, organization: Organization, say: Words) -> str:
    count, left, name = len(draft.approved), len(accepted.companies) - len(draft.approved), organization.name
    if accepted.asked is None:
        return say("Join {n} company to {name}?" if count == 1 else "Join {n} companies to {name}?", n=count, name=name)
    says = say(
        "Approve {n} company, and join it to {name}? An approval cannot be taken back."
        if count == 1
        else "Approve {n} companies, and join them to {name}? An approval cannot be taken back.",
        n=count,
        name=name,
    )
    return f"{says} {say.count(left, '{n} company is rejected.', '{n} companies are rejected.')}" if left else says


def telling(at: At, what: str) -> Progress:
    says = {"asked": "Companies asked: {n} of {all}", "joined": "Companies joined: {n} of {all}"}[what]
    return lambda done, of: at.tell(at.desk.say(says, n=done, all=of))


def outcome(done: Sequence[Candidate], accepted: Accepted, say: Words) -> tuple[str, list[str]]:
    joined = sum(one.fate in activating.JOINED for one in done)
    title = say.count(joined, "{n} company is joined, from now on.", "{n} companies are joined, from now on.")
    return title, list(told(done, accepted, say))


def told(done: Sequence[Candidate], accepted: Accepted, say: Words) -> Iterator[str]:
    """Whom it failed for first, and how it is gone on with."""
    names = {one.id: one.name for one in accepted.companies}
    failed = [one for one in done if one.fate not in activating.JOINED]
    for one in failed:
        yield f"✖ {names.get(one.row.company or 0, one.row.company)}: {say.told(one.reason)}"
    if failed:
        again = "Their keys are kept here: once that is put right, take the same link again, number {number}."
        yield say(again, number=accepted.request)
    for one in done:
        if one.fate in activating.JOINED and one.company and one.organization:
            word = "" if one.fate is Fate.JOINED else f" · {say('joined already')}"
            yield f"✔ {one.company.name} → {one.organization.name}{word}"


def line(draft: Draft, trigger: Trigger | None) -> str:
    accepted = draft.accepted
    if accepted is None:
        return lines.activate(trigger, None)
    some = draft.approved if accepted.asked and len(draft.approved) < len(accepted.companies) else ()
    return lines.activate(trigger, accepted.request, some)
