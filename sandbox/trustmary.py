"""The sandbox's Trustmary over HTTP, under `/v1`."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

from aiohttp import web

from sandbox import trustmary_catalogue as catalogue
from sandbox import trustmary_contacts as contacts
from sandbox import trustmary_webhooks as webhooks
from sandbox.answers import Rejected, json_answer
from sandbox.door import Door, Handler
from sandbox.faults import Faults
from sandbox.meter import Meter
from sandbox.organization import Organization
from sandbox.trustmary_call import Answer, Call, refusal
from sandbox.world import World

ROUTES: tuple[tuple[str, str, Answer], ...] = (
    ("GET", "/test", catalogue.test),
    ("GET", "/contacts", contacts.find),
    ("POST", "/contacts", contacts.upsert),
    ("DELETE", "/contacts", contacts.delete),
    ("GET", "/lists", catalogue.lists),
    ("GET", "/surveys", catalogue.surveys),
    ("GET", "/survey/{id}", catalogue.survey),
    ("GET", "/survey/{id}/responses", catalogue.responses),
    ("GET", "/automations", catalogue.automations),
    ("POST", "/automations/{id}/trigger", contacts.trigger),
    ("GET", "/webhooks", webhooks.subscriptions),
    ("POST", "/webhooks", webhooks.subscribe),
    ("GET", "/webhooks/example", webhooks.example),
    ("DELETE", "/webhooks/{id}", webhooks.unsubscribe),
    ("GET", "/widgets", catalogue.nothing),
    ("GET", "/embeds", catalogue.nothing),
    ("GET", "/experiments", catalogue.nothing),
)


class Trustmary:
    """One service for all organizations; `app()` is what a server runs."""

    witness: ClassVar[Callable[[web.Request, web.Response], None] | None] = None
    """Shown every answer before a fault gets hold of it: tests hold it against the facts."""

    def __init__(self, world: World, meter: Meter, faults: Faults) -> None:
        self._world = world
        self._door = Door(meter=meter, faults=faults, tenant=self._tenant, refuse=self._refuse)
        self._by_key = {item.api_key: item for item in world.organizations.values()}

    def app(self) -> web.Application:
        app = web.Application(client_max_size=1 << 20, middlewares=[self._elsewhere])
        for method, path, answer in ROUTES:
            route = f"trustmary.{path.split('/')[1]}.{method.lower()}"
            handler = self._door.guard(route, self._inside(path, answer))
            app.router.add_route(method, f"/v1{path}", handler)
        return app

    def _inside(self, path: str, answer: Answer) -> Handler:
        async def enter(request: web.Request) -> web.StreamResponse:
            try:
                answered = await self._answer(request, path, answer)
            except web.RequestPayloadError:
                answered = self._refuse(Rejected(400, "The body cannot be read"))
            except Rejected as rejected:
                answered = self._refuse(rejected)
            if witness := type(self).witness:
                witness(request, answered)
            return answered

        return enter

    async def _answer(self, request: web.Request, path: str, answer: Answer) -> web.Response:
        home = self._organization(request)
        if home is not None:
            return await answer(Call(request=request, organization=home, world=self._world))
        status = self._world.switches.bad_key_status
        if status == 200 and path == "/test":
            return json_answer({"message": "Invalid API key"})
        raise Rejected(401 if status == 200 else status, "Invalid API key")

    def _organization(self, request: web.Request) -> Organization | None:
        scheme, _, key = request.headers.get("Authorization", "").partition(" ")
        known = self._by_key.get(key.strip())
        taken = scheme.lower() in self._world.switches.trustmary_schemes.lower().split(",")
        return known if known is not None and taken and known.key_works else None

    def _tenant(self, request: web.Request) -> str:
        known = self._organization(request)
        return known.id if known else ""

    def _refuse(self, rejected: Rejected) -> web.Response:
        if rejected.status == 400:
            rejected.status = self._world.switches.unfit_status
        return refusal(rejected, self._world.switches)

    @web.middleware
    async def _elsewhere(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """No such path, no such method, or more than it reads."""
        try:
            return await handler(request)
        except web.HTTPException as error:
            return self._refuse(Rejected(error.status, error.reason))
