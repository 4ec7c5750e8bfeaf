"""What the database looks for is what `events.unsent` means."""

from __future__ import annotations

import re

import pytest

from events.unsent import UNUSABLE
from worker.adapters import queries
from worker.adapters.schema import migrations


@pytest.mark.parametrize("sql", [queries.load("operations")["find_unasked"], migrations()["0010_brake"]])
def test_the_index_and_its_query_hold_the_skips_that_somebody_can_end(sql: str) -> None:
    [listed] = re.findall(r"'reason' in \((.*?)\)", sql, re.DOTALL)
    assert set(re.findall(r"'(\w+)'", listed)) == UNUSABLE
