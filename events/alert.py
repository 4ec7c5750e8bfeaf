"""What recipients are told, and in which words: that a state lasts, that it is over, and once a week what happened."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from events import reasons
from events.attention import REFUSED, Cause, Concern, Group, counted, grouped
from events.connection import ENDS_SOON, RESTORED, state
from events.contact import Skip, Withdrawal
from events.delivery import UNKNOWN
from events.integration import Service
from events.words import Words

SHOWN = 20
"""Integrations of one cause that a letter names."""
COMMANDS = 5
SECTIONS = 50
"""Integrations that a summary speaks of one by one."""
MORNING = time(7)
"""When the summary of the past week is due on a Monday, local time."""
LATE = timedelta(days=2)
"""A summary that could not be made for so long is not made any more."""

SERVICES: Mapping[str, str] = {Service.PROCOUNTOR: "Procountor", Service.TRUSTMARY: "Trustmary"}
TITLES: Mapping[Cause, str] = {
    Cause.BRAKED: "the brake has stopped sending",
    Cause.PARKED: "deliveries are parked",
    Cause.UNKNOWN: "an outcome is unknown",
    Cause.HELD: "sending waits since a restore",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Alert:
    """A state of an integration that lasts, or is over."""

    integration: UUID
    name: str
    about: str
    """Which of its states, as the database calls it: `broken/procountor`, `login_ends/procountor`, `braked`,
    `parked/{fingerprint}`, `held`."""
    key: str = ""
    """As of `events.attention.Concern`; another one is another state in the place of the first."""
    count: int | None = None
    """Deliveries, where it is about some."""
    since: datetime
    over_at: datetime | None = None
    told: bool = False
    """Its beginning was told."""

    @property
    def cause(self) -> Cause:
        kind = Cause(self.about.partition("/")[0])
        return Cause.UNKNOWN if kind is Cause.PARKED and self.key == UNKNOWN else kind

    @property
    def concern(self) -> Concern:
        return Concern(
            cause=self.cause,
            key=self.key,
            integration=self.integration,
            subject=self.about,
            label=self.name,
            since=self.since,
            count=self.count or 1,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    subject: str
    body: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Week:
    """What an integration did within a week, and what of it waits now."""

    integration: UUID
    name: str
    sent: int = 0
    """Invoices."""
    added: int = 0
    """Contacts."""
    held: Mapping[str, int] = field(default_factory=Counter)
    """Reason of a skip or a withdrawal → invoices."""
    refused: int = 0
    """Contacts that Trustmary turned down for good."""
    parked: int = 0
    """Deliveries, now."""
    braked: int = 0
    """Contacts that the brake holds, now."""

    @property
    def quiet(self) -> bool:
        return not (self.sent or self.added or self.kept)

    @property
    def kept(self) -> int:
        return sum(self.held.values()) + self.refused + self.parked + self.braked


def week_of(now: datetime, zone: ZoneInfo) -> date | None:
    """The Monday with which the week began whose summary is due *now*; None while none is."""
    local = now.astimezone(zone)
    monday = local.date() - timedelta(days=local.weekday())
    due = datetime.combine(monday, MORNING, zone)
    return monday - timedelta(days=7) if due <= local < due + LATE else None


def span(week: date, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """From its Monday's first moment to the next one's."""
    return tuple(datetime.combine(week + timedelta(days=days), time(), zone) for days in (0, 7))  # type: ignore[return-value]


def title(cause: Cause, key: str, say: Words) -> str:
    if cause is Cause.BROKEN:
        service, _, reason = key.partition(":")
        return f"{SERVICES[service]}: {say(state(Service(service), reason).label)}"
    if cause is Cause.ENDING:
        return f"{SERVICES[Service.PROCOUNTOR]}: {say(ENDS_SOON.label)}"
    return say(TITLES[cause])


def topic(alerts: Sequence[Alert], say: Words) -> str:
    """`Kirjakauppa Oy: Procountor: rights missing`, `12 integrations: Procountor: down`."""
    names = sorted({line(each.name) for each in alerts})
    whose = names[0] if len(names) == 1 else say.count(len(names), "{n} integration", "{n} integrations")
    titles = sorted({title(each.cause, each.key, say) for each in alerts})
    what = titles[0] if len(titles) == 1 else say("{n} things need a person", n=len(titles))
    return f"{whose}: {what}"


def upper(text: str) -> str:
    return text[0].upper() + text[1:]


def line(text: str) -> str:
    """What may stand in the head of a letter: a company's name is somebody else's text."""
    return " ".join("".join(each if each.isprintable() else " " for each in text).split())


def started(alerts: Sequence[Alert], say: Words) -> Letter:
    """States that need a person, by what ends them."""
    whose = {each.integration for each in alerts}
    of = f"--integration {str(next(iter(whose)))[:8]}" if len(whose) == 1 else ""
    groups = grouped((each.concern for each in alerts), samples=SHOWN, of=of, say=say)
    sections = ["\n".join(section(each, say)) for each in groups]
    end = say("This is told once. You are told again when it is over.")
    return Letter(subject=topic(alerts, say), body=paragraphs([*sections, end]))


def section(group: Group, say: Words) -> Iterator[str]:
    yield f"{upper(title(group.cause, group.key, say))} ({counted(group, say)})"
    yield group.says
    yield say("What to do: {what}", what=group.remedy)
    yield from at_the_service(group, say)
    for each in group.samples:
        since = say.minute(each.since) if each.since else ""
        yield say("- {name}, since {time}", name=line(each.label), time=since)
    if (more := group.integrations - len({each.integration for each in group.samples})) > 0:
        yield say("- and {n} more", n=say.number(more))
    yield from (f"    {command}" for command in group.commands[:COMMANDS])


def at_the_service(group: Group, say: Words) -> Iterator[str]:
    """Whom to ask and where, and what becomes of the invoices."""
    match group.cause:
        case Cause.BROKEN:
            service, _, reason = group.key.partition(":")
            told = state(Service(service), reason)
        case Cause.HELD:
            told = RESTORED
        case Cause.ENDING:
            told = ENDS_SOON
        case _:
            return
    page = f" ({told.page})" if told.page else ""
    yield say("Whom to ask: {who}", who=f"{say(told.ask)}{page}")
    yield say(told.collected)


def ended(alerts: Sequence[Alert], say: Words) -> Letter:
    """States that are over; one whose beginning could not be told in time says so."""
    lines = [over(each, say) for each in sorted(alerts, key=lambda each: (each.since, each.name))]
    shown = lines[: SHOWN * 5]
    if len(lines) > len(shown):
        shown.append(say("- and {n} more", n=say.number(len(lines) - len(shown))))
    end = say("Nothing is to be done about it.")
    return Letter(
        subject=say("Over: {what}", what=topic(alerts, say)), body=paragraphs([say("This is over:"), *shown, end])
    )


def over(one: Alert, say: Words) -> str:
    known = say("- {name}: {title}\n  from {since} to {until}",
        name=line(one.name), title=title(one.cause, one.key, say), since=say.minute(one.since),
        until=say.minute(one.over_at) if one.over_at else "")  # fmt: skip
    return known if one.told else f"{known}\n  {say('Its beginning could not be told while it lasted.')}"


def trial(name: str, say: Words) -> Letter:
    """Whether a recipient can be told: sent when somebody asks for it, and about nothing."""
    says = say("This is a test, which somebody asked for: nothing is wrong.")
    what = say("States of {name} that last are told here, once each, and again when they are over.", name=line(name))
    return Letter(subject=say("Test of alerts: {name}", name=line(name)), body=paragraphs([says, what]))


def summary(weeks: Sequence[Week], week: date, say: Words) -> Letter:
    """The week that began on *week*: all together, then one by one who had something."""
    first, end = (say.day(datetime.combine(week + timedelta(days=days), MORNING, say.zone)) for days in (0, 6))
    busy = sorted((each for each in weeks if not each.quiet), key=lambda each: (-each.kept, each.name))
    names = [each.name for each in weeks]
    whose = names[0] if len(names) == 1 else say.count(len(names), "{n} integration", "{n} integrations")
    several = [totals(together(weeks, whose), say)] if len(weeks) > 1 else []
    parts = [paragraph for each in busy[:SECTIONS] for paragraph in of_one(each, say)]
    if len(busy) > SECTIONS:
        parts.append(say("And {n} more integrations.", n=say.number(len(busy) - SECTIONS)))
    if not busy:
        parts.append(say("Nothing was sent, added or held back."))
    head = say("Week from {first} to {end}", first=first, end=end)
    return Letter(subject=line(f"{whose}: {head[0].lower()}{head[1:]}"), body=paragraphs([head, *several, *parts]))


def together(weeks: Iterable[Week], name: str) -> Week:
    found = list(weeks)
    held: Counter[str] = Counter()
    for each in found:
        held.update(each.held)
    return Week(
        integration=found[0].integration,
        name=name,
        held=held,
        **{each: sum(getattr(one, each) for one in found) for each in ("sent", "added", "refused", "parked", "braked")},
    )


def totals(one: Week, say: Words) -> str:
    return "\n".join([
        line(one.name),
        say("Invoices sent: {n}", n=say.number(one.sent)),
        say("Contacts added: {n}", n=say.number(one.added)),
        say("Held back: {n}", n=say.number(one.kept)),
    ])  # fmt: skip


def of_one(one: Week, say: Words) -> Iterator[str]:
    yield totals(one, say)
    which = str(one.integration)[:8]
    for reason, count in sorted(one.held.items(), key=lambda pair: (-pair[1], pair[0])):
        said, remedy = explained(reason)
        yield item(count, say(said), say(remedy), say)
    if one.refused:
        yield item(one.refused, say("Trustmary refused the contact for good."), say(REFUSED), say)
    if one.parked:
        yield item(one.parked, say("Parked, waiting for a person now."), PARKED.format(which=which), say)
    if one.braked:
        yield item(one.braked, say("Held by the brake now."), BRAKED.format(which=which), say)


PARKED = "ptm delivery list --integration {which} --state parked"
BRAKED = "ptm integration resume {which}"


def item(count: int, says: str, remedy: str, say: Words) -> str:
    return f"- {say.number(count)}: {says}\n  {remedy}"


def explained(reason: str) -> tuple[str, str]:
    """A word that this release does not know stands for itself."""
    if reason in list(Skip):
        told = reasons.SKIPS[Skip(reason)]
    elif reason in list(Withdrawal):
        told = reasons.WITHDRAWALS[Withdrawal(reason)]
    else:
        return reason, ""
    return told.says, told.remedy


def paragraphs(parts: Iterable[str]) -> str:
    return "\n\n".join(part.strip() for part in parts) + "\n"
