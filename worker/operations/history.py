"""The versions of an integration's triggers, and going back to one: a new event, never a rewrite."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from events import versions
from events.errors import Misconfigured
from events.integration import Trigger, Waiting
from events.versions import Told, Version
from worker.operations import browse, triggers
from worker.operations.context import Context
from worker.operations.integrations import Integration

Versions = Mapping[UUID, tuple[Version, ...]]


async def read(context: Context, seen: Integration) -> Versions:
    """Of every trigger that there is or was; oldest version first."""
    return of(await browse.said(context, seen))


def of(told: Told) -> Versions:
    """The same, where all that was said is at hand."""
    return versions.versions(told)


def find(known: Versions, wanted: str) -> tuple[Version, ...]:
    """The versions of one trigger, removed ones too, by its last name, its id or the beginning of it.

    Raises `Misconfigured` where none is meant, or several; of several with one name the one that is there.
    """
    named = [each for each in known.values() if last_name(each).casefold() == wanted.casefold()]
    found = [each for each in named if each[-1].trigger] or named
    found = found or [each for id, each in known.items() if str(id).startswith(wanted.lower())]
    if len(found) == 1:
        return found[0]
    every = ", ".join(f"{last_name(each)} ({str(id)[:8]})" for id, each in known.items()) or "none"
    raise Misconfigured(f"{len(found) or 'No'} triggers are or were called {wanted}; there were: {every}.")


def last_name(known: tuple[Version, ...]) -> str:
    """What it is called, or was when it was removed; of an erased one the beginning of its id."""
    newest = known[-1].trigger or known[-1].before
    return (newest.name if newest else "") or str(known[-1].id)[:8]


def as_of(known: tuple[Version, ...], at: datetime) -> Version:
    """The version in force at that moment. Raises `Misconfigured` where there was none yet."""
    before = [one for one in known if one.at <= at]
    if not before:
        raise Misconfigured(
            f"{last_name(known)} was not there then: it was first saved at {known[0].at:%Y-%m-%d %H:%M} UTC."
        )
    return before[-1]


def to_restore(known: tuple[Version, ...], position: int) -> Trigger:
    """The trigger as version *position* left it. Raises `Misconfigured` where that says nothing to go back to."""
    version = next((one for one in known if one.position == position), None)
    numbers = ", ".join(str(one.position) for one in known if one.trigger)
    if version is None:
        raise Misconfigured(f"{last_name(known)} has no version {position}: it has {numbers}.")
    if version.trigger is None:
        raise Misconfigured(f"Version {position} removed {last_name(known)}: restore one of {numbers}.")
    if version.trigger == known[-1].trigger:
        raise Misconfigured(f"{last_name(known)} is as version {position} left it: there is nothing to restore.")
    return version.trigger


async def restore(
    context: Context,
    seen: Integration,
    version: Trigger,
    position: int,
    *,
    waiting: Waiting = Waiting.SEND,
    reason: str | None = None,
) -> Integration:
    """Saves an old version as the newest; one that was removed comes back under its own id, with all it used up."""
    return await triggers.save(context, seen, version, waiting=waiting, reason=reason or f"version {position} restored")
