"""Labels of integrations, so that many are meant at once."""

from __future__ import annotations

from uuid import uuid4

from events import labelling
from events.errors import Misconfigured
from events.integration import LabelsSaved
from worker.operations import integrations
from worker.operations.context import Context
from worker.operations.integrations import Integration, read_one
from worker.operations.saving import saving


async def add(context: Context, seen: Integration, *labels: str, reason: str | None = None) -> Integration:
    return await replace(context, seen, *seen.rules.labels, *labels, reason=reason)


async def remove(context: Context, seen: Integration, *labels: str, reason: str | None = None) -> Integration:
    """Raises `Misconfigured` where it does not have one of them."""
    for label in labels:
        if not any(labelling.alike(each, label) for each in seen.rules.labels):
            known = ", ".join(seen.rules.labels) or "none"
            raise Misconfigured(f"{seen.name} does not have the label {label}; it has: {known}.")
    left = [each for each in seen.rules.labels if not any(labelling.alike(each, label) for label in labels)]
    return await replace(context, seen, *left, reason=reason)


async def replace(context: Context, seen: Integration, *labels: str, reason: str | None = None) -> Integration:
    """These and no others; nothing is written where that is so already. Raises `Misconfigured` for what is no label."""
    wanted = labelling.tidy(labels)
    return seen if wanted == seen.rules.labels else await save(context, seen, wanted, reason)


async def save(context: Context, seen: Integration, labels: tuple[str, ...], reason: str | None) -> Integration:
    async with saving(context, seen, LabelsSaved(integration=seen.id, id=uuid4(), labels=labels, reason=reason)):
        pass
    return await read_one(context, seen.id)


async def chosen(context: Context, which: str | None, label: str | None, *, removed: bool = False) -> list[Integration]:
    """The one that is named, *removed* too where that is meant, or all that have *label*.

    Raises `Misconfigured` where that is none.
    """
    if (which is None) == (label is None):
        raise Misconfigured("Name an integration, or give --label LABEL for all that have it.")
    if which is not None:
        return [await integrations.find(context, which, removed=removed)]
    return await having(context, label or "")


async def having(context: Context, label: str) -> list[Integration]:
    found: list[Integration] = []
    labels: set[str] = set()
    async for page in integrations.pages(context, removed=False):
        found += [one for one in page if any(labelling.alike(each, label) for each in one.rules.labels)]
        labels.update(each for one in page for each in one.rules.labels)
    if not found:
        known = ", ".join(labelling.tidy(sorted(labels))) or "none"
        raise Misconfigured(f"No integration has the label {label}; there are: {known}.")
    return found
