"""Questions in a terminal, on stderr; without one, which flag would have answered."""

from __future__ import annotations

import getpass
import sys
from collections.abc import Sequence
from enum import StrEnum
from typing import Annotated, Any

import typer
from rich.text import Text
from typer.core import TyperCommand

from events.errors import Misconfigured
from events.integration import Waiting
from worker.cli.output import NeedsPerson, told
from worker.operations.saving import Held


class Answer(StrEnum):
    """`--waiting`."""

    DECIDE_AGAIN = "decide-again"
    SEND = "send"
    DROP = "drop"


Wait = Annotated[Answer | None, typer.Option("--waiting", help="What becomes of decisions that wait.")]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")]
YesOrCount = Annotated[
    bool, typer.Option("--yes", "-y", help="Do not ask; with --label --yes N: so many integrations are meant.")
]
Count = Annotated[int | None, typer.Option("--yes-count", hidden=True)]
"""What follows --yes, see `Counted`."""

MEANINGS = {
    Answer.DECIDE_AGAIN: "decide again under today's rules; what waits of a replay is dropped: plan it again",
    Answer.SEND: "send as they were decided",
    Answer.DROP: "drop them: a replay can send them later",
}


def somebody() -> bool:
    """Whether a person is there to answer."""
    return sys.stdin.isatty() and sys.stderr.isatty()


def confirm(question: str, *, default: bool = True) -> bool:
    return typer.confirm(question, default=default, err=True)


def line(question: str, *, default: str | None = None) -> str:
    answer: str = typer.prompt(question, default=default, err=True)
    return answer.strip()


def hidden(question: str) -> str:
    """Neither shown nor kept in the shell's history."""
    return getpass.getpass(f"{question}: ", stream=sys.stderr).strip()


def choose(question: str, options: Sequence[str], *, default: int | None = 0) -> int:
    """The index of the one that is picked by its number; None: no answer is no choice."""
    for number, option in enumerate(options, start=1):
        told().print(Text(f"  {number}  {option}"))
    while True:
        answer = line(question, default=None if default is None else str(default + 1))
        if answer.isdecimal() and 1 <= int(answer) <= len(options):
            return int(answer) - 1
        told().print(f"A number from 1 to {len(options)}, please.")


def sure(question: str, *, yes: bool) -> None:
    """Goes on only with a yes, by flag or in the terminal."""
    if yes:
        return
    if not somebody():
        raise NeedsPerson(f"{question} Give --yes to go on without being asked.")
    if not confirm(question, default=False):
        raise typer.Exit(1)


class Counted(TyperCommand):
    """A command whose --yes is followed by a count where --label is given, and by nothing elsewhere."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        labelled = any(word == "--label" or word.startswith("--label=") for word in args)
        return super().parse_args(ctx, spelled_out(args) if labelled else args)


def spelled_out(args: Sequence[str]) -> list[str]:
    """`--yes 12` → `--yes --yes-count 12`."""
    made: list[str] = []
    for word in args:
        flag, _, count = word.partition("=")
        if flag == "--yes" and count.isdecimal():
            made += ["--yes", "--yes-count", count]
        else:
            made += ["--yes-count", word] if made[-1:] in (["--yes"], ["-y"]) and word.isdecimal() else [word]
    return made


def by_count(said: str, count: int, given: int | None, *, what: str) -> None:
    """Goes on where the count of *what* is given or typed: a number is not typed by habit."""
    if given is None and not somebody():
        raise NeedsPerson(f"{said} Give --yes {count} to go on without being asked.")
    if given is None:
        told().print(Text(said), soft_wrap=True)
        answer = line(f"Type the number of {what} to go on")
        given = int(answer) if answer.isdecimal() else -1
    if given != count:
        raise Misconfigured(f"{said} {given} is not that number: nothing was started.")


def waiting(
    given: Answer | None,
    held: Held,
    *,
    default: Answer = Answer.DECIDE_AGAIN,
    offered: Sequence[Answer] = tuple(Answer),
) -> Waiting:
    """What becomes of what waits: by flag, else asked, and where nobody can answer the command stops."""
    if given is not None:
        if given not in offered:
            raise Misconfigured(f"--waiting {given} makes no sense here: use {' or '.join(offered)}.")
        return as_waiting(given)
    if not held.count:
        return as_waiting(default)
    surveys = f", {held.surveys} of the calls may start a survey" if held.surveys else ""
    said = f"{held.count} decisions wait{surveys}."
    if not somebody():
        raise NeedsPerson(f"{said} Say what becomes of them: --waiting {'|'.join(offered)}.")
    told().print(said)
    picked = choose("What becomes of them?", [MEANINGS[one] for one in offered], default=list(offered).index(default))
    return as_waiting(offered[picked])


def as_waiting(answer: Answer) -> Waiting:
    return Waiting(answer.value.replace("-", "_"))
