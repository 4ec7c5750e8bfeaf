"""`--label`: one command for many integrations."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Generic, TypeVar

import typer
from rich.text import Text

from events.errors import Misconfigured, PtmError
from worker.cli.asking import by_count, somebody, sure
from worker.cli.output import complain, show_json, told
from worker.cli.said import show_newer
from worker.operations import integrations, labels
from worker.operations.context import Context
from worker.operations.integrations import Integration
from worker.operations.saving import Overtaken

T = TypeVar("T")
U = TypeVar("U")
W = TypeVar("W")
Label = Annotated[
    str | None, typer.Option(metavar="LABEL", help="Instead of an integration: all that have this label.")
]
Maybe = Annotated[
    str | None, typer.Argument(metavar="INTEGRATION", help="Its id, the company's name, business id or number.")
]
From = Annotated[
    str | None,
    typer.Option(
        "--from", metavar="FILE", help="Instead of an integration: all whose ids a file has; - is standard input."
    ),
]
AT_ONCE = 8
"""Each holds a connection to the database."""
NAMED = 20
"""Integrations that a question names."""


async def among(
    context: Context, integration: str | None, label: str | None, *, removed: bool = True
) -> tuple[Integration, ...] | None:
    """The integrations that are meant, by name a *removed* one too; None: all."""
    if integration and label:
        raise Misconfigured("Give --integration or --label, not both.")
    if label:
        return tuple(await labels.having(context, label))
    return (await integrations.find(context, integration, removed=removed),) if integration else None


def words(label: str | None, *given: str | None) -> tuple[str | None, ...]:
    """What stands behind a command's name: the integration first, but with a label the rest alone."""
    if label is None:
        return given
    if given[-1] is not None:
        raise Misconfigured("Name an integration or give --label LABEL, not both.")
    return (None, *given[:-1])


def named(word: str | None, what: str) -> str:
    """Raises `Misconfigured` where it is missing."""
    if word is None:
        raise Misconfigured(f"Say which {what}: INTEGRATION {what.upper()}, or {what.upper()} --label LABEL.")
    return word


def listed(file: str | None) -> tuple[str, ...] | None:
    """The ids in *file*, with blanks or line ends between them; None where none is given."""
    if file is None:
        return None
    try:
        ids = (sys.stdin.read() if file == "-" else Path(file).expanduser().read_text(encoding="utf-8")).split()
    except (OSError, UnicodeDecodeError) as error:
        raise Misconfigured(f"{file} cannot be read: {error}.") from error
    if not ids:
        raise Misconfigured(f"--from {file}: there is no id in it.")
    return tuple(ids)


@dataclass(frozen=True, slots=True, kw_only=True)
class Each(Generic[T]):
    """What was done in each integration that is meant. One that fails stops no other, and is named.

    Where one is named instead of a label or a list, what fails is raised at once.
    """

    done: tuple[tuple[Integration, T], ...]
    failed: tuple[tuple[Integration, PtmError], ...] = ()
    several: bool
    """A label or a list was given, though it may mean one."""

    @property
    def results(self) -> list[T]:
        return [result for _, result in self.done]

    async def then(self, work: Callable[[Integration, T], Awaitable[U]], *, at_once: int = AT_ONCE) -> Each[U]:
        """Does *work* with each that has come so far."""
        turns = asyncio.Semaphore(at_once)

        async def one(seen: Integration, so_far: T) -> U | PtmError:
            async with turns:
                try:
                    return await work(seen, so_far)
                except PtmError as error:
                    if not self.several:
                        raise
                    return error

        ended = await asyncio.gather(*(one(seen, so_far) for seen, so_far in self.done))
        pairs = [(seen, result) for (seen, _), result in zip(self.done, ended, strict=True)]
        failed = tuple((seen, error) for seen, error in pairs if isinstance(error, PtmError))
        for seen, error in failed:
            tell_failed(seen, error)
        done = tuple((seen, result) for seen, result in pairs if not isinstance(result, PtmError))
        return Each(done=done, failed=self.failed + failed, several=self.several)

    def of(self, part: Callable[[T], U]) -> Each[U]:
        done = tuple((seen, part(result)) for seen, result in self.done)
        return Each(done=done, failed=self.failed, several=self.several)

    def confirm(self, question: Callable[[str], str], *, yes: bool, count: int | None) -> None:
        """Goes on with a yes where one is named, and with their number where a label is given.

        *question* of what they are called.
        """
        if not self.several:
            sure(question(self.done[0][0].name), yes=yes)
            return
        if somebody() and count is None:
            self.tell_names()
        if self.done:
            by_count(question(f"{len(self.done)} integrations"), len(self.done), count, what="integrations")

    def tell_names(self) -> None:
        for seen, _ in self.done[:NAMED]:
            told().print(Text(f"  {seen.name}"), soft_wrap=True)
        if len(self.done) > NAMED:
            told().print(f"  and {len(self.done) - NAMED} more")

    def show_json(self, form: Callable[[Integration, T], Any]) -> None:
        """One value, or with a label a list of them, with whom it failed for in the end."""
        shown = [form(seen, result) for seen, result in self.done]
        failed = [{"integration": seen.id, "name": seen.name, "error": str(error)} for seen, error in self.failed]
        show_json([*shown, *failed] if self.several else shown[0])

    def end(self) -> None:
        """When everything is shown: as the first failure says, if one failed."""
        if not self.failed:
            return
        complain(f"It failed for {len(self.failed)} of {len(self.done) + len(self.failed)} integrations.")
        raise typer.Exit(2 if isinstance(self.failed[0][1], Misconfigured) else 1)


def tell_failed(seen: Integration, error: PtmError) -> None:
    told().print(Text(f"{seen.name} failed: {error}"), soft_wrap=True)
    if isinstance(error, Overtaken):
        show_newer(error.newer)


async def each(
    context: Context,
    which: str | None,
    label: str | None,
    ids: Sequence[str] | None = None,
    *,
    removed: bool = False,
) -> Each[Integration]:
    """The one that is named, all that have the label, or all of *ids*. Raises `Misconfigured` where that is none."""
    if ids is None:
        return each_of(await labels.chosen(context, which, label, removed=removed), several=label is not None)
    if which is not None or label is not None:
        raise Misconfigured("Name an integration, or give --label LABEL or --from FILE: one of these.")
    return each_of(await integrations.with_ids(context, ids), several=True)


def each_of(found: Sequence[Integration], *, several: bool) -> Each[Integration]:
    return Each(done=tuple((seen, seen) for seen in found), several=several)


async def where_possible(
    each: Sequence[tuple[Integration, W]], work: Callable[[Integration, W], Awaitable[T]]
) -> AsyncIterator[T]:
    """Does *work* one after the other; where it makes no sense, such as a plan over nothing, says so and goes on.

    What fails otherwise stops no other either, and ends in exit code 1. Raises `Misconfigured` where it made sense
    nowhere.
    """
    done = failed = 0
    for seen, wish in each:
        try:
            result = await work(seen, wish)
        except Misconfigured as error:
            told().print(Text(f"{seen.name} is left out: {error}"), soft_wrap=True)
            continue
        except PtmError as error:
            tell_failed(seen, error)
            failed += 1
            continue
        done += 1
        yield result
    if failed:
        complain(f"It failed for {failed} of {len(each)} integrations.")
        raise typer.Exit(1)
    if not done:
        raise Misconfigured("Nothing is left: every integration with that label was left out.")
