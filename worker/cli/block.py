"""`ptm block …`."""

from __future__ import annotations

from typing import Annotated, Protocol

import typer

from events.errors import Misconfigured
from worker.cli.many import Each, Label, Maybe, each
from worker.cli.output import Json, Reason, clock, out, show_json, table
from worker.cli.running import with_context
from worker.operations import blocks, integrations, labels
from worker.operations.blocks import Blocked
from worker.operations.context import Context
from worker.operations.integrations import Integration

app = typer.Typer(name="block", help="Addresses and domains that are never added.", no_args_is_help=True)


class Work(Protocol):
    async def __call__(self, context: Context, seen: Integration, address: str, /, *, reason: str | None) -> str: ...


Words = Annotated[
    list[str],
    typer.Argument(metavar="[INTEGRATION] ADDRESS...", help="E-mail addresses, or domains as @example.fi."),
]


def meant(words: list[str], label: str | None) -> tuple[str | None, list[str]]:
    """The integration, if one is named, and the addresses."""
    which, addresses = (None, words) if label else (words[0], words[1:])
    if not addresses or not all("@" in one for one in addresses):
        raise Misconfigured("Give an integration and an address, or an address and --label LABEL.")
    return which, addresses


@app.command("list")
def list_(which: Maybe = None, label: Label = None, json: Json = False) -> None:
    """The block list of an integration, or of each that has a label."""

    async def run(context: Context) -> tuple[list[tuple[Integration, list[Blocked]]], str]:
        found = await labels.chosen(context, which, label)
        return [(seen, await blocks.read(context, seen)) for seen in found], context.settings.timezone

    found, zone = with_context(run)
    if json:
        shown = [{"integration": seen.id, "blocked": blocked} for seen, blocked in found]
        show_json(shown if label else found[0][1])
        return
    for seen, blocked in found:
        if label:
            out().print(f"\n{seen.name}", markup=False)
        rows = [(one.address or "(erased)", clock(one.at, zone), one.actor, one.reason) for one in blocked]
        out().print(table(["blocked", "since", "by", "why"], rows) if rows else "Nothing is blocked.")


@app.command()
def add(words: Words, label: Label = None, reason: Reason = None, json: Json = False) -> None:
    """Never add this address, or anybody at this domain."""
    tell(done_with(words, label, blocks.add, reason), "blocked", "is blocked", label, json=json)


@app.command()
def remove(words: Words, label: Label = None, reason: Reason = None, json: Json = False) -> None:
    """Take an address or domain off the list."""
    tell(done_with(words, label, blocks.remove, reason), "unblocked", "may be added again", label, json=json)


def done_with(words: list[str], label: str | None, work: Work, reason: str | None) -> Each[list[str]]:
    """*work* with every address that is meant, in each integration that is."""
    which, addresses = meant(words, label)

    async def run(context: Context) -> Each[list[str]]:
        async def one(seen: Integration, _: Integration) -> list[str]:
            known: list[str] = []
            for address in addresses:
                now = await integrations.read_one(context, seen.id) if known else seen
                known.append(await work(context, now, address, reason=reason))
            return known

        return await (await each(context, which, label)).then(one)

    return with_context(run)


def tell(done: Each[list[str]], word: str, says: str, label: str | None, *, json: bool) -> None:
    """Of one address by itself, of several as a list."""
    known = done.results
    if json:
        done.show_json(lambda seen, of: ({"integration": seen.id} if label else {}) | {word: of if of[1:] else of[0]})
    elif known:
        of = "all " if not done.failed else ""
        where = f" in {of}{len(known)} integrations with the label {label}" if label else ""
        for address in known[0]:
            out().print(f"{address} {says}{where}.", markup=False)
    done.end()
