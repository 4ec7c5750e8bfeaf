"""What errors say has its Finnish by their own English, as it stands where they are raised."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from zoneinfo import ZoneInfo

import tui
from events.address import Fault
from events.errors import Conflict, Misconfigured, Unavailable
from events.finnish import FINNISH as FINNISH_SENTENCES
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
    raised = [(one, re.sub(r"{\w+}", "{}", one)) for one in FAILURES]
    assert [one for one, said in raised if said not in known and said.removesuffix(" {}") not in known] == []


BEFORE = (
    "worker/cli", "worker/demo", "worker/settings.py", "worker/app.py", "worker/opening.py", "tui/commands.py",
    "tui/web", "worker/adapters/child.py", "worker/adapters/cluster.py", "worker/adapters/data_directory.py",
    "worker/adapters/embedded.py", "worker/adapters/schema.py",
    "worker/operations/roster.py",
    "worker/adapters/archive.py", "worker/adapters/dumping.py", "worker/adapters/loading.py",
)  # fmt: skip
"""What the command line says, and what is said before there is a console: in English."""
ERRORS = {"Unavailable", "Refused", "Misconfigured", "Outgrown", "Conflict", "Corrupt"}
PLACED = {"{}: {}", "{} {}", "{}, {}: {}", "{}{} is no YAML: {}.", "{} Where Trustmary shows none, {}"}
"""A place, or a sentence of its own, and what somebody else says of it."""


def test_every_error_that_a_console_may_show_has_its_finnish() -> None:
    known = {re.sub(r"{\w+}", "{}", one) for one in FAILURES} | set(FINNISH_SENTENCES) | PLACED
    raised = set(shown_errors())
    assert len(raised) > 200
    assert sorted(one for one in raised if one[1] not in known) == []


def shown_errors() -> Iterator[tuple[str, str]]:
    """Where an error is made, and its sentence with `{}` for what is filled in."""
    root = Path(tui.__file__).parent.parent
    for path in sorted(path for place in PLACES for path in (root / place).rglob("*.py")):
        place = str(path.relative_to(root))
        if place.startswith(BEFORE):
            continue
        tree = ast.parse(path.read_text(encoding="utf-8"))
        for node in ast.walk(tree):
            match node:
                case ast.Call(func=ast.Name(id=name), args=[first, *_]) if name in ERRORS:
                    yield from ((place, said) for said in sentences(first, tree))


def sentences(node: ast.expr, tree: ast.Module) -> Iterator[str]:
    """What *node* may say; a name by what it was made of in the same file."""
    match node:
        case ast.Constant(value=str(said)):
            yield said
        case ast.JoinedStr(values=values):
            yield "".join(part.value if isinstance(part, ast.Constant) else "{}" for part in values)  # type: ignore[misc]
        case ast.IfExp(body=body, orelse=orelse):
            yield from (*sentences(body, tree), *sentences(orelse, tree))
        case ast.Name(id=name) | ast.Subscript(value=ast.Name(id=name)):
            yield from (said for value in made(name, tree) for said in sentences(value, tree))
        case ast.Dict(values=values):
            yield from (said for value in values for said in sentences(value, tree))


def made(name: str, tree: ast.Module) -> Iterator[ast.expr]:
    for node in ast.walk(tree):
        match node:
            case ast.Assign(targets=[ast.Name(id=target)], value=value) if target == name:
                yield value
            case ast.AnnAssign(target=ast.Name(id=target), value=ast.expr() as value) if target == name:
                yield value


@each("fault", list(Fault))
def test_what_is_wrong_with_an_address_has_its_finnish_wherever_it_is_told(fault: Fault) -> None:
    alone, beside = FINNISH.told(fault.value), FINNISH.told(f"aino@a: {fault.value}")
    assert alone != fault.value
    assert beside == f"aino@a: {alone}"


def test_several_sentences_are_told_one_by_one_where_all_are_known() -> None:
    seen = Misconfigured(
        "Invoice 10 was never seen. Kokko Oy was read up to its changes of 2026-03-01. Unchanged invoices from before "
        "connecting are not read, unless they still wait to be sent: a replay's plan reads them where that is asked "
        "for (--backfill)."
    )
    assert FINNISH.told(seen).startswith("Laskua 10 ei ole koskaan nähty. Kokko Oy on luettu muutoksiin 2026-03-01 ")
    assert FINNISH.told("The answer was odd. Nobody knows why.") == "The answer was odd. Nobody knows why."


def test_a_sentence_in_finnish_names_what_the_english_does() -> None:
    places = re.compile(r"{\w+}")
    lost = {one for one, two in FAILURES.items() if not set(places.findall(two)) <= set(places.findall(one))}
    assert lost == set()


BENEATH = "Write Xyz."


@each("english", list(FAILURES))
def test_every_sentence_is_found_again_whatever_is_filled_in(english: str) -> None:
    places = {name: BENEATH if name == "why" else "Xyz" for name in re.findall(r"{(\w+)}", english)}
    told = FINNISH.told(english.format(**places))
    there = {name: FINNISH.told(value) for name, value in places.items()}
    assert told == FAILURES[english].format(**there)


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
