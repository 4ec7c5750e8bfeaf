"""A login that ends by itself is told ahead, once a step, wherever an operator looks, until somebody logs in again."""

from __future__ import annotations

import base64
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import orjson
import pytest

from desk import Desk, environ_for
from events.attention import Cause
from events.connection import LoginEnding
from events.integration import Service
from events.words import Language, Words
from memory.clock import Clock
from sandbox import Sandbox
from servers.postgres import Database
from terminal import command
from worker import settings
from worker.adapters.credentials import LASTS, CredentialKind, Credentials, to_secret
from worker.expiring import Expiring
from worker.opening import opened
from worker.operations import access, attention, reconnecting, vitals
from worker.operations.checks import logins
from worker.operations.checks.finding import Verdict
from worker.operations.integrations import Integration

pytestmark = pytest.mark.integration


def token(ends: datetime | None) -> str:
    """As Procountor's are: a JWT that may say when it ends."""
    claims = {"iss": "procountor"} | ({"exp": int(ends.timestamp())} if ends else {})
    return f"h.{base64.urlsafe_b64encode(orjson.dumps(claims)).decode().rstrip('=')}.s"


def expiring(at: Desk, clock: Clock | None = None) -> Expiring:
    context = at.context
    now = clock or Clock(datetime.now(UTC))
    return Expiring(pool=context.pool, log=context.log, vault=context.vault, ringer=context.ringer, clock=now, every=0)


async def log_in(at: Desk, seen: Integration, ends: datetime | None) -> None:
    assert seen.procountor_secret
    credentials = Credentials(kind=CredentialKind.REFRESH_TOKEN, value=token(ends))
    await at.context.vault.replace_secret(seen.procountor_secret, to_secret(credentials))


async def told(at: Desk, seen: Integration) -> list[int]:
    return [event.days for _, event in await at.events(seen) if isinstance(event, LoginEnding)]


@asynccontextmanager
async def place(database: Database) -> AsyncIterator[tuple[Desk, dict[str, str]]]:
    async with Sandbox() as sandbox:
        environ = environ_for(database, sandbox)
        async with opened(settings.load(environ)) as context:
            yield Desk(context, sandbox), environ


async def test_each_step_is_told_once_whoever_looks(database: Database) -> None:
    async with place(database) as (at, _):
        seen = await at.connect()
        clock = Clock(datetime.now(UTC))
        ends = clock.now + timedelta(days=40)
        await log_in(at, seen, ends)
        steps = []
        for left in (31, 30, 12, 7, 6, 1, 0.2, -1):
            clock.now = ends - timedelta(days=left)
            for _ in range(2):
                await expiring(at, clock).run_once()
            steps.append(await told(at, seen))
        assert steps == [[], [30], [30], [30, 7], [30, 7], [30, 7, 1], [30, 7, 1], [30, 7, 1]]


async def test_a_login_that_is_met_late_is_told_of_its_nearest_step(database: Database) -> None:
    async with place(database) as (at, _):
        seen = await at.connect()
        await log_in(at, seen, datetime.now(UTC) + timedelta(days=3))
        await expiring(at).run_once()
        assert await told(at, seen) == [7]


async def test_a_login_that_does_not_say_when_it_ends_does_so_six_months_after_it_was_given(
    database: Database,
) -> None:
    async with place(database) as (at, _):
        seen = await at.connect()
        await log_in(at, seen, None)
        await expiring(at).run_once()
        ends = (await at.again(seen)).connections[Service.PROCOUNTOR].ends_at
        assert ends is not None
        assert abs(ends - datetime.now(UTC) - LASTS) < timedelta(minutes=5)
        assert await told(at, seen) == []


async def test_it_is_said_wherever_an_operator_looks_until_somebody_logs_in_again(database: Database) -> None:
    async with place(database) as (at, environ):
        seen = await at.connect()
        await log_in(at, seen, datetime.now(UTC) + timedelta(days=5, hours=1))
        await expiring(at).run_once()
        company = str(seen.company_id)

        shown = " ".join((await command(environ, "integration", "show", company)).out.split())
        for part in ("login ends soon", "within 7 days", "Log in again before that", "none is lost"):
            assert part in shown, part
        read = (await command(environ, "integration", "show", company, "--json")).json
        assert read["connections"]["procountor"]["told"]["label"] == "login ends soon"
        [group] = [one for one in (await attention.read(at.context)).groups if one.cause is Cause.ENDING]
        assert (group.key, group.urgent) == ("7", True)
        assert group.commands == (f"ptm integration reconnect {str(seen.id)[:8]} --procountor",)
        assert (await vitals.read(at.context, vitals.Limits())).ending == 1
        assert await of_doctor(at, seen) == [Verdict.WRONG]

        again = await access.check_key(at.context, at.sandbox.companies[0]["api_key"])
        await reconnecting.reconnect(at.context, await at.again(seen), company=again)
        await expiring(at).run_once()
        assert not [one for one in (await attention.read(at.context)).groups if one.cause is Cause.ENDING]
        assert "login ends soon" not in (await command(environ, "integration", "show", company)).out
        assert (await vitals.read(at.context, vitals.Limits())).ending == 0
        assert await told(at, seen) == [7]


async def of_doctor(at: Desk, seen: Integration) -> list[Verdict]:
    """What it says of the login's end, which it takes from what Procountor's login is."""
    now = await at.again(seen)
    ends = now.connections[Service.PROCOUNTOR].ends_at
    session = await at.context.procountor.session(api_key(at))
    rights = await at.context.procountor.rights(api_key(at))
    let = logins.Let(company_id=session.company_id, user=session.user, rights=rights, ends_at=ends)
    say = Words(Language.FINNISH, ZoneInfo("Europe/Helsinki"))
    found = list(logins.of_login(now, let, say))
    assert all("Kirjaudu uudelleen" in one.remedy for one in found)
    return [one.verdict for one in found]


def api_key(at: Desk) -> Credentials:
    return Credentials(kind=CredentialKind.API_KEY, value=at.sandbox.companies[0]["api_key"])
