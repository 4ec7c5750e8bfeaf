"""Who is told of states that last, at the console: added, taken off, and told once now to see whether that works."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import pytest

from desk import Desk
from driving import Driver
from events.words import Language, Words
from receiving import mail_server, webhook
from tui.app import Console
from tui.run import desk_of

pytestmark = pytest.mark.integration
SMALL = (80, 24)
NOTHING: Mapping[str, object] = {}


def console(at_desk: Desk, language: Language = Language.ENGLISH, sets: Mapping[str, object] = NOTHING) -> Console:
    """With a mail server in its settings."""
    context = replace(at_desk.context, settings=at_desk.context.settings.model_copy(update=dict(sets)))
    made = desk_of(context, read_only=False)
    return Console(replace(made, say=Words(language, made.say.zone)))


async def to_the_page(at: Driver, name: str = "Alerts") -> None:
    await at.press("enter")
    await at.sees("▶")
    await at.press("left", "left")
    await at.sees(f"▶ {name}")


async def test_an_address_is_told_tested_and_told_no_more(at_desk: Desk) -> None:
    one = await at_desk.connect()
    async with mail_server() as post:
        sets = {"smtp_host": "127.0.0.1", "smtp_port": post.port, "smtp_tls": "none", "smtp_from": "ptm@toimittaja.fi"}
        app = console(at_desk, sets=sets)
        async with app.run_test(size=SMALL, notifications=True) as pilot:
            at = Driver(app, pilot)
            await at.sees("● active")
            await to_the_page(at)
            await at.sees("Nobody is told")
            await at.press("a")
            await at.sees("Who is to be told")
            await at.press("enter")
            await at.types("paivi@toimittaja")
            await at.sees("is no e-mail address that could be told")
            await at.types(".fi")
            await at.press("enter")
            await at.sees("In which language?")
            await at.press("down", "enter")
            await at.sees("Tell paivi@toimittaja.fi", "--alert-language fi")
            await at.press("y")
            await at.sees("saved who is told", "Finnish")
            await at.press("T")
            await at.sees("Send a test to", "ptm integration test-alert")
            assert not post.letters
            await at.press("y")
            await at.sees("taken (taken)")
            assert post.subjects[0].startswith("Hälytysten kokeilu")
            post.refused["paivi@toimittaja.fi"] = 550
            await at.press("T")
            await at.sees("test-alert")
            await at.press("y")
            await at.sees("(550)")
            await at.press("delete")
            await at.sees("no more of what lasts")
            await at.press("y")
            await at.sees("Nobody is told")
    assert (await at_desk.again(one)).rules.recipients == ()


async def test_a_webhooks_address_is_not_shown_and_it_says_what_it_answers(at_desk: Desk) -> None:
    await at_desk.connect()
    async with webhook() as hook:
        app = console(at_desk, Language.FINNISH)
        async with app.run_test(size=(150, 40), notifications=True) as pilot:
            at = Driver(app, pilot)
            await at.sees("● käytössä")
            await to_the_page(at, "Hälytykset")
            await at.press("a")
            await at.sees("Kenelle ilmoitetaan")
            await at.press("down", "enter")
            await at.types(hook.url)
            assert "salaisuus" not in at.text
            await at.press("enter")
            await at.sees("Millä kielellä?")
            await at.press("enter", "y")
            await at.sees("saajat on tallennettu", "webhook")
            await at.press("T")
            await at.sees("test-alert")
            await at.press("y")
            await at.sees("(204")
            assert [one["event"] for one in hook.said] == ["alert.test"]
            hook.status = 410
            await at.press("T")
            await at.sees("test-alert")
            await at.press("y")
            await at.sees("(410)")
            assert "salaisuus" not in at.text
