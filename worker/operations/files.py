"""Documents in files: written at once or not at all, and read with the place of what is wrong."""

from __future__ import annotations

from pathlib import Path

from events import document, written
from events.document import Document
from events.errors import Misconfigured
from worker.adapters import documents
from worker.operations import importing


def meant(path: str) -> Path:
    """The file that somebody calls so: it is found from wherever a command is typed."""
    return Path(path).expanduser().absolute()


def text(found: Document) -> str:
    return documents.dump(written.plain(found))


def write(found: Document, output: Path) -> Document:
    """Answers what was written: tests that the file had of the same triggers stay."""
    if output.is_file():
        found = kept(found, output)
    write_file(output, text(found))
    return found


def kept(found: Document, output: Path) -> Document:
    before = read(output)
    try:
        return document.with_tests(found, before)
    except Misconfigured as error:
        raise Misconfigured(f"{output} was left as it is: {error}.") from error


def write_file(output: Path, text: str) -> None:
    """At once or not at all, where it is an ordinary file: one that is there may have tests."""
    beside = output.with_name(f"{output.name}.new") if output.is_file() or not output.exists() else output
    try:
        beside.write_text(text, encoding="utf-8")
        if beside != output:
            beside.replace(output)
    except OSError as error:
        raise Misconfigured(f"{output} cannot be written: {error}.") from error


def read(file: Path) -> Document:
    """Raises `Misconfigured` with the file and the place."""
    try:
        found = file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise Misconfigured(f"{file} cannot be read: {error}.") from error
    return parsed(found, str(file))


def parsed(found: str, name: str) -> Document:
    plain = documents.load(found, name)
    try:
        document = written.read(plain)
        importing.check(document)
    except Misconfigured as error:
        raise Misconfigured(f"{name}: {error}") from error
    return document
