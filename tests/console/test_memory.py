"""What was closed is let go of: a console stays open for days."""

from __future__ import annotations

import gc
from typing import Any

import pytest
from textual._styles_cache import StylesCache
from textual.widget import Widget
from textual.widgets._footer import FooterKey

from desk import Desk
from driving import Opening
from eventually import eventually
from tui.screens.integration import IntegrationView

pytestmark = pytest.mark.integration


def alive(kind: type[Any]) -> list[Any]:
    return [each for each in gc.get_objects() if isinstance(each, kind)]


async def test_a_closed_screen_is_gone_with_all_that_was_drawn_on_it(at_desk: Desk, opening: Opening) -> None:
    one = await at_desk.connect(0)
    async with opening() as at:
        for _ in range(3):
            await at.sees("Integrations", one.company)
            await at.press("enter")
            await at.sees(one.company, "▶")
            await at.press("escape")
        await at.sees("Integrations")

        async def gone() -> bool:
            """What the last one asked the database may still be on its way."""
            await at.pilot.pause()
            gc.collect()
            return not alive(IntegrationView)

        await eventually(gone)
        assert len(alive(StylesCache)) <= len(alive(Widget))


async def test_the_keys_of_a_screen_that_is_come_back_to_are_not_gathered(at_desk: Desk, opening: Opening) -> None:
    await at_desk.connect(0)
    async with opening() as at:
        kept = []
        for _ in range(6):
            await at.press("5")
            await at.sees("Workers")
            await at.press("1")
            await at.sees("Integrations")
            gc.collect()
            kept.append(len(alive(FooterKey)))
        assert kept[-1] <= kept[1]
