"""Who is told is configuration: an event, with a version, undone and exported like any other, and no secret in it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

import pytest

from desk import Desk, desk
from events import written
from events.document import Entry
from events.errors import Misconfigured
from events.integration import RecipientsSaved, Waiting
from events.recipient import Channel, Wanted
from events.words import Language, Words
from servers.postgres import Database
from tui.integration import facts
from worker.adapters import documents
from worker.operations import importing, lifecycle, recipients, reverting, saving, whole
from worker.operations.importing import Checker
from worker.operations.integrations import Integration
from worker.operations.saving import Overtaken

pytestmark = pytest.mark.integration
URL = "https://hooks.example.com/services/T0/salaisuus"
PAIVI = Wanted(channel=Channel.EMAIL, to="Paivi@toimittaja.fi", language=Language.FINNISH)
HOOK = Wanted(channel=Channel.WEBHOOK, to=URL)


async def tell(at: Desk, seen: Integration, *added: Wanted, off: tuple[str, ...] = ()) -> Integration:
    return await saving.edit(at.context, seen, told=await recipients.changed(at.context, seen, added, off))


async def planned(at: Desk, seen: Integration, one: Entry) -> importing.Planned:
    return await Checker(at.context).plan("integrations[0]", one, seen)


async def address(at: Desk, id: UUID) -> str:
    return (await at.context.vault.secret(id)).decode()


async def test_recipients_are_an_event_and_a_webhooks_address_lies_in_the_vault(database: Database) -> None:
    async with desk(database) as at:
        seen = await tell(at, await at.connect(), PAIVI, HOOK)
        paivi, hook = seen.rules.recipients
        assert (paivi.says, hook.to, hook.language) == ("Paivi@toimittaja.fi (fi)", "hooks.example.com", "en")
        assert await address(at, hook.id) == URL
        [saved] = [event for _, event in await at.events(seen) if isinstance(event, RecipientsSaved)]
        assert saved.recipients == seen.rules.recipients
        row = await at.context.pool.fetchrow("select data::text, personal from event where type = 'RecipientsSaved'")
        assert row is not None
        assert "toimittaja" not in row["data"]
        assert b"toimittaja" not in row["personal"]
        everything = await at.context.pool.fetchval(
            "select string_agg(configuration::text, '') from integration"
        ) + await at.context.pool.fetchval("select string_agg(data::text, '') from event")
        assert "salaisuus" not in everything
        await at.project(seen)
        assert [event.type for _, event in await at.events(seen)].count("SettingsSaved") == 0


async def test_given_again_it_stays_who_it_is_and_may_speak_another_language(database: Database) -> None:
    async with desk(database) as at:
        seen = await tell(at, await at.connect(), PAIVI, HOOK)
        again = replace(PAIVI, to="PAIVI@toimittaja.fi", language=Language.ENGLISH)
        now = await tell(at, seen, again, replace(HOOK, language=Language.FINNISH))
        assert [one.id for one in now.rules.recipients] == [one.id for one in seen.rules.recipients]
        assert [one.language for one in now.rules.recipients] == ["en", "fi"]
        other = await tell(at, now, replace(HOOK, to=URL + "2"))
        assert len(other.rules.recipients) == 3


async def test_who_is_told_no_more_is_named_by_address_or_id_and_undoing_brings_them_back(database: Database) -> None:
    async with desk(database) as at:
        seen = await tell(at, await at.connect(), PAIVI, HOOK)
        hook = seen.rules.recipients[1]
        with pytest.raises(
            Misconfigured, match=r"tells nobody called maija@x.fi; it tells: Paivi@toimittaja.fi, hooks"
        ):
            await tell(at, seen, off=("maija@x.fi",))
        gone = await tell(at, seen, off=("paivi@toimittaja.fi", str(hook.id)[:8]))
        assert gone.rules.recipients == ()
        back = await reverting.save(at.context, await reverting.prepare(at.context, gone))
        assert back.rules.recipients == seen.rules.recipients
        assert await address(at, hook.id) == URL


async def test_what_is_no_address_saves_nothing(database: Database) -> None:
    async with desk(database) as at:
        seen = await at.connect()
        for wrong in (
            replace(PAIVI, to="paivi@toimittaja"),
            replace(HOOK, to="hooks.example.com"),
            replace(HOOK, id=uuid4(), to="x"),
        ):
            with pytest.raises(Misconfigured):
                await tell(at, seen, PAIVI, wrong)
        assert (await at.again(seen)).version == seen.version


async def test_a_newer_version_is_not_overwritten_and_no_secret_is_left_behind(database: Database) -> None:
    async with desk(database) as at:
        seen = await at.connect()
        await saving.edit(at.context, seen, cool_down_days=3)
        with pytest.raises(Overtaken):
            await tell(at, seen, HOOK)
        assert await at.context.pool.fetchval("select count(*) from vault.secret where kind like 'webhook/%'") == 0


async def test_a_document_says_them_without_the_secret_and_finds_them_again(database: Database) -> None:
    async with desk(database, companies=2) as at:
        seen = await tell(at, await at.connect(), PAIVI, HOOK)
        one = importing.described(seen)
        text = documents.dump(written.plain((one,)))
        assert "salaisuus" not in text
        assert written.read(documents.load(text, "x")) == (one,)
        assert (await planned(at, seen, one)).says == ()

        none = await planned(at, seen, replace(one, alerts=()))
        assert none.says == (
            "alerts changed",
            f"    alerts to: {', '.join(sorted(each.says for each in seen.rules.recipients))} → none",
        )
        whole = replace(one, alerts=(HOOK, PAIVI))
        same = await planned(at, seen, whole)
        assert same.told is not None
        assert set(same.told.recipients) == set(seen.rules.recipients), "an address that is known is known"

        other = await at.connect(1)
        theirs = replace(importing.described(other), alerts=one.alerts)
        with pytest.raises(
            Misconfigured, match=r"^integrations\[0\].alerts: The webhook hooks.example.com .* whole address"
        ):
            await planned(at, other, theirs)
        saved = await importing.save(at.context, await planned(at, other, replace(theirs, alerts=(PAIVI, HOOK))))
        assert [one.channel for one in saved.rules.recipients] == ["email", "webhook"]
        assert await address(at, saved.rules.recipients[1].id) == URL
        assert saved.rules.recipients[1].id != seen.rules.recipients[1].id


async def test_removing_an_integration_forgets_whom_it_told(database: Database) -> None:
    async with desk(database) as at:
        seen = await tell(at, await at.connect(), PAIVI, HOOK)
        removed = await lifecycle.remove(at.context, seen, erase=True)
        assert removed.integration.rules.recipients == ()
        assert await at.context.pool.fetchval("select count(*) from vault.secret where kind like 'webhook/%'") == 0
        configuration = await at.context.pool.fetchval("select configuration::text from integration")
        assert "toimittaja" not in configuration


async def test_telling_somebody_asks_nothing_about_what_waits(database: Database) -> None:
    async with desk(database) as at:
        seen = await lifecycle.pause(at.context, await at.connect())
        await at.see(seen.integration, 1)
        await at.project(seen.integration)
        now = await tell(at, await at.again(seen.integration), PAIVI)
        await at.project(now)
        assert await at.states(now) == ["waiting"]
        await lifecycle.resume(at.context, now, Waiting.SEND)
        await at.project(now)
        assert await at.states(now) == ["waiting"]


async def test_the_console_says_who_is_told_where_somebody_is(database: Database) -> None:
    async with desk(database) as at:
        seen = await at.connect()

        async def shown() -> dict[str, str]:
            known = await whole.read(at.context, seen.id)
            words = Words(Language.FINNISH, ZoneInfo("Europe/Helsinki"))
            return {one.label: one.value for one in facts.standing(known, words, datetime.now(UTC))}

        assert "Hälytykset" not in await shown()
        await tell(at, seen, PAIVI)
        assert (await shown())["Hälytykset"] == "Paivi@toimittaja.fi (fi)"
