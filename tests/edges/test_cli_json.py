"""Whatever a command tells people, it tells scripts too."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from ways import EVERY

TELLS_SCRIPTS_OTHERWISE: Mapping[str, str] = {
    "sandbox": "prints one JSON line when it is there",
    "tui": "a screen",
}


@pytest.mark.parametrize("name", EVERY)
def test_it_takes_json(name: str) -> None:
    takes = any("--json" in one.opts for one in EVERY[name].params)
    assert takes is (name not in TELLS_SCRIPTS_OTHERWISE)
