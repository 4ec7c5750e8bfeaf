"""What a trigger is expected to make of an invoice: written beside the trigger, tried without a log."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from events import picture, rules
from events.contact import Skip
from events.errors import Misconfigured
from events.forms import Flag, Form, Picture, Table, Text, Texts, Word, refused
from events.integration import Rules, Settings, Trigger
from events.invoice import InvoiceStatusChanged, Kind
from events.plain import told

UNMET = "unmet"
"""The change passes no status of the trigger's: nothing is decided at all."""
LATER = frozenset({Skip.OLD_INVOICE, Skip.BLOCKED, Skip.ALREADY_ADDED, Skip.COOL_DOWN, Skip.MOVED, Skip.RECORDED})
"""Reasons that follow from what was added or said before, or from when it was: a case has none of these."""
REASONS = (UNMET, *(reason.value for reason in Skip if reason not in LATER))
NOBODY, NEVER = UUID(int=0), datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """A change as the log has it (`InvoiceStatusChanged`); what is not said is as of an invoice seen first."""

    invoice: Mapping[str, Any]
    customer: Mapping[str, Any] | None = None
    before: str | None = None
    after: str | None = None
    """None: the status in the invoice's picture, and where that has none one of the trigger's."""
    old: bool = False
    missing: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    name: str
    given: Given
    expect: Mapping[str, str]
    """Contact field → value, all of them; or `skip` → one of `REASONS`."""


@dataclass(frozen=True, slots=True)
class Expected:
    """A contact, or `skip` and a reason."""

    def read(self, value: Any, at: str) -> dict[str, str]:
        found = Texts().read(value, at)
        if "skip" in found:
            if len(found) > 1:
                raise Misconfigured(f"{at}: who is skipped has no contact; write skip alone, or the contact alone.")
            Word(REASONS).read(found["skip"], f"{at}.skip")
        elif "email" not in found:
            raise refused(at, "a contact with its email, or skip and a reason,", value)
        return found

    def schema(self) -> dict[str, Any]:
        skip = Table({"skip": Word(REASONS, says="Why nobody is added.")}, frozenset({"skip"}))
        contact = {**Texts().schema(), "required": ["email"], "not": {"required": ["skip"]}}
        return {"description": "The whole contact, or skip and a reason.", "anyOf": [skip.schema(), contact]}


GIVEN: Mapping[str, Form] = {
    "invoice": Picture("As ptm events --people --json shows it."),
    "customer": Picture("The entry in the customer register."),
    "before": Text("The status before; not given: seen first."),
    "after": Text("The status that is met; not given: that of the invoice."),
    "old": Flag("The invoice was created before the company was connected."),
    "missing": Texts(says="invoice or customer, and why it could not be read."),
}
CASE = Table(
    {
        "name": Text(),
        "given": Table(GIVEN, frozenset({"invoice"})),
        "expect": Expected(),
    },
    frozenset({"name", "given", "expect"}),
)


def read(found: Mapping[str, Any]) -> Case:
    """*found* has the form of `CASE`."""
    return Case(name=found["name"], given=Given(**found["given"]), expect=found["expect"])


def plain(case: Case) -> dict[str, Any]:
    """As it is written; `read` makes the same of it again."""
    return {"name": case.name, "given": told(case.given), "expect": dict(case.expect)}


def differences(settings: Settings, trigger: Trigger, case: Case) -> tuple[str, ...]:
    """A line for each thing that is not as expected, such as `email: a@b.fi expected, c@d.fi found`; none: it passed.

    Decided by the rules that the projector decides by; a draft as if it were live.
    """
    found = answer(settings, trigger, case.given)
    if "skip" in case.expect or "skip" in found:
        alike = found.get("skip") == case.expect.get("skip")
        return () if alike else (f"{in_short(case.expect)} expected, {in_short(found)} found",)
    names = [*case.expect, *(name for name in found if name not in case.expect)]
    pairs = [pair for name in names if (pair := (name, case.expect.get(name), found.get(name)))[1] != pair[2]]
    return tuple(
        f"{name}: {old or 'nothing'} expected, {new or 'nothing'} found" for name, old, new in pairs if old != new
    )


def in_short(answer: Mapping[str, str]) -> str:
    if "skip" not in answer:
        return "a contact"
    detail = f" ({answer['detail']})" if answer.get("detail") else ""
    return f"skip: {answer['skip']}{detail}"


def answer(settings: Settings, trigger: Trigger, given: Given) -> Mapping[str, str]:
    """The contact; or `skip` and, where there is one, `detail`."""
    change = change_of(trigger, given)
    if not change.passed & trigger.condition.statuses:
        return {"skip": UNMET, "detail": f"{change.before} → {change.after}"}
    in_force = Rules(integration=NOBODY, version=0, settings=settings, triggers={trigger.id: trigger})
    found = rules.candidate(in_force, trigger, change, NEVER)
    if found.skip is None:
        return found.contact
    reason, detail = found.skip
    return {"skip": reason.value, "detail": detail or ""}


def change_of(trigger: Trigger, given: Given) -> InvoiceStatusChanged:
    """With what the log would keep of the pictures."""
    id, status = given.invoice.get("id"), given.invoice.get("status")
    seen = status if isinstance(status, str) else min(trigger.condition.statuses, default="")
    return InvoiceStatusChanged(
        integration=NOBODY,
        invoice_id=id if isinstance(id, int) else 0,
        change=1,
        before=given.before,
        after=seen if given.after is None else given.after,
        kind=Kind.LIVE,
        old=given.old,
        invoice=picture.keep(given.invoice),
        customer=None if given.customer is None else picture.keep(given.customer),
        missing=given.missing,
    )
