"""The one who holds Trustmary's answers against the facts can say no."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from typing import Any

import pytest

import trustmary_witness
from sandbox import Sandbox
from sandbox.trustmary import ROUTES
from table import each
from trustmary_witness import SHAPES, judged
from visitor import Visitor, visiting

CONTACT = {
    "id": "k9ExAmPle",
    "name": "Maija Meikäläinen",
    "type": "customer",
    "status": "active",
    "created_at": "2026-05-27T08:00:00.000Z",
    "updated_at": "2026-05-27T08:00:00.000Z",
}
UPSERTED = {"contact": CONTACT, "action": "IMPORT_CREATE", "listsUpdated": 1}
LIST = {
    "id": "aB3xLiSt1",
    "type": "customer",
    "count": 214,
    "name": "Procountor laskutetut",
    "source": "list",
    "created_at": "2026-01-10T09:00:00.000Z",
    "updated_at": "2026-05-01T09:00:00.000Z",
    "deleted_at": None,
}


def said(route: str, body: Any, status: int = 200) -> list[str]:
    return judged(route, status, "application/json", json.dumps(body).encode())


def test_what_the_facts_show_is_allowed() -> None:
    assert said("POST /contacts", UPSERTED) == []
    assert said("GET /lists", [LIST]) == said("GET /lists", {"lists": [LIST]}) == []
    assert said("GET /contacts", [CONTACT | {"field_invoice": "1", "nps_status": "passive"}]) == []
    assert judged("POST /contacts", 400, "text/plain", b"no") == []


@each(
    ("route", "body", "why"),
    [
        ("POST /contacts", UPSERTED | {"id": 1}, "unexpected"),
        ("POST /contacts", UPSERTED | {"contact": CONTACT | {"language": "fi"}}, "language"),
        ("POST /contacts", UPSERTED | {"contact": CONTACT | {"nps_status": "passive"}}, "nps_status"),
        ("POST /contacts", UPSERTED | {"contact": CONTACT | {"status": "asleep"}}, "asleep"),
        ("POST /contacts", UPSERTED | {"contact": CONTACT | {"created_at": "2026-05-27T08:00:00"}}, "does not match"),
        ("GET /lists", [LIST | {"source": "missing"}], "not valid"),
        ("GET /lists", {"rows": [LIST]}, "not valid"),
        ("GET /lists", [LIST] * 1001, "not valid"),
        ("POST /automations/{id}/trigger", {"action": "STARTED"}, "TRIGGER_AUTOMATION"),
    ],
)
def test_what_the_facts_do_not_know_is_noted(route: str, body: Any, why: str) -> None:
    assert any(why in wrong for wrong in said(route, body)), said(route, body)


def test_a_page_or_an_odd_status_is_noted() -> None:
    assert judged("GET /lists", 200, "text/html", b"<html>")
    assert said("POST /contacts", UPSERTED, 202)


def test_every_path_has_a_shape() -> None:
    assert {f"{method} {path}" for method, path, _ in ROUTES} == SHAPES.keys()


@pytest.fixture
async def visitor() -> AsyncIterator[Visitor]:
    async with visiting(Sandbox(customers=1)) as visitor:
        yield visitor


async def test_what_a_test_makes_trustmary_say_is_heard(visitor: Visitor) -> None:
    await visitor.trustmary("GET", "/test")
    await visitor.trustmary("POST", "/contacts", json={"email": "nobody"})
    assert [(route, status) for route, status, _, _ in trustmary_witness.heard] == [
        ("GET /test", 200),
        ("POST /contacts", 400),
    ]
