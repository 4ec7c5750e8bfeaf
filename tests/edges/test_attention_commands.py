"""What attention says is to be typed can be typed."""

from __future__ import annotations

import shlex

import pytest

from concerned import KINDS, concern
from events.attention import Cause, commands
from ways import EVERY


@pytest.mark.parametrize(("cause", "key"), KINDS)
def test_every_cause_has_a_command_that_there_is(cause: Cause, key: str) -> None:
    subject = "10045" if cause in (Cause.FOUND_LATE, Cause.NOT_AS_SENT) else "customer 7"
    acts = commands(concern(10_045, cause=cause, key=key, subject=subject, detail="maija@asiakas.fi"))
    assert acts
    for act in acts:
        accepted(act)


def accepted(line: str) -> None:
    """The command is there and takes what the line gives it; raises its usage error otherwise."""
    ptm, *words = shlex.split(line)
    assert ptm == "ptm"
    name = max((name for name in EVERY if words[: len(name.split())] == name.split()), key=len)
    EVERY[name].make_context(name, words[len(name.split()) :])
