"""What somebody else has written does not steer the terminal of whoever runs a command."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from rich.text import Text

from worker.cli.output import complain, fields, out, table, told

HOSTILE = "[b]Zorro[/b]\x1b]0;seized\x07\x1b[31m\x9b2J\r\u202e"
WAYS: list[Callable[[], None]] = [
    lambda: out().print(HOSTILE, markup=False),
    lambda: told().print(Text(HOSTILE), soft_wrap=True),
    lambda: out().print(table(["company"], [[HOSTILE]])),
    lambda: out().print(fields([("company", HOSTILE)])),
    lambda: complain(HOSTILE),
]


@pytest.mark.parametrize("way", WAYS)
def test_a_name_is_shown_and_steers_nothing(way: Callable[[], None], capsys: pytest.CaptureFixture[str]) -> None:
    way()
    printed = "".join(capsys.readouterr())
    assert "[b]Zorro[/b]" in printed
    assert printed.replace("\n", "").isprintable()
