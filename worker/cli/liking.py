"""`ptm integration connect --like`: another company, with the rules of one that is connected."""

from __future__ import annotations

from events.errors import Misconfigured
from worker.cli import guide, trigger
from worker.cli.joining import Shared
from worker.cli.output import told
from worker.operations import preview, triggers
from worker.operations.access import Company, Organization
from worker.operations.beginning import Beginning, alike
from worker.operations.context import Context
from worker.operations.integrations import Integration
from worker.operations.wishes import Wishes

SHOWN = 5


def refuse_more(like: str | None, shared: Shared, *, several: bool) -> None:
    if like is None:
        return
    if several or shared.settings or shared.wishes != Wishes():
        raise Misconfigured(
            f"--like takes triggers and settings as {like} has them, for one company: give no other, "
            "and change them afterwards."
        )


async def key_of(context: Context, model: Integration | None) -> str | None:
    """Of one that was removed nothing is known any more."""
    return await triggers.key_of(context, model) if model and model.trustmary_secret else None


async def as_of(
    context: Context, model: Integration, company: Company, organization: Organization, *, asks: bool
) -> Beginning:
    """What *model* has; where a person is there, each trigger is shown on the company's latest invoices."""
    begins = await alike(context, model, company, organization)
    for one, before in zip(begins.triggers, model.rules.triggers.values(), strict=True):
        if asks:
            trigger.tell_new(one)
            settings = model.rules.settings
            shown = await preview.preview(context, company.credentials, one, settings=settings, count=SHOWN)
            guide.show_preview(shown)
        if one.live != before.live:
            told().print(
                f"! {one.name} is a draft now: it is for customers or groups by their numbers, which are those of "
                f"{model.company}. Choose them anew: ptm trigger save.",
                markup=False,
            )
    return begins
