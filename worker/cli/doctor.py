"""`ptm doctor`: whether everything can be reached and used, and if not, what to do."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Annotated

import typer
from rich.text import Text

from events.words import Language, Words
from worker.cli.many import Label
from worker.cli.output import Json, out, show_json
from worker.cli.running import configured
from worker.operations import doctor as doctors
from worker.operations.checks.finding import lines
from worker.operations.doctor import Examination


def doctor(
    integration: Annotated[str | None, typer.Option(help="Try the logins of this one only.")] = None,
    *,
    label: Label = None,
    json: Json = False,
) -> None:
    """Whether everything can be reached and used, and if not, what to do (then the exit code is 3)."""
    read = configured()
    say = replace(read.words, language=Language.ENGLISH) if json else read.words
    found = asyncio.run(doctors.examine(read, say, integration=integration, label=label))
    if json:
        show_json({"at": found.at, "exit_code": found.exit_code, "findings": found.findings})
    else:
        show(found, say)
    if found.exit_code:
        raise typer.Exit(found.exit_code)


def show(found: Examination, say: Words) -> None:
    for one in found.findings:
        for line in lines(one, say):
            out().print(Text(line), soft_wrap=True)
