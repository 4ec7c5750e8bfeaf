"""`ptm block …`."""

from __future__ import annotations

from typing import Annotated

import typer

from worker.cli.output import Json, Reason, Which, clock, out, show_json, table
from worker.cli.running import with_context
from worker.operations import blocks, integrations
from worker.operations.blocks import Blocked
from worker.operations.context import Context

app = typer.Typer(name="block", help="Addresses and domains that are never added.", no_args_is_help=True)
Address = Annotated[str, typer.Argument(help="An e-mail address, or a domain as @example.fi.")]


@app.command("list")
def list_(which: Which, json: Json = False) -> None:
    """The block list of an integration."""

    async def run(context: Context) -> tuple[list[Blocked], str]:
        return await blocks.read(context, await integrations.find(context, which)), context.settings.timezone

    found, zone = with_context(run)
    if json:
        show_json(found)
    elif found:
        rows = [(one.address or "(erased)", clock(one.at, zone), one.actor, one.reason) for one in found]
        out().print(table(["blocked", "since", "by", "why"], rows))
    else:
        out().print("Nothing is blocked.")


@app.command()
def add(which: Which, address: Address, reason: Reason = None, json: Json = False) -> None:
    """Never add this address, or anybody at this domain."""

    async def run(context: Context) -> str:
        return await blocks.add(context, await integrations.find(context, which), address, reason=reason)

    known = with_context(run)
    show_json({"blocked": known}) if json else out().print(f"{known} is blocked.")


@app.command()
def remove(which: Which, address: Address, reason: Reason = None, json: Json = False) -> None:
    """Take an address or domain off the list."""

    async def run(context: Context) -> str:
        return await blocks.remove(context, await integrations.find(context, which), address, reason=reason)

    known = with_context(run)
    show_json({"unblocked": known}) if json else out().print(f"{known} may be added again.")
