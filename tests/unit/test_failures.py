"""What errors say has its Finnish by their own English, as it stands where they are raised."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from zoneinfo import ZoneInfo

import tui
from events.errors import Conflict, Misconfigured, Unavailable
from events.finnish.failures import FAILURES
from events.words import Language, Words
from table import each

PLACES = ("events", "worker", "tui")
HELSINKI = ZoneInfo("Europe/Helsinki")
FINNISH, ENGLISH = Words(Language.FINNISH, HELSINKI), Words(Language.ENGLISH, HELSINKI)


def written() -> Iterator[str]:
    """Every text of the sources, with `{}` for what is filled in."""
    root = Path(tui.__file__).parent.parent
    for path in (path for place in PLACES for path in (root / place).rglob("*.py") if "finnish" not in path.parts):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            match node:
                case ast.JoinedStr(values=values):
                    yield "".join(part.value if isinstance(part, ast.Constant) else "{}" for part in values)  # type: ignore[misc]
                case ast.Constant(value=str(said)):
                    yield said


def test_every_sentence_is_one_that_is_raised() -> None:
    known = set(written())
    assert [one for one in FAILURES if re.sub(r"{\w+}", "{}", one) not in known] == []


def test_a_sentence_in_finnish_names_what_the_english_does() -> None:
    places = re.compile(r"{\w+}")
    lost = {one for one, two in FAILURES.items() if not set(places.findall(two)) <= set(places.findall(one))}
    assert lost == set()


@each(
    ("error", "finnish"),
    [
        (
            Unavailable("PostgreSQL does not answer: [Errno 111] Connection refused"),
            "PostgreSQL ei vastaa: [Errno 111] Connection refused",
        ),
        (Conflict("Kokko → Virtanen ry has been removed."), "Kokko → Virtanen ry on poistettu."),
        (
            Misconfigured(
                "email is mapped to customer.nmae: Procountor has no such field, and none was seen; did you mean "
                "customer.name?"
            ),
            "email saadaan kentästä customer.nmae: Procountorissa ei ole sellaista kenttää; tarkoititko customer.name?",
        ),
        (Misconfigured("Nobody has translated this."), "Nobody has translated this."),
    ],
)
def test_what_an_error_says_is_told_in_the_operators_language(error: Exception, finnish: str) -> None:
    assert FINNISH.told(error) == finnish
    assert ENGLISH.told(error) == str(error)
