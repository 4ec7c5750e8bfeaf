"""Every answer of the sandbox's Trustmary is held against the schema of the facts on its way out.

A field that the schema does not know is invented. Loads the schema with the first answer.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from aiohttp import web
    from jsonschema import Draft202012Validator

SCHEMA = Path(__file__).parent / "contract" / "trustmary.schema.json"
SHAPES = {
    "GET /test": "Test",
    "GET /contacts": "Contacts",
    "POST /contacts": "Upserted",
    "DELETE /contacts": "Deleted",
    "GET /lists": "Lists",
    "GET /surveys": "Surveys",
    "GET /survey/{id}": "OneSurvey",
    "GET /survey/{id}/responses": "Responses",
    "GET /automations": "Automations",
    "POST /automations/{id}/trigger": "Triggered",
    "GET /webhooks": "Webhooks",
    "POST /webhooks": "OneWebhook",
    "GET /webhooks/example": "Example",
    "DELETE /webhooks/{id}": "OneWebhook",
    "GET /widgets": "Widgets",
    "GET /embeds": "Embeds",
    "GET /experiments": "Experiments",
}

Said = tuple[str, int, str, bytes]
"""Route, status, content type and body."""

heard: dict[Said, None] = {}
"""What was said in this test, once each; judged when it is over, so that no call waits for it."""


@pytest.fixture(autouse=True)
def trustmary_as_the_facts_say() -> Iterator[None]:
    if loaded := sys.modules.get("sandbox.trustmary"):
        loaded.Trustmary.witness = witness
    yield
    said = list(heard)
    heard.clear()
    assert [wrong for one in said for wrong in judged(*one)] == []


def witness(request: web.Request, answer: web.Response) -> None:
    resource = request.match_info.route.resource
    route = f"{request.method} {(resource.canonical if resource else request.path).removeprefix('/v1')}"
    raw = answer.body if isinstance(answer.body, bytes) else b""
    heard[route, answer.status, answer.content_type, raw] = None


def judged(route: str, status: int, kind: str, raw: bytes) -> list[str]:
    """What the facts do not allow of an answer."""
    return [f"{route} -> {status}: {wrong}" for wrong in _wrong(route, status, kind, raw)]


def _wrong(route: str, status: int, kind: str, raw: bytes) -> list[str]:
    if status >= 400 and (not raw or kind == "text/plain"):
        return []
    if kind != "application/json":
        return [f"content type {kind}"]
    if status not in (200, 201) and status < 400:
        return ["a status that no source has"]
    body = json.loads(raw)
    if status >= 400:
        return against(body, "Refusal")
    if route == "GET /test" and "organization_id" not in body:
        return against(body, "TestOfNoKey")
    return against(body, SHAPES[route])


def against(body: Any, name: str) -> list[str]:
    """What keeps *body* from being a *name* of the schema."""
    return [f"{name}{error.json_path[1:]}: {error.message}" for error in _validator(name).iter_errors(body)]


@cache
def _validator(name: str) -> Draft202012Validator:
    from jsonschema import Draft202012Validator  # noqa: PLC0415 - dear, and most tests have no sandbox

    return Draft202012Validator(json.loads(SCHEMA.read_text()) | {"$ref": f"#/$defs/{name}"})
