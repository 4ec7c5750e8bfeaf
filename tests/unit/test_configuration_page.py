"""docs/configuration.md says what is so."""

from __future__ import annotations

import re
from pathlib import Path

from events import written
from events.case import LATER
from worker.adapters import documents
from worker.operations import importing

PAGE = (Path(__file__).parents[2] / "docs" / "configuration.md").read_text(encoding="utf-8")
[EXAMPLE] = re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)


def test_the_example_reads_passes_its_tests_and_is_what_an_export_writes() -> None:
    document = written.read(documents.load(EXAMPLE, "the page"))
    importing.check(document)
    tested = importing.run_tests(document)
    assert [one.differences for one in tested] == [(), ()]
    assert documents.dump(written.plain(document)) == EXAMPLE


def test_the_reasons_that_cannot_be_expected_are_not_offered() -> None:
    told = set(re.findall(r"`(\w+)`", PAGE.partition("what depends on that (")[2].partition(")")[0]))
    assert told == {reason.value for reason in LATER} - {"moved", "recorded", "old_invoice"}
