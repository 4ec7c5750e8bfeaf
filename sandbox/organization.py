"""One Trustmary organization: contacts, lists, surveys, automations, and what an upsert would start."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import datetime
from random import Random
from typing import Any

from sandbox.answers import Rejected
from sandbox.books import Arrival
from sandbox.clock import zulu
from sandbox.switches import Switches

_ADDRESS = re.compile(r"[^@\s]+@[^@\s.]+(\.[^@\s.]+)+")
_PLAIN = ("name", "eid", "phone", "company", "type")
STATUSES = frozenset(
    {"active", "unsubscribed", "unapproved_country_code", "missing_contact_info", "error", "complaint", "bounce"}
)


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

    def written(self, *, echo_email: bool) -> dict[str, Any]:
        return {
            "id": self.id,
            **({"email": self.email} if echo_email else {}),
            **{name: self.plain.get(name) for name in ("eid", "name", "firstname", "lastname", "phone", "company")},
            "type": self.plain.get("type", "customer"),
            "status": self.status,
            **self.custom,
            "created_at": zulu(self.created),
            "updated_at": zulu(self.updated),
            "deleted_at": zulu(self.deleted) if self.deleted else None,
            "last_action": zulu(self.last_action) if self.last_action else None,
        }

    def correct(self, fields: dict[str, Any]) -> None:
        """As somebody would by hand, who may empty a field too."""
        for name, value in fields.items():
            if name in _PLAIN:
                self.plain[name] = value
            elif name.startswith("field_"):
                self.custom[name] = value
            else:
                raise ValueError(f"a contact has no {name} to change")


@dataclass(slots=True, kw_only=True)
class ContactList:
    id: str
    name: str
    source: str = "list"
    survey: str = ""
    automations: tuple[str, ...] = ()
    """Automations that start when a contact is added here."""
    members: set[str] = field(default_factory=set)
    deleted: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Survey:
    id: str
    name: str


@dataclass(slots=True, kw_only=True)
class Automation:
    id: str
    name: str
    status: str


@dataclass(slots=True, kw_only=True)
class Organization:
    id: str
    name: str
    api_key: str
    since: datetime
    lists: dict[str, ContactList]
    surveys: dict[str, Survey]
    automations: dict[str, Automation]
    contacts: dict[str, Contact] = field(default_factory=dict)
    """By lower-cased e-mail."""
    key_works: bool = True
    numbered: int = 0

    def upsert(self, body: dict[str, Any], *, at: datetime, switches: Switches) -> tuple[dict[str, Any], Arrival]:
        """Create or update the contact; the answer, and what the books should know."""
        email = check_email(body)
        added = self._targets(_ids(body, "addToLists"), switches, into=True)
        removed = self._targets(_ids(body, "removeFromLists"), switches, into=False)
        custom = custom_fields(body, switches)
        known = self.contacts.get(email.lower())
        contact = known or self._new(email, at)
        self.contacts[email.lower()] = contact
        _write(contact, body, custom, at)
        if contact.deleted and switches.revive_deleted:
            contact.deleted = None
        starts, moved = self._enlist(contact, added, removed, switches)
        answer = {
            "contact": contact.written(echo_email=switches.echo_email),
            "action": "IMPORT_UPDATE" if known else "IMPORT_CREATE",
            "listsUpdated": moved,
        }
        return answer, Arrival(
            at=at,
            organization=self.id,
            call="contact",
            email=email,
            name=contact.plain.get("name"),
            lists=[item.id for item in added],
            fields=custom,
            created=known is None,
            removed=[item.id for item in removed],
            survey_starts=starts,
        )

    def forget(self, contact: Contact) -> None:
        """As if it had never been."""
        del self.contacts[contact.email.lower()]
        for each in self.lists.values():
            each.members.discard(contact.id)

    def _new(self, email: str, at: datetime) -> Contact:
        self.numbered += 1
        return Contact(id=f"{self.id}c{self.numbered - 1}", email=email, created=at, updated=at)

    def trigger(self, automation_id: str, body: dict[str, Any], *, at: datetime, switches: Switches) -> Arrival:
        automation = self.automations.get(automation_id)
        if automation is None:
            raise Rejected(404, "Automation not found")
        email = check_email(body)
        contact = self.contacts.get(email.lower())
        if contact is None:
            raise Rejected(404, "Contact not found")
        if automation.status != "active":
            raise Rejected(400, "Automation is not active")
        custom = custom_fields(body, switches)
        contact.custom.update(custom)
        contact.last_action = at
        return Arrival(
            at=at,
            organization=self.id,
            call="automation",
            email=email,
            name=contact.plain.get("name"),
            lists=[automation_id],
            fields=custom,
            survey_starts=_reachable(contact),
        )

    def _targets(self, ids: list[str], switches: Switches, *, into: bool) -> list[ContactList]:
        """The lists named by *ids*; a smart list fills itself and takes nobody."""
        targets: list[ContactList] = []
        for name in dict.fromkeys(ids):
            found = self.lists.get(name)
            if found is not None and not found.deleted and not (into and found.source == "smart"):
                targets.append(found)
            elif switches.unknown_list:
                raise Rejected(switches.unknown_list, "List not found")
        return targets

    def _enlist(
        self, contact: Contact, added: list[ContactList], removed: list[ContactList], switches: Switches
    ) -> tuple[bool, int]:
        """Whether a survey starts, and how many lists were updated."""
        starts, moved = False, 0
        for target in added:
            fresh = contact.id not in target.members
            target.members.add(contact.id)
            moved += fresh or switches.readded_counts
            starts = starts or (self.starts_surveys(target) and (fresh or switches.readded_starts))
        for target in removed:
            moved += contact.id in target.members
            target.members.discard(contact.id)
        return starts and _reachable(contact), moved

    def starts_surveys(self, target: ContactList) -> bool:
        """Whether joining *target* asks a person: a survey's own list, or one an active automation listens to."""
        active = (self.automations[name].status == "active" for name in target.automations)
        return bool(target.survey) or any(active)


