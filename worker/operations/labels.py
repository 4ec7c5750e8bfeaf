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


async def add(context: Context, seen: Integration, label: str, *, reason: str | None = None) -> Integration:
    """Nothing is written where it has the label already. Raises `Misconfigured` for what is no label."""
    wanted = labelling.tidy([*seen.rules.labels, label])
    return seen if wanted == seen.rules.labels else await save(context, seen, wanted, reason)


async def remove(context: Context, seen: Integration, label: str, *, reason: str | None = None) -> Integration:
    """Raises `Misconfigured` where it does not have the label."""
    left = tuple(each for each in seen.rules.labels if not labelling.alike(each, label))
    if left == seen.rules.labels:
        known = ", ".join(seen.rules.labels) or "none"
        raise Misconfigured(f"{seen.name} does not have the label {label}; it has: {known}.")
    return await save(context, seen, left, reason)


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
    every = await integrations.read_all(context)
    found = [one for one in every if any(labelling.alike(each, label) for each in one.rules.labels)]
    if not found:
        known = ", ".join(labelling.tidy(each for one in every for each in one.rules.labels)) or "none"
        raise Misconfigured(f"No integration has the label {label}; there are: {known}.")
    return found
