"""The sandbox's Procountor over HTTP: routes, sessions, and the answers about company and user."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from aiohttp import web

from sandbox.access import Grant
from sandbox.answers import GATEWAY_PAGE, Rejected, errors_body, json_answer, page
from sandbox.company import ALL_RIGHTS, NO_ACCESS, Company
from sandbox.door import Door, Handler
from sandbox.faults import Faults
from sandbox.invoicing import Invoicing
from sandbox.login import Login, bearer_of
from sandbox.meter import Meter
from sandbox.register import Register
from sandbox.visit import Visit
from sandbox.world import World

_BASES = ("/api", "/latest/api", "/supported/api", r"/{version:v\d{4}}/api")
_COUNTER_PARTY_SINCE = "v2604"

Answer = Callable[[Visit], Awaitable[web.StreamResponse]]


class Procountor:
    """One service for all companies; `app()` is what a server runs."""

    def __init__(self, world: World, meter: Meter, faults: Faults) -> None:
        self._world = world
        self._login = Login(world)
        self._door = Door(meter=meter, faults=faults, tenant=self._tenant, refuse=_refuse)
        self._token_door = Door(meter=meter, faults=faults, tenant=self._tenant, refuse=self._login.refuse_token)

    def app(self) -> web.Application:
        app = web.Application(client_max_size=1 << 20)
        login = self._login
        for path, taken in (("/login", login.take_login), ("/keylogin", login.take_keylogin)):
            self._route(app, "GET", path, self._door.guard("procountor.login.get", login.show_login))
            self._route(app, "POST", path, self._door.guard("procountor.login.post", taken))
        self._route(app, "POST", "/logout", self._door.guard("procountor.logout.post", login.logout))
        for base in _BASES:
            token = self._token_door.guard("procountor.token.post", login.token)
            key = self._token_door.guard("procountor.key.post", login.key)
            self._route(app, "POST", f"{base}/oauth/token", token)
            self._route(app, "POST", f"{base}/oauth/key", key)
            for method, path, answer in self._answers():
                group = path.split("/")[1].split("{")[0]
                route = f"procountor.{group}.{method.lower()}"
                self._route(app, method, base + path, self._door.guard(route, self._inside(answer)))
        return app

    def _answers(self) -> list[tuple[str, str, Answer]]:
        invoicing, register = Invoicing(self._world), Register(self._world)
        return [
            ("GET", "/invoices", invoicing.search),
            ("POST", "/invoices", invoicing.create),
            ("GET", "/invoices/{ids}", invoicing.read),
            ("PUT", r"/invoices/{id}/{act:approve|send|unfinished|invalidate|reject}", invoicing.act),
            ("PUT", "/invoices/{id}/paymentevents/markpaid", invoicing.mark_paid),
            ("GET", "/businesspartners", register.search),
            ("GET", "/businesspartners/groups", register.groups),
            ("GET", "/businesspartners/{ids}", register.read),
            ("GET", "/sessioninfo", self._sessioninfo),
            ("GET", "/company", self._company),
            ("GET", "/users", self._user),
            ("GET", "/users/rights", self._rights),
            ("GET", "/status", self._status),
        ]

    @staticmethod
    def _route(app: web.Application, method: str, path: str, handler: Handler) -> None:
        for spelling in (path, path + "/"):
            app.router.add_route(method, spelling, handler)

    def _tenant(self, request: web.Request) -> str:
        grant = self._world.access.open(bearer_of(request), "access")
        return str(grant.company) if grant else ""

    def _inside(self, answer: Answer) -> Handler:
        async def enter(request: web.Request) -> web.StreamResponse:
            if request.method == "GET" and request.body_exists:
                return page(GATEWAY_PAGE, 403)
            grant = self._world.access.open(bearer_of(request), "access")
            if grant is None or grant.company not in self._world.companies:
                raise Rejected(401, "Invalid or expired access token")
            return await answer(self._visit(request, grant))

        return enter

    def _visit(self, request: web.Request, grant: Grant) -> Visit:
        path = request.path
        if path.startswith("/v"):
            old = path[1:6] < _COUNTER_PARTY_SINCE
        else:
            old = path.startswith("/supported") or (path.startswith("/api") and self._world.switches.plain_api_is_old)
        return Visit(request=request, company=self._world.company(grant.company), user=grant.user, old=old)

    async def _sessioninfo(self, visit: Visit) -> web.Response:
        return json_answer(
            {
                "companyId": visit.company.id,
                "name": visit.company.name,
                "country": "FINLAND",
                "productVersion": "FINANCIALS_PREMIUM",
                "userId": visit.user,
                "userName": visit.company.user.login,
                "companySettings": {"invoiceDiscussionEnabled": True},
            }
        )

    async def _company(self, visit: Visit) -> web.Response:
        if visit.company.rights.company_info == NO_ACCESS:
            raise Rejected(403, "Insufficient user rights")
        return json_answer(_company_of(visit.company))

    async def _user(self, visit: Visit) -> web.Response:
        user = visit.company.user
        return json_answer(
            {
                "id": visit.user,
                "username": user.login,
                "companyId": visit.company.id,
                "countryCode": "FINLAND",
                "loginMethod": "PROCOUNTOR_KEY",
                "firstName": user.first,
                "lastName": user.last,
                "email": user.email,
                "mobilePhone": user.phone,
                "socialSecurityNumber": "131052-308T",
            }
        )

    async def _rights(self, visit: Visit) -> web.Response:
        return json_answer(_rights_of(visit.company))

    async def _status(self, visit: Visit) -> web.Response:
        return json_answer(
            {"name": "Procountor API", "version": "26.04", "status": "OK", "procountorVersion": "26.04.1"}
        )


def _refuse(rejected: Rejected) -> web.Response:
    return json_answer(errors_body(rejected), rejected.status)


def _company_of(company: Company) -> dict[str, Any]:
    place = {"street": company.street, "zip": company.zip, "city": company.city, "country": "FINLAND"}
    return {
        "id": company.id,
        "name": company.name,
        "country": "FINLAND",
        "productVersion": "FINANCIALS_PREMIUM",
        "operationType": "PRODUCTION",
        "accountingOfficeName": "Tilitoimisto Luku ja Vakka Oy",
        "companyAddress": place,
        "billingAddress": place,
        "inTradeRegister": True,
        "businessIdentifier": {"brnType": "YHD", "code": company.business_id},
        "accountingCoaLanguages": ["FINNISH"],
        "companyCurrency": "EUR",
        "currencyRateSearchDensity": "DAILY_EXCHANGE_RATE",
    }


def _rights_of(company: Company) -> dict[str, Any]:
    rights = company.rights
    return {
        "role": "API user",
        "rights": {
            "management": {"basicCompanyInfo": rights.company_info},
            "sales": {
                "salesOrGroupInvoices": rights.sales_invoices,
                "salesInvoiceSearch": rights.sales_invoices,
                "personalSalesInvoicesOnly": rights.personal_sales_invoices_only,
                "customerRegister": rights.customer_register,
                "productRegister": ALL_RIGHTS,
            },
        },
    }
