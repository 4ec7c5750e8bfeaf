"""What the screen of an integration says by a table has its Finnish too."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import fields

from events import codec, connection, reverting
from events.finnish import FINNISH
from events.integration import Braked, Condition, Destination, FieldMapping, Settings, Trigger
from events.replay import Ask
from table import each
from tui.integration import changes, shadow, waiting
from tui.screens import event_fields
from tui.screens.integration import PAGES
from worker.operations.integrations import WORDS


@each(
    ("name", "said"),
    [
        ("changes", [*changes.PLAINLY.values(), *changes.WAITED.values()]),
        ("verdicts", shadow.VERDICTS.values()),
        ("waiting", waiting.MEANINGS.values()),
        ("standing", WORDS.values()),
        ("final", [*reverting.FINAL.values(), reverting.ERASED, reverting.NOTHING]),
        (
            "states",
            [
                text
                for one in [
                    *connection.STATES.values(),
                    connection.ENDS_SOON,
                    connection.RESTORED,
                    connection.DISCONNECTED,
                    connection.OTHERWISE,
                ]
                for text in (one.label, one.says, one.remedy, one.ask, one.collected)
            ],
        ),
        ("pages", [page.TITLE for page in PAGES]),
    ],
)
def test_every_word_of_a_table_has_its_finnish(name: str, said: Iterable[str]) -> None:
    assert [one for one in said if one not in FINNISH] == [], name


def test_every_field_of_an_event_has_its_finnish() -> None:
    """By the names that its detail tells, what stands inside of them too."""
    kinds = {*codec.TYPES.values(), Braked, Condition, Destination, FieldMapping, Settings, Trigger, Ask}
    names = {each.name for kind in kinds for each in fields(kind)} - event_fields.HIDDEN
    said = {event_fields.NAMES.get(name) or name.replace("_", " ") for name in names}
    assert sorted(said - FINNISH.keys()) == []
