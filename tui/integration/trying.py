"""A trigger tried out: on what the log has, of which nothing comes, and with one real contact to oneself."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from datetime import timedelta

from events import reasons
from events.integration import Trigger
from events.rehearsal import Rehearsal
from events.trial import TrialOutcome
from events.words import Words
from tui.integration.page import Page
from tui.making.wording import field
from tui.widgets.ask import Question
from tui.widgets.reading import Wide
from tui.widgets.write import Write
from worker.operations import rehearsing, trial
from worker.operations.integrations import Integration
from worker.operations.rehearsing import Span
from worker.operations.trial import Prepared

DAYS = 90
"""How much of the past is looked at."""


def told(found: Rehearsal, say: Words) -> Iterator[str]:
    yield say.count(found.events, "{n} change looked at", "{n} changes looked at")
    yield say("{n} of {all} that met the status match", n=say.number(found.matches), all=say.number(found.met))
    yield say.count(found.contacts, "{n} contact would be added", "{n} contacts would be added")
    for reason, count in found.skipped.most_common():
        yield f"  {say.number(count)}: {say(reasons.SKIPS[reason].says)}"
    for name in found.trigger.mapping.fields if found.matches else ():
        yield f"  {field(name, say)}: {found.filled[name]}/{found.matches}"
    for one in reversed(found.latest):
        yield f"  {one.number or one.invoice} · {', '.join(one.contact.values())}"


async def rehearse(page: Page, seen: Integration, wanted: Trigger) -> str | None:
    span = Span(since=page.desk.now() - timedelta(days=DAYS))
    found = await rehearsing.rehearse(page.desk.context, seen, wanted, span)
    line = page.desk.typed(f"ptm trigger test {seen.id} {wanted.id} --last {DAYS}")
    title = page.say("What {name} alone would have done in the last {n} days", name=wanted.name, n=DAYS)
    await page.app.push_screen_wait(Wide(page.say, title, list(told(found, page.say)), line=line))
    return None


async def try_out(page: Page, seen: Integration, wanted: Trigger) -> str | None:
    """What came of it is told, whatever it is: once something has left, it has left."""
    say, context = page.say, page.desk.context
    own = await page.app.push_screen_wait(Write(say, say("Send one real contact to which address of your own?")))
    if not own:
        return None
    prepared = await trial.prepare(context, seen, wanted, own)
    line = shlex.join(["ptm", "trigger", "test", str(seen.id), str(wanted.id), "--send-to", own])
    if not await page.ask(Question(says=question(seen, prepared, say), line=line)):
        return None
    tried = await trial.send(context, seen, prepared)
    wrong = next((one for one in tried.answers if one.outcome is not TrialOutcome.DELIVERED), None)
    if wrong is None:
        return say("{address} was added.", address=tried.sent.contact["email"])
    return say("Not added: {why}", why=wrong.failure or say(wrong.outcome.value))


def question(seen: Integration, prepared: Prepared, say: Words) -> str:
    added = prepared.added
    number = prepared.number or added.invoice_id
    contact = ", ".join(f"{field(name, say)} {value}" for name, value in added.contact.items())
    asks = say("Send the contact of invoice {n} to {name}?", n=number, name=seen.organization_name)
    starts = say("This may start a survey.") if added.starts_surveys else say("That starts no survey by itself.")
    return f"{asks}\n{contact}\n{starts}"
