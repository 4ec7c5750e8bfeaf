"""The database goes away under a console and comes back: what was shown stays, and nothing has to be begun again."""

from __future__ import annotations

import os
import re
import signal
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from events.plan import Wanted
from events.replay import Reach
from eventually import eventually
from missed import MEANT, mapped, missed
from screen import CTRL_Q, ENTER, Screen, screen
from servers.postgres import Database
from stage import Stage, staged
from worker.adapters import schema
from worker.adapters.child import free_port
from worker.adapters.embedded import PostgresServer, postgres
from worker.operations import planning, replays
from worker.operations.replay_lines import LAST
from worker.operations.replays import Order

pytestmark = pytest.mark.acceptance

AWAY = ("✖ PostgreSQL", "trying again")


@dataclass(slots=True)
class Server:
    """A PostgreSQL of the test's own, durable, that is stopped and started, at the same address with the same data."""

    data: Path
    port: int = field(default_factory=free_port)
    up: AsyncExitStack = field(default_factory=AsyncExitStack)

    async def start(self) -> PostgresServer:
        return await self.up.enter_async_context(postgres(self.data, port=self.port))

    async def stop(self) -> None:
        await self.up.aclose()


@asynccontextmanager
async def over(directory: Path, tansu: str, topic: str, **more: str) -> AsyncIterator[tuple[Stage, Server]]:
    server = Server(directory / "data")
    try:
        found = await server.start()
        await schema.migrate(found.owner_url)
        database = Database(owner_url=found.owner_url, database_url=found.database_url, admin_url=found.admin_url)
        async with staged(database, tansu, topic=topic, directory=directory, more=more) as stage:
            yield stage, server
    finally:
        await server.stop()


@contextmanager
def standing_still(data: Path) -> Iterator[None]:
    """The server as one whose disk does not answer: no connection is closed, and no question answered."""
    [found] = data.rglob("postmaster.pid")
    head = found.read_text().split()[0]
    every = [head, *Path(f"/proc/{head}/task/{head}/children").read_text().split()]
    try:
        for each in every:
            os.kill(int(each), signal.SIGSTOP)
        yield
    finally:
        for each in every:
            os.kill(int(each), signal.SIGCONT)


async def test_a_server_that_stands_still_is_said_to_be_away_on_every_screen(
    tansu: str, topic: str, tmp_path: Path
) -> None:
    async with over(tmp_path, tansu, topic) as (stage, server):
        one = await stage.connect()
        await stage.start()
        async with screen(stage.environment, "tui") as at:
            await at.sees(one.company[:20], "1 worker")
            with standing_still(server.data):
                await at.sees("nothing has come for", "✖ database away", one.company[:20])
                at.press("5")
                await at.sees("Workers", "nothing has come for", "✖ database away")
                at.press("1")
                await at.sees("Integrations", "nothing has come for", "✖ database away")
            await at.misses("trying again", "✖ database away")
            stage.send()
            await eventually(lambda: " s" in (at.row(one.company[:20]) or [""])[-2])
            await left(at)
        await stage.agree()


async def test_home(tansu: str, topic: str, tmp_path: Path) -> None:
    async with over(tmp_path, tansu, topic) as (stage, server):
        one = await stage.connect()
        await stage.start()
        async with screen(stage.environment, "tui") as at:
            await at.sees(one.company[:20], "1 worker")
            await server.stop()
            await at.sees(*AWAY, one.company[:20])
            await server.start()
            await at.misses("trying again")
            stage.send()
            await eventually(lambda: " s" in (at.row(one.company[:20]) or [""])[-2])
            await left(at)
        await stage.agree()


async def test_the_log_goes_on_where_it_was(tansu: str, topic: str, tmp_path: Path) -> None:
    async with over(tmp_path, tansu, topic) as (stage, server):
        await stage.connect()
        await stage.start()
        stage.send()
        await stage.agree()
        async with screen(stage.environment, "tui") as at:
            await at.sees("1 worker")
            at.press("2")
            await at.sees("● following", "✔ added")
            shown = at.text.count("✔ added")
            await server.stop()
            await at.sees(*AWAY, "✔ added")
            await server.start()
            await at.misses("trying again")
            stage.send()
            await eventually(lambda: at.text.count("✔ added") > shown)
            assert "● following" in at.text
            await left(at)
        await stage.agree()


async def test_a_replay_under_way_goes_on_and_is_shown_to_its_end(tansu: str, topic: str, tmp_path: Path) -> None:
    async with over(tmp_path, tansu, topic, PTM_TRUSTMARY_PACE="2") as (stage, server), missed(stage, 8) as one:
        await mapped(stage, one, MEANT)
        kept = await planning.plan(stage.context, await stage.again(one), Wanted(upto=LAST))
        async with screen(stage.environment, "tui") as at:
            await at.sees("1 worker")
            at.press("3")
            await at.sees("○ planned")
            await begun(stage, str(kept.id))
            at.press(ENTER)
            await eventually(lambda: 1 <= finished(at) < 8)
            reached = finished(at)
            await server.stop()
            await at.sees(*AWAY)
            assert finished(at) >= reached
            await server.start()
            await at.misses("trying again")
            await at.sees("✔ done", "8 of 8 finished", "✔ added 8")
            await left(at)
        assert (await stage.agree()).surveys == 8


async def begun(stage: Stage, plan: str) -> None:
    found = await replays.find(stage.context, plan)
    await replays.apply(stage.context, found, Order(reach=Reach.SURVEY), name="korjaus", reason="Email was a name")


def finished(at: Screen) -> int:
    found = re.search(r"(\d+) of 8 finished", at.text)
    return int(found[1]) if found else -1


async def left(at: Screen) -> None:
    at.press(CTRL_Q)
    assert await at.ends() == 0
