"""`ptm status`, `ptm verify`, `ptm migrate`."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from datetime import timedelta
from typing import Annotated
from urllib.parse import unquote, urlsplit
from zoneinfo import ZoneInfo

import typer
from rich.progress import Progress, TextColumn

from events.errors import PtmError
from events.words import Language, Words
from worker.adapters import schema
from worker.adapters.postgres import close_pool, open_pool
from worker.cli.output import Json, NeedsPerson, clock, fields, out, show_json, table, told
from worker.cli.running import configured, with_context
from worker.opening import servers
from worker.operations import status as statuses
from worker.operations import vitals
from worker.operations.context import Context
from worker.operations.integrations import WORDS
from worker.operations.status import Status
from worker.settings import needed
from worker.verify import Verified
from worker.verify import verify as verified

COUNTED = ("events", "decisions", "unprovable", "undecided")


def status(
    *,
    check: Annotated[bool, typer.Option("--check", help="One line for monitors; exit code 0, 1 or 3.")] = False,
    lag_warns: Annotated[float, typer.Option(help="--check: seconds of lag that warn.")] = 60,
    lag_alarms: Annotated[float, typer.Option(help="--check: seconds of lag that alarm.")] = 300,
    parked_warns: Annotated[int, typer.Option(help="--check: parked deliveries that warn.")] = 1,
    parked_alarms: Annotated[int, typer.Option(help="--check: parked deliveries that alarm.")] = 100,
    ends_within: Annotated[int, typer.Option(help="--check: days before a login's end that warn.")] = 14,
    workers: Annotated[int, typer.Option(help="--check: workers that have to be alive.")] = 1,
    json: Json = False,
) -> None:
    """How things stand: lag, deliveries, workers, and what waits for a person (then the exit code is 3)."""
    if check:
        limits = vitals.Limits(
            lag=(lag_warns, lag_alarms),
            parked=(parked_warns, parked_alarms),
            workers=workers,
            ends_within=timedelta(days=ends_within),
        )
        check_only(limits, json=json)
        return
    found, say = with_context(lambda context: read(context, json=json))
    if json:
        show_json(as_json(found))
    else:
        show(found, say)
    if any(need.urgent for need in found.needs):
        raise typer.Exit(3)


def check_only(limits: vitals.Limits, *, json: bool) -> None:
    """Where nothing can be read, that is the line, and it alarms; in English where the language cannot be read."""
    seen, say = None, Words(Language.ENGLISH, ZoneInfo("UTC"))
    try:
        say = say if json else configured().words
        seen = with_context(lambda context: vitals.read(context, limits))
        level, line = vitals.judge(seen, limits, say)
    except PtmError as error:
        level, line = vitals.Level.CRITICAL, f"PTM CRITICAL - {' '.join(say.told(error).split())}"
    if json:
        show_json({"level": level.name, "says": line, "figures": seen})
    else:
        out().print(line, markup=False, soft_wrap=True)
    if level is not vitals.Level.OK:
        raise typer.Exit(int(level))


async def read(context: Context, *, json: bool) -> tuple[Status, Words]:
    """What programs read is English."""
    say = context.settings.words
    return await statuses.read(context, None if json else say), say


def as_json(found: Status) -> dict[str, object]:
    return {
        "at": found.at,
        "unrelayed": found.unrelayed,
        "undecided": found.undecided,
        "partitions": found.lags,
        "deliveries": found.deliveries,
        "oldest_waiting": found.oldest_waiting,
        "integrations": {
            state: sum(one.state == state for one in found.integrations) for state in ("active", "paused")
        },
        "workers": found.workers,
        "budget": found.budget,
        "holds": found.holds,
        "broken_lanes": found.broken_lanes,
        "needs": found.needs,
    }


def show(found: Status, say: Words) -> None:
    now = found.at
    out().print(fields(lines(found, say)))
    lags = [
        (lag.partition, lag.head, lag.head - lag.relayed, lag.head - lag.decided, say.ago(lag.undecided_since, now))
        for lag in found.lags
        if lag.head > min(lag.relayed, lag.decided)
    ]
    if lags:
        out().print()
        numbers = (say("partition"), say("events"), say("not in Kafka"), say("undecided"))
        out().print(table([*(f"#{each}" for each in numbers), say("oldest")], lags))
    if found.needs:
        out().print()
        rows = [(need.says, clock(need.since, say.zone.key), need.remedy) for need in found.needs]
        out().print(table([say("needs a person"), say("since"), say("what to do")], rows))


def lines(found: Status, say: Words) -> Iterator[tuple[str, str]]:
    zone, count = say.zone.key, found.deliveries.get
    yield (
        say("events"),
        say(
            "{n}; {undecided} undecided, {unrelayed} not in Kafka yet",
            n=sum(lag.head for lag in found.lags),
            undecided=found.undecided,
            unrelayed=found.unrelayed,
        ),
    )
    waiting = say("{n} waiting", n=count("waiting", 0))
    if found.oldest_waiting:
        waiting += ", " + say("the oldest since {at}", at=clock(found.oldest_waiting, zone))
    under_way, parked = say("{n} under way", n=count("attempting", 0)), say("{n} parked", n=count("parked", 0))
    yield say("deliveries"), "; ".join((waiting, under_way, parked))
    every = [f"{one.name} ({say(WORDS[one.standing])})" for one in found.integrations]
    yield say("integrations"), ", ".join(every) or say("none")
    alive = [
        say("{host} {pid}, up since {at}", host=one.host, pid=one.pid, at=clock(one.started_at, zone))
        for one in found.workers
        if one.alive
    ]
    yield say("workers"), "; ".join(alive) or say("none running")


def verify(json: Json = False) -> None:
    """Prove the log: nothing missing, nothing changed, every decision as the rules of its position say."""
    found = with_context(lambda context: verify_all(context, quiet=json))
    faults = [fault for one in found for fault in one.faults]
    sums = {name: sum(getattr(one, name) for one in found) for name in COUNTED}
    if json:
        show_json({"ok": not faults, **sums, "faults": faults})
    else:
        for fault in faults:
            out().print(f"partition {fault.partition} position {fault.position}: {fault.says}", markup=False)
        erased = f", {sums['unprovable']} of erased persons cannot be proved" if sums["unprovable"] else ""
        behind = f", {sums['undecided']} events are not decided yet" if sums["undecided"] else ""
        word = "sound" if not faults else f"{len(faults)} faults"
        out().print(f"{word}: {sums['events']} events, {sums['decisions']} decisions proved{erased}{behind}")
    if faults:
        raise typer.Exit(1)


async def verify_all(context: Context, *, quiet: bool) -> list[Verified]:
    found: list[Verified] = []
    console = told()
    silent = quiet or not console.is_terminal
    with Progress(TextColumn("{task.description}"), console=console, transient=True, disable=silent) as progress:
        task = progress.add_task("verifying …")
        async for one in verified(context.log, context.vault):
            found.append(one)
            progress.update(task, description=f"partition {one.partition}: {one.events} events")
    return found


def migrate(
    check: Annotated[bool, typer.Option("--check", help="Only look; exit code 3 if something is missing.")] = False,
    json: Json = False,
) -> None:
    """Bring the schema up to date, as the owner role (PTM_DATABASE_OWNER_URL)."""
    read = configured()
    if check:
        missing = asyncio.run(pending(needed(read.database_url, "database_url")))
        show_migrations(missing, json, "missing")
        if missing:
            raise NeedsPerson("the database lacks migrations: run ptm migrate")
        return
    if read.database_url is None and read.database_owner_url is None:
        owner, login = servers(read).owner_url, None
    else:
        owner, login = needed(read.database_owner_url, "database_owner_url"), None
        if read.database_url:
            login = urlsplit(read.database_url.get_secret_value()).username
    assert owner is not None, "embedded servers have both roles"
    applied = asyncio.run(schema.migrate(owner, **({"worker_role": unquote(login)} if login else {})))
    show_migrations(applied, json, "applied")


async def pending(url: str) -> list[str]:
    pool = await open_pool(url, size=1)
    try:
        missing = await schema.pending(pool)
        if len(missing) < len(schema.migrations()):
            await schema.require_no_newer(pool)
        return missing
    finally:
        await close_pool(pool)


def show_migrations(names: list[str], json: bool, word: str) -> None:
    if json:
        show_json({word: names})
    else:
        out().print("\n".join(f"{word} {name}" for name in names) or f"nothing {word}: the schema is up to date")
