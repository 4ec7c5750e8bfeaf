"""`ptm backup` and `ptm restore`: everything that there is, in two files."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Annotated
from urllib.parse import unquote, urlsplit

import typer

from events.errors import Misconfigured
from worker.adapters import dumping, loading, schema
from worker.adapters.archive import Part
from worker.adapters.dumping import Dumped
from worker.adapters.embedded import find_running, postgres
from worker.adapters.loading import Loaded
from worker.cli.output import Json, clock, fields, out, show_json
from worker.cli.running import configured
from worker.opening import Servers, master_key, servers
from worker.settings import Settings, needed

Own = Annotated[
    bool, typer.Option("--embedded", help="PTM_DATA_DIR's own PostgreSQL, started for as long as this takes.")
]
CLOSED = "nothing is sent until ptm release"


def backup(
    directory: Annotated[Path, typer.Argument(help="Gets log.ptm and vault.ptm; made if need be.")],
    *,
    embedded: Own = False,
    json: Json = False,
) -> None:
    """Everything of one moment, into two files; the master key is in neither. Workers may go on."""
    read = configured()

    async def run() -> Dumped:
        async with database(read, embedded=embedded) as found:
            directory.mkdir(mode=0o700, parents=True, exist_ok=True)
            return await dumping.dump(found.database_url, directory)

    done = asyncio.run(run())
    if json:
        show_json(done)
        return
    for one in done.files:
        out().print(f"{one.path}: {one.rows} rows, {one.bytes} bytes", markup=False, soft_wrap=True)
    out().print(f"as of {clock(done.head.taken_at, read.timezone)}; keep the two apart, and the master key from both")


def restore(
    directory: Annotated[Path, typer.Argument(help="Holds log.ptm and, unless --vault is given, vault.ptm.")],
    *,
    vault: Annotated[Path | None, typer.Option(help="The vault's file, where it is kept elsewhere.")] = None,
    embedded: Own = False,
    json: Json = False,
) -> None:
    """Into an empty database, whole or not at all; then nothing is sent until `ptm release` (exit code 3)."""
    read = configured()

    async def run() -> Loaded:
        files = loading.examine(directory / Part.LOG.file, vault or directory / Part.VAULT.file)
        async with database(read, embedded=embedded) as found:
            master = master_key(read, embedded=found.embedded)
            owner = found.owner_url or needed(read.database_owner_url, "database_owner_url")
            return await loading.load(owner, files, master, worker_role=login_of(found))

    done = asyncio.run(run())
    if json:
        show_json(done)
    else:
        show(done, read)
    raise typer.Exit(3)


def login_of(found: Servers) -> str:
    login = urlsplit(found.database_url).username
    return unquote(login) if login else schema.GROUP


@asynccontextmanager
async def database(settings: Settings, *, embedded: bool) -> AsyncIterator[Servers]:
    """The one of the settings, or the embedded one: that which runs, else started for now where *embedded* asks."""
    if embedded and settings.database_url is not None:
        raise Misconfigured("PTM_DATABASE_URL is set: --embedded means the data directory's. Leave one of the two out.")
    runs = find_running(settings.data_dir) is not None
    if not embedded and not runs and settings.database_url is None:
        raise Misconfigured(
            f"PTM_DATABASE_URL is not set, and no embedded worker runs over {settings.data_dir}: set it, or say "
            "--embedded for the database there."
        )
    if not embedded or runs:
        yield servers(settings)
        return
    async with postgres(settings.data_dir) as own:
        yield Servers(database_url=own.database_url, owner_url=own.owner_url, bootstrap=None, embedded=True)


def show(done: Loaded, read: Settings) -> None:
    zone = read.timezone
    out().print(
        fields(
            [
                (
                    "log",
                    f"{done.rows['public.event']} events as of {clock(done.taken_at, zone)}; it is log {done.log} now",
                ),
                ("vault", f"as of {clock(done.vault_taken_at, zone)}"),
                *said(done),
                ("sending", f"held: {CLOSED}"),
            ]
        )
    )


def said(done: Loaded) -> list[tuple[str, str]]:
    """What the two files did not agree on, and what was under way."""
    lines = [
        ("erased", done.erased_again, "persons had been erased since the vault's file: erased again"),
        ("credentials", done.orphans, "were of integrations removed or reconnected since: dropped"),
        ("reconnect", done.without_secret, "integrations have newer credentials than the vault's file: reconnect them"),
        ("unknown", done.without_key, "persons at most are newer than the vault's file: nobody can name them any more"),
        ("replays", done.replays, "were under way: paused. What they had sent since the backup is not known"),
    ]
    return [(name, f"{count} {words}") for name, count, words in lines if count]
