"""One authorised call of Trustmary, what it brings, and the ways it is answered."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

import orjson
from aiohttp import web

from sandbox.answers import Rejected, json_answer
from sandbox.door import read_object
from sandbox.organization import Organization
from sandbox.switches import Switches
from sandbox.world import World

PAGE = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    request: web.Request
    organization: Organization
    world: World

    @property
    def switches(self) -> Switches:
        return self.world.switches

    async def body(self) -> dict[str, Any]:
        """The JSON object that was sent; Trustmary insists on the content type."""
        refused = self.switches.other_content_type
        if refused and self.request.content_type != "application/json":
            raise Rejected(refused, "Content-Type must be application/json")
        return await read_object(self.request)

    async def filters(self) -> dict[str, str]:
        """`type` and `offset` from where they are looked for."""
        if self.switches.list_filters == "query":
            return dict(self.request.query)
        return {name: str(value) for name, value in (await read_object(self.request)).items()}

    def many(self, name: str, rows: list[dict[str, Any]]) -> web.Response:
        return json_answer({name: rows} if self.switches.wrapped_lists else rows)

    def one(self, name: str, row: dict[str, Any]) -> web.Response:
        return json_answer({name: row} if self.switches.wrapped_lists else row)


Answer = Callable[[Call], Awaitable[web.Response]]


def page(rows: list[dict[str, Any]], filters: dict[str, str]) -> list[dict[str, Any]]:
    """The thousand rows from `offset` on, of those of `type`."""
    offset = filters.get("offset") or "0"
    if not re.fullmatch(r"\d{1,18}", offset, re.ASCII):
        raise Rejected(400, "offset must be a number", field="offset")
    kind = filters.get("type")
    kept = [row for row in rows if not kind or row.get("type") == kind]
    return kept[int(offset) : int(offset) + PAGE]


def refusal(rejected: Rejected, switches: Switches) -> web.Response:
    """Nothing is known of what a refusal says."""
    match switches.trustmary_errors:
        case "text":
            return web.Response(text=rejected.message, status=rejected.status)
        case "empty":
            return web.Response(status=rejected.status)
        case _:
            return web.Response(
                body=orjson.dumps({"message": rejected.message}),
                status=rejected.status,
                content_type="application/json",
                charset="utf-8",
            )
