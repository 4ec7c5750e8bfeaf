"""`make bench`: runs everything once, writes benchmarks/results.json and prints the table."""

from __future__ import annotations

import os
import platform
import sys
import time
from pathlib import Path
from typing import Any

import orjson

from benchmarks import append, behind, console, delay, end_to_end, million, plan, project, relay, table
from benchmarks.ground import ground
from worker.runtime import run

PARTS = {
    "append": append.run,
    "relay": relay.run,
    "project": project.run,
    "plan": plan.run,
    "million": million.run,
    "end_to_end": end_to_end.run,
    "behind": behind.run,
    "delay": delay.run,
    "console": console.run,
}
RESULTS = Path(__file__).with_name("results.json")
PAGE = Path(__file__).parents[1] / "docs" / "benchmarks.md"


async def measure(only: list[str]) -> dict[str, Any]:
    results: dict[str, Any] = {"machine": {"cores": os.cpu_count(), "python": platform.python_version()}}
    for name, part in PARTS.items():
        if not only or name in only:
            began = time.monotonic()
            async with ground() as here:
                results[name] = await part(here)
            told = orjson.dumps(results[name]).decode()
            sys.stderr.write(f"{name}, {time.monotonic() - began:.0f} s: {told}\n")
    return results


def main() -> None:
    results = run(measure(sys.argv[1:]))
    text = orjson.dumps(results, option=orjson.OPT_INDENT_2).decode()
    if not sys.argv[1:]:
        RESULTS.write_text(text + "\n", encoding="utf-8")
        PAGE.write_text(table.page(results), encoding="utf-8")
        text = table.page(results)
    sys.stdout.write(text + "\n")


if __name__ == "__main__":
    main()
