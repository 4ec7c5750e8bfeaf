"""Ways through the console: keys one after the other, each once what it needs is on the screen; and every command."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import typer.main
from textual.widgets import Static
from textual.widgets._toast import Toast

from driving import Driver
from tui.whole import app

STEP = re.compile(r"\(([^)]*)\)|'([^']*)'|(\S+)")


async def walk(
    at: Driver, way: str, named: Mapping[str, str] | None = None, *, look: Callable[[], None] = lambda: None
) -> None:
    """What stands in brackets is waited for, what stands in quotes typed, or what it is *named*; `!` is a *look*."""
    for waited, typed, key in STEP.findall(way):
        if waited:
            await at.sees(waited)
        elif typed:
            await at.types((named or {}).get(typed, typed))
        elif key == "!":
            await at.sees("ptm ")
            look()
        else:
            await at.press(key)


def shown(at: Driver) -> set[str]:
    """The commands on the screen, whole, however they are wrapped there."""
    widgets = [*at.app.screen.query(Static), *at.app.screen.query(Toast)]
    before = at.app.desk.before_lines
    lines = (line.strip().removeprefix("$ ") for one in widgets for line in str(one.render()).splitlines())
    commands = {line for line in lines if line.startswith((f"{before}ptm ", "ptm "))}
    assert all(line.startswith(before) for line in commands), f"without what it needs: {commands}"
    return {line.removeprefix(before) for line in commands}


def commands(group: Any, *names: str) -> Iterator[tuple[str, Any]]:
    for name, one in group.commands.items():
        if hasattr(one, "commands"):
            yield from commands(one, *names, name)
        else:
            yield " ".join((*names, name)), one


EVERY: Mapping[str, Any] = dict(commands(typer.main.get_command(app)))
"""Name → command."""
