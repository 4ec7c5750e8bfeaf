"""A plan is a function of the log in whatever process it is made: its hash is what somebody approves."""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path

import tui

PLANNED = """
from laws.test_replay import planned, play
from events.integration import FieldMapping
from facts import OTHER, contact, to_lists
from story import told

story = told()
for invoice, email in enumerate(("aino@a.fi", "eino@a.fi", "laskutus@b.fi", "?", "maija@b.fi", "aino@a.fi"), start=1):
    story.change(invoice, email)
story.deliver()
for invoice, email in ((1, "uusi@a.fi"), (2, "toinen@a.fi"), (7, "kolmas@b.fi")):
    story.change(invoice, email)
story = play(story, [("save", to_lists("b", "c", "d")), ("save", contact(OTHER)), ("block", "@b.fi")])
plan = planned(story)
assert len({item.kind for item in plan.items}) > 3, plan.counts
print(plan.hash)
"""


async def planned_with(seed: int) -> bytes:
    root = Path(tui.__file__).parent.parent
    environment = {
        **os.environ,
        "PYTHONHASHSEED": str(seed),
        "PYTHONPATH": os.pathsep.join([str(root), str(root / "tests")]),
    }
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", PLANNED, env=environment, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
    )
    out, err = await process.communicate()
    assert process.returncode == 0, err.decode()
    return out.strip()


async def test_processes_that_order_their_sets_differently_plan_the_same_bytes() -> None:
    hashes = [await planned_with(seed) for seed in (1, 2, 3)]
    assert len(hashes[0]) == 64
    assert len(set(hashes)) == 1
