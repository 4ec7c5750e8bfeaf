"""What a person does at the console: presses keys, and reads what is there."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from pathlib import Path

from textual.pilot import Pilot

from eventually import eventually
from tui.app import Console

PICTURES = Path(__file__).parent / "console" / "pictures"
MASKS = (
    (r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", "00000000-0000-0000-0000-000000000000"),
    (r"(?<=&#160;)[0-9a-f]{8}(?=&#160;|<)", "00000000"),
    (r"\d{4}-\d\d-\d\d(?:[ T]|&#160;)\d\d:\d\d:\d\d\.\d{3}", "2026-01-01 12:00:00.000"),
    (r"\d\d:\d\d:\d\d", "12:00:00"),
    (r"\d{4}-\d\d-\d\d", "2026-01-01"),
    (r"\.\d{3}\+0[23]:00", ".000+02:00"),
    (r"12:00:00\.\d{3}", "12:00:00.000"),
    (r"terminal-\d+", "terminal"),
)
"""What differs from run to run, each as long as what stands for it."""


@dataclass(slots=True)
class Driver:
    app: Console
    pilot: Pilot[None]

    @property
    def text(self) -> str:
        """What the screen shows, line by line."""
        strips = self.app.screen._compositor.render_strips()
        return "\n".join(strip.text.rstrip() for strip in strips)

    async def press(self, *keys: str) -> None:
        await self.pilot.press(*keys)

    async def types(self, text: str) -> None:
        await self.pilot.press(*("space" if letter == " " else letter for letter in text))

    async def sees(self, *texts: str, within: float = 10) -> str:
        """Waits until all of *texts* are on the screen."""

        async def there() -> bool:
            await self.pilot.pause()
            return all(text in self.text for text in texts)

        try:
            await eventually(there, within=within)
        except AssertionError as error:
            raise AssertionError(f"{texts} is not there:\n{self.text}") from error
        return self.text

    async def misses(self, *texts: str, within: float = 10) -> None:
        """Waits until none of *texts* is on the screen."""

        async def gone() -> bool:
            await self.pilot.pause()
            return not any(text in self.text for text in texts)

        await eventually(gone, within=within)

    async def looks_like(self, name: str) -> None:
        """Waits until it looks as the committed picture, but for times and ids; `PTM_TEST_PICTURES=write` writes it."""
        path = PICTURES / f"{name}.svg"
        if os.environ.get("PTM_TEST_PICTURES") == "write":
            path.parent.mkdir(exist_ok=True)
            path.write_text(await self._picture(), encoding="utf-8")
        assert path.exists(), f"{path} is not there yet: look at it, then PTM_TEST_PICTURES=write"
        wanted = path.read_text(encoding="utf-8")

        async def alike() -> bool:
            """The header's figures are of the last seconds, which a slow machine sees another part of."""
            return await self._picture() == wanted

        try:
            await eventually(alike, within=20)
        except AssertionError as error:
            raise AssertionError(f"{name} looks different:\n{self.text}") from error

    async def _picture(self) -> str:
        await self.pilot.pause()
        return masked(self.app.export_screenshot(title="ptm"))


def masked(svg: str) -> str:
    for pattern, stand_in in MASKS:
        svg = re.sub(pattern, stand_in, svg)
    return svg


Opening = Callable[..., AbstractAsyncContextManager[Driver]]
"""Opens the console: size, language, read only, with what it tells in passing."""
