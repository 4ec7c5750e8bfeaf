"""What a person does at the console: presses keys, and reads what is there."""

from __future__ import annotations

import os
import re
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from textual.pilot import Pilot
from textual.widgets import Input

from eventually import eventually
from tui.app import Console
from worker.operations.integrations import Integration

PATIENCE = 60
"""Seconds: only a test that fails waits for so long."""
LOOK_EVERY = 0.05
"""Seconds: to read a whole screen takes a tenth of that."""
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
    (r"ptm_test_[0-9a-f]{12}", "ptm_test_000000000000"),
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
        """Once there is a line to write in."""
        await eventually(lambda: isinstance(self.app.focused, Input))
        await self.pilot.press(*("space" if letter == " " else letter for letter in text))

    async def settles(self) -> None:
        """Until the process is idle: what is pressed next meets what is seen, with all that has come of it."""
        await self.pilot.pause()

    async def sees(self, *texts: str, within: float = PATIENCE) -> str:
        """Waits until all of *texts* are on the screen."""

        async def there() -> bool:
            if not self._shows(texts):
                return False
            await self.settles()
            return self._shows(texts)

        try:
            await eventually(there, within=within, every=LOOK_EVERY)
        except AssertionError as error:
            raise AssertionError(f"{texts} is not there:\n{self.text}") from error
        return self.text

    def _shows(self, texts: Iterable[str]) -> bool:
        seen = self.text
        return all(text in seen for text in texts)

    def _shows_any(self, texts: Iterable[str]) -> bool:
        seen = self.text
        return any(text in seen for text in texts)

    async def misses(self, *texts: str, within: float = PATIENCE) -> None:
        """Waits until none of *texts* is on the screen."""

        async def gone() -> bool:
            if self._shows_any(texts):
                return False
            await self.settles()
            return not self._shows_any(texts)

        await eventually(gone, within=within, every=LOOK_EVERY)

    async def looks_like(self, name: str) -> None:
        """Waits until it looks as the committed picture, but for times and ids; `PTM_TEST_PICTURES=write` writes it."""
        path = PICTURES / f"{name}.svg"
        if os.environ.get("PTM_TEST_PICTURES") == "write":
            await self.settles()
            path.parent.mkdir(exist_ok=True)
            path.write_text(self._picture(), encoding="utf-8")
        assert path.exists(), f"{path} is not there yet: look at it, then PTM_TEST_PICTURES=write"
        agreed = path.read_text(encoding="utf-8")
        await eventually(lambda: self._alike(name, agreed), within=PATIENCE)

    def _picture(self) -> str:
        return masked(self.app.export_screenshot(title="ptm"))

    async def _alike(self, name: str, agreed: str) -> bool:
        await self.settles()
        assert self._picture() == agreed, f"{name} looks different:\n{self.text}"
        return True


def masked(svg: str) -> str:
    for pattern, stand_in in MASKS:
        svg = re.sub(pattern, stand_in, svg)
    return svg


Opening = Callable[..., AbstractAsyncContextManager[Driver]]
"""Opens the console: size, language, read only, with what it tells in passing."""


@asynccontextmanager
async def looking(opening: Opening, one: Integration, *pages: str, **how: object) -> AsyncIterator[Driver]:
    """Opened from the home screen with enter; *pages*: keys that lead to one of its pages."""
    async with opening(notifications=True, **how) as at:
        await at.sees(one.company)
        await at.press("enter")
        await at.sees(one.company, "▶")
        await at.press(*pages)
        yield at
