"""`/businesspartners`: the customer register, thin in lists and whole by id."""

from __future__ import annotations

from aiohttp import web

from sandbox.answers import Rejected, json_answer
from sandbox.company import NO_ACCESS
from sandbox.customers import Customer
from sandbox.search import read_int, read_moment, read_order, read_page
from sandbox.visit import Visit
from sandbox.world import World


class Register:
    """Handlers of the customer register."""

    def __init__(self, world: World) -> None:
        self._world = world

    async def search(self, visit: Visit) -> web.Response:
        page = read_page(visit.request.query)
        falling = read_order(visit.request.query, "orderById")
        found = [customer for customer in self._seen(visit).values() if _matches(customer, visit.request)]
        found.sort(key=lambda customer: customer.id, reverse=falling)
        if previous := read_int(visit.request.query, "previousId", 0):
            found = [item for item in found if (item.id < previous if falling else item.id > previous)]
        start = page.number * page.size
        rows = [customer.row() for customer in found[start : start + page.size]]
        return json_answer({"results": rows, "meta": meta(page.number, page.size, len(rows), len(found))})

    async def read(self, visit: Visit) -> web.Response:
        seen = self._seen(visit)
        entries = [seen[number].entry() for number in visit.ids() if number in seen]
        if not entries:
            raise Rejected(404, "Business partner not found")
        return json_answer(entries[0] if visit.single else entries)

    async def groups(self, visit: Visit) -> web.Response:
        names = dict(customer.group for customer in self._seen(visit).values())
        groups = [
            {"id": number, "name": name, "type": "CUSTOMER", "active": True} for number, name in sorted(names.items())
        ]
        return json_answer({"results": groups, "meta": meta(0, 50, len(groups), len(groups))})

    def _seen(self, visit: Visit) -> dict[int, Customer]:
        """What this user may see; without the right that is nothing, or an error."""
        if visit.company.rights.customer_register != NO_ACCESS:
            return visit.company.customers
        if self._world.switches.missing_rights_are_403:
            raise Rejected(403, "Insufficient user rights")
        return {}


def meta(page: int, size: int, count: int, total: int) -> dict[str, int]:
    return {"pageNumber": page, "pageSize": size, "resultCount": count, "totalCount": total}


def _matches(customer: Customer, request: web.Request) -> bool:
    query, headers = request.query, request.headers
    if customer.active is not (query.get("active", "true").lower() == "true"):
        return False
    if query.get("type", customer.type) != customer.type:
        return False
    if query.get("customerNumber", customer.number) != customer.number:
        return False
    if query.get("identifierType", "FI") != "FI":
        return False
    if query.get("partnerGroup", str(customer.group[0])) not in {str(customer.group[0]), customer.group[1]}:
        return False
    start, end = read_moment(query, "versionStartDate"), read_moment(query, "versionEndDate")
    if not start <= customer.version <= (end or "9999"):
        return False
    named = headers.get("name", "").lower() in customer.name.lower()
    return named and headers.get("identifier", customer.identifier) == customer.identifier
