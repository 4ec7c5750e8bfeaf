"""`--label`: one command for many integrations."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from typing import Annotated, TypeVar

import typer
from rich.text import Text

from events.errors import Misconfigured, PtmError
from worker.cli.output import told
from worker.operations import integrations, labels
from worker.operations.context import Context
from worker.operations.integrations import Integration

T = TypeVar("T")
W = TypeVar("W")
Label = Annotated[str | None, typer.Option(metavar="LABEL", help="All integrations that have this label.")]
Maybe = Annotated[
    str | None, typer.Argument(metavar="INTEGRATION", help="Its id, the company's name, business id or number.")
]
AT_ONCE = 8
"""Each holds a connection to the database."""


async def among(context: Context, integration: str | None, label: str | None) -> tuple[Integration, ...] | None:
    """The integrations that are meant, a removed one too; None: all."""
    if integration and label:
        raise Misconfigured("Give --integration or --label, not both.")
    if label:
        return tuple(await labels.having(context, label))
    return (await integrations.find(context, integration, removed=True),) if integration else None


async def each_of(found: Sequence[Integration], work: Callable[[Integration], Awaitable[T]]) -> list[T]:
    """Does *work* for each, several at once. One that fails stops no other; the first failure is raised in the end."""
    turns = asyncio.Semaphore(AT_ONCE)

    async def one(seen: Integration) -> T | PtmError:
        async with turns:
            try:
                return await work(seen)
            except PtmError as error:
                return error

    done = await asyncio.gather(*map(one, found))
    failed = [(seen, error) for seen, error in zip(found, done, strict=True) if isinstance(error, PtmError)]
    for seen, error in failed if len(found) > 1 else ():
        told().print(Text(f"{seen.name} failed: {error}"), soft_wrap=True)
    if failed:
        raise failed[0][1]
    return [result for result in done if not isinstance(result, PtmError)]


async def where_possible(
    each: Sequence[tuple[Integration, W]], work: Callable[[Integration, W], Awaitable[T]]
) -> AsyncIterator[T]:
    """Does *work* one after the other; where it makes no sense, such as a plan over nothing, says so and goes on.

    Raises `Misconfigured` where it made sense nowhere.
    """
    done = 0
    for seen, wish in each:
        try:
            result = await work(seen, wish)
        except Misconfigured as error:
            told().print(Text(f"{seen.name} is left out: {error}"), soft_wrap=True)
            continue
        done += 1
        yield result
    if not done:
        raise Misconfigured("Nothing is left: every integration with that label was left out.")
