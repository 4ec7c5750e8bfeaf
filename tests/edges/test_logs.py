"""Log lines: JSON, with ids and without people."""

from __future__ import annotations

import asyncio
import gc
import json
import logging
from collections.abc import Iterator

import pytest
import structlog

from events.errors import Refused, Unavailable
from worker import logs


@pytest.fixture(autouse=True)
def _as_before() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers, root.level
    yield
    root.handlers, root.level = handlers, level
    structlog.reset_defaults()


def lines(capsys: pytest.CaptureFixture[str]) -> list[dict[str, object]]:
    return [json.loads(line) for line in capsys.readouterr().err.splitlines()]


def test_a_line_is_json_with_its_fields(capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure(form="json")
    structlog.get_logger().info("turn finished", stage="ingest", took_ms=3)
    [line] = lines(capsys)
    assert (line["event"], line["stage"], line["took_ms"], line["level"]) == ("turn finished", "ingest", 3, "info")
    assert str(line["timestamp"]).endswith("Z")


@pytest.mark.parametrize("form", ["json", "text"])
def test_an_exception_is_told_by_type_and_place_without_the_values_in_its_message(
    form: str, capsys: pytest.CaptureFixture[str]
) -> None:
    logs.configure(form=form)
    try:
        raise Refused("maija@esimerkki.fi is not welcome", reason="invalid")
    except Refused:
        structlog.get_logger().exception("turn failed", stage="dispatch")
    said = capsys.readouterr().err
    for told in ("turn failed", "Refused", "test_logs.py"):
        assert told in said
    assert "maija" not in said


@pytest.mark.parametrize("form", ["json", "text"])
async def test_a_librarys_line_has_no_values(form: str, capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure(form=form)

    async def fail() -> None:
        raise ValueError("maija@esimerkki.fi")

    task = asyncio.create_task(fail())
    await asyncio.wait([task])
    del task
    gc.collect()
    logging.getLogger("aiohttp.client").warning("Can not load response cookies: %s", "maija@esimerkki.fi")
    said = capsys.readouterr().err
    for told in ("Task exception was never retrieved", "ValueError", "Can not load response cookies"):
        assert told in said
    assert "maija" not in said


def test_what_we_say_ourselves_of_an_outage_is_kept(capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure(form="json")
    try:
        raise Unavailable("PostgreSQL does not answer")
    except Unavailable:
        structlog.get_logger().exception("turn failed")
    assert lines(capsys)[0]["says"] == "PostgreSQL does not answer"


def test_libraries_are_heard_from_warnings_upwards_and_named(capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure(form="json")
    logging.getLogger("aiohttp").info("chatter")
    logging.getLogger("aiohttp").warning("host %s is away", 1)
    [line] = lines(capsys)
    assert (line["library"], line["event"]) == ("aiohttp", "host %s is away")
