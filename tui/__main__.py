"""`ptm`, whole: the commands and the console."""

from __future__ import annotations

from tui.commands import tui
from worker.cli.main import app, main

__all__ = ["app", "main"]

app.command()(tui)

if __name__ == "__main__":
    main()
