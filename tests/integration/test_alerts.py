"""Alerts: a state that lasts is told once, by whichever worker, and once more when it is over."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

import asyncpg
import pytest

from desk import MAIJA, Desk, desk
from events.integration import Waiting
from events.recipient import Channel, Wanted
from events.retry import Backoff
from events.words import Language
from eventually import eventually
from receiving import MailServer, Webhook, mail_server, webhook
from servers.postgres import Database
from worker import alerting
from worker.adapters.alerts import Alerts
from worker.adapters.mail import Mail
from worker.adapters.session import make_session
from worker.adapters.webhook import Post
from worker.alerting import Alerting
from worker.operations import lifecycle, recipients, saving, status, triggers
from worker.operations.integrations import Integration
from worker.summing import Summing

pytestmark = pytest.mark.integration
HELSINKI = ZoneInfo("Europe/Helsinki")
SUNDAY = datetime(2026, 3, 8, 12, tzinfo=UTC)
AT_ONCE = Backoff(first=timedelta(milliseconds=10), longest=timedelta(milliseconds=50))
LASTS = timedelta(minutes=15)


@dataclass(slots=True)
class Told:
    """A company whose alerts are told by workers that a test turns by hand."""

    at: Desk
    seen: Integration
    post: MailServer
    hook: Webhook
    exits: AsyncExitStack
    now: datetime = SUNDAY
    workers: list[Alerting] = field(default_factory=list)

    async def worker(self, **changes: Any) -> Alerting:
        session = await self.exits.enter_async_context(make_session())
        mail = Mail(host="127.0.0.1", port=self.post.port, tls="none", sender="ptm@toimittaja.fi")
        context = self.at.context
        alerts = Alerts(pool=context.pool, vault=context.vault, worker=uuid4())
        usual: dict[str, Any] = {
            "alerts": alerts,
            "sends": Post(mail_server=mail, session=session),
            "summing": Summing(alerts=alerts, zone=HELSINKI),
            "secret": context.vault.secret,
            "keyed": await context.vault.contact_key(),
            "zone": HELSINKI,
            "after": LASTS,
            "clock": lambda: self.now,
            "again": AT_ONCE,
            "look_every": 0.0,
            "weeks_every": 0.0,
            "gather": timedelta(),
        }
        made = Alerting(**usual | changes)
        self.workers.append(made)
        self.exits.push_async_callback(made.close)
        return made

    async def tells(self, *added: Wanted, off: tuple[str, ...] = (), seen: Integration | None = None) -> Integration:
        one = await self.at.again(seen or self.seen)
        told = await recipients.changed(self.at.context, one, added, off)
        return await saving.edit(self.at.context, one, told=told)

    async def breaks(self, minutes: float, *, reason: str = "rights", seen: Integration | None = None) -> None:
        """Procountor has not served the integration for so long."""
        await self.at.context.pool.execute(
            "insert into connection (integration, service, state, reason, since)"
            " values ($1, 'procountor', 'broken', $2, now() - $3::interval)"
            " on conflict (integration, service) do update set state = 'broken', reason = $2, since = excluded.since",
            (seen or self.seen).id,
            reason,
            timedelta(minutes=minutes),
        )

    async def ends_in(self, days: float | None) -> None:
        """The login to Procountor; not at all where None."""
        await self.at.context.pool.execute(
            "update connection set ends_at = now() + $1::interval where service = 'procountor'",
            None if days is None else timedelta(days=days),
        )

    async def mends(self) -> None:
        await self.at.context.pool.execute("update connection set state = 'connected', reason = null, since = now()")

    async def turn(self, *workers: Alerting) -> None:
        """Until two turns in a row of each find nothing to do."""
        for worker in workers or self.workers:
            quiet = 0
            while quiet < 2:
                quiet = 0 if await worker.run_once() else quiet + 1

    async def rows(self) -> list[tuple[str, bool, bool]]:
        """(what about, its beginning was told, it is over)."""
        rows = await self.at.context.pool.fetch("select about, told_at, over_at from alert order by id")
        return [(row["about"], row["told_at"] is not None, row["over_at"] is not None) for row in rows]


def mail(to: str, language: Language = Language.ENGLISH) -> Wanted:
    return Wanted(channel=Channel.EMAIL, to=to, language=language)


def hook(url: str, language: Language = Language.ENGLISH) -> Wanted:
    return Wanted(channel=Channel.WEBHOOK, to=url, language=language)


@asynccontextmanager
async def told(database: Database, **options: Any) -> AsyncIterator[Told]:
    async with desk(database, **options) as at, mail_server() as post, webhook() as found, AsyncExitStack() as exits:
        yield Told(at, await at.connect(), post, found, exits)


async def test_a_state_that_lasts_is_told_once_by_many_workers_and_once_when_it_is_over(database: Database) -> None:
    async with told(database) as here:
        await here.tells(mail("paivi.nieminen@toimittaja.fi"), hook(here.hook.url, Language.FINNISH))
        await here.breaks(16)
        workers = [await here.worker() for _ in range(4)]
        for _ in range(3):
            await asyncio.gather(*(here.turn(each) for each in workers))
        [letter] = here.post.letters
        assert here.post.to == ["paivi.nieminen@toimittaja.fi"]
        assert letter["Subject"] == f"{here.seen.name}: Procountor: rights missing"
        assert letter["Auto-Submitted"] == "auto-generated"
        assert letter.get_content_type() == "text/plain"
        [body] = here.post.bodies
        for part in (
            "The user may not read sales invoices any more",
            "What to do: Give the user viewing rights to sales invoices",
            "Whom to ask: Whoever administers the company's users in Procountor",
            "none is lost",
            f"ptm integration show {str(here.seen.id)[:8]}",
            "told once",
        ):
            assert part in body, part
        [said] = here.hook.said
        assert said["event"] == "alert.started"
        assert said["alerts"][0]["key"] == "procountor:rights"
        assert said["alerts"][0]["integration"] == str(here.seen.id)
        assert "Anna käyttäjälle myyntilaskujen katseluoikeus" in said["text"]

        await here.mends()
        for _ in range(3):
            await asyncio.gather(*(here.turn(each) for each in workers))
        assert here.post.subjects[1:] == [f"Over: {here.seen.name}: Procountor: rights missing"]
        assert [each["event"] for each in here.hook.said[1:]] == ["alert.ended"]
        assert here.hook.said[1]["alerts"][0]["over_at"] is not None
        assert here.hook.said[1]["text"].startswith("Ohi: ")
        assert await here.rows() == []


async def test_what_does_not_last_is_told_to_nobody(database: Database) -> None:
    async with told(database) as here:
        await here.tells(mail(MAIJA))
        await here.worker()
        for minutes in (1, 14, 3):
            await here.breaks(minutes)
            await here.turn()
            await here.mends()
            await here.turn()
        assert await here.rows() == []
        assert here.post.letters == []


async def test_another_reason_is_told_anew_and_only_the_end_as_over(database: Database) -> None:
    async with told(database) as here:
        await here.tells(mail(MAIJA))
        await here.worker()
        await here.breaks(16)
        await here.turn()
        await here.breaks(1, reason="credentials")
        await here.turn()
        assert len(here.post.letters) == 1, "the other reason does not last yet"
        await here.breaks(16, reason="credentials")
        await here.turn()
        await here.mends()
        await here.turn()
        assert [each.removeprefix(f"{here.seen.name}: ") for each in here.post.subjects] == [
            "Procountor: rights missing",
            "Procountor: login refused",
            f"Over: {here.seen.name}: Procountor: login refused",
        ]


async def test_a_login_that_ends_is_told_at_each_step_and_over_once_somebody_logs_in_again(database: Database) -> None:
    async with told(database) as here:
        await here.tells(mail(MAIJA), hook(here.hook.url, Language.FINNISH))
        await here.worker()
        for left in (31, 29, 28, 6, 3, 0.9, -1):
            await here.ends_in(left)
            await here.turn()
        await here.ends_in(None)
        await here.turn()
        title = f"{here.seen.name}: Procountor: login ends soon"
        assert here.post.subjects == [title, title, title, f"Over: {title}"]
        days = [next(each for each in body.splitlines() if "ends within" in each) for body in here.post.bodies[:3]]
        assert days == [f"The login ends within {n} days." for n in (30, 7, 1)]
        for body in here.post.bodies[:3]:
            for part in ("Log in again before that", "Whoever gave the login", "still collected", "reconnect"):
                assert part in body, part
        assert [(each["event"], each["alerts"][0]["key"]) for each in here.hook.said] == [
            *(("alert.started", key) for key in ("30", "7", "1")),
            ("alert.ended", "1"),
        ]
        assert "Kirjaudu uudelleen" in here.hook.said[0]["text"]
        assert await here.rows() == []


async def test_a_state_that_comes_again_is_told_again(database: Database) -> None:
    async with told(database) as here:
        await here.tells(mail(MAIJA))
        await here.worker()
        for _ in range(2):
            await here.breaks(16)
            await here.turn()
            await here.mends()
            await here.turn()
        assert [each.startswith("Over: ") for each in here.post.subjects] == [False, True, False, True]


async def test_a_brake_parked_deliveries_and_a_restore_that_holds_are_told(database: Database) -> None:
    async with told(database) as here:
        pool = here.at.context.pool
        seen = await saving.edit(here.at.context, here.seen, brake=2)
        await here.at.project(seen)
        for invoice in (1, 2, 3, 4):
            await here.at.see(seen, invoice, email=f"asiakas{invoice}@asiakas.fi", partner=invoice)
        await here.at.project(seen)
        assert (await here.at.again(seen)).rules.braked
        await pool.execute(
            "update delivery set state = 'parked', fingerprint = 'invalid:trustmary:name', failure = $1,"
            " created_at = now() - interval '16 min', next_at = 'infinity'"
            " where id in (select id from delivery order by id limit 2)",
            f"name of {MAIJA} is odd",
        )
        owner = await asyncpg.connect(database.owner_url)
        await owner.execute("insert into restored (integration, taken_at) values ($1, now())", here.seen.id)
        await owner.close()
        await here.tells(mail("paivi@toimittaja.fi", Language.FINNISH))
        await here.worker(after=timedelta())
        await here.turn()
        [body] = here.post.bodies
        assert here.post.subjects == [f"{here.seen.name}: 3 asiaa vaatii toimia"]
        for part in (
            "Jarru pysäytti lähetyksen",
            "2 toimitusta",
            "invalid:trustmary:name",
            "palautuksen",
            "ptm release",
        ):
            assert part in body, (part, body)
        assert "asiakas" not in body.replace("Asiakas", "")
        assert MAIJA not in body
        await lifecycle.resume(here.at.context, await here.at.again(seen), Waiting.DROP)
        await here.turn()
        assert [each.startswith("Ohi: ") for each in here.post.subjects] == [False, True]
        assert "jarru" in here.post.subjects[1]


async def test_a_mail_server_that_is_away_for_a_while_keeps_nothing_from_being_told(database: Database) -> None:
    async with told(database) as here:
        await here.tells(mail(MAIJA), hook(here.hook.url))
        worker = await here.worker()
        await here.post.go()
        await here.breaks(16)

        async def failed() -> bool:
            await worker.run_once()
            return bool(await here.at.context.pool.fetchval("select max(failures) >= 3 from mailbox"))

        await eventually(failed)
        assert len(here.hook.said) == 1, "whom else an alert goes to does not wait for the mail server"
        failure = await here.at.context.pool.fetchval("select failure from mailbox where failures > 0")
        assert failure.startswith("No mail server listens at 127.0.0.1")
        await here.post.come()

        async def came() -> bool:
            await worker.run_once()
            return len(here.post.letters) == 1

        await eventually(came)
        await here.turn()
        assert len(here.post.letters) == 1
        assert await here.at.context.pool.fetchval("select count(*) from mailbox where failing_since is not null") == 0


async def test_what_was_over_before_it_could_be_told_is_told_as_over_once(database: Database) -> None:
    async with told(database) as here:
        await here.tells(mail(MAIJA))
        worker = await here.worker()
        await here.post.go()
        await here.breaks(16)

        async def failed() -> bool:
            await worker.run_once()
            return bool(await here.at.context.pool.fetchval("select max(failures) >= 1 from mailbox"))

        await eventually(failed)
        await here.mends()
        await here.post.come()

        async def came() -> bool:
            await worker.run_once()
            return bool(here.post.letters)

        await eventually(came)
        await here.turn()
        assert [each.startswith("Over: ") for each in here.post.subjects] == [True]
        assert "could not be told while it lasted" in here.post.bodies[0]
        assert await here.rows() == []


async def test_an_address_that_is_refused_is_tried_ever_more_rarely_and_named_nowhere(database: Database) -> None:
    async with told(database) as here:
        here.post.refused = {"wrong@toimittaja.fi": 550}
        await here.tells(mail("wrong@toimittaja.fi"), mail("right@toimittaja.fi"))
        await here.breaks(16)
        await here.worker()
        await here.turn()
        assert here.post.to == ["right@toimittaja.fi"]
        [row] = await here.at.context.pool.fetch("select * from mailbox where failures > 0")
        assert row["failure"] == "The mail server 127.0.0.1 turned the letter down (550)."
        assert row["due_at"] > datetime.now(UTC) + timedelta(seconds=20)


async def test_a_worker_that_dies_after_the_letter_left_makes_at_most_one_more_of_the_same_id(
    database: Database,
) -> None:
    async with told(database) as here:
        await here.tells(mail(MAIJA))
        await here.breaks(16)
        here.post.held = asyncio.Event()
        dying = await here.worker(lease=timedelta(milliseconds=200))
        await dying.run_once()
        await here.post.taken.wait()
        other = await here.worker()
        await other.run_once()
        assert len(here.post.letters) == 1, "the address is leased"
        for turn in dying.turns:
            turn.cancel()
        await asyncio.gather(*dying.turns, return_exceptions=True)
        dying.turns.clear()
        here.post.held.set()

        async def twice() -> bool:
            await other.run_once()
            return len(here.post.letters) == 2

        await eventually(twice)
        await here.turn(other)
        await here.turn(await here.worker())
        assert len(here.post.letters) == 2
        first, second = (each["Message-ID"] for each in here.post.letters)
        assert first == second


async def test_what_begins_again_while_its_end_is_being_told_is_told_too(database: Database) -> None:
    async with told(database) as here:
        await here.tells(mail(MAIJA))
        worker = await here.worker()
        await here.breaks(16)
        await here.turn()
        await here.mends()
        here.post.held = asyncio.Event()
        here.post.taken.clear()
        await worker.run_once()
        await here.post.taken.wait()
        await here.breaks(20)
        await (await here.worker()).note()
        here.post.held.set()
        await here.turn()
        assert [each.startswith("Over: ") for each in here.post.subjects] == [False, True, False]
        assert await here.rows() == [("broken/procountor", True, False)]


async def test_another_reason_that_comes_while_the_first_is_being_told_is_told_too(database: Database) -> None:
    async with told(database) as here:
        await here.tells(mail(MAIJA))
        worker = await here.worker()
        here.post.held = asyncio.Event()
        await here.breaks(16)
        await worker.run_once()
        await here.post.taken.wait()
        await here.breaks(20, reason="credentials")
        await (await here.worker()).note()
        here.post.held.set()
        await here.turn()
        assert [each.removeprefix(f"{here.seen.name}: ") for each in here.post.subjects] == [
            "Procountor: rights missing",
            "Procountor: login refused",
        ]


async def test_many_integrations_of_one_recipient_are_one_letter(database: Database) -> None:
    async with told(database, companies=3) as here:
        others = [here.seen, await here.at.connect(1), await here.at.connect(2)]
        for each in others:
            await here.tells(mail(MAIJA), hook(here.hook.url), seen=each)
            await here.breaks(16, reason="down", seen=each)
        workers = [await here.worker() for _ in range(2)]
        await asyncio.gather(*(here.turn(each) for each in workers))
        assert here.post.subjects == ["3 integrations: Procountor: down"]
        assert all(each.name in here.post.bodies[0] for each in others)
        assert [(len(each["alerts"]), each["more"]) for each in here.hook.said] == [(3, 0)]


async def test_a_webhook_gets_no_more_than_it_can_take(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(alerting, "MOST", 2)
    async with told(database, companies=3) as here:
        for each in (here.seen, await here.at.connect(1), await here.at.connect(2)):
            await here.tells(hook(here.hook.url), seen=each)
            await here.breaks(16, reason="down", seen=each)
        await here.worker()
        await here.turn()
        assert [(len(each["alerts"]), each["more"]) for each in here.hook.said] == [(2, 1)]


async def test_an_address_for_which_nothing_is_left_fails_no_more(database: Database) -> None:
    async with told(database) as here:
        await here.tells(mail(MAIJA))
        await here.breaks(16)
        await here.worker()
        await here.post.go()
        await here.turn()
        pool = here.at.context.pool

        async def failing() -> bool:
            return any(one.name == "letters_failing_seconds" and one.value for one in await status.measure(pool))

        assert await failing()
        await pool.execute("delete from alert")
        assert not await failing()


async def test_what_comes_shortly_after_a_letter_waits_for_more_and_leaves_together(database: Database) -> None:
    async with told(database, companies=3) as here:
        others = [await here.at.connect(1), await here.at.connect(2)]
        for each in (here.seen, *others):
            await here.tells(mail(MAIJA), seen=each)
        worker = await here.worker(gather=timedelta(minutes=5))
        await here.breaks(16)
        await here.turn()
        for each in others:
            await here.breaks(16, seen=each)
            await here.turn()
        assert here.post.subjects == [f"{here.seen.name}: Procountor: rights missing"]
        await here.at.context.pool.execute("update mailbox set due_at = due_at - interval '5 min'")
        await here.turn(worker)
        assert here.post.subjects[1:] == ["2 integrations: Procountor: rights missing"]


async def test_who_is_told_no_more_hears_nothing_more(database: Database) -> None:
    async with told(database) as here:
        await here.tells(mail(MAIJA), mail("paivi@toimittaja.fi"))
        await here.worker()
        await here.breaks(16)
        await here.turn()
        await here.tells(off=(MAIJA,))
        await here.mends()
        await here.turn()
        assert sorted(here.post.to) == sorted([MAIJA, "paivi@toimittaja.fi", "paivi@toimittaja.fi"])
        assert await here.rows() == []


async def test_a_webhook_that_the_vault_does_not_hold_fails_by_itself_and_says_so(database: Database) -> None:
    async with told(database) as here:
        seen = await here.tells(mail(MAIJA), hook(here.hook.url))
        await here.at.context.pool.execute("delete from vault.secret where id = $1", seen.rules.recipients[1].id)
        await here.breaks(16)
        worker = await here.worker()

        async def failed() -> bool:
            await worker.run_once()
            return bool(
                await here.at.context.pool.fetchval("select failure like 'The vault%' from mailbox where failures > 0")
            )

        await eventually(failed)
        await here.turn()
        assert len(here.post.letters) == 1


async def test_a_removed_integration_tells_nobody_and_keeps_no_webhook(database: Database) -> None:
    async with told(database) as here:
        await here.tells(hook(here.hook.url))
        await here.worker()
        await here.breaks(16)
        await here.turn()
        await lifecycle.remove(here.at.context, await here.at.again(here.seen))
        await here.turn()
        assert len(here.hook.said) == 1
        assert await here.rows() == []
        secrets = await here.at.context.pool.fetchval("select count(*) from vault.secret where kind like 'webhook/%'")
        assert secrets == 0
        configuration = await here.at.context.pool.fetchval("select configuration::text from integration")
        assert "127.0.0.1" not in configuration


@pytest.mark.parametrize(("status", "again"), [(503, True), (429, True), (404, False), (302, False)])
async def test_a_webhook_that_says_no_is_tried_again_sooner_or_later(
    database: Database, status: int, again: bool
) -> None:
    async with told(database) as here:
        here.hook.status = status
        await here.tells(hook(here.hook.url))
        await here.breaks(16)
        worker = await here.worker()

        async def tried() -> bool:
            await worker.run_once()
            return bool(await here.at.context.pool.fetchval("select failures > 0 from mailbox"))

        await eventually(tried)
        [failure] = [row["failure"] for row in await here.at.context.pool.fetch("select failure from mailbox")]
        assert str(status) in failure
        assert "salaisuus" not in failure
        assert "/services" not in failure
        here.hook.status = 200
        if again:

            async def came() -> bool:
                await worker.run_once()
                return await here.rows() == [("broken/procountor", True, False)]

            await eventually(came)
        else:
            await here.turn()
            assert await here.rows() == [("broken/procountor", False, False)]


async def week(here: Told) -> None:
    """Something of everything happened in the current week, and one contact was added in the week before.

    What was decided again is held back by nothing.
    """
    seen = here.seen
    await here.at.see(seen, 7, email="oona.ovaska@asiakas.fi", partner=13)
    await here.at.project(seen)
    seen = await here.at.again(seen)
    [trigger] = seen.rules.triggers.values()
    await triggers.save(here.at.context, seen, replace(trigger, name="Uusi"), waiting=Waiting.DECIDE_AGAIN)
    await here.at.see(seen, 1, email="aino.aari@asiakas.fi", name="Aino Aari")
    await here.at.see(seen, 2, email=None, name="Ville Laine", partner=8)
    await here.at.see(seen, 3, email="laskutus@asiakas.fi", partner=9)
    await here.at.see(seen, 4, email=None, partner=10)
    await here.at.see(seen, 5, email="maija.toinen@asiakas.fi", partner=11)
    await here.at.see(seen, 6, email="liisa.lahti@asiakas.fi", partner=12)
    await here.at.project(seen)
    await here.at.context.pool.execute("update delivery set state = 'delivered', settled_at = now() where invoice = 1")
    await here.at.context.pool.execute(
        "update delivery set state = 'delivered', settled_at = now() - interval '8 days' where invoice = 6"
    )
    await here.at.context.pool.execute(
        "update delivery set state = 'parked', fingerprint = 'invalid:trustmary:name', next_at = 'infinity'"
        " where invoice = 5"
    )


def next_monday(hour: int) -> datetime:
    local = datetime.now(HELSINKI)
    return (local + timedelta(days=7 - local.weekday())).replace(hour=hour, minute=0)


async def test_a_week_is_summed_up_on_monday_morning_once_for_each_recipient(database: Database) -> None:
    async with told(database) as here:
        await here.at.context.pool.execute("update integration set connected_at = now() - interval '30 days'")
        await here.tells(mail("paivi@toimittaja.fi", Language.FINNISH), mail("mary@vendor.com"), hook(here.hook.url))
        await week(here)
        workers = [await here.worker(after=timedelta(hours=1)) for _ in range(3)]
        here.now = next_monday(6)
        await asyncio.gather(*(here.turn(each) for each in workers))
        assert here.post.letters == []
        here.now = next_monday(7)
        for _ in range(2):
            await asyncio.gather(*(here.turn(each) for each in workers))
        here.now += timedelta(days=1)
        await here.turn(await here.worker(after=timedelta(hours=1)))
        assert sorted(here.post.to) == ["mary@vendor.com", "paivi@toimittaja.fi"]
        assert here.hook.said == [], "a summary is a letter"
        english = here.post.bodies[here.post.to.index("mary@vendor.com")]
        finnish = here.post.bodies[here.post.to.index("paivi@toimittaja.fi")]
        for part in (
            "Invoices sent: 7",
            "Contacts added: 1",
            "Held back: 4",
            "- 2: The contact person has no e-mail address.\n  Add the e-mail to the contact person",
            "- 1: The address is a shared mailbox",
            "- 1: Parked",
            "ptm delivery list",
        ):
            assert part in english, (part, english)
        for part in (
            "Lähetettyjä laskuja: 7",
            "Lisättyjä kontakteja: 1",
            "Lisäämättä jäi: 4",
            "Yhteyshenkilöllä ei ole",
        ):
            assert part in finnish, (part, finnish)
        for person in ("Aino", "aino.aari", "Ville", "Maija", "maija", "laskutus@asiakas"):
            assert person not in english + finnish


async def test_a_summary_of_many_integrations_is_one_letter_with_totals(database: Database) -> None:
    async with told(database, companies=2) as here:
        other = await here.at.connect(1)
        await here.at.context.pool.execute("update integration set connected_at = now() - interval '30 days'")
        for each in (here.seen, other):
            await here.tells(mail(MAIJA), seen=each)
        await week(here)
        here.now = next_monday(8)
        workers = [await here.worker(after=timedelta(hours=1)) for _ in range(2)]
        await asyncio.gather(*(here.turn(each) for each in workers))
        [body] = here.post.bodies
        assert here.post.subjects[0].startswith("2 integrations: week from ")
        assert body.count("Invoices sent: 7") == 2
        assert here.seen.name in body
        assert other.name not in body, "it had nothing to tell"


async def test_a_week_is_not_told_days_later_nor_a_second_time_the_week_after(database: Database) -> None:
    async with told(database) as here:
        await here.at.context.pool.execute("update integration set connected_at = now() - interval '30 days'")
        await here.tells(mail(MAIJA))
        await here.at.see(here.seen, 1, email="aino.aari@asiakas.fi")
        await here.at.see(here.seen, 2, email=None, partner=8)
        await here.at.project(here.seen)
        await here.worker(after=timedelta(hours=1))
        here.now = next_monday(7) + timedelta(days=3)
        await here.turn()
        assert here.post.letters == []
        here.now = next_monday(7) + timedelta(days=7)
        await here.turn()
        assert len(here.post.letters) == 1
        assert "Nothing was sent, added or held back." in here.post.bodies[0]
        here.now = next_monday(7) + timedelta(days=14)
        await here.turn()
        assert len(here.post.letters) == 2
        assert len(await here.rows()) == 1, "weeks that are over are not kept"
