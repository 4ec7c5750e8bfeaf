"""What waits for a person, grouped by cause: ten thousand failures are three causes, each with what ends it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from shlex import quote
from uuid import UUID

from events.connection import ENDS_SOON, needs_login, state
from events.contact import Skip
from events.delivery import GONE as GONE_TARGET
from events.integration import Service
from events.reasons import IN_REGISTER, SKIPS
from events.reconcile import State
from events.words import Say, english


class Cause(StrEnum):
    """The kinds of cause, gravest first: the order in which they are shown."""

    NO_WORKER = "no_worker"
    STANDSTILL = "standstill"
    """A partition whose next event has not been decided for a while."""
    HELD = "held"
    """Nothing of it is sent since a restore: nobody has released it."""
    BROKEN = "broken"
    BRAKED = "braked"
    """Paused because it wanted far more contacts than usual."""
    READING = "reading"
    ENDING = "login_ends"
    """A login that ends by itself before long."""
    UNKNOWN = "outcome_unknown"
    PARKED = "parked"
    REFUSED = "refused"
    FOUND_LATE = "found_late"
    """An invoice that only a reconciliation found: it fires nothing by itself."""
    NOT_AS_SENT = "not_as_sent"
    """A contact that a reconciliation found missing or changed in Trustmary."""
    UNSENT = "unsent"
    """An invoice that is not sent yet, and whom it would be asked about."""
    UNASKED = "unasked"
    """A customer whose invoice was sent, and nobody could be asked."""
    PAUSED = "paused"
    UNRECONCILED = "unreconciled"
    NO_TRIGGER = "no_trigger"
    DRAFT = "draft"


DAYS = 30
"""How long refused and skipped contacts are told of."""
SHARED = "shared_address"
"""Key of unsent invoices whose address stands for many customers."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Concern:
    """One thing that waits, or many of one kind that were counted already."""

    cause: Cause
    key: str = ""
    """What, within the cause, one remedy ends: a fingerprint, a reason, a service and a reason."""
    integration: UUID | None = None
    subject: str = ""
    """What it is, the same for all that are one to a person: a customer with three invoices is one."""
    label: str = ""
    """How people call it."""
    since: datetime | None = None
    invoices: tuple[int, ...] = ()
    """Numbers, as people know them; Procountor's id where there is no number."""
    invoice: int | None = None
    """Procountor's id of one of them: to look at."""
    detail: str | None = None
    count: int = 1
    urgent: bool = True
    """False: it may well pass by itself, or has time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    integration: UUID | None
    label: str
    since: datetime | None
    invoices: tuple[int, ...]
    detail: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """All that one remedy ends."""

    cause: Cause
    key: str
    says: str
    remedy: str
    commands: tuple[str, ...]
    """What acts on it, or shows it where the remedy is in Procountor or Trustmary."""
    count: int
    """Subjects: customers, deliveries, connections, triggers, partitions."""
    invoices: int
    integrations: int
    oldest: datetime | None
    samples: tuple[Sample, ...]
    """The oldest few."""
    urgent: bool


def grouped(
    concerns: Iterable[Concern], *, samples: int = 5, of: str = "", days: int = DAYS, say: Say = english
) -> list[Group]:
    """One group a cause and key, gravest cause first and in it the largest; whatever the order they come in.

    *of*: the option that the concerns were restricted by, such as `--label pilot`, so that commands are too; *days*:
    how far back the skipped ones reach.
    """
    sorted_out: defaultdict[tuple[Cause, str], list[Concern]] = defaultdict(list)
    for one in concerns:
        sorted_out[one.cause, one.key].append(one)
    order = list(Cause)
    groups = [
        group(cause, key, list(joined(found)), samples, of=of, days=days, say=say)
        for (cause, key), found in sorted_out.items()
    ]
    return sorted(groups, key=lambda one: (not one.urgent, order.index(one.cause), -one.count, one.key))


def joined(found: Iterable[Concern]) -> Iterator[Concern]:
    """One per subject, with all its invoices; what was counted already stays as it is."""
    subjects: defaultdict[tuple[UUID | None, str], list[Concern]] = defaultdict(list)
    for one in found:
        subjects[one.integration, one.subject].append(one)
    for same in subjects.values():
        first = min(same, key=age)
        yield Concern(
            cause=first.cause,
            key=first.key,
            integration=first.integration,
            subject=first.subject,
            label=first.label,
            since=first.since,
            invoices=tuple(sorted({number for one in same for number in one.invoices})),
            invoice=first.invoice,
            detail=first.detail,
            count=max(one.count for one in same),
            urgent=any(one.urgent for one in same),
        )


def age(one: Concern) -> tuple[bool, float, str, tuple[int, ...], str]:
    """Oldest first; what has no time last. Whatever ties is in one order all the same."""
    since = one.since.timestamp() if one.since else 0.0
    return one.since is None, since, f"{one.label} {one.integration}", one.invoices, one.detail or ""


def group(cause: Cause, key: str, found: Sequence[Concern], samples: int, *, of: str, days: int, say: Say) -> Group:
    oldest_first = sorted(found, key=age)
    shown = oldest_first[:samples]
    says, remedy = words(cause, key, say)
    return Group(
        cause=cause,
        key=key,
        says=says,
        remedy=remedy,
        commands=tuple(
            dict.fromkeys(command for one in shown for command in commands(one, of, example=shown[0], days=days))
        ),
        count=sum(one.count for one in found),
        invoices=len({(one.integration, number) for one in found for number in one.invoices}),
        integrations=len({one.integration for one in found if one.integration}),
        oldest=oldest_first[0].since,
        samples=tuple(
            Sample(
                integration=one.integration,
                label=one.label,
                since=one.since,
                invoices=one.invoices,
                detail=one.detail,
            )
            for one in shown
        ),
        urgent=any(one.urgent for one in found),
    )


def words(cause: Cause, key: str, say: Say = english) -> tuple[str, str]:
    """What it is and what to do, in an operator's words."""
    match cause:
        case Cause.PARKED:
            return parked(key, say)
        case Cause.REFUSED:
            return say("Trustmary refused the contact for good ({key}).", key=key), say(REFUSED)
        case Cause.UNSENT | Cause.UNASKED:
            return of_customer(cause, key, say)
        case Cause.BROKEN:
            service, _, reason = key.partition(":")
            told = state(Service(service), reason)
            return say(told.says), say(told.remedy)
        case Cause.ENDING:
            return say("The login ends within {n} days.", n=key), say(ENDS_SOON.remedy)
        case Cause.NOT_AS_SENT:
            says, remedy = CHANGED if key == State.DRIFTED else GONE
        case _:
            says, remedy = PLAIN[cause]
    return say(says), say(remedy)


