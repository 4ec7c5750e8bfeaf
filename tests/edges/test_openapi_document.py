"""The OpenAPI document says what a worker answers over HTTP, no more and no less."""

from __future__ import annotations

from pathlib import Path
from typing import Any, cast

import yaml
from aiohttp import web

from worker import callback, health
from worker.callback import Landing
from worker.health import Health
from worker.loop import Beats

DOCUMENT = yaml.safe_load((Path(__file__).parents[2] / "docs" / "openapi.yaml").read_text(encoding="utf-8"))


async def nothing() -> Any:
    return None


def served(app: web.Application) -> set[tuple[str, str]]:
    """HEAD comes with GET by itself."""
    routes = app.router.routes()
    return {(route.resource.canonical, route.method.lower()) for route in routes if route.resource} - {
        (route.resource.canonical, "head") for route in routes if route.resource
    }


def test_every_route_is_described_and_no_other() -> None:
    watching = health.app(Health(beats=Beats(), stale_after=1, ready=nothing, measure=nothing))
    landing = callback.app(Landing(pool=cast("Any", None), vault=cast("Any", None)))
    described = {
        (path, method) for path, methods in DOCUMENT["paths"].items() for method in methods.keys() - {"servers"}
    }
    assert described == served(watching) | served(landing)


def test_the_pages_are_described_where_they_listen_by_default() -> None:
    ports = {path: each["servers"][0]["url"].rpartition(":")[2] for path, each in DOCUMENT["paths"].items()}
    assert ports.pop("/callback") == "8930"
    assert set(ports.values()) == {str(health.DEFAULT_PORT)}
