"""`/invoices`: searching, reading in batches, and driving an invoice through its life."""

from __future__ import annotations

import orjson
from aiohttp import web

from sandbox.answers import Rejected, json_answer, raw_answer
from sandbox.company import ALL_RIGHTS, READING
from sandbox.door import read_object
from sandbox.drafting import Drafting
from sandbox.invoices import Invoice
from sandbox.payments import Payments
from sandbox.query import MAX_ID, read_page
from sandbox.search import search
from sandbox.statuses import Act
from sandbox.visit import Visit
from sandbox.world import NotAllowed, World

_ACTS = {"reject": Act.DENY}


class Invoicing:
    """Handlers of invoices."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._payments = Payments(world)
        self._drafting = Drafting(world)

    async def search(self, visit: Visit) -> web.Response:
        query, switches = visit.query(), self._world.switches
        page = read_page(query)
        creator = visit.user if visit.company.rights.personal_sales_invoices_only else None
        found = search(visit.company, query, creator=creator, inclusive=switches.version_range_inclusive)
        invoices, total = (found.invoices, found.total) if self._may_see(visit) else ([], 0)
        if not invoices and switches.empty_list_is_404:
            raise Rejected(404, "Invoice not found")
        items = [orjson.Fragment(_item(visit, invoice)) for invoice in invoices]
        return json_answer({"results": items, "meta": visit.meta(page.number, page.size, len(items), total)})

    async def read(self, visit: Visit) -> web.Response:
        numbers = visit.ids()
        known = visit.company.invoices if self._may_see(visit) else {}
        seen = [known[number] for number in numbers if number in known and _shown(visit, known[number])]
        if not seen:
            raise Rejected(404, "Invoice not found")
        if visit.single:
            return raw_answer(seen[0].detail())
        return raw_answer(b"[" + b",".join(invoice.detail() for invoice in seen) + b"]")

    async def act(self, visit: Visit) -> web.Response:
        word = visit.request.match_info["act"]
        act = _ACTS.get(word) or Act(word)
        try:
            self._world.act(self._target(visit), act)
        except NotAllowed as error:
            raise Rejected(403, str(error)) from error
        return json_answer({"message": f"Invoice {act}: done"})

    async def mark_paid(self, visit: Visit) -> web.Response:
        return await self._payments.mark(visit, self._target(visit))

    async def payments(self, visit: Visit) -> web.Response:
        self._may_see(visit)
        return self._payments.listed(visit, self._found(visit))

    async def create(self, visit: Visit) -> web.Response:
        _check_change(visit)
        return self._drafting.create(visit, await read_object(visit.request))

    async def update(self, visit: Visit) -> web.Response:
        target = self._target(visit)
        return self._drafting.update(visit, target, await read_object(visit.request))

    def _may_see(self, visit: Visit) -> bool:
        """Without the right there is nothing to see, or an error."""
        if visit.company.rights.sales_invoices in READING:
            return True
        if self._world.switches.missing_rights_are_403:
            raise Rejected(403, "Insufficient user rights")
        return False

    def _target(self, visit: Visit) -> Invoice:
        _check_change(visit)
        return self._found(visit)

    def _found(self, visit: Visit) -> Invoice:
        word = visit.request.match_info["id"]
        number = int(word) if word.isdecimal() and len(word) <= len(str(MAX_ID)) else 0
        invoice = visit.company.invoices.get(number)
        if invoice is None or not _shown(visit, invoice) or visit.company.rights.sales_invoices not in READING:
            raise Rejected(404, "Invoice not found")
        return invoice


def _item(visit: Visit, invoice: Invoice) -> bytes:
    if visit.version.lists_counter_party:
        return invoice.item()
    return invoice.older_item(sums=visit.version.lists_sums)


def _check_change(visit: Visit) -> None:
    if visit.company.rights.sales_invoices != ALL_RIGHTS:
        raise Rejected(403, "Insufficient user rights")


def _shown(visit: Visit, invoice: Invoice) -> bool:
    if invoice.id in visit.company.hidden:
        return False
    return not visit.company.rights.personal_sales_invoices_only or invoice.creator == visit.user
