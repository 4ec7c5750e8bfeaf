"""Connections to Postgres: the pool, its errors in our words, and the bell that NOTIFY rings."""

from __future__ import annotations

import asyncio
import re
import ssl
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from types import MappingProxyType, TracebackType
from typing import TypeAlias
from urllib.parse import parse_qs, urlsplit

import asyncpg
from asyncpg.pool import PoolConnectionProxy

from events.errors import Barred, Conflict, Corrupt, Misconfigured, PtmError, Unavailable

Pool: TypeAlias = "asyncpg.Pool[asyncpg.Record]"
Connection: TypeAlias = "asyncpg.Connection[asyncpg.Record] | PoolConnectionProxy[asyncpg.Record]"

TIME_OUTS = {"lock_timeout": "5s", "idle_in_transaction_session_timeout": "5s"}
"""A frozen worker holds nobody longer than these say."""

PLANS = {"jit": "off", "random_page_cost": "1.1"}
"""Short statements by index, also before the planner has seen how large the tables are."""

WORKING = {"transaction_timeout": "7s"}
"""Of a worker, whose transactions are short: one that is stopped between preparing a statement and running it counts as
active to PostgreSQL and not as idle, so that no other time-out ends it."""

LOOKING = {"default_transaction_read_only": "on"}
"""Changes nothing."""

GOODBYE = 2.0
"""Seconds that whoever leaves waits for the server."""

VALUE = re.compile('[":].*', re.DOTALL)

NOTHING: Mapping[str, str] = MappingProxyType({})

CERTIFICATES = ("sslrootcert", "sslcert", "sslkey", "sslcrl")
"""Files that an address may name."""

_CONFIGURATION = ("08P01", "0A", "0L", "0P", "26", "28", "3D", "3F", "42", "F0")
_TEMPORARY = ("08", "25", "40", "53", "55", "57", "58", "72", "XX000")
_HINTS: tuple[tuple[tuple[str, ...], re.Pattern[str], str], ...] = (
    (
        ("08P01",),
        re.compile("startup parameter"),
        "PTM_DATABASE_URL leads to a pooler, such as PgBouncer: give PostgreSQL's own address, since notifications "
        "and time-outs belong to a connection.",
    ),
    (
        ("26000", "42P05"),
        re.compile(""),
        "A pooler in transaction mode stands between us and PostgreSQL, and mixes up what connections have prepared: "
        "let PTM_DATABASE_URL name PostgreSQL itself.",
    ),
    (
        ("42501",),
        re.compile(""),
        "This database login may only look: nothing was changed. What changes something needs PTM_DATABASE_URL "
        "with the worker's login (migrate: the owner's).",
    ),
    (
        ("28",),
        re.compile("no pg_hba.conf entry.*(no encryption|SSL off)"),
        "PostgreSQL lets us in with TLS only: say sslmode=verify-full in PTM_DATABASE_URL, and as sslrootcert the file "
        "of its authority (a public one's: /etc/ssl/certs/ca-certificates.crt on Debian).",
    ),
    (
        ("28",),
        re.compile("client certificate"),
        "PostgreSQL asks for a certificate of ours: let sslcert and sslkey in PTM_DATABASE_URL name the two files.",
    ),
    (
        ("42704",),
        re.compile("transaction_timeout"),
        "This PostgreSQL is older than 17, the oldest that a worker runs on: let PTM_DATABASE_URL name a newer one.",
    ),
    (("28", "3D"), re.compile(""), "PTM_DATABASE_URL (migrate: PTM_DATABASE_OWNER_URL) does not let us in."),
)
"""SQLSTATE, what the message tells beside it, and which setting to look at."""
_TLS_ENDED = (ssl.SSLEOFError, ssl.SSLZeroReturnError, ssl.SSLSyscallError)
_LOST = ("08", "25P03", "25P04", "57P01", "57P02", "57P05")


