"""Somebody answers a survey: smart lists fill themselves, and webhooks are told."""

from __future__ import annotations

import asyncio
from typing import Any

import orjson
from aiohttp import ClientError, ClientSession, ClientTimeout

from sandbox.contacts import Contact
from sandbox.hooks import Reply, mood
from sandbox.organization import Organization
from sandbox.world import NotAllowed, World

_PATIENCE = ClientTimeout(total=5)


async def reply(world: World, score: int, *, email: str = "", organization: str | None = None, **values: Any) -> Reply:
    """Of the organization's first survey; without an *email* the link did not tell who answers. *values* go beside."""
    home = world.organization(organization)
    contact = home.contacts.get(email.lower())
    if email and contact is None:
        raise NotAllowed(f"no contact {email}")
    survey = next(iter(home.surveys.values()))
    given = Reply(
        id=f"{home.id}an{len(home.replies) + 1}",
        at=world.clock(),
        survey=survey.id,
        survey_name=survey.name,
        organization=home.id,
        values={"nps": score} | values,
        contact=contact,
    )
    home.replies.append(given)
    if contact is not None:
        _note(home, contact, mood(score))
        contact.last_action = given.at
    payload = orjson.dumps(given.payload(world.switches))
    await asyncio.gather(*(_tell(hook.url, payload) for hook in home.hooks.values()))
    return given


def _note(home: Organization, contact: Contact, feeling: str) -> None:
    """Smart lists here hold the promoters."""
    contact.moods.append(feeling)
    for each in home.lists.values():
        if each.source == "smart":
            (each.members.add if feeling == "promoter" else each.members.discard)(contact.id)


async def _tell(url: str, payload: bytes) -> None:
    """Once: whether Trustmary tries again is not known."""
    try:
        async with ClientSession(timeout=_PATIENCE) as http:
            await http.post(url, data=payload, headers={"Content-Type": "application/json"})
    except (ClientError, TimeoutError, OSError):
        return
