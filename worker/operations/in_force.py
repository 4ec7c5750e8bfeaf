"""Which rules were in force when: an integration's configuration, folded event by event."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from events.envelope import Recorded, integration_stream
from events.integration import AddressBlocked, AddressUnblocked, Configuration, Rules, fold
from worker.adapters.log import decode, recorded
from worker.adapters.postgres import translating
from worker.operations.context import SQL, Context
from worker.operations.integrations import Integration

WITHOUT_RULES = (AddressBlocked.type, AddressUnblocked.type)
"""They change no rule, and a block list may be long."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """What was in force from one configuration event on; `rules.version` is that event's position."""

    at: datetime
    actor: str
    event: str
    """The configuration event's type."""
    reason: str | None
    rules: Rules


async def read(context: Context, integration: Integration, *, until: datetime | None = None) -> list[Version]:
    """Every version, oldest first, of what was recorded by *until* (None: by now); block lists make none."""
    with translating():
        rows = await context.pool.fetch(
            SQL["read_configuration"], integration_stream(integration.id), WITHOUT_RULES, until
        )
    records = [recorded(row) for row in rows]
    versions: list[Version] = []
    for record, personal in zip(records, await context.log.personal(records), strict=True):
        versions.append(after(versions[-1].rules if versions else None, record, personal))
    return versions


def named(versions: Sequence[Version], position: int) -> Version | None:
    """What a decision's `rules_version` stands for: that event, or the last before it that changed a rule."""
    return next((one for one in reversed(versions) if one.rules.version <= position), None)


def after(before: Rules | None, record: Recorded, personal: bytes | None) -> Version:
    event = decode(record, personal)
    assert isinstance(event, Configuration), "nothing else stands in an integration's stream"
    return Version(
        at=record.at,
        actor=record.row.actor,
        event=record.row.type,
        reason=event.reason,
        rules=fold(before, event, record.position),
    )


def at_position(versions: Sequence[Version], position: int) -> Rules | None:
    """The rules that owned an event at *position*."""
    return next((one.rules for one in reversed(versions) if one.rules.version < position), None)


def draft_since(versions: Sequence[Version], trigger: UUID) -> datetime | None:
    """Since when a trigger has been a draft without a break; None where it is none."""
    since = None
    for one in versions:
        known = one.rules.triggers.get(trigger)
        since = None if known is None or known.live else since or one.at
    return since
