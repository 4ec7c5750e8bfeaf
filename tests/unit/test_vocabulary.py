"""What an older release does not read comes with a migration, which is what stops it."""

from __future__ import annotations

import vocabulary
from worker.adapters import schema


def test_what_is_written_has_not_changed_since_its_migration() -> None:
    since, _, known = vocabulary.FILE.read_text(encoding="utf-8").partition("\n\n")
    assert since in schema.migrations()
    assert known == vocabulary.words(), vocabulary.__doc__
