"""Whatever is written on any screen, or in a dialog before it, can be read in every theme."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from rich.style import Style
from textual.color import Color

from driving import Driver
from eventually import eventually
from places import ON, console, go, scene_of
from servers.postgres import Database
from tui.theme import THEMES

pytestmark = pytest.mark.integration

LEAST = 4.5
"""WCAG 2.1, 1.4.3."""
DRAWN = frozenset("░█▁▂▃▄▅▆▇·─━│┃╭╮╰╯▔▕▌▐▎▊▏▍ ")
"""Bars and frames, which say nothing that is not written beside them."""
DIALOGS = {
    "integrations": ("p", "0", "question_mark", "colon", "w", "ctrl+p", "l"),
    "integration": ("D", "e", "x"),
    "replay": ("c",),
}


async def test_every_letter_can_be_read(database: Database) -> None:
    wrong: set[str] = set()
    async with scene_of(database) as scene, console(scene.office.at.context) as at:
        for name, place in ON.items():
            await go(at, scene, place)
            await at.sees(place.shows)
            wrong |= {f"{name}, {each}" for each in await too_faint(at)}
            for key in DIALOGS.get(name, ()):
                await at.press(key)
                await eventually(lambda: at.app.screen.is_modal)
                wrong |= {f"{name} {key}, {each}" for each in await too_faint(at)}
                await at.press("escape")
    assert sorted(wrong) == []


async def too_faint(at: Driver) -> set[str]:
    found = set()
    for theme in THEMES:
        at.app.theme = theme.name
        await at.settles()
        found |= {f"{theme.name}: {each}" for each in faint(at)}
    at.app.theme = THEMES[0].name
    return found


def faint(at: Driver) -> Iterator[str]:
    """Behind a dialog it may be."""
    screen = at.app.screen
    place = next((each.region for each in screen.query(".modal, #--container")), screen.region)
    for strip in screen._compositor.render_strips()[place.y : place.bottom]:
        for segment in strip.crop(place.x, place.right):
            written = "".join(letter for letter in segment.text if letter not in DRAWN)
            if written and segment.style and (light := ratio(segment.style)) < LEAST:
                yield f"{written.strip()!r} {light:.1f}"


def ratio(style: Style) -> float:
    if not (style.color and style.bgcolor):
        return 21.0
    lights = sorted(luminance(Color.from_rich_color(each)) for each in (style.color, style.bgcolor))
    return (lights[1] + 0.05) / (lights[0] + 0.05)


def luminance(colour: Color) -> float:
    red, green, blue = (
        part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in colour.normalized
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
