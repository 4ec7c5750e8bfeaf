"""The tests that stand in a document of configuration: run, and what was not as expected."""

from __future__ import annotations

from typing import Any

import typer
from rich.text import Text

from events.document import Document
from events.errors import Misconfigured
from worker.cli.output import out, show_json
from worker.operations import importing
from worker.operations.importing import Tested


def title(one: Tested) -> str:
    return f"{one.entry.name}, {one.trigger.name}, {one.case.name}"


def run(wanted: Document, file: str, *, json: bool) -> None:
    """Runs the tests of a document; ends with 1 where one failed."""
    found = importing.run_tests(wanted)
    if not found:
        raise Misconfigured(f"{file} has no tests: write some under a trigger's tests, see docs/configuration.md.")
    failed = [one for one in found if one.differences]
    if json:
        show_json([tested_json(one) for one in found])
    else:
        for one in found:
            out().print(Text(f"{'failed' if one.differences else 'passed'}  {title(one)}"), soft_wrap=True)
            for line in one.differences:
                out().print(Text(f"        {line}"), soft_wrap=True)
        out().print(f"{len(found) - len(failed)} passed, {len(failed)} failed.")
    if failed:
        raise typer.Exit(1)


def require(wanted: Document, file: str) -> None:
    """Raises `Misconfigured` where one of its tests fails."""
    failed = [one for one in importing.run_tests(wanted) if one.differences]
    if failed:
        raise Misconfigured(
            f"{len(failed)} test{'s'[: len(failed) != 1]} of {file} failed, the first: {title(failed[0])}: "
            f"{'; '.join(failed[0].differences)}. See ptm trigger test --file {file}; nothing was saved."
        )


def tested_json(one: Tested) -> dict[str, Any]:
    return {
        "company": one.entry.company,
        "organization": one.entry.organization,
        "trigger": one.trigger.name,
        "test": one.case.name,
        "passed": not one.differences,
        "differences": one.differences,
    }
