"""One Trustmary organization: contacts, lists, surveys, automations, and what an upsert would start."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from random import Random
from typing import Any

from sandbox.answers import Rejected
from sandbox.automations import Automation, Starter, Survey
from sandbox.books import Arrival
from sandbox.contacts import STATUSES, Contact, read_custom, read_email, read_given
from sandbox.hooks import Hook, Reply
from sandbox.lists import Aim, ContactList, read_aims, read_removals
from sandbox.switches import Switches

__all__ = ["STATUSES", "Contact", "ContactList", "Organization", "found_organization"]


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
    hooks: dict[str, Hook] = field(default_factory=dict)
    replies: list[Reply] = field(default_factory=list)
    key_works: bool = True
    numbered: int = 0

    def upsert(self, body: dict[str, Any], *, at: datetime, switches: Switches) -> tuple[dict[str, Any], Arrival]:
        """Create or update the contact; the answer, and what the books should know."""
        given = read_given(body, switches)
        added, removed = read_aims(body, self.lists, switches), read_removals(body, self.lists, switches)
        contact, created = self._contact(given.email, at)
        changed = contact.take(given, at, switches)
        if contact.deleted and switches.revive_deleted:
            contact.deleted = None
        starter = Starter(automations=self.automations, switches=switches)
        starts = [] if created else starter.updating(self._lists_of(contact), changed=changed)
        moved = self._move(contact, added, removed, (starter, starts))
        answer = {
            "contact": contact.written(switches),
            "action": "IMPORT_CREATE" if created else switches.update_action,
            "listsUpdated": moved,
        }
        return answer, self._arrival(
            contact,
            at=at,
            call="contact",
            email=given.email,
            lists=[aim.list.id for aim in added],
            fields=given.custom,
            created=created,
            removed=[item.id for item in removed],
            segments={aim.list.id: aim.segment for aim in added if aim.segment is not None},
            started=starts if contact.reachable else [],
        )

    def trigger(self, automation_id: str, body: dict[str, Any], *, at: datetime, switches: Switches) -> Arrival:
        automation = self.automations.get(automation_id)
        if automation is None:
            raise Rejected(switches.unknown_automation, "Automation not found")
        email, custom = read_email(body), read_custom(body, switches)
        if email.lower() not in self.contacts and switches.trigger_needs_contact:
            raise Rejected(404, "Contact not found")
        if automation.status != "active":
            raise Rejected(400, "Automation is not active")
        if switches.trigger_needs_manual and not automation.manual:
            raise Rejected(400, "Automation has no manual trigger")
        contact, created = self._contact(email, at)
        contact.custom.update(custom)
        contact.last_action = at
        return self._arrival(
            contact,
            at=at,
            call="automation",
            email=email,
            lists=[automation_id],
            fields=custom,
            created=created,
            started=[automation_id] if contact.reachable else [],
        )

    def delete(self, body: dict[str, Any], *, at: datetime) -> tuple[Contact, Arrival] | None:
        """The contact, marked as deleted; None where nobody has that address."""
        email = read_email(body)
        contact = self.contacts.get(email.lower())
        if contact is None:
            return None
        contact.deleted = at
        return contact, self._arrival(contact, at=at, call="delete", email=email, lists=[], fields={})

    def forget(self, contact: Contact) -> None:
        """As if it had never been."""
        del self.contacts[contact.email.lower()]
        for each in self.lists.values():
            each.members.discard(contact.id)

    def _contact(self, email: str, at: datetime) -> tuple[Contact, bool]:
        """The one with that address, and whether it is new."""
        if known := self.contacts.get(email.lower()):
            return known, False
        made = Contact(id=f"{self.id}c{self.numbered}", email=email, created=at, updated=at)
        self.numbered += 1
        self.contacts[email.lower()] = made
        return made, True

    def _lists_of(self, contact: Contact) -> list[ContactList]:
        return [each for each in self.lists.values() if contact.id in each.members and each.deleted is None]

    def _move(
        self, contact: Contact, added: list[Aim], removed: list[ContactList], start: tuple[Starter, list[str]]
    ) -> int:
        """Puts *contact* on and takes it off; how many lists were updated. What starts is noted."""
        starter, starts = start
        moved = 0
        for aim in added:
            fresh = contact.id not in aim.list.members
            aim.list.members.add(contact.id)
            moved += fresh or starter.switches.readded_counts
            starts += starter.joining(aim, fresh=fresh)
        for target in removed:
            moved += contact.id in target.members
            target.members.discard(contact.id)
        return moved

    def _arrival(self, contact: Contact, **told: Any) -> Arrival:
        starts = bool(told.get("started"))
        return Arrival(organization=self.id, name=contact.plain.get("name"), survey_starts=starts, **told)


def found_organization(place: int, *, rng: Random, name: str, at: datetime) -> Organization:
    """A new organization with the lists, surveys and automations that a demo needs."""
    prefix = f"or{place}{rng.randbytes(2).hex()}"
    survey = Survey(id=f"{prefix}sv1", name="NPS laskutuksen jälkeen")
    other = Survey(id=f"{prefix}sv2", name="Asiakaskysely 2026")
    listening = Automation(id=f"{prefix}au1", name="Kysely laskun jälkeen", status="active", manual=True)
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
