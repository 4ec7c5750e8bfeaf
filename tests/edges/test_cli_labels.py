"""Every command that acts on integrations takes a label, so that many are meant at once."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from ways import EVERY

LABEL = {"--label"}
OF_NO_INTEGRATION: Mapping[str, str] = {
    "status": "lag, budget and workers are of the whole installation; attention --label tells what waits of some",
    "verify": "proves whole partitions: a chain links the events of all integrations in it",
    "migrate": "the schema",
    "backup": "the whole database at one moment, or it would be none",
    "restore": "fills an empty database, whole or not at all",
    "keys list": "the master key of the whole installation",
    "keys rotate": "the same",
    "worker": "a process that serves whatever is due",
    "sandbox": "stands in for both services",
    "demo": "brings servers and companies of its own",
    "tui": "a screen; there / and label: narrow it",
}
"""Commands that take no label, and why none is missed."""


def says_which(parameter: Any) -> bool:
    """Whether an integration can be named by it: as a word, or behind --integration."""
    return "INTEGRATION" in (parameter.metavar or "") or parameter.name in ("which", "integration")


def takes_a_label(name: str) -> bool:
    return any(LABEL & set(one.opts) for one in EVERY[name].params)


@pytest.mark.parametrize("name", sorted(set(EVERY) - set(OF_NO_INTEGRATION)))
def test_it_takes_a_label(name: str) -> None:
    assert takes_a_label(name), f"ptm {name} acts on integrations and takes no --label"


@pytest.mark.parametrize("name", sorted(OF_NO_INTEGRATION))
def test_what_takes_no_label_takes_no_integration_either(name: str) -> None:
    assert not takes_a_label(name)
    assert not any(map(says_which, EVERY[name].params)), f"ptm {name} takes an integration and no --label"
