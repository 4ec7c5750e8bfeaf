"""The log is given more partitions, as the page for operators says: the old ones stay whose they are."""

from __future__ import annotations

import re
import signal
from pathlib import Path

import asyncpg
import pytest

from servers.postgres import Database
from stage import staged

pytestmark = pytest.mark.acceptance

PAGE = (Path(__file__).parents[2] / "docs" / "operating.md").read_text(encoding="utf-8")


async def test_who_is_connected_after_the_log_has_grown_comes_into_a_new_partition(
    database: Database, kafka: str, topic: str, tmp_path: Path
) -> None:
    block = re.search(r"## More partitions\n.*?```sql\n(.*?)```", PAGE, re.DOTALL)
    assert block
    async with staged(database, kafka, topic=topic, directory=tmp_path, companies=17) as stage:
        before = [(await stage.connect(company)).partition for company in range(16)]
        [worker] = await stage.start()
        stage.send(2, company=15)
        await stage.arrived()
        owner = await asyncpg.connect(database.owner_url)
        await owner.execute(block[1])
        await owner.close()
        worker.send(signal.SIGTERM)
        assert await worker.exit_code() == 0
        await stage.start(2)
        joined = await stage.connect(16)
        assert (sorted(before), joined.partition) == (list(range(16)), 16)
        for company in (0, 15, 16):
            stage.send(3, company=company)
        await stage.arrived()
        await stage.told()
        verdict = await stage.agree()
        assert verdict.expected == verdict.surveys == 11
