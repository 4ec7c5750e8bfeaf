"""Trustmary's calls about contacts: find, write, delete, and start an automation."""

from __future__ import annotations

from aiohttp import web

from sandbox.answers import Rejected, json_answer
from sandbox.trustmary_call import Call, page


async def find(call: Call) -> web.Response:
    query = call.request.query
    everybody = call.organization.contacts
    if email := query.get("email"):
        known = everybody.get(email.lower())
        found = [known] if known else []
    else:
        found = list(everybody.values())
    deleted_too = query.get("includeAll") == "true"
    shown = [contact for contact in found if deleted_too or contact.deleted is None]
    rows = [contact.listed(call.switches) for contact in shown]
    return call.many("contacts", page(rows, {"offset": query.get("offset", "")}))


async def upsert(call: Call) -> web.Response:
    body = await call.body()
    answer, arrival = call.organization.upsert(body, at=call.world.clock(), switches=call.switches)
    call.world.books.arrive(arrival)
    return json_answer(answer, call.switches.created_status if arrival.created else 200)


async def delete(call: Call) -> web.Response:
    found = call.organization.delete(await call.body(), at=call.world.clock())
    if found is None:
        if call.switches.unknown_contact >= 400:
            raise Rejected(call.switches.unknown_contact, "Contact not found")
        return json_answer({"contact": None}, call.switches.unknown_contact)
    contact, arrival = found
    call.world.books.arrive(arrival)
    return json_answer({"contact": contact.written(call.switches)})


async def trigger(call: Call) -> web.Response:
    automation = call.request.match_info["id"]
    arrival = call.organization.trigger(automation, await call.body(), at=call.world.clock(), switches=call.switches)
    call.world.books.arrive(arrival)
    return json_answer({"action": "TRIGGER_AUTOMATION"})
