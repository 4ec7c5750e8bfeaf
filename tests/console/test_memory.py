"""What was closed is let go of: a console stays open for days."""

from __future__ import annotations

import gc
from typing import Any

import pytest
from textual.widgets._footer import FooterKey

from desk import Desk
from driving import Opening

pytestmark = pytest.mark.integration


def alive(kind: type[Any]) -> list[Any]:
    return [each for each in gc.get_objects() if isinstance(each, kind)]


async def test_the_keys_of_a_screen_that_is_come_back_to_are_not_gathered(at_desk: Desk, opening: Opening) -> None:
    await at_desk.connect(0)
    async with opening() as at:
        for _ in range(5):
            await at.press("5")
            await at.sees("Workers")
            await at.press("1")
            await at.sees("Integrations")
        gc.collect()
        assert len(alive(FooterKey)) <= 2 * len(at.app.screen.query(FooterKey))
