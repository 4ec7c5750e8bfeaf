"""What a person does in a browser on Procountor's login page."""

from __future__ import annotations

import aiohttp

from sandbox import Sandbox


async def log_in(
    browser: aiohttp.ClientSession, sandbox: Sandbox, url: str, *, company: int = 0, lands: bool = True
) -> aiohttp.ClientResponse:
    """Answers the page that the browser ends on; without *lands*, the answer that sends it there."""
    known = sandbox.companies[company]
    form = {"username": known["login"], "password": known["password"]}
    async with browser.post(url, data=form) as answer:
        assert answer.status == 200
    page = await browser.post(url, data={**form, "company": str(known["id"])}, allow_redirects=lands)
    await page.text()
    return page
