"""Saving settings and labels, on the version that was seen; what somebody saved meanwhile is shown, and kept."""

from __future__ import annotations

from dataclasses import asdict

from events import labelling
from events.errors import Misconfigured
from events.integration import Settings
from tui.integration import waiting
from tui.integration.page import Page
from tui.integration.settings import SettingsForm, Wish
from tui.making.newer import Newer
from tui.widgets.pick import Asked, Item, Pick
from worker.operations import integrations, lines, overview, saving
from worker.operations import labels as labelled
from worker.operations.integrations import Integration
from worker.operations.saving import Overtaken


async def settings(page: Page, seen: Integration, wanted: Settings | None = None) -> str | None:
    say = page.say
    wish = await page.app.push_screen_wait(SettingsForm(page.desk, seen, wanted or seen.rules.settings))
    if wish is None:
        return None
    if wish.settings == seen.rules.settings:
        return say("Nothing has been changed.")
    line = lines.with_reason(lines.settings(seen.id, wish.settings, seen.rules.settings), wish.reason)
    policy = await waiting.ask(page.app, page.desk, await saving.held(page.desk.context, seen.id), line=line)
    if policy is None:
        return None
    given = asdict(wish.settings)
    try:
        await saving.edit(page.desk.context, seen, **given, waiting=policy, reason=wish.reason or None)
    except Overtaken as overtaken:
        return await again(page, seen, wish, overtaken)
    return say("The settings are saved.")


async def again(page: Page, seen: Integration, wish: Wish, overtaken: Overtaken) -> str | None:
    """Theirs is shown; ours can be looked at on top of it, and saved then: only what was changed here."""
    answer = await page.app.push_screen_wait(Newer(page.say, overtaken, page.desk.now()))
    if answer != "mine":
        return None
    now = await integrations.read_one(page.desk.context, seen.id)
    theirs, before, mine = asdict(now.rules.settings), asdict(seen.rules.settings), asdict(wish.settings)
    changed = {name: value for name, value in mine.items() if value != before[name]}
    return await settings(page, now, Settings(**{**theirs, **changed}))


async def labels(page: Page, seen: Integration) -> str | None:
    say, context = page.say, page.desk.context
    known = sorted({each for line in await overview.lines(context) for each in line.labels} | set(seen.rules.labels))
    asked = Asked(
        question=say("Labels of {name}", name=seen.name),
        items=[Item(each, each) for each in known],
        picked=seen.rules.labels,
        many=True,
        hint=say("Type a new one, or mark those that it is to have."),
        free=as_label,
        line_for=lambda picked: page.desk.typed(lines.labels(seen.id, labelling.tidy(picked), seen.rules.labels)),
    )
    picked = await page.app.push_screen_wait(Pick(say, asked))
    if picked is None or labelling.tidy(picked) == seen.rules.labels:
        return None
    await labelled.save(context, seen, labelling.tidy(picked), None)
    return say("The labels are saved.")


def as_label(text: str) -> str | None:
    try:
        return labelling.tidy([text])[0]
    except Misconfigured:
        return None