def of_customer(cause: Cause, key: str, say: Say) -> tuple[str, str]:
    """Whom an invoice could not be asked about, or cannot yet."""
    if key == SHARED:
        return say("Not sent yet: one address stands for many customers."), say(
            "Name a person of each customer in the register before sending, or block the address."
        )
    told = SKIPS[Skip(key)]
    says, remedy = say(told.says), say(told.remedy)
    if cause is Cause.UNASKED:
        return say("Nobody was asked: {why}", why=lower(says)), remedy
    return say("Not sent yet: {why}", why=lower(says)), say("Before it is sent: {what}", what=lower(remedy))


REFUSED = (
    "Look at what it answered, correct the contact in Procountor's register; its next invoice fires, and a replay with "
    "the latest customers adds it for this one."
)

GONE = (
    "Reconciliation found contacts gone from Trustmary that were delivered.",
    "Plan a replay: it shows them as new; apply it where they should be there.",
)
CHANGED = (
    "Reconciliation found contacts changed in Trustmary since they were delivered.",
    "Somebody may have corrected them there on purpose. If not, plan a replay: it shows what it would put back.",
)

PLAIN = {
    Cause.FOUND_LATE: (
        "Reconciliation found invoices in Procountor that had not been read.",
        "They fire nothing by themselves: plan a replay, and apply it, with reach record to let it be.",
    ),
    Cause.UNRECONCILED: (
        "The last reconciliation could not look at everything.",
        "It is tried again by itself; see what it says if it stays.",
    ),
    Cause.NO_WORKER: ("No worker is running.", "Start one."),
    Cause.STANDSTILL: (
        "A partition stands still: its next event is not decided.",
        "See what the workers' logs say of it, and whether its events are sound.",
    ),
    Cause.HELD: (
        "Sending is held since a restore: what was sent after the backup is not in the log.",
        "See what Trustmary has already, then release it.",
    ),
    Cause.READING: (
        "Reading from Procountor fails.",
        "Nothing is lost; it goes on by itself when Procountor answers. Look if it stays.",
    ),
    Cause.UNKNOWN: (
        "Nobody knows whether the call took effect: Trustmary did not answer it.",
        "Look the contacts up in Trustmary: discard those that are there, then send the rest again. "
        "Who is sent again and was there may be asked twice.",
    ),
    Cause.BRAKED: (
        "The brake holds an integration that wanted far more contacts than usual: nothing of it is sent.",
        "See what waits. Release it (send), or drop it: a replay can send it later. "
        "Where so many are usual from now on, set a limit: ptm integration edit --brake.",
    ),
    Cause.PAUSED: ("The integration is paused: nothing of it is sent.", "Resume it when you are ready."),
    Cause.NO_TRIGGER: ("The integration has no trigger: nothing is sent.", "Save one."),
    Cause.DRAFT: ("A trigger is a draft: it decides nothing.", "Put it in force, or remove it."),
}