async def open_pool(url: str, *, size: int = 10, application: str = "ptm", more: Mapping[str, str] = NOTHING) -> Pool:
    """At most *size* connections, each with our time-outs; JSON stays text; *more*: settings such as `LOOKING`.

    Raises Unavailable, or Misconfigured where the address is wrong or a pooler in between forgets session settings.
    """
    require_certificates(url)
    with translating():
        pool = await asyncpg.create_pool(
            url,
            min_size=0,
            max_size=size,
            timeout=10,
            command_timeout=60,
            reset=_keep,
            server_settings={**TIME_OUTS, **PLANS, **more, **_named(application)},
        )
        if await pool.fetchval("select current_setting('lock_timeout')") != TIME_OUTS["lock_timeout"]:
            pool.terminate()
            raise Misconfigured(
                "The database connection forgets its time-outs, as it does behind a pooler in transaction mode: "
                "let PTM_DATABASE_URL name PostgreSQL itself."
            )
    return pool


async def close_pool(pool: Pool) -> None:
    """A server that is silent is not waited for: asyncpg would, for a minute with each connection."""
    with suppress(PtmError), translating():
        async with asyncio.timeout(GOODBYE):
            await pool.close()


def require_certificates(url: str) -> None:
    """Raises `Misconfigured` naming a file of the address that cannot be read: the driver does not say which."""
    for name, values in parse_qs(urlsplit(url).query).items():
        if name in CERTIFICATES:
            try:
                Path(values[0]).open("rb").close()
            except OSError as error:
                raise Misconfigured(
                    f"PTM_DATABASE_URL says {name}={values[0]}, which cannot be read: {error.strerror}."
                ) from error


def _named(application: str) -> dict[str, str]:
    return {"timezone": "UTC", "application_name": application}


async def _keep(_connection: object) -> None:
    """Nothing of ours outlives a transaction on a connection, so giving one back costs no round trip."""


@contextmanager
def translating() -> Iterator[None]:
    """Errors of Postgres, and of the way to it, in our words."""
    try:
        yield
    except (asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError, OSError) as error:
        raise translate(error) from error


def translate(error: BaseException) -> PtmError:
    """What *error* asks for: patience, a setting (Barred), a fresh look (Conflict); Corrupt for all else."""
    match error:
        case asyncpg.InvalidCachedStatementError():
            return Unavailable(f"The schema has just changed: {unvalued(error, '')}")
        case asyncpg.PostgresError():
            return _from_sqlstate(error)
        case (
            asyncpg.ClientConfigurationError()
            | asyncpg.UnsupportedClientFeatureError()
            | asyncpg.UnsupportedServerFeatureError()
        ):
            return Barred(f"PTM_DATABASE_URL does not lead to a usable database: {error}")
        case ssl.SSLCertVerificationError():
            return Barred(
                "PostgreSQL's certificate is not trusted: let sslrootcert in PTM_DATABASE_URL name the file of its "
                f"authority, and its host be the one on the certificate. {error}"
            )
        case ssl.SSLError() if not isinstance(error, _TLS_ENDED):
            return Barred(
                "TLS with PostgreSQL does not come about: see sslmode, and the files that sslrootcert, sslcert and "
                f"sslkey name in PTM_DATABASE_URL. {error}"
            )
        case ConnectionError() if "rejected SSL upgrade" in str(error):
            return Barred(f"PostgreSQL offers no TLS, and sslmode in PTM_DATABASE_URL asks for it: {error}")
        case asyncpg.InterfaceError() | asyncpg.InternalClientError() | OSError():
            return Unavailable(f"PostgreSQL does not answer: {str(error) or type(error).__name__}", unanswered=True)
        case _:
            raise TypeError(f"{type(error).__name__} does not come from Postgres") from error


def _from_sqlstate(error: asyncpg.PostgresError) -> PtmError:
    state = error.sqlstate or ""
    said = f"PostgreSQL says: {unvalued(error, state)} ({state or type(error).__name__})"
    for states, telling, hint in _HINTS:
        if state.startswith(states) and telling.search(str(error)):
            return Barred(f"{hint} {said}")
    if state == asyncpg.ReadOnlySQLTransactionError.sqlstate:
        return Unavailable(
            f"The database is only read here, by --read-only or because it is a standby: nothing was changed. {said}"
        )
    if state.startswith(_CONFIGURATION):
        return Barred(said)
    if not state or state.startswith(_TEMPORARY):
        return Unavailable(said, unanswered=state.startswith(_LOST))
    return Conflict(said) if state == asyncpg.UniqueViolationError.sqlstate else Corrupt(said)


