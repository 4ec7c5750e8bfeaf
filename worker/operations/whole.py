"""One integration with everything about it: what holds now, how it is let in, and how it came to be so."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from events import versions
from events.integration import Service
from events.versions import Act, Told
from worker.operations import blocks, browse, connections, integrations, overview, reconciling
from worker.operations.blocks import Blocked
from worker.operations.connections import Login
from worker.operations.context import Context
from worker.operations.integrations import Integration
from worker.operations.overview import Figures
from worker.operations.reconciling import Last


@dataclass(frozen=True, slots=True, kw_only=True)
class Whole:
    integration: Integration
    figures: Figures
    reconciled: Last | None
    logins: Mapping[Service, Login]
    told: Told
    """All that operators have said, oldest first."""
    acts: tuple[Act, ...]
    """The same by what was said at once."""
    blocked: tuple[Blocked, ...]


async def read(context: Context, id: UUID, before: Whole | None = None) -> Whole:
    """What does not change with what *before* had is not read again. Raises `Misconfigured` where there is none."""
    seen = await integrations.read_one(context, id)
    figures, last = await overview.figures(context, [id]), await reconciling.last(context, [id])
    same = before is not None and before.integration.version == seen.version
    told = before.told if before and same else await browse.said(context, seen)
    let_in = before.logins if before and same and states(before.integration) == states(seen) else None
    return Whole(
        integration=seen,
        figures=figures[id],
        reconciled=last.get(id),
        logins=let_in if let_in is not None else await connections.read(context, seen, told),
        told=told,
        acts=before.acts if before and same else versions.acts(told),
        blocked=before.blocked if before and same else tuple(blocks.after(told)),
    )


def states(seen: Integration) -> Mapping[Service, tuple[str, str | None]]:
    return {service: (one.state, one.reason) for service, one in seen.connections.items()}
