"""A contact of Trustmary: what a caller may write into it, and how it is shown."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sandbox.answers import Rejected
from sandbox.clock import zulu
from sandbox.switches import Switches

STATUSES = frozenset(
    {"active", "unsubscribed", "unapproved_country_code", "missing_contact_info", "error", "complaint", "bounce"}
)
TYPES = frozenset({"customer", "employee"})
_ADDRESS = re.compile(r"[^@\s]+@[^@\s.]+(\.[^@\s.]+)+")
_TEXTS = ("name", "eid", "phone", "company")
_OTHERS = frozenset({"email", "type", "processName", "addToLists", "addToList", "removeFromLists"})
_SPLIT = ("firstname", "lastname")


@dataclass(slots=True, kw_only=True)
class Contact:
    id: str
    email: str
    created: datetime
    updated: datetime
    plain: dict[str, Any] = field(default_factory=dict)
    custom: dict[str, Any] = field(default_factory=dict)
    status: str = "active"
    deleted: datetime | None = None
    last_action: datetime | None = None
    moods: list[str] = field(default_factory=list)
    """Promoter, passive or detractor, of each survey that was answered."""

    @property
    def reachable(self) -> bool:
        """Whether Trustmary would write to it at all."""
        return self.status == "active" and self.deleted is None

    def written(self, switches: Switches) -> dict[str, Any]:
        kind = self.plain.get("type") or switches.default_type
        return {
            "id": self.id,
            **({"email": self.email} if switches.echo_email else {}),
            **{name: self.plain.get(name) for name in ("eid", "name", *_SPLIT, "phone", "company")},
            **({"type": kind} if kind else {}),
            "status": self.status,
            **self.custom,
            "created_at": zulu(self.created),
            "updated_at": zulu(self.updated),
            "deleted_at": zulu(self.deleted) if self.deleted else None,
            "last_action": zulu(self.last_action) if self.last_action else None,
        }

    def listed(self, switches: Switches) -> dict[str, Any]:
        """As `written`, and what surveys have told."""
        return self.written(switches) | {
            "nps_status": self.moods[-1] if self.moods else None,
            "original_nps_status": self.moods[0] if self.moods else None,
            "recommend_status": None,
            "nps_change": None,
        }

    def correct(self, fields: dict[str, Any]) -> None:
        """As somebody would by hand, who may empty a field too."""
        for name, value in fields.items():
            if name in _TEXTS or name == "type":
                self.plain[name] = value
            elif name.startswith("field_"):
                self.custom[name] = value
            else:
                raise ValueError(f"a contact has no {name} to change")

    def take(self, given: Given, at: datetime, switches: Switches) -> bool:
        """Writes what was *given*; whether anything is otherwise than before."""
        before = (dict(self.plain), dict(self.custom))
        if switches.omitted_fields == "clear":
            self.plain = {name: value for name, value in self.plain.items() if name == "type"}
            self.custom = {}
        clears = switches.empty_fields == "clear"
        self.plain |= {name: value or None for name, value in given.plain.items() if value or clears}
        self.custom |= {name: value for name, value in given.custom.items() if value or clears}
        self.updated = at
        if switches.upsert_resubscribes and self.status == "unsubscribed":
            self.status = "active"
        return before != (self.plain, self.custom)


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """What a caller wrote of a contact."""

    email: str
    plain: dict[str, Any]
    custom: dict[str, str]


def read_given(body: dict[str, Any], switches: Switches) -> Given:
    """Raises Rejected where *body* is no contact."""
    email = read_email(body)
    taken = (*_TEXTS, *_SPLIT) if switches.takes_first_and_last else _TEXTS
    known = _OTHERS | set(taken)
    strange = [name for name in body if name not in known and not name.startswith("field_")]
    if strange and switches.strange_fields == "refuse":
        raise Rejected(400, f"{strange[0]} is not allowed", field=strange[0])
    plain = {name: _text(body, name) for name in taken if name in body}
    if kind := _text(body, "type"):
        if kind not in TYPES:
            raise Rejected(400, "type must be customer or employee", field="type")
        plain["type"] = kind
    if not isinstance(body.get("processName", False), bool):
        raise Rejected(400, "processName must be true or false", field="processName")
    if body.get("processName") and plain.get("name"):
        first, _, last = plain["name"].rpartition(" ")
        plain |= {"firstname": first or last, "lastname": last if first else ""}
    return Given(email=email, plain=plain, custom=read_custom(body, switches))


def read_email(body: dict[str, Any]) -> str:
    email = body.get("email")
    if not isinstance(email, str) or not _ADDRESS.fullmatch(email.strip()):
        raise Rejected(400, "email must be a valid address", field="email")
    return email.strip()


def read_custom(body: dict[str, Any], switches: Switches) -> dict[str, str]:
    given = {name: _text(body, name) for name in body if name.startswith("field_")}
    if switches.undefined_fields == "accept":
        return given
    defined = set(switches.defined_fields.split(","))
    undefined = sorted(given.keys() - defined)
    if undefined and switches.undefined_fields == "refuse":
        raise Rejected(400, f"Custom field {undefined[0]} is not defined", field=undefined[0])
    return {name: value for name, value in given.items() if name in defined}


def _text(body: dict[str, Any], name: str) -> str:
    value = body.get(name)
    if value is not None and not isinstance(value, str):
        raise Rejected(400, f"{name} must be a string", field=name)
    return value or ""
