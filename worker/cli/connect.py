"""`ptm integration connect`: step by step in a terminal, by flags elsewhere."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from shlex import quote
from typing import Annotated

import typer

from events import labelling
from events.catalogue import check as check_paths
from events.errors import Misconfigured
from events.integration import Settings, Trigger
from events.words import Words
from worker.cli import activating, guide, integration, joining, liking, trigger
from worker.cli.activating import Said
from worker.cli.asking import Yes, confirm, somebody
from worker.cli.flags import wishing
from worker.cli.guide import Means
from worker.cli.joining import Shared
from worker.cli.output import Json, Reason, counting, short, show_json, told
from worker.cli.running import with_context
from worker.operations import catalogue, connecting, integrations, preview, triggers
from worker.operations.access import Company, Organization
from worker.operations.beginning import Beginning
from worker.operations.context import Context
from worker.operations.integrations import Integration
from worker.operations.logins import LoginKind
from worker.operations.triggers import Choices
from worker.operations.wishes import Aim, Wishes, apply

Login = Annotated[
    LoginKind | None, typer.Option(help="By Procountor's login page: key (lasting) or code (six months).")
]
KeyFile = Annotated[Path | None, typer.Option(help="File with the API key; - for standard input.")]
SHOWN = 5


@wishing
def connect(  # noqa: PLR0913 - each is a flag of its own
    *,
    login: Login = None,
    procountor_key_file: KeyFile = None,
    trustmary_key_file: KeyFile = None,
    company: Annotated[int | None, typer.Option(help="Refuse any other company than this one (id).")] = None,
    from_file: Annotated[
        Path | None, typer.Option("--from", metavar="FILE", help="Join all that a list names (docs/connecting.md).")
    ] = None,
    activation: Annotated[
        str | None,
        typer.Option(metavar="ADDRESS", help="Join all companies that a customer accepted by an activation link."),
    ] = None,
    approve: Annotated[
        list[int] | None,
        typer.Option(metavar="COMPANY", help="With --activation: only this one (id); may be repeated."),
    ] = None,
    like: Annotated[
        str | None,
        typer.Option(metavar="INTEGRATION", help="Triggers, settings, labels, blocks and recipients as this one has."),
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="With --from and --activation: check and name all, save nothing.")
    ] = False,
    no_trigger: Annotated[bool, typer.Option("--no-trigger", help="Connect only; save a trigger later.")] = False,
    wishes: Wishes,
    live: Annotated[bool | None, typer.Option("--live/--draft", help="A draft decides nothing.")] = None,
    cool_down_days: Annotated[int, typer.Option(min=0, help="Once per contact in so many days.")] = 0,
    label: Annotated[list[str] | None, typer.Option(metavar="LABEL", help="Label to give it; may be repeated.")] = None,
    reason: Reason = None,
    yes: Yes = False,
    json: Json = False,
) -> None:
    """Join a Procountor company to a Trustmary organization, with a first trigger."""
    means = Means(
        asks=somebody() and not yes,
        login=login,
        procountor_file=procountor_key_file,
        trustmary_file=trustmary_key_file,
        wanted_company=company,
    )
    labels = labelling.tidy(label or ())
    wanted = replace(wishes, live=live)
    settings = Settings(cool_down_days=cool_down_days) if cool_down_days else None
    shared = Shared(labels=labels, settings=settings, wishes=None if no_trigger else wanted)
    liking.refuse_more(like, shared, several=bool(from_file or activation))
    said: Said = {"dry_run": dry_run, "yes": yes, "reason": reason, "json": json}
    if activation:
        activating.join(activation, shared, means, approve=approve or (), **said)
        return
    if from_file:
        refuse_own_keys(means)
        joining.join(from_file, shared, **said)
        return
    if dry_run or approve:
        raise Misconfigured("--dry-run goes with --from FILE or --activation ADDRESS, --approve with the latter.")

    async def run(context: Context) -> tuple[Integration, Words]:
        model = await integrations.find(context, like, removed=True) if like else None
        let_in = await guide.let_in(context, means)
        means.trustmary_key = await liking.key_of(context, model)
        organization = await guide.letting_trustmary(context, means)
        await connecting.refuse_twice(context, let_in, organization)
        begins = await beginning(context, let_in, organization, model=model, shared=shared, asks=means.asks)
        if means.asks and not confirm("Save?"):
            raise typer.Exit(1)
        with counting("invoices that wait to be sent", quiet=json) as progress:
            one = await connecting.connect(
                context,
                let_in,
                organization,
                beginning=replace(begins, labels=labelling.tidy((*begins.labels, *labels))),
                reason=reason,
                progress=progress,
            )
        return one, context.settings.words

    try:
        one, say = with_context(run)
    except guide.Several as several:
        liking.refuse_more(like, shared, several=True)
        activating.join(several.address, shared, means, approve=(), **said)
        return
    if json:
        show_json(integration.as_json(one))
    else:
        told().print(f"Connected{begun(one)} Invoices that were sent before fire nothing.\n", markup=False)
        integration.tell(one, say)


def begun(one: Integration) -> str:
    if one.rules.live or not one.rules.triggers:
        return ": from now on."
    line = f"ptm trigger promote {short(one.id)} {quote(next(iter(one.rules.triggers.values())).name)}"
    return f". What is decided is a draft: nothing is sent yet. To put it in force: {line}."


def refuse_own_keys(means: Means) -> None:
    if means.login or means.procountor_file or means.trustmary_file or means.wanted_company is not None:
        raise Misconfigured("With --from keys and companies stand in the list: give no other.")


async def beginning(
    context: Context,
    company: Company,
    organization: Organization,
    *,
    model: Integration | None,
    shared: Shared,
    asks: bool,
) -> Beginning:
    if model:
        return await liking.as_of(context, model, company, organization, asks=asks)
    if shared.wishes is None:
        return Beginning(settings=shared.settings)
    first = await first_trigger(context, company, organization, wishes=shared.wishes, asks=asks)
    return Beginning(triggers=(first,), settings=shared.settings)


async def first_trigger(
    context: Context, company: Company, organization: Organization, *, wishes: Wishes, asks: bool
) -> Trigger:
    """From flags, and in a terminal from answers for what they leave open; shown on the latest invoices."""
    offered = await triggers.choices(context, organization.key) if asks or wishes.aim.given else Choices()
    if asks:
        wishes = await ask(context, company, offered, wishes)
    wanted = apply(wishes, None, offered)
    triggers.check(wanted)
    if asks:
        trigger.tell_new(wanted)
    return wanted


async def ask(context: Context, company: Company, offered: Choices, wishes: Wishes) -> Wishes:
    usual = apply(Wishes(), None, offered)
    sightings = await catalogue.look(context, company.credentials, usual)

    def drafted(so_far: Wishes) -> Trigger:
        draft = apply(replace(so_far, aim=Aim()), None, offered)
        triggers.check(draft)
        check_paths(draft.mapping, sightings.fields)
        return draft

    if not wishes.statuses:
        wishes = replace(wishes, statuses=[guide.ask_status(lambda one: drafted(replace(wishes, statuses=[one])))])
    if not wishes.mapped:
        wishes = replace(
            wishes, mapped=guide.ask_mapping(lambda one: drafted(replace(wishes, mapped=[one])), sightings)
        )
    draft = drafted(wishes)
    guide.show_preview(await preview.preview(context, company.credentials, draft, count=SHOWN))
    return wishes if wishes.aim.given else replace(wishes, aim=guide.ask_aim(offered))
