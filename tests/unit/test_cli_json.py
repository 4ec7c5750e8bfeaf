"""Scripts read any command."""

from __future__ import annotations

from ways import EVERY

LONG_LIVED = {"sandbox": "prints one JSON line anyway", "tui": "is for eyes"}


def test_every_command_has_json() -> None:
    without = {name for name, one in EVERY.items() if not any("--json" in each.opts for each in one.params)}
    assert without == LONG_LIVED.keys()
