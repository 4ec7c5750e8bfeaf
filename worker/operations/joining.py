"""Many companies of a list: each checked and named before anything is saved, then joined, each by itself."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import TypeVar
from uuid import UUID, uuid4

from events.errors import Conflict, Misconfigured, PtmError
from events.integration import Trigger
from worker.adapters.postgres import translating
from worker.operations import access, catalogue, connecting, importing, triggers
from worker.operations.access import Company, Organization
from worker.operations.beginning import Beginning
from worker.operations.context import SQL, Context
from worker.operations.roster import Row
from worker.operations.triggers import Choices

AT_ONCE = 8
"""Companies that are asked about at the same time; their calls draw from the one budget."""
JOINED_AT_ONCE = 4
Asked = TypeVar("Asked")
Wanted = Callable[[Choices], Trigger | None]
"""The first trigger of a company whose row has none, given what its organization offers."""
Progress = Callable[[int, int], None]


class Fate(StrEnum):
    READY = "ready"
    JOINED = "joined"
    ALREADY = "joined already"
    REFUSED = "cannot be joined"


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A row, and whom its keys open as far as they do."""

    row: Row
    fate: Fate
    reason: str | None = None
    """Why it cannot be joined."""
    company: Company | None = None
    organization: Organization | None = None
    trigger: Trigger | None = None
    integration: UUID | None = None

    @property
    def joins(self) -> tuple[int, str] | None:
        return (self.company.company_id, self.organization.id) if self.company and self.organization else None


@dataclass(slots=True)
class Joiner:
    """Asks once about a key of Trustmary's, however many companies go there."""

    context: Context
    wanted: Wanted
    organizations: dict[str, Organization | PtmError] = field(default_factory=dict)
    offered: dict[str, Choices] = field(default_factory=dict)
    turns: defaultdict[str, asyncio.Lock] = field(default_factory=lambda: defaultdict(asyncio.Lock))

    async def check(self, rows: Sequence[Row], progress: Progress = lambda done, of: None) -> list[Candidate]:
        """Writes nothing. Raises `Misconfigured` where nothing could be asked at all."""
        access.require_client(self.context)
        return apart(await each(rows, self.checked, AT_ONCE, progress))

    async def checked(self, row: Row) -> Candidate:
        so_far = Candidate(row=row, fate=Fate.REFUSED)
        try:
            company = await access.check_key(self.context, row.procountor.read())
            so_far = replace(so_far, company=company)
            organization = await self.organization(row.trustmary.read())
            so_far = replace(so_far, organization=organization)
            expected(row, company, organization)
            if (known := await joined(self.context, company, organization)) is not None:
                return replace(so_far, fate=Fate.ALREADY, integration=known)
            trigger = await self.trigger(row, company, organization)
            return replace(so_far, fate=Fate.READY, trigger=trigger)
        except PtmError as error:
            return replace(so_far, reason=str(error))

    async def organization(self, key: str) -> Organization:
        async with self.turns[key]:
            if key not in self.organizations:
                try:
                    self.organizations[key] = await access.check_organization(self.context, key)
                except PtmError as error:
                    self.organizations[key] = error
        found = self.organizations[key]
        if isinstance(found, PtmError):
            raise found
        return found

    async def choices(self, organization: Organization) -> Choices:
        async with self.turns[organization.key]:
            if organization.id not in self.offered:
                self.offered[organization.id] = await triggers.choices(self.context, organization.key)
            return self.offered[organization.id]

    async def trigger(self, row: Row, company: Company, organization: Organization) -> Trigger | None:
        offered = await self.choices(organization)
        if row.trigger:
            aim = importing.named("trigger.destination", row.trigger.destination, offered)
            found: Trigger | None = replace(row.trigger, id=uuid4(), destination=aim)
        else:
            found = self.wanted(offered)
        if found:
            triggers.check(found)
            await catalogue.check_new(self.context, company.credentials, found)
        return found

    async def join(
        self, candidates: Sequence[Candidate], reason: str | None, progress: Progress = lambda done, of: None
    ) -> list[Candidate]:
        """Those that are ready, each in a transaction of its own: what fails leaves the others joined."""

        async def one(candidate: Candidate) -> Candidate:
            return await self.joined(candidate, reason) if candidate.fate is Fate.READY else candidate

        return await each(candidates, one, JOINED_AT_ONCE, progress)

    async def joined(self, candidate: Candidate, reason: str | None) -> Candidate:
        assert candidate.company is not None, "ready"
        assert candidate.organization is not None, "ready"
        try:
            made = await connecting.connect(
                self.context,
                candidate.company,
                candidate.organization,
                beginning=Beginning(
                    triggers=(candidate.trigger,) if candidate.trigger else (),
                    settings=candidate.row.settings,
                    labels=candidate.row.labels,
                ),
                reason=reason,
            )
        except Conflict as conflict:
            known = await joined(self.context, candidate.company, candidate.organization)
            return replace(
                candidate,
                fate=Fate.ALREADY if known else Fate.REFUSED,
                reason=None if known else str(conflict),
                integration=known,
            )
        except PtmError as error:
            return replace(candidate, fate=Fate.REFUSED, reason=str(error))
        return replace(candidate, fate=Fate.JOINED, integration=made.id)


async def joined(context: Context, company: Company, organization: Organization) -> UUID | None:
    with translating():
        found: UUID | None = await context.pool.fetchval(SQL["find_joined"], company.company_id, organization.id)
    return found


def expected(row: Row, company: Company, organization: Organization) -> None:
    if row.company not in (None, company.company_id):
        raise Misconfigured(f"The key opens {company.name} ({company.company_id}), not company {row.company}.")
    if row.organization not in (None, organization.id):
        raise Misconfigured(f"The key opens {organization.name} ({organization.id}), not {row.organization}.")


def apart(found: Sequence[Candidate]) -> list[Candidate]:
    """What stands twice in the list is joined once."""
    first: dict[tuple[int, str], int] = {}
    kept = []
    for one in found:
        if one.joins and one.fate is Fate.READY and first.setdefault(one.joins, one.row.number) != one.row.number:
            why = f"It joins what row {first[one.joins]} joins."
            one = replace(one, fate=Fate.REFUSED, reason=why)  # noqa: PLW2901 - the same row, refused
        kept.append(one)
    return kept


async def each(
    ones: Sequence[Asked], act: Callable[[Asked], Awaitable[Candidate]], at_once: int, progress: Progress
) -> list[Candidate]:
    """In their order, some at a time."""
    hands, done = asyncio.Semaphore(at_once), 0

    async def in_turn(one: Asked) -> Candidate:
        nonlocal done
        async with hands:
            found = await act(one)
        done += 1
        progress(done, len(ones))
        return found

    return list(await asyncio.gather(*(in_turn(one) for one in ones)))
