"""`ptm block …`."""

from __future__ import annotations

from typing import Annotated

import typer

from events.errors import Misconfigured
from worker.cli.many import Each, Label, Maybe, each
from worker.cli.output import Json, Reason, clock, out, show_json, table
from worker.cli.running import with_context
from worker.operations import blocks, labels
from worker.operations.blocks import Blocked
from worker.operations.context import Context
from worker.operations.integrations import Integration

app = typer.Typer(name="block", help="Addresses and domains that are never added.", no_args_is_help=True)
Words = Annotated[
    list[str],
    typer.Argument(metavar="[INTEGRATION] ADDRESS", help="An e-mail address, or a domain as @example.fi."),
]


def meant(words: list[str], label: str | None) -> tuple[str | None, str]:
    """The integration, if one is named, and the address."""
    if len(words) != (1 if label else 2):
        raise Misconfigured("Give an integration and an address, or an address and --label LABEL.")
    return None if label else words[0], words[-1]


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
    which, address = meant(words, label)

    async def run(context: Context) -> Each[str]:
        every = await each(context, which, label)
        return await every.then(lambda seen, _: blocks.add(context, seen, address, reason=reason))

    tell(with_context(run), "blocked", "is blocked", label, json=json)


@app.command()
def remove(words: Words, label: Label = None, reason: Reason = None, json: Json = False) -> None:
    """Take an address or domain off the list."""
    which, address = meant(words, label)

    async def run(context: Context) -> Each[str]:
        every = await each(context, which, label)
        return await every.then(lambda seen, _: blocks.remove(context, seen, address, reason=reason))

    tell(with_context(run), "unblocked", "may be added again", label, json=json)


def tell(done: Each[str], word: str, says: str, label: str | None, *, json: bool) -> None:
    known = done.results
    if json:
        done.show_json(lambda seen, one: {"integration": seen.id, word: one} if label else {word: one})
    elif known:
        of = "all " if not done.failed else ""
        where = f" in {of}{len(known)} integrations with the label {label}" if label else ""
        out().print(f"{known[0]} {says}{where}.", markup=False)
    done.end()