def unvalued(error: asyncpg.PostgresError, state: str) -> str:
    """Its message alone, since what it adds to that shows rows and keys; where it is about a value, up to the value:
    that stands in quotes, or behind a colon.
    """
    said = str(error.args[0]) if error.args else type(error).__name__
    return VALUE.sub("", said).strip() if state.startswith("22") else said


async def ring(where: Pool | Connection, channel: str, payload: str = "") -> None:
    """Wake everyone who listens on *channel*; after commit, never inside a transaction that others wait for."""
    with translating():
        await where.execute("select pg_notify($1, $2)", channel, payload)


class Ringer:
    """Rings on behalf of many: what is asked for within a few milliseconds leaves as one statement.

    What it cannot deliver is lost: everyone who listens also looks once a second.
    """

    def __init__(self, pool: Pool, *, delay: float = 0.003) -> None:
        self._pool = pool
        self._delay = delay
        self._asked: set[tuple[str, str]] = set()
        self._sending: asyncio.Task[None] | None = None

    def ring(self, channel: str, payload: str = "") -> None:
        self._asked.add((channel, payload))
        if self._sending is None or self._sending.done():
            self._sending = asyncio.create_task(self._send())

    async def _send(self) -> None:
        while self._asked:
            await asyncio.sleep(self._delay)
            asked, self._asked = sorted(self._asked), set()
            channels, payloads = [list(part) for part in zip(*asked, strict=True)]
            with suppress(PtmError), translating():
                await self._pool.execute(
                    "select pg_notify(channel, payload) from unnest($1::text[], $2::text[]) n (channel, payload)",
                    channels,
                    payloads,
                )

    async def __aenter__(self) -> Ringer:
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._sending is not None:
            await asyncio.wait([self._sending], timeout=GOODBYE)


class Bell:
    """LISTEN on a connection of its own that comes back by itself.

    Whenever it has (re)connected every channel rings with the payload "": anything may have happened meanwhile. And
    when its connection is lost, so that whoever waits sees that.
    """

    def __init__(self, url: str, channels: Sequence[str], *, check_every: float = 10) -> None:
        self._url = url
        self._check_every = check_every
        self._events = {channel: asyncio.Event() for channel in channels}
        self._payloads: defaultdict[str, set[str]] = defaultdict(set)
        self._task: asyncio.Task[None] | None = None

    def event(self, channel: str) -> asyncio.Event:
        """Set when *channel* rings; who waits for it clears it, before looking at what there is to do."""
        return self._events[channel]

    def take(self, channel: str) -> set[str]:
        """The payloads since the last call; "" among them stands for all."""
        return self._payloads.pop(channel, set())

    async def __aenter__(self) -> Bell:
        first = await self._listen()
        self._task = asyncio.create_task(self._stay(first))
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._task is not None:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task

    async def _stay(self, connection: Connection) -> None:
        delay = 0.1
        while True:
            try:
                await self._watch(connection)
            finally:
                connection.terminate()
            self._ring_all()
            while True:
                await asyncio.sleep(delay)
                with suppress(PtmError):
                    connection = await self._listen()
                    delay = 0.1
                    break
                delay = min(delay * 2, 5)

    async def _watch(self, connection: Connection) -> None:
        """Until the connection is gone; one that died without a word is found by asking now and then."""
        gone = asyncio.Event()
        connection.add_termination_listener(lambda _: gone.set())
        while not (gone.is_set() or connection.is_closed()):
            with suppress(TimeoutError):
                await asyncio.wait_for(gone.wait(), self._check_every)
                return
            try:
                with translating():
                    await connection.execute("select", timeout=5)
            except PtmError:
                return

    async def _listen(self) -> Connection:
        with translating():
            connection = await asyncpg.connect(self._url, timeout=10, server_settings={"application_name": "ptm bell"})
            try:
                for channel in self._events:
                    await connection.add_listener(channel, self._rung)
            except BaseException:
                connection.terminate()
                raise
        self._ring_all()
        return connection

    def _ring_all(self) -> None:
        for channel in self._events:
            self._note(channel, "")

    def _rung(self, _connection: object, _pid: int, channel: str, payload: object) -> None:
        self._note(channel, str(payload))

    def _note(self, channel: str, payload: str) -> None:
        self._payloads[channel].add(payload)
        self._events[channel].set()