COMPANIES = ("{n} company", "{n} companies")
INVOICES = ("{n} invoice", "{n} invoices")
DELIVERIES = ("{n} delivery", "{n} deliveries")
CUSTOMERS = ("{n} customer", "{n} customers")
UNITS = {
    Cause.STANDSTILL: ("{n} partition", "{n} partitions"),
    Cause.BROKEN: ("{n} connection", "{n} connections"),
    Cause.ENDING: ("{n} login", "{n} logins"),
    Cause.UNKNOWN: DELIVERIES,
    Cause.PARKED: DELIVERIES,
    Cause.REFUSED: DELIVERIES,
    Cause.FOUND_LATE: INVOICES,
    Cause.NOT_AS_SENT: ("{n} contact", "{n} contacts"),
    Cause.UNSENT: CUSTOMERS,
    Cause.UNASKED: CUSTOMERS,
    Cause.DRAFT: ("{n} trigger", "{n} triggers"),
}
"""One of what a cause counts, and many; where it is not named: companies."""


def counted(group: Group, say: Say = english) -> str:
    """How much of what: `3 customers, 5 invoices, 2 companies`; empty where there is nothing to count."""
    if group.cause is Cause.NO_WORKER:
        return ""
    parts = [
        (group.count, UNITS.get(group.cause, COMPANIES)),
        (group.invoices if group.cause in (Cause.UNSENT, Cause.UNASKED) else 0, INVOICES),
        (group.integrations if group.integrations > 1 and group.cause in UNITS else 0, COMPANIES),
    ]
    return ", ".join(say(one if count == 1 else many, n=count) for count, (one, many) in parts if count)


