"""`ptm replay apply`: of one plan, or of the newest plan of each integration with a label."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import Annotated

import typer
from rich.text import Text

from events import numbering
from events.errors import Misconfigured
from events.plan import SENDABLE, Class
from events.replay import Reach
from worker.cli.asking import by_count, line, somebody
from worker.cli.many import Each, Label
from worker.cli.output import Json, NeedsPerson, clock, short, told
from worker.cli.planned import Form, present
from worker.cli.running import with_context
from worker.cli.steering import One, of_label, one_of, tell
from worker.operations import integrations, replays
from worker.operations.context import Context
from worker.operations.integrations import Integration
from worker.operations.replays import Cost, Order, Replay
from worker.operations.shown import Shown, looked_up
from worker.operations.summary import counted, price


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What is to be applied, and how it is called."""

    order: Order
    yes: int | None
    name: str | None
    reason: str | None


def apply(
    that: One = None,
    *,
    label: Label = None,
    reach: Annotated[Reach, typer.Option(help="How far it may go.")] = Reach.RECORD,
    only: Annotated[list[Class] | None, typer.Option(help="Only this class; may be repeated.")] = None,
    remove_old: Annotated[
        bool, typer.Option("--remove-old", help="Take old addresses, and who is no longer matched, off their lists.")
    ] = False,
    lines: Annotated[
        str | None, typer.Option(metavar="NUMBERS", help="Only these lines of the plan, such as 1-20,25.")
    ] = None,
    name: Annotated[str | None, typer.Option(help="What to call it.")] = None,
    reason: Annotated[str | None, typer.Option(help="Why, for whoever reads the log later.")] = None,
    yes: Annotated[int | None, typer.Option(metavar="N", help="Do not ask: so many contacts are meant.")] = None,
    json: Json = False,
) -> None:
    """Start a planned replay, or with --label the newest plan of each: workers carry it out, behind live traffic."""
    classes = frozenset(only or SENDABLE) | ({Class.TAKE_OFF} if remove_old else frozenset())
    chosen = None if lines is None else numbering.read(lines)
    asked = Asked(order=Order(reach=reach, classes=classes, chosen=chosen), yes=yes, name=name, reason=reason)
    which = one_of(that, label)
    if label is not None and lines is not None:
        raise Misconfigured("--lines names lines of one plan: name it instead of --label.")
    if label is not None:
        tell(with_context(lambda context: apply_all(context, label, asked)), json=json)
        return
    shown = with_context(lambda context: apply_one(context, which, asked))
    present(shown, Form.JSON if json else Form.TABLE)


async def apply_one(context: Context, that: str, asked: Asked) -> Shown:
    seen = await replays.find(context, that)
    await start(context, seen, settled(asked, await cost_of(context, seen, asked)), asked)
    return await looked_up(context, str(seen.id))


async def cost_of(context: Context, seen: Replay, asked: Asked) -> Cost:
    rules = (await integrations.read_one(context, seen.integration)).rules
    return await replays.cost(context, seen, rules, asked.order)


async def start(context: Context, seen: Replay, called: tuple[str, str], asked: Asked) -> Replay:
    name, reason = called
    return await replays.apply(context, seen, asked.order, name=name, reason=reason)


def settled(asked: Asked, cost: Cost) -> tuple[str, str]:
    """Name and reason; goes on with the count where something is sent, or a count is given."""
    named, why = asked_for("name", asked.name), asked_for("reason", asked.reason)
    if asked.order.reach is not Reach.RECORD or asked.yes is not None:
        confirm(cost, f"At reach {asked.order.reach} this sends", asked.yes)
    return named, why


async def apply_all(context: Context, label: str, asked: Asked) -> Each[Replay]:
    planned = newest(await of_label(context, label, ("planned",)))
    ready = await planned.then(lambda _, plan: with_cost(context, plan, asked))
    meant = Each(done=tuple(one for one in ready.done if one[1][1].contacts), failed=ready.failed, several=True)
    for seen, (plan, cost) in ready.done:
        at = clock(plan.planned_at, context.settings.timezone)
        said = f"{seen.name}: {short(plan.id)}, planned {at}, {counted(cost.contacts, 'contact')}"
        told().print(Text(said if cost.contacts else f"{said}: left out"), soft_wrap=True)
    if not meant.done:
        raise Misconfigured(
            f"Nothing is left: no plan with that label has anything to apply at reach {asked.order.reach}."
        )
    called = settled(asked, together(meant))
    return await meant.then(lambda _, one: start(context, one[0], called, asked))


async def with_cost(context: Context, plan: Replay, asked: Asked) -> tuple[Replay, Cost]:
    return plan, await cost_of(context, plan, asked)


def newest(every: Each[Replay]) -> Each[Replay]:
    """The first of each integration; what undoes another is started by `ptm replay undo`."""
    first: dict[object, tuple[Integration, Replay]] = {}
    for seen, plan in every.done:
        if plan.undoes is None:
            first.setdefault(seen.id, (seen, plan))
    return Each(done=tuple(first.values()), several=True)


def together(meant: Each[tuple[Replay, Cost]]) -> Cost:
    """What all take: organizations have each a pace of their own."""
    seconds: defaultdict[str, float] = defaultdict(float)
    for seen, (_, cost) in meant.done:
        seconds[seen.organization] += cost.seconds
    costs = [cost for _, cost in meant.results]
    return Cost(
        contacts=sum(one.contacts for one in costs),
        calls=sum(one.calls for one in costs),
        surveys=sum(one.surveys for one in costs),
        off=sum(one.off for one in costs),
        seconds=max(seconds.values(), default=0.0),
    )


def asked_for(what: str, given: str | None) -> str:
    if given is not None:
        return given
    if not somebody():
        raise NeedsPerson(f"A replay needs a {what}: give --{what}.")
    return line(f"{what.capitalize()} of the replay")


def confirm(cost: Cost, doing: str, yes: int | None) -> None:
    by_count(f"{doing} {price(cost)}.", cost.contacts, yes, what="contacts")
