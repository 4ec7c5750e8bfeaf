"""The sandbox's Procountor over HTTP: its routes, and what stands before every one of them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace

from aiohttp import web

from sandbox import identity
from sandbox.access import Grant
from sandbox.activation import Activation
from sandbox.answers import (
    GATEWAY_PAGE,
    MISSING_PAGE,
    Rejected,
    errors_body,
    json_answer,
    page,
    violations_body,
    without_nulls,
)
from sandbox.door import Door, Handler, Witness
from sandbox.faults import Faults
from sandbox.invoicing import Invoicing
from sandbox.login import Login
from sandbox.meter import Meter
from sandbox.pacing import Pacing
from sandbox.register import Register
from sandbox.tokens import Tokens, bearer_of
from sandbox.versions import version_of
from sandbox.visit import Visit
from sandbox.webhooks import Webhooks
from sandbox.world import World

_BASES = ("/{version:api}", r"/{version:latest|supported|v\d{4}}/api")

Answer = Callable[[Visit], Awaitable[web.StreamResponse]]


class Procountor:
    """One service for all companies; `app()` is what a server runs."""

    def __init__(self, world: World, meter: Meter, faults: Faults, witness: Witness | None = None) -> None:
        self._world = world
        self._login, self._tokens = Login(world), Tokens(world)
        self._door = Door(meter=meter, faults=faults, tenant=self._tenant, refuse=self._refuse, witness=witness)
        self._token_door = replace(self._door, refuse=self._tokens.refuse_token)
        self.activation = Activation(world)
        self.pacing = Pacing(world.switches, lambda: world.clock().timestamp())

    def app(self) -> web.Application:
        app = web.Application(client_max_size=1 << 20)
        login, tokens = self._login, self._tokens
        for path, taken in (("/login", login.take_login), ("/keylogin", login.take_keylogin)):
            self._route(app, "GET", path, self._door.guard("procountor.login.get", _gateway(login.show_login)))
            self._route(app, "POST", path, self._door.guard("procountor.login.post", taken))
        self._route(app, "POST", "/logout", self._door.guard("procountor.logout.post", tokens.logout))
        for base in _BASES:
            for name, handler in (("token", tokens.token), ("key", tokens.key)):
                guarded = self._token_door.guard(f"procountor.{name}.post", self.pacing.paced(self._served(handler)))
                self._route(app, "POST", f"{base}/oauth/{name}", guarded)
            for method, path, answer in self._answers():
                route = f"procountor.{path.split('/')[1]}.{method.lower()}"
                inside = _gateway(self.pacing.paced(self._served(self._inside(answer))))
                self._route(app, method, base + path, self._door.guard(route, inside))
        return app

    def _answers(self) -> list[tuple[str, str, Answer]]:
        invoicing, register = Invoicing(self._world), Register(self._world)
        webhooks, activation = Webhooks(self._world.seed), self.activation
        return [
            ("GET", "/invoices", invoicing.search),
            ("POST", "/invoices", invoicing.create),
            ("GET", "/invoices/{ids}", invoicing.read),
            ("PUT", "/invoices/{id}", invoicing.update),
            ("PUT", r"/invoices/{id}/{act:approve|send|unfinished|invalidate|reject}", invoicing.act),
            ("GET", "/invoices/{id}/paymentevents", invoicing.payments),
            ("PUT", "/invoices/{id}/paymentevents/markpaid", invoicing.mark_paid),
            ("GET", "/businesspartners", register.search),
            ("GET", "/businesspartners/groups", register.groups),
            ("GET", "/businesspartners/{ids}", register.read),
            ("GET", "/sessioninfo", identity.session),
            ("GET", "/company", identity.company),
            ("GET", "/users", identity.user),
            ("GET", "/users/rights", identity.rights),
            ("GET", "/users/profiles/{id}", identity.profile),
            ("GET", "/status", identity.status),
            ("GET", "/integrations/{request}", activation.show),
            ("PUT", "/integrations/{request}", activation.answer),
            ("GET", "/integrations/{integration}/customers", activation.used_by),
            ("GET", "/webhooks", webhooks.search),
            ("POST", "/webhooks", webhooks.create),
            ("PUT", "/webhooks/{uuid}", webhooks.update),
            ("DELETE", "/webhooks/{uuid}", webhooks.delete),
        ]

    @staticmethod
    def _route(app: web.Application, method: str, path: str, handler: Handler) -> None:
        for spelling in (path, path + "/"):
            app.router.add_route(method, spelling, handler)

    def _tenant(self, request: web.Request) -> str:
        grant = self._world.access.open(bearer_of(request), "access")
        return str(grant.company) if grant else ""

    def _served(self, handler: Handler) -> Handler:
        """404 where the path's version is none that is served, for tokens as for everything else."""

        async def enter(request: web.Request) -> web.StreamResponse:
            if version_of(request.path, self._world.switches) is not None:
                return await handler(request)
            if self._world.switches.gone_version == "page":
                return page(MISSING_PAGE, 404)
            raise Rejected(404, "Not found")

        return enter

    def _inside(self, answer: Answer) -> Handler:
        async def enter(request: web.Request) -> web.StreamResponse:
            grant = self._world.access.open(bearer_of(request), "access")
            if grant is None or grant.company not in self._world.companies:
                raise Rejected(401, "Invalid or expired access token")
            answered = await answer(self._visit(request, grant))
            return without_nulls(answered) if self._world.switches.empty_as == "absent" else answered

        return enter

    def _visit(self, request: web.Request, grant: Grant) -> Visit:
        company, switches = self._world.company(grant.company), self._world.switches
        if not company.user_valid and grant.user == company.user.id:
            raise Rejected(401, "Invalid or expired access token")
        if not company.api_enabled and switches.api_off_at == "call":
            raise Rejected(switches.api_off_status, "The usage of API clients is not allowed for the company")
        version = version_of(request.path, switches)
        assert version is not None, "it is served"
        return Visit(request=request, company=company, user=grant.user, version=version, switches=switches)

    def _refuse(self, rejected: Rejected) -> web.Response:
        older = self._world.switches.error_shape == "constraintViolations" and rejected.status == 400
        return json_answer((violations_body if older else errors_body)(rejected), rejected.status)


def _gateway(handler: Handler) -> Handler:
    """The gateway in front takes a GET with a body for an attack, and says so in HTML."""

    async def enter(request: web.Request) -> web.StreamResponse:
        return page(GATEWAY_PAGE, 403) if request.body_exists and request.method == "GET" else await handler(request)

    return enter
