"""The AsyncAPI document says what is sent, no more and no less."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import orjson

from events.codec import TYPES
from events.envelope import Recorded, Row, invoice_stream
from table import each
from worker.adapters.cloudevents import to_message

ROOT = Path(__file__).parents[2]
DOCUMENT = (ROOT / "docs" / "asyncapi.yaml").read_text(encoding="utf-8")
HEADERS, MESSAGES = (
    DOCUMENT.split(f"\n{start}:\n")[1].split("\n\n")[0] for start in ("        properties", "  messages")
)


def sent() -> dict[str, bytes]:
    row = Row(
        stream=invoice_stream(uuid4(), 7),
        id=uuid4(),
        type="ContactAdded",
        schema=1,
        cause=uuid4(),
        actor="worker",
        data=b"{}",
        personal=b"sealed",
    )
    recorded = Recorded(partition=3, position=5, at=datetime(2026, 3, 1, tzinfo=UTC), hash=b"h" * 32, row=row)
    return dict(to_message(uuid4(), recorded)[1])


def test_every_header_is_described_and_no_other() -> None:
    assert sorted(re.findall(r"^ {10}([\w-]+):$", HEADERS, re.MULTILINE)) == sorted(sent())


def test_every_type_is_described_and_no_other() -> None:
    assert set(re.findall(r"^ {4}(\w+):$", MESSAGES, re.MULTILINE)) == set(TYPES)
    assert set(re.findall(r"^ {6}(\w+):\n {8}\$ref: '#/components/messages/\1'$", DOCUMENT, re.MULTILINE)) == set(TYPES)


def test_what_is_sent_looks_as_it_is_described() -> None:
    described = re.findall(
        r"^ {10}([\w-]+):\n {12}(?:type: string\n {12}pattern: (.+)|const: '?([^'\n]+))", HEADERS, re.M
    )
    headers = {name: content.decode() for name, content in sent().items()}
    assert len(described) == 8
    for name, pattern, constant in described:
        assert re.fullmatch(pattern or re.escape(constant), headers[name]), name


@each("example", sorted((ROOT / "tests" / "unit" / "wire").glob("*.json")))
def test_every_event_names_its_integration(example: Path) -> None:
    assert "integration" in orjson.loads(example.read_bytes())["data"]
