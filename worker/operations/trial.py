"""`ptm trigger test --send-to`: one real contact of an invoice, sent to the operator's own address.

Recorded before it leaves and when it is answered; no delivery, nothing is used up, and nobody else is written to.
"""

from __future__ import annotations

from collections.abc import Awaitable
from dataclasses import dataclass, replace
from uuid import uuid4

from events import address, rules
from events.contact import ContactAdded, Withdrawal
from events.delivery import withheld
from events.errors import Misconfigured, Refused, Unavailable
from events.integration import Trigger
from events.invoice import InvoiceStatusChanged, Kind
from events.proof import Met, plain_key
from events.reasons import WITHDRAWALS
from events.rules import Ledger
from events.trial import TrialAnswered, TrialOutcome, TrialSent
from worker.adapters.log import Draft
from worker.adapters.postgres import translating
from worker.adapters.trustmary import Answer
from worker.operations import blocks, past
from worker.operations.context import SQL, Context
from worker.operations.integrations import Integration
from worker.operations.rehearsing import CHANGES, Span, window_of
from worker.operations.triggers import key_of

CHUNK = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """What would be sent, before anybody has said yes."""

    trigger: Trigger
    number: int | None
    added: ContactAdded
    """What the newest invoice that matches would lead to; the operator's address stands in place of the person's."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tried:
    sent: TrialSent
    answers: tuple[TrialAnswered, ...]
    """One per call that was made; the automation's only where the contact arrived."""

    @property
    def well(self) -> bool:
        return all(one.outcome is TrialOutcome.DELIVERED for one in self.answers)


async def prepare(context: Context, seen: Integration, trigger: Trigger, own: str) -> Prepared:
    """Raises `Misconfigured` for an address that is none or is blocked, and where no invoice of the log matches."""
    email = await usable(context, seen, own)
    places = await past.places(context, seen, await window_of(context, seen, Span()), CHANGES)
    for last in range(len(places), 0, -CHUNK):
        async for chunk in past.read(context, seen, places[max(0, last - CHUNK) : last]):
            if newest := next(filter(None, (match(seen, trigger, met) for met in reversed(chunk))), None):
                contact = {**newest.added.contact, "email": email}
                return replace(newest, added=replace(newest.added, contact=contact))
    raise Misconfigured(
        f"No invoice in the log of {seen.name} would be added by {trigger.name}, so there is no contact to send: "
        "ptm trigger test says why."
    )


def match(seen: Integration, trigger: Trigger, met: Met) -> Prepared | None:
    """What the trigger would add for a change, whatever was added before."""
    change = met.event
    if met.erased or not isinstance(change, InvoiceStatusChanged) or change.kind is Kind.BASELINE:
        return None
    if not change.passed & trigger.condition.statuses:
        return None
    found = rules.settle(rules.candidate(seen.rules, trigger, change, met.at), Ledger(key=plain_key))
    number = change.invoice.get("invoiceNumber")
    known = number if isinstance(number, int) else None
    return Prepared(trigger=trigger, number=known, added=found) if isinstance(found, ContactAdded) else None


async def usable(context: Context, seen: Integration, own: str) -> str:
    try:
        email = address.valid(own.strip())
    except Refused as refused:
        raise Misconfigured(f"--send-to {own}: {refused}") from refused
    refusing = {address.same(one.address) for one in await blocks.read(context, seen)}
    if refusing & {address.same(email), address.domain(email)}:
        raise Misconfigured(f"{email} is on the block list of {seen.name}: nothing is sent there.")
    return email


async def send(context: Context, seen: Integration, prepared: Prepared, *, reason: str | None = None) -> Tried:
    """Makes the calls of the trigger's destination, one after the other.

    Raises `Refused` where Trustmary has the contact as deleted, not active or to be left alone, and `Unavailable` while
    sending to the organization rests: then nothing left. Once something has, what came of it is told and not raised.
    """
    key, added = await key_of(context, seen), prepared.added
    await refuse_resting(context, seen)
    if found := withheld(await context.trustmary.contact(key, added.contact["email"]), added):
        raise Refused(f"{added.contact['email']}: {said(found.reason)} Nothing was sent.", reason="withheld")
    sent = TrialSent(
        integration=seen.id,
        id=uuid4(),
        invoice_id=added.invoice_id,
        partner=added.partner,
        trigger=prepared.trigger.id,
        rules_version=seen.version,
        contact=added.contact,
        kind=added.kind,
        lists=added.lists,
        automation=added.automation,
        starts_surveys=added.starts_surveys,
        reason=reason,
    )
    await record(context, seen, sent)
    add = context.trustmary.add(key, added.contact, lists=added.lists)
    answers = [await called(context, seen, add, sent=sent, step=1)]
    if added.automation and answers[0].outcome is TrialOutcome.DELIVERED:
        start = context.trustmary.trigger(key, added.automation, added.contact)
        answers.append(await called(context, seen, start, sent=sent, step=2))
    return Tried(sent=sent, answers=tuple(answers))


async def refuse_resting(context: Context, seen: Integration) -> None:
    """A lane that Trustmary has asked to rest, or that fails, is left alone by trials too."""
    with translating():
        lanes = await context.pool.fetch(SQL["read_lanes"])
    until = next((lane["broken_until"] for lane in lanes if lane["organization"] == seen.organization), None)
    if until:
        raise Unavailable(f"Trustmary fails or asks for rest: sending to {seen.organization_name} goes on at {until}.")


def said(reason: Withdrawal) -> str:
    return WITHDRAWALS[reason].says


async def called(
    context: Context, seen: Integration, call: Awaitable[Answer], *, sent: TrialSent, step: int
) -> TrialAnswered:
    """Awaits *call* and records what came of it."""
    outcome, status, failure, answer = await outcome_of(call)
    answered = TrialAnswered(
        integration=sent.integration,
        invoice_id=sent.invoice_id,
        partner=sent.partner,
        trial=sent.id,
        step=step,
        outcome=outcome,
        status=status,
        failure=failure,
        answer=answer.body if answer else {},
    )
    await record(context, seen, answered, cause=sent)
    return answered


async def outcome_of(call: Awaitable[Answer]) -> tuple[TrialOutcome, int | None, str | None, Answer | None]:
    try:
        answer = await call
    except Refused as error:
        status = error.status
        body = Answer(status=status, body=error.answer) if status is not None else None
        return TrialOutcome.REFUSED, status, str(error), body
    except Unavailable as error:
        outcome = TrialOutcome.UNSENT if error.status is None else TrialOutcome.REFUSED
        return (TrialOutcome.UNANSWERED if error.unanswered else outcome), error.status, str(error), None
    return TrialOutcome.DELIVERED, answer.status, None, answer


async def record(
    context: Context, seen: Integration, event: TrialSent | TrialAnswered, *, cause: TrialSent | None = None
) -> None:
    rows = await context.log.prepare([Draft(event=event, cause=cause.id if cause else None, actor=context.actor)])
    with translating():
        async with context.pool.acquire() as connection, connection.transaction():
            await context.log.append(connection, seen.partition, rows)
    context.ringer.ring("ptm_log", str(seen.partition))
