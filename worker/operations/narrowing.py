"""What people ask of the log, by names, numbers and addresses, as the filter that the database can answer."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from events import labelling
from events.codec import TYPES
from events.envelope import invoice_stream
from events.errors import Misconfigured
from worker.adapters.postgres import translating
from worker.operations import about, finding, integrations, overview
from worker.operations.browse import Filter, Placed
from worker.operations.context import SQL, Context
from worker.operations.overview import Line

MOST = 1000
"""Invoices of a customer whose events are shown, most lately changed first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """Of one kind, one is enough; of several kinds, each has to hold."""

    types: tuple[str, ...] = ()
    """Names of events, or parts of them."""
    integrations: tuple[str, ...] = ()
    """Ids, company names or parts of them, business ids, company numbers: all that one may mean are meant."""
    labels: tuple[str, ...] = ()
    invoices: tuple[str, ...] = ()
    customers: tuple[int, ...] = ()
    """By their numbers in the register."""
    emails: tuple[str, ...] = ()
    since: datetime | None = None
    until: datetime | None = None
    """Before then; it has passed."""

    @property
    def narrow(self) -> bool:
        """What it means may grow while one looks: a customer's next invoice, an address that is added again."""
        return bool(self.invoices or self.customers or self.emails)


async def resolve(context: Context, terms: Terms) -> Filter:
    """Raises `Misconfigured`, in words, for what there is not."""
    chosen = await placed(context, terms)
    wanted = Filter(types=types(terms.types), among=chosen, since=terms.since, until=terms.until)
    if not terms.narrow:
        return wanted
    ids = None if chosen is None else [one.id for one in chosen]
    found = [
        await of_invoices(context, terms.invoices, ids) if terms.invoices else None,
        await of_customers(context, terms.customers, ids) if terms.customers else None,
        await of_emails(context, terms.emails, ids) if terms.emails else None,
    ]
    streams = set.intersection(*(one for one in found if one is not None))
    return replace(wanted, streams=tuple(sorted(streams)))


def types(wanted: Sequence[str]) -> tuple[str, ...] | None:
    """By their names, or by any part of them."""
    found: dict[str, None] = {}
    for one in wanted:
        text = one.casefold()
        fitting = [name for name in TYPES if text in name.casefold()]
        fitting = [name for name in fitting if name.casefold() == text] or fitting
        if not fitting:
            raise Misconfigured(f"There is no event type {one}: use {', '.join(sorted(TYPES))}.")
        found |= dict.fromkeys(fitting)
    return tuple(found) or None


async def placed(context: Context, terms: Terms) -> tuple[Placed, ...] | None:
    """Removed ones by their whole id only."""
    if not terms.integrations and not terms.labels:
        return None
    by_id = {id for text in terms.integrations if (id := as_id(text))}
    found: list[Placed] = [await integrations.read_one(context, id) for id in sorted(by_id)]
    names = [text for text in terms.integrations if not as_id(text)]
    if names or terms.labels:
        every = await overview.lines(context)
        found += [one for text in names for one in named(every, text)]
        if terms.labels:
            having = {one.id: one for text in terms.labels for one in labelled(every, text)}
            found = [one for one in found if one.id in having] if terms.integrations else list(having.values())
    return tuple({one.id: one for one in found}.values())


def as_id(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def named(every: Iterable[Line], wanted: str) -> list[Line]:
    text = wanted.strip().casefold()
    every = list(every)
    for fits in (numbered, called, partly_called):
        if found := [one for one in every if fits(one, text)]:
            return found
    raise Misconfigured(f"No integration is called {wanted}.")


def numbered(one: Line, text: str) -> bool:
    return str(one.company_id) == text or (len(text) >= 4 and str(one.id).startswith(text))


def called(one: Line, text: str) -> bool:
    return text in (one.company.casefold(), one.business_id.casefold())


def partly_called(one: Line, text: str) -> bool:
    return bool(text) and text in one.company.casefold()


def labelled(every: Iterable[Line], label: str) -> list[Line]:
    every = list(every)
    found = [one for one in every if any(labelling.alike(each, label) for each in one.labels)]
    if not found:
        known = ", ".join(labelling.tidy(each for one in every for each in one.labels)) or "none"
        raise Misconfigured(f"No integration has the label {label}; there are: {known}.")
    return found


async def of_invoices(context: Context, wanted: Sequence[str], ids: Sequence[UUID] | None) -> set[str]:
    found = [one for text in wanted for one in await finding.find(context, text)]
    if not found:
        raise Misconfigured(f"Invoice {' '.join(wanted)} was never seen.")
    return {invoice_stream(one.integration, one.invoice) for one in found if ids is None or one.integration in ids}


async def of_customers(context: Context, wanted: Sequence[int], ids: Sequence[UUID] | None) -> set[str]:
    with translating():
        rows = await context.pool.fetch(SQL["find_by_customer"], wanted, ids, MOST)
    if not rows:
        said = " ".join(map(str, wanted))
        raise Misconfigured(f"No invoice of customer {said} was seen: give the customer's number in the register.")
    invoices = {invoice_stream(row["integration"], row["invoice"]) for row in rows}
    return invoices | {f"customer/{row['integration']}/{one}" for row in rows for one in wanted}


async def of_emails(context: Context, wanted: Sequence[str], ids: Sequence[UUID] | None) -> set[str]:
    """By contact key: of what was skipped for an address, there is none."""
    found = [one for email in wanted for one in (await about.find(context, email, among=ids, most=MOST)).invoices]
    if not found:
        raise Misconfigured(f"No invoice was to add {' '.join(wanted)}; what was skipped is found by its invoice.")
    return {invoice_stream(one.integration, one.invoice) for one in found}
