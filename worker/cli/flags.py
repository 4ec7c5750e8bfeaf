"""The flags that say what a trigger should be, shared by every command that makes one."""

from __future__ import annotations

from collections.abc import Callable
from inspect import Parameter, Signature, signature
from typing import Annotated, Any

import typer

from events.integration import PersonRule, StartsSurveys
from worker.operations.wishes import Aim, Wishes

Many = list[str] | None


def asked(  # noqa: PLR0913 - each is a flag of its own
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
    map: Annotated[Many, typer.Option(help="FIELD=PATH, or =an expression over paths; may be repeated.")] = None,
    person: Annotated[list[PersonRule] | None, typer.Option(help="How the person is chosen, in this order.")] = None,
    contact_only: Annotated[bool, typer.Option("--contact-only", help="Add the contact, and nothing else.")] = False,
    list: Annotated[Many, typer.Option(help="Add to this list (name or id); may be repeated.")] = None,
    survey: Annotated[str | None, typer.Option(help="Add to this survey, by its list.")] = None,
    automation: Annotated[str | None, typer.Option(help="Start this automation.")] = None,
    starts_surveys: Annotated[StartsSurveys | None, typer.Option(help="Whether that sends surveys to people.")] = None,
    existing: Annotated[str | None, typer.Option(help="Contacts that exist: update or leave.")] = None,
) -> Wishes:
    return Wishes(
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
        aim=Aim(
            contact_only=contact_only,
            lists=list or (),
            survey=survey,
            automation=automation,
            starts_surveys=starts_surveys,
        ),
    )


def wishing(command: Callable[..., None]) -> Callable[..., None]:
    """*command* with all these flags in place of its parameter *wishes*."""
    own = signature(command, eval_str=True).parameters
    flags = signature(asked, eval_str=True).parameters

    def run(**given: Any) -> None:
        wishes = asked(**{name: given.pop(name) for name in flags})
        command(**given, wishes=wishes)

    rest = [one for name, one in own.items() if name != "wishes"]
    leading = [one for one in rest if one.kind is not Parameter.KEYWORD_ONLY]
    run.__signature__ = Signature([*leading, *flags.values(), *rest[len(leading) :]])  # type: ignore[attr-defined]
    run.__name__, run.__doc__, run.__annotations__ = command.__name__, command.__doc__, {}
    return run
