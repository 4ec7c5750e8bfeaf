"""What is done to a trigger, on the version that was seen when somebody asked for it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from uuid import UUID

from events.integration import Trigger, Waiting
from tui.integration import shadow, waiting
from tui.integration.page import Page
from tui.making import whole
from tui.messages import EditTrigger
from tui.widgets.ask import Question
from worker.operations import drafts, lines, saving, triggers
from worker.operations.integrations import Integration


async def draft(page: Page, seen: Integration, live: Trigger) -> str | None:
    """Makes one, and opens it."""
    say = page.say
    if not live.live:
        return say("{name} is a draft already: it sends nothing.", name=live.name)
    wanted = drafts.beside(seen, live)
    says = say("Make a draft beside {name}? It sends nothing until it is put in force.", name=live.name)
    if not await page.ask(Question(says=says, line=lines.draft(seen.id, replace(wanted, live=True), live))):
        return None
    await triggers.save(page.desk.context, seen, wanted)
    page.post_message(EditTrigger(seen.id, wanted.id))
    return say("{name} is saved.", name=wanted.name)


async def rest(page: Page, seen: Integration, live: Trigger) -> str | None:
    say = page.say
    if not live.live:
        return say("{name} is a draft already: it sends nothing.", name=live.name)
    says = say("Take {name} out of force? It stays as a draft, and adds nobody from now on.", name=live.name)
    question = Question(says=says, line=f"ptm trigger save {seen.id} {live.id} --draft --waiting drop")
    policy = await settled(page, seen, live.id, question, offered=waiting.GOING)
    if policy is None:
        return None
    await triggers.save(page.desk.context, seen, replace(live, live=False), waiting=policy)
    return say("{name} is a draft now: it sends nothing.", name=live.name)


async def watch(page: Page, seen: Integration, wanted: Trigger) -> str | None:
    if wanted.live:
        return page.say("{name} is live: only a draft has a shadow.", name=wanted.name)
    watched = await drafts.watch(page.desk.context, seen, wanted)
    line = page.desk.typed(f"ptm trigger shadow {seen.id} {wanted.id}")
    await page.app.push_screen_wait(shadow.watched_in_full(watched, page.say, page.desk.now(), line=line))
    return None


async def promote(page: Page, seen: Integration, wanted: Trigger) -> str | None:
    """After showing what it would have decided otherwise."""
    say = page.say
    if wanted.live:
        return say("{name} is live already.", name=wanted.name)
    becomes = drafts.promoted(seen, wanted)
    watched = await drafts.watch(page.desk.context, seen, wanted)
    told = whole.difference(watched.live, becomes, say) if watched.live else []
    says = say("Put {name} in force? From now on it decides.", name=wanted.name)
    told = [says, "", *(f"  {line}" for line in told), "", *shadow.counts(watched, say)]
    question = Question(says="\n".join(told), line=f"ptm trigger promote {seen.id} {wanted.id}")
    policy = await settled(page, seen, becomes.id, question)
    if policy is None:
        return None
    await drafts.promote(page.desk.context, seen, wanted, waiting=policy)
    return say("{name} is in force.", name=becomes.name)


async def remove(page: Page, seen: Integration, gone: Trigger) -> str | None:
    says = page.say("Remove the trigger {name}? The history keeps it.", name=gone.name)
    question = Question(says=says, line=f"ptm trigger remove {seen.id} {gone.id}")
    policy = await settled(page, seen, gone.id, question, offered=waiting.GOING)
    if policy is None:
        return None
    await triggers.remove(page.desk.context, seen, gone.id, waiting=policy)
    return page.say("{name} is removed; z brings it back.", name=gone.name)


async def settled(
    page: Page, seen: Integration, trigger: UUID, question: Question, *, offered: Sequence[Waiting] = tuple(Waiting)
) -> Waiting | None:
    """Whether it is meant, and what becomes of what waits of the trigger; None: leave it."""
    if not await page.ask(question):
        return None
    held = await saving.held(page.desk.context, seen.id, trigger)
    line = question.line.partition(" --waiting ")[0]
    return await waiting.ask(page.app, page.desk, held, line=line, offered=offered)
