"""What is written can be read in every theme: on plain rows, marked ones and the one that the cursor is on."""

from __future__ import annotations

from collections.abc import Iterator
from zoneinfo import ZoneInfo

import pytest
from rich.style import Style
from textual.app import App, ComposeResult
from textual.color import Color
from textual.widgets import Input, Static

from events.words import Language, Words
from tui import app, theme
from tui.widgets.filter import Filter
from tui.widgets.rows import Rows

LEAST = 4.5
"""WCAG 2.1, 1.4.3: text is so much lighter or darker than what it stands on."""
TONES = ("plain", "good", "warning", "bad", "quiet")
LINES = ("plain", "cursor", "cursor-blurred", "marked")


class Shown(App[None]):
    CSS_PATH = app.__file__.replace("app.py", "tui.tcss")

    def __init__(self, name: str) -> None:
        super().__init__()
        for each in theme.THEMES:
            self.register_theme(each)
        self.theme = name

    def compose(self) -> ComposeResult:
        yield Static(id="banner", classes="-failed")
        yield Rows[str](key=str, id="rows")
        yield Filter(Words(Language.ENGLISH, ZoneInfo("UTC")), "filter")


@pytest.mark.parametrize("name", [each.name for each in theme.THEMES])
async def test_every_tone_can_be_read_on_every_line(name: str) -> None:
    shown = Shown(name)
    async with shown.run_test():
        assert {pair: round(ratio, 1) for pair, ratio in contrasts(shown) if ratio < LEAST} == {}


def contrasts(shown: Shown) -> Iterator[tuple[str, float]]:
    rows = shown.query_one(Rows)
    for line in LINES:
        for tone in TONES:
            style = rows.get_component_rich_style(f"rows--{line}")
            if tone != "plain":
                style += rows.get_component_rich_style(f"rows--{tone}", partial=True)
            yield f"{tone} on {line}", ratio(style)
    yield "head", ratio(rows.get_component_rich_style("rows--header"))
    yield "what is to be typed", ratio(shown.query_one(Input).get_component_rich_style("input--placeholder"))
    yield "failure", ratio(shown.query_one("#banner", Static).rich_style)


def ratio(style: Style) -> float:
    assert style.color and style.bgcolor, "both are said"
    lights = sorted(luminance(Color.from_rich_color(each)) for each in (style.color, style.bgcolor))
    return (lights[1] + 0.05) / (lights[0] + 0.05)


def luminance(colour: Color) -> float:
    red, green, blue = (
        part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in colour.normalized
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
