"""The console's other screens while the log grows: keys in a log that is followed, and memory from screen to screen."""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Any

from benchmarks.typing import Console, Took

NAMES = {"2": "Events", "3": "Replays", "4": "Attention", "5": "Workers", "1": "Integrations"}
"""By the key that leads there, in the order in which they are gone through."""
ROUNDS = 12
MOVES = "kkkkj"
"""Away from the end of the log and about, which holds it still; then back to it."""
OPENED = 50


def typed_in_events(at: Console) -> Iterator[Took]:
    """From each key to the cursor on another line; between rounds the log is followed."""
    pace = random.Random(1)
    go(at, "2")
    for _ in range(ROUNDS):
        at.press("G")
        at.until(lambda: "following" in at.lines[1])
        at.rest(1.5)
        for key in MOVES:
            at.rest(pace.uniform(0.05, 0.2))
            before = at.cursor
            pressed = at.press(key)
            yield at.until(lambda seen=before: at.cursor not in (seen, 0)).since(pressed)  # type: ignore[misc]


def remembered(at: Console) -> dict[str, Any]:
    """MiB on each screen once it has been looked at, and after integrations have been opened and closed again."""
    found: dict[str, Any] = {}
    for key, name in NAMES.items():
        go(at, key)
        at.rest(5)
        found[name] = at.mib
    for _ in range(OPENED):
        open_next(at)
    found[f"{OPENED} integrations opened and closed"] = at.mib
    return found


def go(at: Console, key: str) -> None:
    at.press(key)
    at.until(lambda: at.lines[0].startswith(f" {NAMES[key]}"))


def open_next(at: Console) -> None:
    at.press("j")
    at.press("\r")
    at.until(lambda: "Overview" in at.lines[1])
    at.press("\x1b")
    at.until(lambda: at.lines[0].startswith(" Integrations"))
