"""What Trustmary tells of an organization: its name, lists, surveys and their answers, automations, widgets."""

from __future__ import annotations

from aiohttp import web

from sandbox.answers import Rejected, json_answer
from sandbox.automations import Survey
from sandbox.trustmary_call import Call, page


async def test(call: Call) -> web.Response:
    home = call.organization
    names = {"organization_id": home.id, "organization_name": home.name, "api_key_name": "procountor-bridge"}
    return json_answer({"message": "API key is working", **names})


async def lists(call: Call) -> web.Response:
    home, switches = call.organization, call.switches
    shown = [
        item.written(home.since)
        for item in home.lists.values()
        if (switches.deleted_shown or item.deleted is None) and (switches.survey_lists_shown or not item.survey)
    ]
    return call.many("lists", page(shown, await call.filters()))


async def surveys(call: Call) -> web.Response:
    everything = call.switches.deleted_shown
    found = (each for each in call.organization.surveys.values() if everything or each.deleted is None)
    rows = [each.written(call.organization.since, _answers(call, each)) for each in found]
    return call.many("surveys", page(rows, await call.filters()))


async def survey(call: Call) -> web.Response:
    found = _survey(call)
    return call.one("survey", found.written(call.organization.since, _answers(call, found)))


async def responses(call: Call) -> web.Response:
    found = _survey(call)
    return call.many("responses", [each.written() for each in call.organization.replies if each.survey == found.id])


async def automations(call: Call) -> web.Response:
    home = call.organization
    return json_answer({"automations": [each.written(home.since) for each in home.automations.values()]})


async def nothing(call: Call) -> web.Response:
    """Widgets, embeds and experiments, of which the organization has none."""
    return call.many(call.request.path.rpartition("/")[2], [])


def _survey(call: Call) -> Survey:
    found = call.organization.surveys.get(call.request.match_info["id"])
    if found is None or found.deleted:
        raise Rejected(404, "Survey not found")
    return found


def _answers(call: Call, of: Survey) -> int:
    return sum(each.survey == of.id for each in call.organization.replies)
