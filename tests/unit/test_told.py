"""Every event has its few words, in both languages, and its fields have names."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path
from zoneinfo import ZoneInfo

import orjson
import pytest

from events import codec
from events.codec import TYPES
from events.finnish import FINNISH
from events.words import Language, Words
from tui import told
from tui.screens import event_fields, invoice_step

WIRE = Path(__file__).parent / "wire"
ENGLISH, FINNISH_WORDS = (Words(language, ZoneInfo("Europe/Helsinki")) for language in Language)


def test_every_event_has_a_title_and_every_title_its_finnish() -> None:
    assert told.TITLES.keys() == TYPES.keys()
    titles = [*told.TITLES.values(), told.TAKEN_OFF, invoice_step.CALL, *invoice_step.STATES.values()]
    spoken = {title.name for title in titles} | set(told.DESTINATIONS.values()) | set(invoice_step.OUTCOMES)
    assert spoken <= FINNISH.keys()


@pytest.mark.parametrize("name", sorted(TYPES))
def test_every_field_has_its_name(name: str) -> None:
    shown = {each.name for each in fields(TYPES[name])} - event_fields.HIDDEN
    assert {event_fields.NAMES.get(each) or each.replace("_", " ") for each in shown} <= FINNISH.keys()


@pytest.mark.parametrize("path", sorted(WIRE.glob("*.json")), ids=lambda path: path.stem)
def test_every_event_is_told_in_both_languages(path: Path) -> None:
    """Also once the person is erased."""
    example = orjson.loads(path.read_bytes())
    for personal in (orjson.dumps(example.get("personal") or {}), None):
        event = codec.decode(path.stem, example["schema"], orjson.dumps(example["data"]), personal)
        for say in (ENGLISH, FINNISH_WORDS):
            assert isinstance(told.text(event, say), str)
            for line in (*event_fields.facts(event, say), *event_fields.pictures(event, say)):
                assert "object at" not in line.plain and "UUID(" not in line.plain


def test_a_value_is_not_taken_for_a_code() -> None:
    assert event_fields.said("NOT_SENT", FINNISH_WORDS) == "Lähettämättä"
    assert event_fields.said("named_contact", FINNISH_WORDS) == "nimetty yhteyshenkilö"
    assert event_fields.said("maija_m@asiakas.fi", FINNISH_WORDS) == "maija_m@asiakas.fi"
    assert event_fields.said("at most 180", FINNISH_WORDS) == "enintään 180"
    for name in ("KONE", "EUR", "new_name"):
        assert event_fields.said(name, FINNISH_WORDS) == name
    assert event_fields.leaf_as("new", FINNISH_WORDS) == "new"
    assert event_fields.said("2026-11-26T15:27:37", ENGLISH) == "2026-11-26T15:27:37"
