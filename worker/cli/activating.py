"""`ptm integration connect --activation`: all companies that a customer has accepted by an activation link, at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TypedDict, Unpack

from events import activation
from events.errors import Misconfigured
from worker.adapters.procountor import Activation
from worker.cli import guide, joining
from worker.cli.asking import hidden, sure
from worker.cli.guide import Means
from worker.cli.joining import Shared
from worker.cli.output import counting, fields, table, told
from worker.cli.running import with_context
from worker.operations import activating, triggers
from worker.operations.access import Organization
from worker.operations.context import Context
from worker.operations.joining import Candidate, Joiner


class Said(TypedDict):
    """By flags, for several companies at once."""

    dry_run: bool
    yes: bool
    reason: str | None
    json: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What is to be done about one activation."""

    request: int
    shared: Shared
    means: Means
    approve: Sequence[int]
    """Companies; none: all that were asked for."""
    dry_run: bool
    yes: bool
    reason: str | None
    json: bool


def join(address: str, shared: Shared, means: Means, *, approve: Sequence[int], **said: Unpack[Said]) -> None:
    """Ends with 1 where a company could not be joined: its key is kept, and the same command goes on with it."""
    order = Order(request=activation.request_of(address), shared=shared, means=means, approve=approve, **said)
    found = with_context(lambda context: carried_out(context, order))
    joining.show(found, dry_run=order.dry_run, json=order.json)


async def carried_out(context: Context, order: Order) -> list[Candidate]:
    """Whatever can be wrong here is looked at before Procountor is answered: that cannot be taken back."""
    key, asked = "", None
    if not await activating.kept(context, order.request):
        key = integrator(context, order.means)
        asked = await activating.read(context, key, order.request)
        introduce(asked)
    organization = await guide.letting_trustmary(context, order.means)
    order = replace(order, shared=await aimed(context, order, organization))
    if asked is not None:
        if order.dry_run:
            return []
        wanted = order.approve or [one.id for one in asked.companies]
        sure(question(asked, wanted, organization), yes=order.yes)
        await activating.approve(context, key, asked, wanted)
    return await joined(context, order, organization)


async def aimed(context: Context, order: Order, organization: Organization) -> Shared:
    """With a first trigger that can work, asked for in a terminal where flags say nothing."""
    shared = order.shared
    if shared.wishes is None:
        return shared
    offered = await triggers.choices(context, organization.key)
    if order.means.asks and not shared.wishes.aim.given:
        shared = replace(shared, wishes=replace(shared.wishes, aim=guide.ask_aim(offered)))
    if wanted := shared.wanted(offered):
        triggers.check(wanted)
    return shared


async def joined(context: Context, order: Order, organization: Organization) -> list[Candidate]:
    joiner = Joiner(context, order.shared.wanted)
    with counting("companies asked", quiet=order.json) as progress:
        found = await activating.check(
            context, order.request, joiner, organization, shaped=order.shared.row, progress=progress
        )
    if order.dry_run:
        return found
    with counting("companies joined", quiet=order.json) as progress:
        return await activating.join(context, order.request, joiner, found, reason=order.reason, progress=progress)


def integrator(context: Context, means: Means) -> str:
    key = guide.given(means.procountor_file, context.settings.procountor_integrator_key, means)
    if key is None and not means.asks:
        raise Misconfigured(
            "Give the API key of your own company, the one with the API Integrator tool, by --procountor-key-file or "
            "PTM_PROCOUNTOR_INTEGRATOR_KEY."
        )
    return key or hidden("API key of your own company in Procountor, with the API Integrator tool")


def introduce(asked: Activation) -> None:
    told().print(fields([("accepted by", asked.initiator), ("answer before", asked.expires)]))
    rows = [(one.id, one.name, one.business_id or "") for one in asked.companies]
    told().print(table(["#id", "company", "business id"], rows))


def question(asked: Activation, wanted: Sequence[int], organization: Organization) -> str:
    others = len(asked.companies) - len(wanted)
    left = f" {others} are rejected." if others else ""
    return (
        f"Approve {len(wanted)} companies and join them to {organization.name}, from now on: what was sent before "
        f"fires nothing.{left}"
    )
