"""`ptm trigger …`."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated

import typer

from events import versions
from events.integration import PersonRule, StartsSurveys, Trigger
from worker.cli import asking
from worker.cli.asking import Answer, Wait
from worker.cli.output import Expect, Json, Reason, Which, out, short, show_json, table
from worker.cli.running import with_context
from worker.cli.wishes import Aim, Wishes, apply
from worker.operations import integrations, saving, triggers
from worker.operations.context import Context
from worker.operations.integrations import Integration
from worker.operations.saving import Held

app = typer.Typer(name="trigger", help="What leads to a contact, and where it goes.", no_args_is_help=True)
Many = list[str] | None
Named = Annotated[str | None, typer.Argument(metavar="[TRIGGER]", help="Its name or id; none makes a new one.")]


@app.command("list")
def list_(which: Which, json: Json = False) -> None:
    """The triggers of an integration."""
    seen = with_context(lambda context: integrations.find(context, which))
    if json:
        show_json([as_json(one) for one in seen.rules.triggers.values()])
    else:
        show(seen)


def as_json(trigger: Trigger) -> dict[str, object]:
    return {
        "id": trigger.id,
        "name": trigger.name,
        "live": trigger.live,
        "condition": trigger.condition,
        "mapping": trigger.mapping,
        "destination": trigger.destination,
        "existing": trigger.existing,
        "draft_of": trigger.draft_of,
    }


def show(seen: Integration) -> None:
    rows = [
        (
            short(one.id),
            one.name + state(seen, one),
            ", ".join(sorted(one.condition.statuses)),
            ", ".join(f"{name} ← {path}" for name, path in one.mapping.fields.items()),
            describe(one),
            starts(one),
        )
        for one in seen.rules.triggers.values()
    ]
    columns = ["id", "trigger", "status", "mapping", "destination", "starts surveys"]
    out().print(table(columns, rows) if rows else f"{seen.name} has no trigger.")


def state(seen: Integration, trigger: Trigger) -> str:
    if trigger.live:
        return ""
    live = seen.rules.triggers.get(trigger.draft_of) if trigger.draft_of else None
    return f" (draft of {live.name})" if live else " (draft)"


def describe(trigger: Trigger) -> str:
    """Where contacts go, by the names that Trustmary showed."""
    return versions.goal(trigger.destination)


def starts(trigger: Trigger) -> str:
    return trigger.destination.starts_surveys.value if trigger.destination.targets != ("contact",) else "no"


@app.command()
def save(  # noqa: PLR0913 - each is a flag of its own
    which: Which,
    trigger: Named = None,
    *,
    name: Annotated[str | None, typer.Option(help="What to call it.")] = None,
    status: Annotated[Many, typer.Option(help="Status that counts, such as SENT; may be repeated.")] = None,
    type: Annotated[Many, typer.Option(help="Type of document, such as SALES_INVOICE; may be repeated.")] = None,
    channel: Annotated[Many, typer.Option(help="Only invoices sent so, such as EMAIL; may be repeated.")] = None,
    language: Annotated[Many, typer.Option(help="Only in this language, such as FINNISH; may be repeated.")] = None,
    group: Annotated[Many, typer.Option(help="Only customers of this group (id); may be repeated.")] = None,
    customer: Annotated[Many, typer.Option(help="Only this customer (id); may be repeated.")] = None,
    minimum: Annotated[str | None, typer.Option(help="Only from this total on; none: no limit.")] = None,
    maximum: Annotated[str | None, typer.Option(help="Only up to this total; none: no limit.")] = None,
    offers: Annotated[bool | None, typer.Option("--offers/--no-offers", help="Offers count too.")] = None,
    not_positive: Annotated[
        bool | None, typer.Option("--credit-notes/--no-credit-notes", help="Totals of zero and less count too.")
    ] = None,
    map: Annotated[Many, typer.Option(help="FIELD=PATH, such as phone=person.phone; may be repeated.")] = None,
    person: Annotated[list[PersonRule] | None, typer.Option(help="How the person is chosen, in this order.")] = None,
    contact_only: Annotated[bool, typer.Option("--contact-only", help="Add the contact, and nothing else.")] = False,
    list: Annotated[Many, typer.Option(help="Add to this list (name or id); may be repeated.")] = None,
    survey: Annotated[str | None, typer.Option(help="Add to this survey, by its list.")] = None,
    automation: Annotated[str | None, typer.Option(help="Start this automation.")] = None,
    starts_surveys: Annotated[StartsSurveys | None, typer.Option(help="Whether that sends surveys to people.")] = None,
    existing: Annotated[str | None, typer.Option(help="Contacts that exist: update or leave.")] = None,
    live: Annotated[bool | None, typer.Option("--live/--draft", help="A draft decides nothing.")] = None,
    waiting: Wait = None,
    expect: Expect = None,
    reason: Reason = None,
    json: Json = False,
) -> None:
    """Save a new trigger, or a new version of one; what is not given stays as it is, `none` takes a filter away."""
    wishes = Wishes(
        name=name,
        statuses=status or (),
        types=type or (),
        channels=channel or (),
        languages=language or (),
        customer_groups=group or (),
        customers=customer or (),
        minimum=minimum,
        maximum=maximum,
        offers=offers,
        not_positive=not_positive,
        mapped=map or (),
        person=person or (),
        existing=existing,
        live=live,
        aim=Aim(
            contact_only=contact_only,
            lists=list or (),
            survey=survey,
            automation=automation,
            starts_surveys=starts_surveys,
        ),
    )

    async def run(context: Context) -> tuple[Integration, Trigger]:
        seen = expected(await integrations.find(context, which), expect)
        before = seen.trigger(trigger) if trigger else None
        offered = await triggers.choices_of(context, seen) if wishes.aim.given else triggers.Choices()
        wanted = apply(wishes, before, offered)
        triggers.check(wanted)
        held = await saving.held(context, seen.id, wanted.id) if before else NOTHING
        policy = asking.waiting(waiting, held)
        return await triggers.save(context, seen, wanted, waiting=policy, reason=reason), wanted

    seen, saved = with_context(run)
    if json:
        show_json({"integration": seen.id, "version": seen.version, "trigger": as_json(saved)})
    else:
        show(seen)


NOTHING = Held(count=0, since=None, surveys=0)


def expected(seen: Integration, version: int | None) -> Integration:
    """*seen*, made to be what its caller saw: another version in the log is then a conflict."""
    return seen if version is None else replace(seen, version=version)


@app.command()
def remove(
    which: Which,
    trigger: Annotated[str, typer.Argument(help="Its name or id.")],
    *,
    waiting: Wait = None,
    reason: Reason = None,
    json: Json = False,
) -> None:
    """Remove a trigger; what waits from it is dropped, or sent."""

    async def run(context: Context) -> Integration:
        seen = await integrations.find(context, which)
        gone = seen.trigger(trigger)
        held = await saving.held(context, seen.id, gone.id)
        policy = asking.waiting(waiting, held, default=Answer.DROP, offered=(Answer.DROP, Answer.SEND))
        return await triggers.remove(context, seen, gone.id, waiting=policy, reason=reason)

    seen = with_context(run)
    if json:
        show_json({"integration": seen.id, "version": seen.version})
    else:
        show(seen)