def check_email(body: dict[str, Any]) -> str:
    email = body.get("email")
    if not isinstance(email, str) or not _ADDRESS.fullmatch(email.strip()):
        raise Rejected(400, "email must be a valid address", field="email")
    return email.strip()


def custom_fields(body: dict[str, Any], switches: Switches) -> dict[str, Any]:
    given = {name: value for name, value in body.items() if name.startswith("field_")}
    if switches.undefined_fields == "accept":
        return given
    defined = set(switches.defined_fields.split(","))
    undefined = sorted(given.keys() - defined)
    if undefined and switches.undefined_fields == "refuse":
        raise Rejected(400, f"Custom field {undefined[0]} is not defined", field=undefined[0])
    return {name: value for name, value in given.items() if name in defined}


def found_organization(place: int, *, rng: Random, name: str, at: datetime) -> Organization:
    """A new organization with the lists, surveys and automations that a demo needs."""
    prefix = f"or{place}{rng.randbytes(2).hex()}"
    survey = Survey(id=f"{prefix}sv1", name="NPS laskutuksen jälkeen")
    other = Survey(id=f"{prefix}sv2", name="Asiakaskysely 2026")
    listening = Automation(id=f"{prefix}au1", name="Kysely laskun jälkeen", status="active")
    draft = Automation(id=f"{prefix}au2", name="Kysely, luonnos", status="draft")
    lists = (
        ContactList(id=f"{prefix}li1", name="Procountor laskutetut"),
        ContactList(id=f"{prefix}li2", name=survey.name, survey=survey.id),
        ContactList(id=f"{prefix}li3", name="Automaation lista", automations=(listening.id,)),
        ContactList(id=f"{prefix}li4", name="Suosittelijat", source="smart"),
    )
    return Organization(
        id=prefix,
        name=name,
        api_key=rng.randbytes(20).hex(),
        since=at,
        lists={item.id: item for item in lists},
        surveys={item.id: item for item in (survey, other)},
        automations={item.id: item for item in (listening, draft)},
    )


def _reachable(contact: Contact) -> bool:
    return contact.status == "active" and contact.deleted is None


def _ids(body: dict[str, Any], name: str) -> list[str]:
    ids = body.get(name) or []
    if not isinstance(ids, list) or not all(isinstance(item, str) for item in ids):
        raise Rejected(400, f"{name} must be an array of list ids", field=name)
    return ids


def _write(contact: Contact, body: dict[str, Any], custom: dict[str, Any], at: datetime) -> None:
    contact.plain.update({name: body[name] for name in _PLAIN if body.get(name)})
    if body.get("processName") and body.get("name"):
        first, _, last = str(body["name"]).rpartition(" ")
        contact.plain.update({"firstname": first or last, "lastname": last if first else ""})
    contact.custom.update(custom)
    contact.updated = at