def parked(fingerprint: str, say: Say = english) -> tuple[str, str]:
    match fingerprint.partition(":")[0]:
        case "unavailable":
            says = "Trustmary failed, or could not be reached, as often as it was tried ({key})."
            remedy = "Once it answers again, send them again: in order, beside what is live."
        case "gone":
            what, _, id = fingerprint.removeprefix(f"{GONE_TARGET}trustmary:").partition(":")
            return say("They wait for what Trustmary has no more: {what} {id}.", what=say(what), id=id), say(
                "Choose another in the trigger, and have what waits decided again; or drop it. They go on by themselves"
                " if it comes back in Trustmary."
            )
        case "corrupt":
            says = "The decision's event does not read ({key})."
            remedy = "Run ptm verify; once the log is whole again, send them again."
        case reason:
            return (
                say(
                    "Trustmary turned the call down: {reason} ({key}).",
                    reason=say(reason.replace("_", " ")),
                    key=fingerprint,
                ),
                say("See what it answered, put the cause right, then send them again: in order, beside what is live."),
            )
    return say(says, key=fingerprint), say(remedy)


def commands(one: Concern, of: str = "", *, example: Concern | None = None, days: int = DAYS) -> tuple[str, ...]:
    """Nothing has to be filled in, where the concern says it; how to look at one is told of *example*."""
    which = str(one.integration)[:8]
    shown = tuple(f"ptm why {number}" for number in (example or one).invoices[:1])
    match one.cause:
        case Cause.PARKED | Cause.UNKNOWN:
            return of_deliveries(one, which, f"--fingerprint {one.key} {of}".rstrip())
        case Cause.BROKEN if not needs_login(one.key.partition(":")[2]):
            return (f"ptm integration show {which}",)
        case Cause.BRAKED:
            resume = f"ptm integration resume {which} --waiting"
            listed = f"ptm delivery list --integration {which} --state waiting"
            return listed, f"{resume} send", f"{resume} drop"
        case Cause.UNSENT if one.key == SHARED and one.detail:
            return f"ptm block add {which} {quote(one.detail)}", *shown
        case Cause.REFUSED | Cause.UNSENT | Cause.UNASKED:
            return *shown, *in_register(one, which, of, days)
        case cause:
            return (ACTS[cause].format(which=which, subject=one.subject, label=quote(one.label)),)


def in_register(one: Concern, which: str, of: str, days: int) -> Iterator[str]:
    """What adds, once the register is right, whom an invoice was sent past meanwhile; in all that a label means."""
    if one.key == Skip.ROLE_ADDRESS:
        yield f"ptm integration edit {which} --role-addresses"
    if one.cause is Cause.REFUSED:
        yield from (f"ptm replay plan {which} --invoice {number} --customers latest" for number in one.invoices[:1])
    elif one.cause is Cause.UNASKED and one.key == Skip.OLD_INVOICE:
        yield f"ptm replay plan {which} --skipped {Skip.OLD_INVOICE}"
    elif one.cause is Cause.UNASKED and one.key in IN_REGISTER:
        whose = of if of.startswith("--label") else which
        yield f"ptm replay plan {whose} --last {days} --skipped {one.key} --customers latest"


def of_deliveries(one: Concern, which: str, these: str) -> tuple[str, ...]:
    retry, discard = f"ptm delivery retry {these}", f"ptm delivery discard {these}"
    if one.key.startswith(GONE_TARGET):
        return f"ptm trigger list {which}", discard
    return (retry, discard) if one.cause is Cause.PARKED else (f"ptm delivery list {these}", retry, discard)


ACTS = {
    Cause.NO_WORKER: "ptm worker",
    Cause.STANDSTILL: "ptm verify",
    Cause.HELD: "ptm release",
    Cause.BROKEN: "ptm integration reconnect {which}",
    Cause.READING: "ptm integration show {which}",
    Cause.ENDING: "ptm integration reconnect {which} --procountor",
    Cause.PAUSED: "ptm integration resume {which}",
    Cause.UNRECONCILED: "ptm reconcile {which}",
    Cause.NO_TRIGGER: "ptm trigger save {which}",
    Cause.FOUND_LATE: "ptm replay plan {which} --invoice {subject}",
    Cause.NOT_AS_SENT: "ptm replay plan {which} --invoice {subject}",
    Cause.DRAFT: "ptm trigger promote {which} {label}",
}


def lower(sentence: str) -> str:
    return sentence[0].lower() + sentence[1:]
