"""Procountor in memory: companies, their invoices and customers, and how a request for them is refused."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Literal
from uuid import UUID

from events.errors import Refused, Unavailable
from worker.adapters.procountor import PAGE, Page, Rights, Session

Json = dict[str, Any]


@dataclass(slots=True, kw_only=True)
class Company:
    invoices: dict[int, Json] = field(default_factory=dict)
    customers: dict[int, Json] = field(default_factory=dict)


class Procountor:
    """*failing*: with which statuses the next requests of a route are answered."""

    def __init__(self, companies: Mapping[UUID, Company]) -> None:
        self.companies = dict(companies)
        self.failing: dict[str, list[int]] = {}

    def mean(self, access: UUID, company: int) -> None:
        """Each of its credentials opens one company for ever."""

    async def session(self, access: UUID) -> Session:
        self._enter(access, "sessioninfo")
        return Session(company_id=0, company="", user_id=0, user="")

    async def rights(self, access: UUID) -> Rights:
        """All are there, always."""
        return Rights(role=None, invoices="ALL_RIGHTS", customers="ALL_RIGHTS", only_own_invoices=False)

    async def invoices(
        self,
        access: UUID,
        *,
        types: Collection[str],
        version_start: str | None = None,
        version_end: str | None = None,
        statuses: Collection[str] = (),
        by: Literal["version", "id"] = "version",
        order: Literal["ASC", "DESC"] = "ASC",
        previous: int | None = None,
        size: int = PAGE,
    ) -> Page:
        try:
            company = self._enter(access, "invoices")
        except Refused as refused:
            if refused.reason == "not_found":
                return Page(items=(), full=False, total=0)
            raise
        rows = [
            row
            for row in company.invoices.values()
            if row["type"] in types
            and (not statuses or row["status"] in statuses)
            and (version_start or "") <= row["version"] <= (version_end or "9999")
            and row["id"] > (previous or 0)
        ]
        rows.sort(key=lambda row: (row["version"] if by == "version" else "", row["id"]), reverse=order == "DESC")
        return Page(items=rows[:size], full=len(rows) >= size, total=len(rows))

    async def invoice_details(self, access: UUID, ids: Sequence[int]) -> dict[int, Json]:
        return self._batch(access, "invoices", ids)

    async def customers(self, access: UUID, ids: Sequence[int]) -> dict[int, Json]:
        return self._batch(access, "businesspartners", ids)

    def _batch(self, access: UUID, route: str, ids: Sequence[int]) -> dict[int, Json]:
        if len(ids) > PAGE:
            raise ValueError(f"{len(ids)} ids in one request; Procountor takes {PAGE}")
        if not ids:
            return {}
        try:
            company = self._enter(access, route)
        except Refused as refused:
            if refused.reason == "not_found":
                return {}
            raise
        known = company.invoices if route == "invoices" else company.customers
        return {id: dict(known[id]) for id in ids if id in known}

    def _enter(self, access: UUID, route: str) -> Company:
        if coming := self.failing.get(route):
            raise failure(coming.pop(0))
        if access not in self.companies:
            raise failure(401)
        return self.companies[access]


def failure(status: int) -> Unavailable | Refused:
    message = f"Procountor answers {status}"
    if status == 429 or status >= 500:
        return Unavailable(message, retry_after=timedelta(seconds=1) if status == 429 else None)
    reason = {401: "credentials", 403: "rights", 404: "not_found"}.get(status, "invalid")
    return Refused(message, reason=reason, status=status)
