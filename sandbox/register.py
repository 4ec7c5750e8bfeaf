"""`/businesspartners`: the customer register, thin in lists and whole by id."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from aiohttp import web

from sandbox.answers import Rejected, json_answer
from sandbox.company import READING
from sandbox.customers import Customer
from sandbox.query import LOOSE_MOMENT, read_flag, read_int, read_members, read_moment, read_order
from sandbox.visit import Visit
from sandbox.world import World


class PartnerType(StrEnum):
    CUSTOMER = "CUSTOMER"
    SUPPLIER = "SUPPLIER"
    PERSON = "PERSON"


class Register:
    """Handlers of the customer register."""

    def __init__(self, world: World) -> None:
        self._world = world

    async def search(self, visit: Visit) -> web.Response:
        query = visit.query()
        falling = read_order(query, "orderById")
        inclusive = self._world.switches.version_range_inclusive
        found = [item for item in self._seen(visit).values() if _matches(item, query, inclusive=inclusive)]
        found = [customer for customer in found if _named(customer, visit, query)]
        found.sort(key=lambda customer: customer.id, reverse=falling)
        if previous := read_int(query, "previousId", 0):
            found = [item for item in found if (item.id < previous if falling else item.id > previous)]
        return visit.paged(query, found, Customer.row)

    async def read(self, visit: Visit) -> web.Response:
        seen = self._seen(visit)
        entries = [seen[number].entry() for number in visit.ids() if number in seen]
        if not entries:
            raise Rejected(404, "Business partner not found")
        return json_answer(entries[0] if visit.single else entries)

    async def groups(self, visit: Visit) -> web.Response:
        query = visit.query()
        term = query.get("name", "").lower()
        kinds, active = read_members(query, "type", PartnerType), read_flag(query, "active", default=True)
        names = dict(customer.group for customer in self._seen(visit).values())
        found = [
            {"id": number, "name": name, "type": "CUSTOMER", "active": True}
            for number, name in sorted(names.items())
            if active and term in name.lower() and (not kinds or PartnerType.CUSTOMER in kinds)
        ]
        return visit.paged(query, found)

    def _seen(self, visit: Visit) -> dict[int, Customer]:
        """What this user may see; without the right that is nothing, or an error."""
        if visit.company.rights.customer_register in READING:
            return visit.company.customers
        if self._world.switches.missing_rights_are_403:
            raise Rejected(403, "Insufficient user rights")
        return {}


def _matches(customer: Customer, query: Mapping[str, str], *, inclusive: bool) -> bool:
    kinds = read_members(query, "type", PartnerType)
    start, end = (read_moment(query, name, LOOSE_MOMENT) for name in ("versionStartDate", "versionEndDate"))
    changed, last = customer.version, end or "9999"
    group = query.get("partnerGroup", str(customer.group[0]))
    return (
        customer.active is read_flag(query, "active", default=True)
        and (not kinds or PartnerType(customer.type) in kinds)
        and query.get("customerNumber", customer.number) == customer.number
        and query.get("identifierType", "FI") == "FI"
        and group in {str(customer.group[0]), customer.group[1]}
        and query.get("mainGroup", customer.group[1]) == customer.group[1]
        and (start <= changed <= last if inclusive else start < changed < last)
    )


def _named(customer: Customer, visit: Visit, query: Mapping[str, str]) -> bool:
    """By the request's headers: names and identifiers stay out of URLs, and out of the logs that keep those."""
    asked: Mapping[str, str] = visit.request.headers
    if not visit.version.searches_by_header:
        asked = {**query, **{name.lower(): value for name, value in asked.items()}}
    named = asked.get("name", "").lower() in customer.name.lower()
    return named and asked.get("identifier", customer.identifier) == customer.identifier
