"""Every sentence that the console says has its Finnish, with the same places for values."""

from __future__ import annotations

import ast
import pkgutil
import re
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from importlib import import_module
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

import tui
from events import finnish
from events.finnish import FINNISH
from events.words import Language, Words

TUI = Path(tui.__file__).parent
BESIDE = (
    "events/attention.py", "events/brake.py", "worker/callback.py", "worker/cli/attention.py",
    "worker/cli/state.py", "worker/operations/concerns.py", "worker/operations/doctor.py",
    "worker/operations/status.py", "worker/operations/trouble.py", "worker/operations/vitals.py",
    *(f"worker/operations/checks/{name}.py"
      for name in ("alerts", "broker", "clock", "database", "finding", "keys", "logins", "services", "workers")),
)  # fmt: skip
"""What others than the console say in the operator's language."""
HELSINKI = ZoneInfo("Europe/Helsinki")
NOON = datetime(2026, 3, 1, 10, tzinfo=UTC)


def spoken(path: Path) -> Iterator[str]:
    """What is handed to *say*, and what bindings and screens are called."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        match node:
            case ast.Call(func=ast.Name(id="say") | ast.Attribute(attr="say" | "_say"), args=[first, *_]):
                yield from literals(first)
            case ast.Call(func=ast.Attribute(attr="count"), args=[_, one, many]):
                yield from (*literals(one), *literals(many))
            case ast.Call(func=ast.Name(id="Binding"), args=[_, _, name, *_]):
                yield from literals(name)
                yield from (said for key in node.keywords if key.arg == "tooltip" for said in literals(key.value))
            case ast.Call(func=ast.Attribute(attr="page"), args=[title, text, *_]):
                yield from (*literals(title), *literals(text))
            case ast.FunctionDef(name="called"):
                yield from (
                    said
                    for inner in ast.walk(node)
                    if isinstance(inner, ast.Return) and inner.value
                    for said in literals(inner.value)
                )
            case ast.Assign(targets=[ast.Name(id="NAME" | "HINT")], value=value):
                yield from literals(value)


def literals(node: ast.expr) -> Iterator[str]:
    match node:
        case ast.Constant(value=str(said)) if said:
            yield said
        case ast.IfExp(body=body, orelse=orelse):
            yield from (*literals(body), *literals(orelse))


PLACES = [*sorted(TUI.rglob("*.py")), *(TUI.parent / name for name in BESIDE)]


@pytest.mark.parametrize("path", PLACES, ids=lambda path: str(path.relative_to(TUI.parent)))
def test_everything_said_has_its_finnish(path: Path) -> None:
    missing = sorted({said for said in spoken(path) if said not in FINNISH})
    assert not missing


def test_a_sentence_has_one_finnish() -> None:
    """Of two the later module would win everywhere, also where the other was meant."""
    modules = [import_module(f"{finnish.__name__}.{one.name}") for one in pkgutil.iter_modules(finnish.__path__)]
    tables = [table for one in modules for table in vars(one).values() if isinstance(table, dict) and table]
    pairs = {pair for table in tables for pair in table.items() if isinstance(pair[1], str)}
    twice = Counter(english for english, _ in pairs)
    assert sorted(english for english in FINNISH if twice[english] > 1) == []


def test_a_translation_has_the_same_places() -> None:
    places = re.compile(r"{\w+}")
    assert {
        one: two for one, two in FINNISH.items() if sorted(places.findall(one)) != sorted(places.findall(two))
    } == {}


DECIMALS = re.compile(r"\.\d?[f%eg]")


def test_decimals_are_written_in_one_place_alone() -> None:
    """A format of its own writes a point, whatever the language."""
    people = [
        path for place in ("tui", "worker/cli", "worker/operations") for path in (TUI.parent / place).rglob("*.py")
    ]
    own = {
        str(path.relative_to(TUI.parent))
        for path in people
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.FormattedValue) and node.format_spec and DECIMALS.search(ast.unparse(node.format_spec))
        if ".0f" not in ast.unparse(node.format_spec)
    }
    assert own == set()


def test_decimals_follow_the_language() -> None:
    english, finnish = Words(Language.ENGLISH, HELSINKI), Words(Language.FINNISH, HELSINKI)
    assert (english.decimal(1.55, 1), finnish.decimal(1.46, 1)) == ("1.6", "1,5")
    assert (english.decimal(Decimal("100.50")), finnish.decimal(Decimal("100.50"))) == ("100.50", "100,50")
    assert (finnish.decimal(12345.5), finnish.decimal(0.4, 0)) == ("12345,5", "0")
    assert [finnish.figure(text) for text in ("124.0", "-0.5", "1.2.3", "a.5", "12")] == [
        "124,0",
        "-0,5",
        "1.2.3",
        "a.5",
        "12",
    ]


def test_numbers_and_times_follow_the_language() -> None:
    english, finnish = Words(Language.ENGLISH, HELSINKI), Words(Language.FINNISH, HELSINKI)
    assert (english.number(12345), finnish.number(12345)) == ("12,345", "12\N{NO-BREAK SPACE}345")
    assert (english.moment(NOON, NOON), finnish.moment(NOON, NOON)) == ("12:00:00", "12.00.00")
    later = NOON + timedelta(days=2)
    assert (english.moment(NOON, later), finnish.moment(NOON, later)) == ("2026-03-01", "1.3.2026")
    assert english.exact(NOON) == "2026-03-01 12:00:00.000+02:00"
    assert [english.ago(NOON, NOON + timedelta(seconds=s)) for s in (-5, 59, 60, 7200, 90000)] == [
        "0 s",
        "59 s",
        "1 min",
        "2 h",
        "1 d",
    ]
    assert english.ago(None, NOON) == "-"
