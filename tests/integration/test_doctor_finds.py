"""Each thing that the doctor looks for is made to happen: it is found, says what to do, and needs a person."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from importlib.metadata import version
from pathlib import Path
from uuid import uuid4

import pytest
from aiohttp import web

from appending import superuser
from desk import Desk, environ_for
from events.integration import Destination, DestinationKind
from sandbox import Sandbox
from sandbox.access import REFRESH_SECONDS
from sandbox.company import NO_ACCESS
from servers.postgres import Database
from worker import settings
from worker.adapters.credentials import CredentialKind, Credentials, to_secret
from worker.opening import opened
from worker.operations import doctor, triggers
from worker.operations.checks.finding import Concern, Finding, Verdict
from worker.operations.integrations import Integration

pytestmark = pytest.mark.integration


@dataclass
class Patient:
    at: Desk
    seen: Integration
    environ: dict[str, str]
    database: Database
    directory: Path
    elsewhere: str
    """A Trustmary without TLS whose clock goes three minutes ahead."""
    set: Callable[[str, str], None]
    """A variable of the process."""

    async def log_in(self, credentials: Credentials) -> None:
        assert self.seen.procountor_secret
        await self.at.context.vault.replace_secret(self.seen.procountor_secret, to_secret(credentials))


Makes = Callable[[Patient], Awaitable[None]]


async def superuser_s_login(here: Patient) -> None:
    here.environ["PTM_DATABASE_URL"] = here.database.admin_url


async def late_database(here: Patient) -> None:
    name = here.database.admin_url.rpartition("/")[2].partition("?")[0]
    async with superuser(here.database) as admin:
        await admin.execute("create schema late")
        await admin.execute(
            "create function late.clock_timestamp() returns timestamptz language sql"
            " as $$ select pg_catalog.clock_timestamp() - interval '90 s' $$"
        )
        await admin.execute("grant usage on schema late to public")
        await admin.execute(f'alter database "{name}" set search_path = late, public, pg_catalog')


async def hasty_trustmary(here: Patient) -> None:
    here.environ["PTM_TRUSTMARY_URL"] = here.elsewhere


async def open_key_file(here: Patient) -> None:
    file = here.directory / "master"
    file.write_text(here.environ.pop("PTM_MASTER_KEY"), encoding="ascii")
    file.chmod(0o644)
    here.environ["PTM_MASTER_KEY_FILE"] = str(file)
    here.set("PTM_MASTER_KEY_FILE", str(file))


async def procountor_is_out_of_order(here: Patient) -> None:
    here.at.sandbox.faults.add("procountor=503")


async def trustmary_is_out_of_order(here: Patient) -> None:
    here.at.sandbox.faults.add("trustmary=500")


async def no_such_api(here: Patient) -> None:
    here.environ["PTM_TRUSTMARY_URL"] += "/nowhere"


async def no_tls(here: Patient) -> None:
    here.environ["PTM_TRUSTMARY_URL"] = here.elsewhere


async def too_little_budget(here: Patient) -> None:
    here.environ |= {"PTM_PROCOUNTOR_PER_SECOND": "1", "PTM_POLL_FLOOR": "0.1", "PTM_POLL_CEILING": "0.1"}


async def no_client(here: Patient) -> None:
    del here.environ["PTM_PROCOUNTOR_CLIENT_ID"]


async def refused_client(here: Patient) -> None:
    await here.at.connect(1)
    here.environ["PTM_PROCOUNTOR_CLIENT_SECRET"] = "another"
    here.at.sandbox.world.access.expire_access_tokens()


async def no_customers(here: Patient) -> None:
    here.at.sandbox.world.company().rights.customer_register = NO_ACCESS


async def no_invoices(here: Patient) -> None:
    here.at.sandbox.world.company().rights.sales_invoices = NO_ACCESS


async def only_own_invoices(here: Patient) -> None:
    here.at.sandbox.world.company().rights.personal_sales_invoices_only = True


async def another_company(here: Patient) -> None:
    await here.log_in(Credentials(kind=CredentialKind.API_KEY, value=here.at.sandbox.companies[1]["api_key"]))


async def login_that_ends(here: Patient) -> None:
    world = here.at.sandbox.world
    ago = REFRESH_SECONDS - timedelta(days=3.5).total_seconds()
    world.let_pass(-ago)
    token = world.access.refresh_token(world.company().id, world.company().user.id)
    world.let_pass(ago)
    await here.log_in(Credentials(kind=CredentialKind.REFRESH_TOKEN, value=token))


async def another_organization(here: Patient) -> None:
    assert here.seen.trustmary_secret
    key = here.at.sandbox.organizations[1]["api_key"]
    await here.at.context.vault.replace_secret(here.seen.trustmary_secret, key.encode())


async def revoked_key(here: Patient) -> None:
    here.at.sandbox.world.edit_organization(here.at.sandbox.world.organization().id, key_works=False)


async def automation_gone(here: Patient) -> None:
    automations = here.at.sandbox.world.organization().automations
    name = next(iter(automations))
    [trigger] = here.seen.rules.triggers.values()
    aim = Destination(kind=DestinationKind.AUTOMATION, automation=name)
    await triggers.save(here.at.context, here.seen, replace(trigger, destination=aim))
    del automations[name]


FOUND: tuple[tuple[Makes, Concern, str, str], ...] = (
    (superuser_s_login, Concern.DATABASE, "The login is a superuser", "a member of ptm_worker and nothing else"),
    (late_database, Concern.CLOCK, "The clock of PostgreSQL is 90 s behind", "keep time by NTP"),
    (hasty_trustmary, Concern.CLOCK, "The clock of Trustmary is 18", "keep time by NTP"),
    (open_key_file, Concern.KEYS, "can be read by others than its owner (mode 0644)", "chmod 600"),
    (procountor_is_out_of_order, Concern.PROCOUNTOR, "Procountor answers 503.", "nothing is lost meanwhile"),
    (trustmary_is_out_of_order, Concern.TRUSTMARY, "Trustmary answers 500.", "what is to be sent waits"),
    (no_such_api, Concern.TRUSTMARY, "there is no API at", "Correct PTM_TRUSTMARY_URL"),
    (no_tls, Concern.TRUSTMARY, "is called without TLS", "begin with https://"),
    (too_little_budget, Concern.BUDGET, "1 companies cannot be asked every", "Raise PTM_POLL_CEILING"),
    (no_client, Concern.CLIENT, "PTM_PROCOUNTOR_CLIENT_ID is not set.", "Ask Procountor for an API client"),
    (refused_client, Concern.CLIENT, "refuses the logins of all 2 companies", "PTM_PROCOUNTOR_CLIENT_SECRET"),
    (no_customers, Concern.INTEGRATION, "may not read the customer register", "viewing rights to all of them"),
    (no_invoices, Concern.INTEGRATION, "may not search sales invoices", "viewing rights to all of them"),
    (only_own_invoices, Concern.INTEGRATION, "sees only its own invoices", "viewing rights to all of them"),
    (another_company, Concern.INTEGRATION, "login opens another company now", "ptm integration reconnect"),
    (login_that_ends, Concern.INTEGRATION, "login ends in 3 days", "ptm integration reconnect"),
    (another_organization, Concern.INTEGRATION, "key opens another organization now", "ptm integration reconnect"),
    (revoked_key, Concern.INTEGRATION, "does not know this API key", "ptm integration reconnect"),
    (automation_gone, Concern.INTEGRATION, "Trustmary has no more: automation", "Choose another in the trigger"),
)  # fmt: skip


@asynccontextmanager
async def far_trustmary() -> AsyncIterator[str]:
    """At an address that does not say that it is of this machine."""

    async def answer(_: web.Request) -> web.Response:
        ahead = datetime.now(UTC) + timedelta(seconds=185)
        return web.Response(status=401, headers={"Date": format_datetime(ahead, usegmt=True)})

    app = web.Application()
    app.router.add_get("/test", answer)
    runner = web.AppRunner(app)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.2", 0).start()
        yield f"http://127.0.0.2:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


@pytest.mark.parametrize(("makes", "concern", "says", "remedy"), FOUND, ids=[each[0].__name__ for each in FOUND])
async def test_what_is_wrong_is_found_says_what_to_do_and_needs_a_person(
    database: Database,
    tansu: str,
    topic: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    makes: Makes,
    concern: Concern,
    says: str,
    remedy: str,
) -> None:
    async with Sandbox(companies=2, organizations=2) as sandbox, far_trustmary() as other:
        environ = environ_for(database, sandbox, PTM_KAFKA_BOOTSTRAP=tansu, PTM_KAFKA_TOPIC=topic)
        async with opened(settings.load(environ)) as context:
            at = Desk(context, sandbox)
            seen = await at.connect()
            await context.pool.execute(
                "insert into worker (id, host, pid, version, stages, partitions, seen_at)"
                " values ($1, 'here', 1, $2, $3, '{}', now() + interval '1 hour')",
                *(
                    uuid4(),
                    version("procountor-trustmary"),
                    '{"ingest": {}, "relay": {}, "project": {}, "dispatch": {}}',
                ),
            )
            here = Patient(at, seen, environ, database, tmp_path, other, monkeypatch.setenv)
            assert await examined(here) == (0, [])
            await makes(here)
            code, wrong = await examined(here)
            [found] = [one for one in wrong if one.concern is concern and says in one.says]
            assert (code, remedy in found.remedy) == (3, True), found


async def examined(here: Patient) -> tuple[int, list[Finding]]:
    """The exit code, and what needs a person."""
    read = settings.load(here.environ)
    found = await doctor.examine(read, read.words)
    return found.exit_code, [one for one in found.findings if one.verdict is Verdict.WRONG]
