"""The sandbox's Trustmary over HTTP, under `/v1`."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from aiohttp import web

from sandbox.answers import Rejected, json_answer
from sandbox.books import Arrival
from sandbox.clock import zulu
from sandbox.door import Door, Handler, read_object
from sandbox.faults import Faults
from sandbox.meter import Meter
from sandbox.organization import ContactList, Organization, check_email
from sandbox.world import World

_PAGE = 1000

Answer = Callable[[web.Request, Organization], Awaitable[web.StreamResponse]]


class Trustmary:
    """One service for all organizations; `app()` is what a server runs."""

    def __init__(self, world: World, meter: Meter, faults: Faults) -> None:
        self._world = world
        self._door = Door(meter=meter, faults=faults, tenant=self._tenant, refuse=_refuse)
        self._by_key = {item.api_key: item for item in world.organizations.values()}

    def app(self) -> web.Application:
        app = web.Application(client_max_size=1 << 20)
        answers: tuple[tuple[str, str, Answer], ...] = (
            ("GET", "/test", self._test),
            ("GET", "/contacts", self._find),
            ("POST", "/contacts", self._upsert),
            ("DELETE", "/contacts", self._delete),
            ("GET", "/lists", self._lists),
            ("GET", "/surveys", self._surveys),
            ("GET", "/automations", self._automations),
            ("POST", "/automations/{id}/trigger", self._trigger),
        )
        for method, path, answer in answers:
            route = f"trustmary.{path.split('/')[1]}.{method.lower()}"
            handler = self._door.guard(route, self._inside(answer))
            for spelling in ("/v1" + path, f"/v1{path}/"):
                app.router.add_route(method, spelling, handler)
        return app

    def _organization(self, request: web.Request) -> Organization | None:
        scheme, _, key = request.headers.get("Authorization", "").partition(" ")
        known = self._by_key.get(key.strip())
        taken = scheme.lower() in self._world.switches.trustmary_schemes.lower().split(",")
        return known if known is not None and taken and known.key_works else None

    def _tenant(self, request: web.Request) -> str:
        known = self._organization(request)
        return known.id if known else ""

    def _inside(self, answer: Answer) -> Handler:
        async def enter(request: web.Request) -> web.StreamResponse:
            organization = self._organization(request)
            if organization is None:
                raise Rejected(401, "Invalid API key")
            return await answer(request, organization)

        return enter

    async def _test(self, _: web.Request, organization: Organization) -> web.Response:
        return json_answer(
            {
                "message": "API key is working",
                "organization_id": organization.id,
                "organization_name": organization.name,
                "api_key_name": "procountor-bridge",
            }
        )

    async def _find(self, request: web.Request, organization: Organization) -> web.Response:
        everything = request.query.get("includeAll") == "true"
        if email := request.query.get("email"):
            known = organization.contacts.get(email.lower())
            found = [known] if known else []
        else:
            found = list(organization.contacts.values())
        shown = [contact for contact in found if everything or contact.deleted is None]
        echo = self._world.switches.echo_email
        return self._many("contacts", _paged(request, [contact.written(echo_email=echo) for contact in shown]))

    async def _upsert(self, request: web.Request, organization: Organization) -> web.Response:
        body = await read_object(request)
        answer, arrival = organization.upsert(body, at=self._world.clock(), switches=self._world.switches)
        self._world.books.arrive(arrival)
        return json_answer(answer)

    async def _delete(self, request: web.Request, organization: Organization) -> web.Response:
        email = check_email(await read_object(request))
        contact = organization.contacts.get(email.lower())
        if contact is None:
            if self._world.switches.unknown_contact == 404:
                raise Rejected(404, "Contact not found")
            return json_answer({"contact": None}, self._world.switches.unknown_contact)
        contact.deleted = self._world.clock()
        self._world.books.arrive(
            Arrival(
                at=contact.deleted,
                organization=organization.id,
                call="delete",
                email=email,
                name=contact.plain.get("name"),
                lists=[],
                fields={},
            )
        )
        return json_answer({"contact": contact.written(echo_email=self._world.switches.echo_email)})

    async def _lists(self, request: web.Request, organization: Organization) -> web.Response:
        shown = [item for item in organization.lists.values() if not item.deleted]
        return self._many("lists", _paged(request, [_list_of(item, organization) for item in shown]))

    async def _surveys(self, request: web.Request, organization: Organization) -> web.Response:
        rows = [
            {"id": item.id, "type": "customer", "count": 0, "name": item.name, **_times(organization)}
            for item in organization.surveys.values()
        ]
        return self._many("surveys", _paged(request, rows))

    async def _automations(self, _: web.Request, organization: Organization) -> web.Response:
        times = {"created_at": zulu(organization.since), "updated_at": zulu(organization.since)}
        rows = [
            {"id": item.id, "name": item.name, "type": "customer", "status": item.status, **times}
            for item in organization.automations.values()
        ]
        return json_answer({"automations": rows})

    async def _trigger(self, request: web.Request, organization: Organization) -> web.Response:
        body = await read_object(request)
        arrival = organization.trigger(
            request.match_info["id"], body, at=self._world.clock(), switches=self._world.switches
        )
        self._world.books.arrive(arrival)
        return json_answer({"action": "TRIGGER_AUTOMATION"})

    def _many(self, name: str, rows: list[dict[str, Any]]) -> web.Response:
        return json_answer({name: rows} if self._world.switches.wrapped_lists else rows)


def _refuse(rejected: Rejected) -> web.Response:
    return json_answer({"message": rejected.message, "status": rejected.status}, rejected.status)


def _paged(request: web.Request, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    offset = request.query.get("offset", "0")
    if not offset.isdigit():
        raise Rejected(400, "offset must be a number", field="offset")
    kind = request.query.get("type")
    kept = [row for row in rows if kind is None or row["type"] == kind]
    return kept[int(offset) : int(offset) + _PAGE]


def _list_of(item: ContactList, organization: Organization) -> dict[str, Any]:
    return {
        "id": item.id,
        "type": "customer",
        "count": len(item.members),
        "name": item.name,
        "source": item.source,
        **_times(organization),
    }


def _times(organization: Organization) -> dict[str, Any]:
    return {"created_at": zulu(organization.since), "updated_at": zulu(organization.since), "deleted_at": None}
