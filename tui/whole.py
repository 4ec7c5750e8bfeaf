"""`ptm`, whole: the commands and the console."""

from __future__ import annotations

from tui.commands import demo, tui
from worker.cli.main import app, main

__all__ = ["app", "main"]

app.command()(tui)
app.command()(demo)
