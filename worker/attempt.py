"""One attempt at one delivery: look the contact up, make the call, and judge what came of it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Protocol

from events.contact import Carried, ContactAdded, ContactUnlisted, Withdrawal
from events.delivery import (
    UNKNOWN,
    Again,
    Call,
    Delivered,
    Delivery,
    Gone,
    Parked,
    Proof,
    Seen,
    Silence,
    Unanswered,
    Verdict,
    Withheld,
    after_failure,
    after_look_up,
    after_refusal,
    doubts_target,
    passed_over,
    prove,
    repeatable,
    withheld,
)
from events.errors import PtmError, Refused, Unavailable
from events.integration import targets
from events.restored import unseen
from worker.adapters.trustmary import Answer, Target


class Adds(Protocol):
    """Trustmary, by an organization's key; raises Unavailable, which says whether the call may have had an effect, or
    Refused. A *guard* is asked before the call leaves, and keeps it back by raising.
    """

    async def contact(self, key: str, email: str, *, timeout: float | None = ...) -> Mapping[str, Any] | None: ...

    async def add(
        self,
        key: str,
        contact: Mapping[str, str],
        *,
        lists: tuple[str, ...] = ...,
        guard: Callable[[], None] | None = ...,
        timeout: float | None = ...,
    ) -> Answer: ...

    async def remove(
        self,
        key: str,
        email: str,
        *,
        lists: tuple[str, ...],
        guard: Callable[[], None] | None = ...,
        timeout: float | None = ...,
    ) -> Answer: ...

    async def trigger(
        self,
        key: str,
        automation: str,
        contact: Mapping[str, str],
        *,
        guard: Callable[[], None] | None = ...,
        timeout: float | None = ...,
    ) -> Answer: ...

    async def lists(self, key: str) -> list[Target]: ...
    async def automations(self, key: str) -> list[Target]: ...


async def missing(trustmary: Adds, key: str, named: Collection[str]) -> list[str]:
    """Which of *named*, as `targets` names them, Trustmary has no more; asks only for the kinds among them.

    A list that was picked was offered then: one that is offered no more is gone.
    """
    offered: set[str] = set()
    for kind, ask in (("list", trustmary.lists), ("automation", trustmary.automations)):
        if any(one.startswith(f"{kind}:") for one in named):
            offered |= {f"{kind}:{one.id}" for one in await ask(key)}
    return [one for one in named if one not in offered and one != "contact"]


def aims(delivery: Delivery, added: Carried) -> tuple[str, ...]:
    """What has to be there for *delivery* to be made; of an automation from the first of its calls on."""
    return targets(added.lists, added.automation) if isinstance(added, ContactAdded) and not delivery.unresolved else ()


THERE = 60.0
"""Seconds that an automation which was offered is taken to be there."""


class LeaseOver(Unavailable):
    """The lane may be another worker's by now: the call did not leave."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Errand:
    """A delivery with all that the attempt needs."""

    delivery: Delivery
    added: Carried
    key: str
    until: float
    """When the attempt must be over: the look-up of a successor relies on it."""
    leased: Callable[[], bool]
    before: Seen | None = None
    """The contact before an attempt that had no answer, where it is still known."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    verdict: Verdict
    before: Seen | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Courier:
    """Carries errands to Trustmary."""

    trustmary: Adds
    timeout: float
    """Seconds that an attempt may take, look-up and call together."""
    rule: Unanswered
    clock: Callable[[], float]
    jitter: Callable[[], float]
    there: dict[tuple[str, str], float] = field(default_factory=dict)
    """(key, automation) → until when it is taken to be there: the lane's pace has no room for asking each time."""

    async def carry(self, errand: Errand) -> Report:
        """Whatever happens is a verdict; only what nobody foresaw is raised."""
        if not errand.added.contact.get("email"):
            return Report(verdict=Withheld(reason=Withdrawal.DISCARDED, detail="erased"))
        if errand.delivery.unresolved:
            return Report(verdict=await self.resolve(errand))
        return await self.attempt(errand)

    async def attempt(self, errand: Errand) -> Report:
        delivery, added = errand.delivery, errand.added
        try:
            contact = await self.look_up(errand)
            if held := withheld(contact, added, step=delivery.step) or unseen(contact, delivery, added):
                return Report(verdict=held)
            if gone := await self.foreseen(errand):
                return Report(verdict=gone)
        except Refused as refused:
            return Report(verdict=after_refusal(refused))
        except Unavailable as error:
            return Report(verdict=after_failure(error, delivery, jitter=self.jitter()))
        return Report(verdict=await self.call(errand), before=Seen(contact=contact))

    async def call(self, errand: Errand) -> Verdict:
        try:
            answer = await self.send(errand)
        except LeaseOver as over:
            return Again(wait=timedelta(), failure=str(over))
        except Refused as refused:
            return await self.refused(refused, errand)
        except Unavailable as error:
            return self.unanswered(error, errand)
        return await self.passed_over(answer, errand) or Delivered(status=answer.status, answer=answer.body)

    async def refused(self, refused: Refused, errand: Errand) -> Verdict:
        """It took no effect: where what it names may be the cause, that is looked for before anybody is blamed."""
        if not doubts_target(refused):
            return after_refusal(refused)
        try:
            return await self.gone(errand, status=refused.status) or after_refusal(refused)
        except Refused as other:
            return after_refusal(other if other.reason == "credentials" else refused)
        except Unavailable as error:
            return after_failure(error, errand.delivery, jitter=self.jitter())

    async def passed_over(self, answer: Answer, errand: Errand) -> Verdict | None:
        """Trustmary may take the contact and leave out a list that is gone, saying so by its count alone."""
        lists = errand.added.lists if errand.delivery.call is Call.LISTS else ()
        if not passed_over(answer.body, lists):
            return None
        try:
            return await self.gone(errand, status=answer.status)
        except PtmError:
            return Parked(fingerprint=UNKNOWN, failure="It is not known whether the contact is on its list.")

    async def foreseen(self, errand: Errand) -> Gone | None:
        """Nobody is added on the way to an automation that is gone; where that cannot be asked, its call will tell."""
        automation = errand.added.automation if isinstance(errand.added, ContactAdded) else None
        if errand.delivery.call is not Call.CONTACT or not automation:
            return None
        asked = (errand.key, automation)
        if self.clock() < self.there.get(asked, 0.0):
            return None
        try:
            async with asyncio.timeout(self.timeout / 8):
                gone = await self.gone(errand)
        except (PtmError, TimeoutError):
            return None
        if gone is None:
            self.there[asked] = self.clock() + THERE
        return gone

    async def gone(self, errand: Errand, *, status: int | None = None) -> Gone | None:
        named = [one for one in aims(errand.delivery, errand.added) if one != "contact"]
        found = await missing(self.trustmary, errand.key, named) if named else []
        return Gone(target=found[0], status=status) if found else None

    def unanswered(self, error: Unavailable, errand: Errand) -> Verdict:
        delivery = errand.delivery
        if not error.unanswered or repeatable(delivery, errand.added):
            return after_failure(error, delivery, jitter=self.jitter())
        if delivery.call is Call.AUTOMATION:
            return after_look_up(Proof.OPEN, delivery, rule=self.rule)
        return Silence(failure=str(error))

    async def send(self, errand: Errand) -> Answer:
        """Leaves only while the lane is ours and the attempt has time left."""
        delivery, added = errand.delivery, errand.added
        last = errand.until - self.timeout / 4

        def guard() -> None:
            if self.clock() > last or not errand.leased():
                raise LeaseOver("The lease or the time for the attempt was over before the call left.")

        guard()
        left = errand.until - self.clock()
        if isinstance(added, ContactUnlisted):
            email = added.contact["email"]
            return await self.trustmary.remove(errand.key, email, lists=added.lists, guard=guard, timeout=left)
        if delivery.call is Call.AUTOMATION:
            automation = added.automation or ""
            return await self.trustmary.trigger(errand.key, automation, added.contact, guard=guard, timeout=left)
        lists = added.lists if delivery.call is Call.LISTS else ()
        return await self.trustmary.add(errand.key, added.contact, lists=lists, guard=guard, timeout=left)

    async def look_up(self, errand: Errand) -> Mapping[str, Any] | None:
        return await self.trustmary.contact(errand.key, errand.added.contact["email"], timeout=self.timeout / 2)

    async def resolve(self, errand: Errand) -> Verdict:
        """What became of an attempt that had no answer."""
        delivery, added = errand.delivery, errand.added
        if repeatable(delivery, added):
            return after_look_up(Proof.NOT_ARRIVED, delivery)
        if delivery.call is Call.AUTOMATION:
            return after_look_up(Proof.OPEN, delivery, rule=self.rule)
        try:
            contact = await self.look_up(errand)
        except Refused as refused:
            return self.unproven(after_refusal(refused), str(refused))
        except Unavailable as error:
            return self.unproven(after_failure(error, delivery, jitter=self.jitter()), str(error))
        return after_look_up(prove(contact, delivery, added, before=errand.before), delivery, rule=self.rule)

    def unproven(self, verdict: Verdict, failure: str) -> Verdict:
        """A look-up that failed says nothing about the call before it: ask again later."""
        wait = verdict.wait if isinstance(verdict, Again) else timedelta(minutes=1)
        ailing = isinstance(verdict, Again | Parked) and verdict.ailing
        return Silence(failure=failure, wait=max(wait, timedelta(seconds=self.timeout)), ailing=ailing)
