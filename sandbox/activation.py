"""`/integrations`: what an integrator is told of an activation link that customers have followed, and its yes or no."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from aiohttp import web

from sandbox.answers import Rejected, json_answer
from sandbox.door import read_object
from sandbox.query import whole
from sandbox.visit import Visit
from sandbox.world import NotAllowed, World

_LIFE = timedelta(days=7)


@dataclass(slots=True, kw_only=True)
class Request:
    """One customer's acceptance, for one or more of its companies."""

    companies: list[int]
    email: str
    name: str
    expires: datetime
    answered: bool = False


@dataclass(slots=True)
class Activation:
    """Requests by id, and who uses the one integration that there is."""

    world: World
    integration: str = "ptm-1"
    requests: dict[int, Request] = field(default_factory=dict)
    customers: dict[int, str] = field(default_factory=dict)

    def accept(self, companies: list[int], callback: str) -> str:
        """A customer has opened the link and picked *companies*: where the browser is sent."""
        homes = [self.world.company(number) for number in companies]
        if not homes:
            raise NotAllowed("an activation is for one company at least")
        user = homes[0].user
        number = 70_001 + len(self.requests)
        self.requests[number] = Request(
            companies=companies,
            email=user.email,
            name=f"{user.first} {user.last}",
            expires=self.world.clock() + _LIFE,
        )
        mark = "&" if "?" in callback else "?"
        return f"{callback}{mark}{urlencode({self.world.switches.activation_parameter: number})}"

    async def show(self, visit: Visit) -> web.Response:
        asked = self._asked(visit)
        return json_answer(
            {
                "integrationId": self.integration,
                "expires": self.world.stamp(asked.expires),
                "initiator": {"email": asked.email, "userFullName": asked.name},
                "companiesToIntegrate": [self._shown(number) for number in asked.companies],
            }
        )

    async def answer(self, visit: Visit) -> web.Response:
        """Every company is approved or rejected, and every approved one gets a technical user and its key."""
        asked, body = self._asked(visit), await read_object(visit.request)
        approved, rejected = _decided(body)
        if sorted(approved + rejected) != sorted(asked.companies):
            raise Rejected(400, "The companies do not match those of the request")
        asked.answered = True
        keys = [{"companyId": number, "apiKey": self._join(number)} for number in approved]
        return json_answer({"integrationId": self.integration, "companiesIntegrated": keys})

    async def used_by(self, visit: Visit) -> web.Response:
        _check_integrator(visit)
        if visit.request.match_info["integration"] != self.integration:
            raise Rejected(403, "Insufficient user rights")
        rows = [{"companyId": number, "integrationVersionStatus": word} for number, word in self.customers.items()]
        return json_answer(rows)

    def _asked(self, visit: Visit) -> Request:
        _check_integrator(visit)
        asked = self.requests.get(whole(visit.request.match_info["request"], "requestId"))
        if asked is None or asked.answered:
            raise Rejected(404, "API integration request not found")
        if self.world.clock() >= asked.expires:
            raise Rejected(410, "Integration request has expired")
        return asked

    def _shown(self, number: int) -> dict[str, Any]:
        company = self.world.company(number)
        extra = {
            "companyName": company.name,
            "country": "FINLAND",
            "accountingOfficeName": "Tilitoimisto Luku ja Vakka Oy",
            "businessIdentifier": {"brnType": "YHD", "code": company.business_id},
        }
        return {"companyId": number, "extraInfo": extra}

    def _join(self, number: int) -> str:
        self.customers[number] = "APPROVED"
        return self.world.technical_key(number)


def _check_integrator(visit: Visit) -> None:
    if not visit.company.integrator:
        raise Rejected(403, "Insufficient user rights")


def _decided(body: Mapping[str, Any]) -> tuple[list[int], list[int]]:
    try:
        approved = [int(number) for number in body.get("approve") or []]
        rejected = [int(each["companyId"]) for each in body.get("reject") or []]
        too_long = any(len(each.get("reason") or "") > 255 for each in body.get("reject") or [])
    except (AttributeError, KeyError, TypeError, ValueError):
        raise Rejected(400, "approve holds ids, reject companyId and reason") from None
    if too_long:
        raise Rejected(400, "at most 255 characters", field="reject.reason")
    return approved, rejected
