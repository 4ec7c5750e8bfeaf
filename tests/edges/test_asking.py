"""Questions to a person in a terminal."""

from __future__ import annotations

from click.testing import CliRunner

from table import each
from worker.cli.asking import choose


@each(("typed", "default", "picked"), [("\n", 0, 0), ("\n", 1, 1), ("2\n", 0, 1), ("\n\n2\n", None, 1)])
def test_no_answer_takes_what_is_proposed_and_is_no_choice_where_nothing_is(
    typed: str, default: int | None, picked: int
) -> None:
    with CliRunner().isolation(input=typed):
        assert choose("The survey's list", ["Laskutetut", "Muut"], default=default) == picked
