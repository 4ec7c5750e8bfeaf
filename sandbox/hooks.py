"""Trustmary's webhooks: who is told of an answered survey, and in which words."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sandbox.clock import zulu
from sandbox.contacts import Contact
from sandbox.switches import Switches


@dataclass(frozen=True, slots=True, kw_only=True)
class Hook:
    """A subscription. Which events there are is not known: whoever asks for any is told of every answer."""

    id: str
    name: str
    url: str
    events: list[str]

    def written(self) -> dict[str, Any]:
        return {"id": self.id, "name": self.name, "hookUrl": self.url, "events": self.events}


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """One answered survey."""

    id: str
    at: datetime
    survey: str
    survey_name: str
    organization: str
    values: dict[str, Any]
    contact: Contact | None = None
    """None where the link did not tell who answers."""

    def written(self) -> dict[str, Any]:
        return {
            "survey_id": self.survey,
            "survey_name": self.survey_name,
            "answer_id": self.id,
            "organization_id": self.organization,
            "created_at": zulu(self.at),
            "answer_values": self.values,
        }

    def payload(self, switches: Switches) -> dict[str, Any]:
        """As it is posted; whether the contact stands inside the answer or beside it is not known."""
        told = {"contact": self.contact.written(switches)} if self.contact else {}
        if switches.hook_contact == "beside":
            return {"answer": self.written(), **told}
        return {"answer": self.written() | told}


def mood(score: int) -> str:
    """What an answer of 0-10 makes of somebody."""
    return "promoter" if score >= 9 else "passive" if score >= 7 else "detractor"
