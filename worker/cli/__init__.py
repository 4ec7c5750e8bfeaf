"""The `ptm` command: one front end over operations, for people and for scripts."""

from __future__ import annotations

from worker.cli.main import main

__all__ = ["main"]
