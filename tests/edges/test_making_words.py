"""What is said of a trigger by its own words has its Finnish too."""

from __future__ import annotations

from uuid import UUID
from zoneinfo import ZoneInfo

from events.finnish import FINNISH
from events.integration import PersonRule, Trigger
from events.words import Language, Words
from tui.integration import waiting
from tui.making import wording
from tui.making.condition import WORDS
from tui.making.draft import Draft
from tui.screens.adding import AddingView

SERVICES = {"Procountor", "Trustmary"}
ENGLISH = Words(Language.ENGLISH, ZoneInfo("Europe/Helsinki"))


def test_every_choice_has_its_finnish() -> None:
    tables = (wording.KINDS, wording.STARTS, wording.EXISTING, wording.PERSONS, wording.CONTACT, waiting.MEANINGS)
    said = {sentence for table in tables for sentence in table.values()}
    said |= {wording.code(word, ENGLISH) for words in WORDS.values() for word in words}
    said |= {step.TITLE for step in AddingView.STEPS} - SERVICES
    assert said - FINNISH.keys() == set()


def test_everything_that_is_missing_has_its_finnish() -> None:
    nothing = Draft(trigger=Trigger(id=UUID(int=0), name=""))
    missing = {step.missing(nothing) for step in AddingView.STEPS} - {""}
    assert missing and missing - FINNISH.keys() == set()


def test_every_way_to_choose_a_person_can_be_said() -> None:
    assert set(wording.PERSONS) == set(PersonRule)
