"""A file of companies to be joined: read with the place of what is wrong, and never a key in what it says."""

from __future__ import annotations

import csv
import io
import stat
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from events import labelling, written
from events.errors import Misconfigured
from events.forms import Exactly, Form, Listed, Table, Text, Whole, described
from events.integration import Settings, Trigger
from worker import settings
from worker.adapters import documents
from worker.operations import triggers

KEYS = ("procountor_key", "trustmary_key")


@dataclass(frozen=True, slots=True, kw_only=True)
class Key:
    """An API key, or where it lies."""

    text: str | None = field(default=None, repr=False)
    file: Path | None = None
    variable: str | None = None

    def read(self) -> str:
        """Raises `Misconfigured` where it is not there."""
        if self.file is not None:
            return self.in_file(self.file)
        found = self.text if self.variable is None else settings.given(self.variable)
        if not (found or "").strip():
            raise Misconfigured(f"The variable {self.variable} is not set." if self.variable else "The key is empty.")
        return (found or "").strip()

    def in_file(self, file: Path) -> str:
        try:
            found = file.read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError) as error:
            why = error.strerror if isinstance(error, OSError) else "it is no text"
            raise Misconfigured(f"The key's file {file} cannot be read: {why}.") from None
        if not found:
            raise Misconfigured(f"The key's file {file} is empty.")
        return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A company that is to be joined."""

    number: int
    """From 1, as a person counts."""
    procountor: Key
    trustmary: Key
    company: int | None = None
    """Refuse any other; None: whichever the key opens."""
    organization: str | None = None
    labels: tuple[str, ...] = ()
    settings: Settings | None = None
    trigger: Trigger | None = None
    """None: as flags say."""


class KeyForm:
    """A key, or `file` or `variable` that has it; what stands there is not repeated in an error."""

    PLACE = Table({"file": Text("Beside the list, or absolute."), "variable": Text("Of the environment.")})

    def read(self, value: Any, at: str) -> Key:
        if isinstance(value, str):
            return Key(text=value)
        match value:
            case {"file": str(path), **rest} if not rest:
                return Key(file=Path(path))
            case {"variable": str(name), **rest} if not rest:
                return Key(variable=name)
        raise Misconfigured(f"{at}: a key in quotes, file: PATH or variable: NAME was expected.")

    def schema(self) -> dict[str, Any]:
        return described({"anyOf": [{"type": "string"}, self.PLACE.schema()]}, "A key, or where it lies.")


TRIGGER = Table(
    {name: form for name, form in written.TRIGGER.items() if name not in ("tests", "draft_of")}, frozenset({"name"})
)
SHARED: Mapping[str, Form] = {
    "trustmary_key": KeyForm(),
    "organization": Text("Trustmary's id: any other is refused."),
    "labels": Listed(Text()),
    "settings": Table(written.SETTINGS),
    "trigger": TRIGGER,
}
"""What holds for every company that does not say otherwise."""
ROW = Table(
    {"procountor_key": KeyForm(), "company": Whole("Procountor's id: any other is refused."), **SHARED},
    frozenset({"procountor_key"}),
)
ROSTER = Table(
    {"version": Exactly(written.VERSION), "companies": Listed(ROW), **SHARED}, frozenset({"version", "companies"})
)
COLUMNS = ("company", "organization", "labels", *(each + end for each in KEYS for end in ("", "_file", "_variable")))


def read(file: Path) -> list[Row]:
    """YAML, JSON or, by its name, CSV. Raises `Misconfigured` with file and place, before any key is used."""
    try:
        text = file.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise Misconfigured(f"{file} cannot be read: {error}.") from error
    try:
        plain = from_csv(text) if file.suffix.lower() == ".csv" else documents.load(text, "it")
        found = ROSTER.read(plain, "")
        rows = [row(number, found, one) for number, one in enumerate(found["companies"], start=1)]
    except Misconfigured as error:
        raise Misconfigured(f"{file}: {error}") from None
    keep_private(file, rows)
    return [beside(one, file.parent) for one in rows]


def row(number: int, shared: Mapping[str, Any], one: Mapping[str, Any]) -> Row:
    found = {**shared, **one}
    at = f"companies[{number - 1}]"
    if "trustmary_key" not in found:
        raise Misconfigured(f"{at}: trustmary_key is missing, here and for all.")
    trigger = written.read_trigger(found["trigger"]) if "trigger" in found else None
    try:
        labels = labelling.tidy(found.get("labels", ()))
        if trigger:
            triggers.check(trigger)
    except Misconfigured as error:
        raise Misconfigured(f"{at}: {error}") from error
    return Row(
        number=number,
        procountor=found["procountor_key"],
        trustmary=found["trustmary_key"],
        company=found.get("company"),
        organization=found.get("organization"),
        labels=labels,
        settings=Settings(**found["settings"]) if "settings" in found else None,
        trigger=trigger,
    )


def from_csv(text: str) -> dict[str, Any]:
    """With a line of names on top. A column is named by its number: a list without that line has keys there."""
    try:
        lines = list(
            csv.reader(io.StringIO(text), strict=True, delimiter=";" if ";" in text.partition("\n")[0] else ",")
        )
    except csv.Error as error:
        raise Misconfigured(f"it is no CSV: {error}.") from None
    if not lines:
        raise Misconfigured("it is empty.")
    columns = [each.strip() for each in lines[0]]
    for number, each in enumerate(columns, start=1):
        if each not in COLUMNS or columns.count(each) > 1:
            raise Misconfigured(f"line 1, column {number}: one of {', '.join(COLUMNS)} was expected, each once.")
    companies = [from_cells(number, columns, line) for number, line in enumerate(lines, start=1) if number > 1 and line]
    return {"version": written.VERSION, "companies": companies}


def from_cells(number: int, columns: Sequence[str], line: Sequence[str]) -> dict[str, Any]:
    if len(line) != len(columns):
        raise Misconfigured(f"line {number}: {len(columns)} columns were expected, not {len(line)}.")
    cells = {name: text.strip() for name, text in zip(columns, line, strict=True) if text.strip()}
    found: dict[str, Any] = {name: key for name in KEYS if (key := key_of(name, cells, number)) is not None}
    if "company" in cells:
        if not cells["company"].isdecimal():
            raise Misconfigured(f"line {number}: company is Procountor's id, a whole number.")
        found["company"] = int(cells["company"])
    if "organization" in cells:
        found["organization"] = cells["organization"]
    if "labels" in cells:
        found["labels"] = cells["labels"].split("|")
    return found


def key_of(name: str, cells: Mapping[str, str], number: int) -> str | dict[str, str] | None:
    given = {end: cells[name + end] for end in ("", "_file", "_variable") if name + end in cells}
    if len(given) > 1:
        raise Misconfigured(f"line {number}: {name} is given more than once.")
    for end, text in given.items():
        return {end[1:]: text} if end else text
    return None


def keep_private(file: Path, rows: Iterable[Row]) -> None:
    """A file with keys in it is its owner's alone."""
    mode = stat.S_IMODE(file.stat().st_mode)
    if mode & 0o077 and any(key.text is not None for one in rows for key in (one.procountor, one.trustmary)):
        raise Misconfigured(f"{file} has keys in it and others may read it (mode {mode:04o}): chmod 600 {file}.")


def beside(one: Row, directory: Path) -> Row:
    """Files of keys are looked for beside the list."""
    return replace(one, procountor=placed(one.procountor, directory), trustmary=placed(one.trustmary, directory))


def placed(key: Key, directory: Path) -> Key:
    return key if key.file is None else Key(file=directory / key.file)
