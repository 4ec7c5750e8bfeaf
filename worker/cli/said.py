"""What somebody said about an integration: who, when, why, and what it changed."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Console
from rich.text import Text

from events.versions import Change, Said
from worker import settings
from worker.cli.output import clock, out, told


def show(said: Said, lines: Sequence[str], zone: str, *, aside: bool = False) -> None:
    """*aside*: to the person, not among the results."""
    console = told() if aside else out()
    why = f": {said.reason}" if said.reason else ""
    console.print(Text(f"version {said.position}  {clock(said.at, zone)}  {said.actor}{why}"), soft_wrap=True)
    for line in lines:
        console.print(Text(f"    {line}"), soft_wrap=True)


def show_lines(console: Console, lines: Sequence[str]) -> None:
    for line in lines or ("no difference",):
        console.print(Text(f"    {line}"), soft_wrap=True)


def show_newer(newer: Sequence[Change]) -> None:
    """What stands in the way of a save."""
    zone = settings.load().timezone
    for change in newer:
        show(change, change.says, zone, aside=True)
