"""Trustmary in memory: what a key's organization does with contacts, and every way in which a call may go wrong."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from events.errors import Refused, Unavailable
from memory.clock import Clock
from worker.adapters.trustmary import Answer, Organization, Target

Guard = Callable[[], None] | None


@dataclass(slots=True, kw_only=True)
class Home:
    """One organization."""

    id: str
    key: str
    contacts: dict[str, dict[str, Any]] = field(default_factory=dict)
    """By address in lower case."""
    lists: dict[str, set[str]] = field(default_factory=dict)
    """Addresses by the list's id."""
    automations: dict[str, str] = field(default_factory=dict)
    """Status by id."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """A call that took effect, whatever answer the caller saw."""

    organization: str
    call: str
    email: str
    lists: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    fields: Mapping[str, str] = field(default_factory=dict)


class Trustmary:
    """*trouble* is asked of every call, by its route, for how it goes wrong; empty: it does not."""

    def __init__(
        self, *homes: Home, clock: Callable[[], datetime] | None = None, trouble: Callable[[str], str] | None = None
    ) -> None:
        self.homes = {home.key: home for home in homes}
        self.arrivals: list[Arrival] = []
        self.failing: dict[str, list[str]] = {}
        """Route → how its next calls go wrong."""
        self._clock = clock or Clock()
        self._trouble = trouble or self._next_failure

    async def test(self, key: str) -> Organization:
        home = await self._enter(key, "test.get")
        return Organization(id=home.id, name=home.id, key_name="a key")

    async def contact(self, key: str, email: str, *, timeout: float | None = None) -> Mapping[str, Any] | None:
        found = (await self._enter(key, "contacts.get")).contacts.get(email.casefold())
        return dict(found) if found else None

    async def add(
        self,
        key: str,
        contact: Mapping[str, str],
        *,
        lists: tuple[str, ...] = (),
        guard: Guard = None,
        timeout: float | None = None,
    ) -> Answer:
        def upsert(home: Home) -> dict[str, Any]:
            email = _address(contact)
            if not home.lists.keys() >= set(lists):
                raise refused(404)
            known = email.casefold() in home.contacts
            self._write(home, email, contact)
            for name in lists:
                home.lists[name].add(email.casefold())
            fields = {name: value for name, value in contact.items() if name.startswith("field_")}
            self.arrivals.append(Arrival(organization=home.id, call="contact", email=email, lists=lists, fields=fields))
            return {"action": "IMPORT_UPDATE" if known else "IMPORT_CREATE"}

        return await self._do(key, "contacts.post", upsert, guard)

    async def remove(
        self, key: str, email: str, *, lists: tuple[str, ...], guard: Guard = None, timeout: float | None = None
    ) -> Answer:
        def take_off(home: Home) -> dict[str, Any]:
            who = _address({"email": email})
            if not home.lists.keys() >= set(lists):
                raise refused(404)
            known = who.casefold() in home.contacts
            self._write(home, who, {"email": who})
            for name in lists:
                home.lists[name].discard(who.casefold())
            self.arrivals.append(Arrival(organization=home.id, call="contact", email=who, removed=lists))
            return {"action": "IMPORT_UPDATE" if known else "IMPORT_CREATE"}

        return await self._do(key, "contacts.post", take_off, guard)

    async def trigger(
        self,
        key: str,
        automation: str,
        contact: Mapping[str, str],
        *,
        guard: Guard = None,
        timeout: float | None = None,
    ) -> Answer:
        def start(home: Home) -> dict[str, Any]:
            email, status = _address(contact), home.automations.get(automation)
            if status is None or email.casefold() not in home.contacts:
                raise refused(404)
            if status != "active":
                raise refused(400)
            fields = {name: value for name, value in contact.items() if name.startswith("field_")}
            self.arrivals.append(
                Arrival(organization=home.id, call="automation", email=email, lists=(automation,), fields=fields)
            )
            return {"action": "TRIGGER_AUTOMATION"}

        return await self._do(key, "automations.post", start, guard)

    async def lists(self, key: str) -> list[Target]:
        return [Target(id=one, name=one) for one in (await self._enter(key, "lists.get")).lists]

    async def automations(self, key: str) -> list[Target]:
        found = (await self._enter(key, "automations.get")).automations
        return [Target(id=one, name=one, status=status) for one, status in found.items()]

    async def _do(self, key: str, route: str, effect: Callable[[Home], dict[str, Any]], guard: Guard) -> Answer:
        await asyncio.sleep(0)
        if guard:
            guard()
        trouble = self._trouble(route)
        if trouble not in ("", "timeout_after_effect"):
            raise failure(trouble)
        body = effect(self._home(key))
        if trouble:
            raise failure(trouble)
        return Answer(status=200, body=body)

    async def _enter(self, key: str, route: str) -> Home:
        await asyncio.sleep(0)
        if trouble := self._trouble(route):
            raise failure(trouble)
        return self._home(key)

    def _home(self, key: str) -> Home:
        if key not in self.homes:
            raise refused(401)
        return self.homes[key]

    def _next_failure(self, route: str) -> str:
        coming = self.failing.get(route)
        return coming.pop(0) if coming else ""

    def _write(self, home: Home, email: str, contact: Mapping[str, str]) -> None:
        now = self._clock().isoformat()
        new = {"status": "active", "created_at": now, "deleted_at": None}
        home.contacts[email.casefold()] = home.contacts.get(email.casefold(), new) | dict(contact) | {"updated_at": now}


def failure(kind: str) -> Unavailable | Refused:
    """`drop` and `timeout_after_effect` are no answer; anything else is a status."""
    if not kind.isdigit():
        return Unavailable("Trustmary did not answer.", unanswered=True)
    status = int(kind)
    if status != 429 and status < 500:
        return refused(status)
    wait = timedelta(seconds=1) if status == 429 else None
    gateway = status in (502, 504)
    return Unavailable(f"Trustmary answered {status}.", status=status, retry_after=wait, unanswered=gateway)


def refused(status: int) -> Refused:
    reason = {400: "invalid", 422: "invalid", 401: "credentials", 403: "credentials", 404: "not_found"}[status]
    return Refused(f"Trustmary answered {status}.", reason=reason, status=status, answer={"status": status})


def _address(contact: Mapping[str, str]) -> str:
    email = contact.get("email", "").strip()
    if "@" not in email:
        raise refused(400)
    return email
