"""Going back to what a version left: its trigger, settings or labels, saved once more as the newest."""

from __future__ import annotations

from dataclasses import asdict

from events.errors import Misconfigured
from events.integration import LabelsSaved, SettingsSaved, TriggerRemoved, TriggerSaved
from events.versions import Act
from tui.integration import changes, waiting
from tui.integration.page import Page
from tui.widgets.ask import Question
from worker.operations import history, labels, lines, saving
from worker.operations.integrations import Integration
from worker.operations.whole import Whole


async def restore(page: Page, seen: Integration, known: Whole, act: Act) -> str | None:
    for place, event in enumerate(act.events):
        match event:
            case TriggerSaved() | TriggerRemoved():
                position = act.position - len(act.events) + 1 + place
                return await of_trigger(page, seen, known, position)
            case SettingsSaved():
                return await of_settings(page, seen, event)
            case LabelsSaved():
                return await of_labels(page, seen, event)
    return page.say("Only triggers, settings and labels have versions to go back to; z undoes the last change.")


async def of_trigger(page: Page, seen: Integration, known: Whole, position: int) -> str | None:
    say = page.say
    mine = next(each for each in history.of(known.told).values() if any(one.position == position for one in each))
    try:
        wanted = history.to_restore(mine, position)
    except Misconfigured as error:
        return say.told(error)
    now = mine[-1].trigger
    told = [f"  {line}" for line in changes.of_trigger(now, wanted, say)]
    says = say("Save {name} as version {n} left it, as the newest?", name=wanted.name, n=position)
    line = f"ptm trigger restore {seen.id} {wanted.id} {position} --expect {seen.version}"
    if not await page.ask(Question(says="\n".join([says, *told]), line=line)):
        return None
    held = await saving.held(page.desk.context, seen.id, wanted.id)
    policy = await waiting.ask(page.app, page.desk, held, line=line)
    if policy is None:
        return None
    await history.restore(page.desk.context, seen, wanted, position, waiting=policy)
    return say("{name} is as version {n} left it.", name=wanted.name, n=position)


async def of_settings(page: Page, seen: Integration, event: SettingsSaved) -> str | None:
    say, now = page.say, seen.rules.settings
    if event.settings == now:
        return say("That is how it is: there is nothing to restore.")
    told = [f"  {line}" for line in changes.details(seen.rules, event, say)]
    line = lines.settings(seen.id, event.settings, now) + f" --expect {seen.version}"
    says = say("Save these settings again, as the newest?")
    if not await page.ask(Question(says="\n".join([says, *told]), line=line)):
        return None
    policy = await waiting.ask(page.app, page.desk, await saving.held(page.desk.context, seen.id), line=line)
    if policy is None:
        return None
    await saving.edit(page.desk.context, seen, **asdict(event.settings), waiting=policy)
    return say("The settings are saved.")


async def of_labels(page: Page, seen: Integration, event: LabelsSaved) -> str | None:
    say = page.say
    if event.labels == seen.rules.labels:
        return say("That is how it is: there is nothing to restore.")
    told = [f"  {line}" for line in changes.details(seen.rules, event, say)]
    says = say("Save these labels again, as the newest?")
    line = lines.labels(seen.id, event.labels, seen.rules.labels)
    if not await page.ask(Question(says="\n".join([says, *told]), line=line)):
        return None
    await labels.save(page.desk.context, seen, event.labels, None)
    return say("The labels are saved.")
