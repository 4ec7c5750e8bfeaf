"""Every command that is given an integration is given a label instead, so that many are meant at once."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import typer.main

from worker.cli.main import app

LABEL = {"--label"}


def commands(group: Any, *names: str) -> Iterator[tuple[str, Any]]:
    for name, one in group.commands.items():
        if hasattr(one, "commands"):
            yield from commands(one, *names, name)
        else:
            yield " ".join((*names, name)), one


EVERY = dict(commands(typer.main.get_command(app)))


def says_which(parameter: Any) -> bool:
    """Whether an integration can be named by it: as a word, or behind --integration."""
    return "INTEGRATION" in (parameter.metavar or "") or parameter.name in ("which", "integration")


def test_commands_that_are_given_an_integration_are_found() -> None:
    found = {name for name, command in EVERY.items() if any(map(says_which, command.params))}
    assert {"integration remove", "integration label", "trigger save", "block add", "replay list", "why"} <= found
    assert "status" not in found
    assert len(found) > 25


@pytest.mark.parametrize("name", EVERY)
def test_it_takes_a_label_where_it_takes_an_integration(name: str) -> None:
    parameters = EVERY[name].params
    if any(map(says_which, parameters)):
        assert any(LABEL & set(one.opts) for one in parameters), f"ptm {name} takes an integration and no --label"
