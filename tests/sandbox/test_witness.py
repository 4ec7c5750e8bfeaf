"""The one who holds every answer against the contract can say no."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest

import witness
from sandbox import Sandbox, identity
from sandbox.answers import json_answer, page
from sandbox.visit import Visit
from visitor import Visitor, visiting

GOOD = {"companyId": 14001, "name": "Malli Oy"}


@pytest.fixture
async def visitor() -> AsyncIterator[Visitor]:
    async with visiting(Sandbox(seed=6)) as visitor:
        yield visitor


@pytest.fixture
def seen() -> Iterator[list[str]]:
    """What was noted; forgotten afterwards, since here it is meant."""
    yield witness.problems
    witness.problems.clear()


def says(monkeypatch: pytest.MonkeyPatch, answer: Any) -> None:
    async def status(_: Visit) -> Any:
        return answer

    monkeypatch.setattr(identity, "status", status)


@pytest.mark.parametrize(
    ("body", "wrong"),
    [
        ({"name": "Procountor API", "uptime": 3}, "uptime"),
        ({"status": "FINE"}, "FINE"),
        ({"version": 26.04}, "26.04"),
        ([{"name": "Procountor API"}], "array"),
    ],
)
async def test_an_answer_that_the_contract_does_not_know_is_noted(
    monkeypatch: pytest.MonkeyPatch, seen: list[str], body: Any, wrong: str
) -> None:
    says(monkeypatch, json_answer(body))
    async with visiting(Sandbox(seed=6)) as visitor:
        await visitor.call("GET", "/status")
    assert len(seen) == 1
    assert seen[0].startswith("GET /api/status -> 200")
    assert wrong in seen[0]


async def test_a_refusal_without_errors_or_a_page_with_200_is_noted(
    monkeypatch: pytest.MonkeyPatch, seen: list[str]
) -> None:
    for answer in (json_answer({"message": "no"}, 400), json_answer({"errors": []}, 400), page("<html></html>")):
        says(monkeypatch, answer)
        async with visiting(Sandbox(seed=6)) as visitor:
            await visitor.call("GET", "/status")
    assert len(seen) == 3


def test_formats_are_looked_at() -> None:
    assert witness.against(GOOD, "SessionInfo") == []
    assert witness.against(GOOD | {"companyId": 1 << 31}, "SessionInfo")
    assert witness.against({"paymentDate": "2026-3-1"}, "PaymentEvent")
    assert witness.against({"integrationId": "x", "expires": None}, "ApiIntegrationRequestData") == []
    invoice = {"counterParty": {"counterPartyAddress": {"name": "Malli Oy"}}}
    for written in ("2026-03-02T09:14:05Z", "2026-03-02T09:14", "2026-03-02"):
        assert witness.against(invoice | {"version": written}, "InvoiceBasicInfo")
    assert witness.against(invoice | {"version": "2026-03-02T09:14:05"}, "InvoiceBasicInfo") == []


async def test_what_every_visitor_is_answered_is_looked_at(visitor: Visitor, seen: list[str]) -> None:
    await visitor.get("/status")
    assert Sandbox.witness is witness.witness
    assert seen == []
