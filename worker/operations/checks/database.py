"""PostgreSQL: of which version, by which login, with which rights, and whether the schema is this release's."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from events.words import Words
from worker.adapters import schema
from worker.adapters.postgres import Pool, translating
from worker.operations.checks.finding import Concern, Finding, note, well, wrong
from worker.operations.context import SQL

TESTED = 18
"""The major version of PostgreSQL that the tests run on."""
OLDEST = 17
"""The first that can end a transaction that lasts too long, which a worker asks for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    login: str
    version: str
    number: int
    superuser: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Schema:
    pending: list[str]
    ahead: list[str]
    changes_events: bool = False
    works: bool = True


async def look_at_server(pool: Pool) -> Server:
    with translating():
        row = await pool.fetchrow(SQL["look_at_login"])
    assert row is not None, "there is always one"
    return Server(login=row["session_user"], version=row["version"], number=row["number"], superuser=row["superuser"])


def judge_server(seen: Server, say: Words) -> Iterator[Finding]:
    yield well(
        Concern.DATABASE,
        say("PostgreSQL {version} answers, and keeps sessions; the login is {login}.", version=seen.version,
            login=seen.login),
    )  # fmt: skip
    if seen.number // 10_000 < OLDEST:
        yield wrong(
            Concern.DATABASE,
            say("No worker runs on a PostgreSQL older than {n}.", n=OLDEST),
            say("Update the server, to {n} best: that is what this release is tested on.", n=TESTED),
        )
    elif seen.number // 10_000 != TESTED:
        yield note(
            Concern.DATABASE,
            say("This release is tested on PostgreSQL {n} only.", n=TESTED),
            say("Plan an update of the server to that version."),
        )
    if seen.superuser:
        yield wrong(
            Concern.DATABASE,
            say("The login is a superuser, whom nothing keeps from changing events."),
            say("Let PTM_DATABASE_URL name a login that is a member of ptm_worker and nothing else."),
        )


async def look_at_schema(pool: Pool) -> Schema:
    pending = await schema.pending(pool)
    if len(pending) == len(schema.migrations()):
        return Schema(pending=pending, ahead=[])
    ahead = await schema.ahead(pool)
    if pending:
        return Schema(pending=pending, ahead=ahead)
    with translating():
        row = await pool.fetchrow(SQL["look_at_rights"])
    assert row is not None, "there is always one"
    return Schema(pending=pending, ahead=ahead, changes_events=row["changes_events"], works=row["works"])


def judge_schema(seen: Schema, say: Words) -> Iterator[Finding]:
    if seen.pending:
        yield wrong(
            Concern.SCHEMA,
            say("The schema lacks {n} migrations of this release, the first is {name}.", n=len(seen.pending),
                name=seen.pending[0]),
            say("Run ptm migrate, as the owner (PTM_DATABASE_OWNER_URL)."),
        )  # fmt: skip
    if seen.ahead:
        yield wrong(
            Concern.SCHEMA,
            say("The schema is of a newer release: this one does not know {name}.", name=seen.ahead[-1]),
            say("Update this installation to the release that migrated it."),
        )
    if seen.changes_events:
        yield wrong(
            Concern.SCHEMA,
            say("The login may change events, which nobody may."),
            say("Let PTM_DATABASE_URL name a login that is a member of ptm_worker and nothing else, not the owner."),
        )
    if not seen.works:
        yield note(
            Concern.SCHEMA,
            say("The login may only look: no worker can run with it, and no credentials can be tried."),
            say("To look at everything, use the worker's login."),
        )
    if not (seen.pending or seen.ahead or seen.changes_events):
        yield well(Concern.SCHEMA, say("The schema is this release's, and the login cannot change events."))
