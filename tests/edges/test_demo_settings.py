"""What of its person's settings the demo takes over."""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path

import pytest

from worker.demo.scene import settings_of


def test_it_speaks_the_language_and_tells_the_time_of_whoever_looks_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PTM_LANGUAGE", "fi")
    monkeypatch.setenv("PTM_TIMEZONE", "Europe/Stockholm")
    monkeypatch.setenv("PTM_DATABASE_URL", "postgresql://somebody@elsewhere/real")
    made = settings_of(defaultdict(str), Path("/somewhere"))
    assert (made["PTM_LANGUAGE"], made["PTM_TIMEZONE"]) == ("fi", "Europe/Stockholm")
    assert "PTM_DATABASE_URL" not in made
