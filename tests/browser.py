"""Chromium without a window, driven by the WebDriver protocol itself."""

from __future__ import annotations

import asyncio
import base64
import re
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import aiohttp

from eventually import eventually

ESCAPE = "\ue00c"
OPTIONS = ["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--window-size=1200,800"]
ELEMENT = "element-6066-11e4-a52e-4f735466cecf"
"""The protocol's own name for one."""


def missing() -> str:
    """What Chromium lacks here; "" where it is all there."""
    wanted = [name for name in ("chromium", "chromedriver") if shutil.which(name) is None]
    return f"{' and '.join(wanted)} not installed (Debian: chromium chromium-driver)" if wanted else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Browser:
    session: aiohttp.ClientSession
    url: str
    changed: list[float] = field(default_factory=lambda: [0.0])
    """When its picture was last another one."""

    async def _post(self, path: str, **body: object) -> Any:
        async with self.session.post(f"{self.url}/{path}", json=body) as answer:
            said = (await answer.json())["value"]
            assert answer.status == 200, said
            return said

    async def opens(self, url: str) -> None:
        await self._post("url", url=url)

    async def finds(self, script: str) -> Any:
        """What *script* returns on the page."""
        return await self._post("execute/sync", script=script, args=[])

    async def types(self, keys: str) -> None:
        """To whatever has the focus."""
        found = await self._post("element", using="css selector", value="textarea")
        await self._post(f"element/{found[ELEMENT]}/value", text=keys)

    async def clicks(self, where: str) -> None:
        """At the place, from left and top, that the script *where* returns."""
        x, y = await self.finds(where)
        moves = [{"type": "pointerMove", "x": x, "y": y, "duration": 0}]
        presses = [{"type": each, "button": 0} for each in ("pointerDown", "pointerUp")]
        mouse = {"type": "pointer", "id": "mouse", "actions": [*moves, *presses]}
        await self._post("actions", actions=[mouse])

    async def rests(self, *, unlike: bytes = b"", within: float = 60) -> bytes:
        """The page's picture, once it is another than *unlike* and stays as it is for a second."""
        seen: list[bytes] = [b""]

        async def settled() -> bool:
            before, seen[0] = seen[0], await self.picture()
            if seen[0] != before:
                self.changed[0] = asyncio.get_running_loop().time()
            return seen[0] != unlike and asyncio.get_running_loop().time() - self.changed[0] > 1

        await eventually(settled, within=within)
        return seen[0]

    async def picture(self) -> bytes:
        async with self.session.get(f"{self.url}/screenshot") as answer:
            return base64.b64decode((await answer.json())["value"])


@asynccontextmanager
async def browser() -> AsyncIterator[Browser]:
    driver = await asyncio.create_subprocess_exec(
        "chromedriver", "--port=0", stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL
    )
    try:
        port = await asyncio.wait_for(port_of(driver), 30)
        async with aiohttp.ClientSession() as session:
            root = f"http://127.0.0.1:{port}/session"
            wanted = {
                "browserName": "chrome",
                "goog:chromeOptions": {"args": OPTIONS, "binary": shutil.which("chromium")},
            }
            async with session.post(root, json={"capabilities": {"alwaysMatch": wanted}}) as answer:
                made = (await answer.json())["value"]
            assert "sessionId" in made, made
            try:
                yield Browser(session=session, url=f"{root}/{made['sessionId']}")
            finally:
                async with session.delete(f"{root}/{made['sessionId']}"):
                    pass
    finally:
        driver.terminate()
        await driver.wait()


async def port_of(driver: asyncio.subprocess.Process) -> int:
    assert driver.stdout is not None, "piped"
    async for line in driver.stdout:
        if said := re.search(rb"started successfully on port (\d+)", line):
            return int(said[1])
    raise AssertionError("chromedriver says no port")
