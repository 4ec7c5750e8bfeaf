"""Trustmary's webhooks by API: subscribe, list, unsubscribe, and what a delivery looks like."""

from __future__ import annotations

from aiohttp import web

from sandbox.answers import Rejected, json_answer
from sandbox.contacts import Contact
from sandbox.hooks import Hook, Reply
from sandbox.trustmary_call import Call


async def subscribe(call: Call) -> web.Response:
    body, home = await call.body(), call.organization
    name, url = body.get("name"), body.get("hookUrl")
    events = body.get("events", body.get("events[]"))
    if not (isinstance(name, str) and name and isinstance(url, str) and url.startswith(("http://", "https://"))):
        raise Rejected(400, "name and hookUrl are required")
    if not (isinstance(events, list) and events and all(isinstance(each, str) for each in events)):
        raise Rejected(400, "events must be an array of event types", field="events")
    home.numbered += 1
    hook = Hook(id=f"{home.id}wh{home.numbered}", name=name, url=url, events=events)
    home.hooks[hook.id] = hook
    return json_answer({"webhook": hook.written()}, call.switches.created_status)


async def subscriptions(call: Call) -> web.Response:
    return call.many("webhooks", [hook.written() for hook in call.organization.hooks.values()])


async def unsubscribe(call: Call) -> web.Response:
    hook = call.organization.hooks.pop(call.request.match_info["id"], None)
    if hook is None:
        raise Rejected(404, "Webhook not found")
    return json_answer({"webhook": hook.written()})


async def example(call: Call) -> web.Response:
    home, now = call.organization, call.world.clock()
    someone = Contact(id="k9ExAmPle", email="maija.meikalainen@example.fi", created=now, updated=now)
    survey = next(iter(home.surveys.values()))
    reply = Reply(
        id="aNs456",
        at=now,
        survey=survey.id,
        survey_name=survey.name,
        organization=home.id,
        values={"nps": 9, "feedback": "Nopea palvelu", "custom": {"q1": "a2"}, "publicConsent": "true"},
        contact=someone,
    )
    return call.many("payload", [reply.payload(call.switches)])
