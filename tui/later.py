"""Screens that are loaded when somebody first goes there: the console stands there sooner by what nobody looks at."""

from __future__ import annotations

from importlib import import_module
from typing import Any


class Later:
    """Stands for the class *where* (`module:Class`) until it is called; *name*: of a screen that one goes to."""

    def __init__(self, where: str, name: str = "") -> None:
        self._module, _, self._class = where.partition(":")
        self.NAME = name

    def __call__(self, *arguments: Any, **named: Any) -> Any:
        return getattr(import_module(self._module), self._class)(*arguments, **named)
