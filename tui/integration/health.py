"""How an integration is let in, and what is wrong with that, in the operator's words."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal

from events.connection import DISCONNECTED, ENDS_SOON, GONE, PASSING, RESTORED, needs_login, state, step
from events.integration import Service
from events.words import Words
from tui.desk import Desk
from tui.integration.facts import Fact, ago, title
from tui.making.wording import code
from worker.operations.connections import Answers, Login
from worker.operations.integrations import Connection, Held, Reading, State
from worker.operations.whole import Whole

NAMES = {Service.PROCOUNTOR: "Procountor", Service.TRUSTMARY: "Trustmary"}


def connections(known: Whole, desk: Desk, now: datetime) -> Iterator[Fact]:
    one, say = known.integration, desk.say
    yield title(say("Connections"))
    if one.state is State.REMOVED:
        yield from removed(known, desk, now)
        return
    for service in one.connections:
        yield from of_service(known, service, desk, now)
    if one.held:
        yield from restored(one.held, desk, now)
    if one.reading:
        refused = one.connections[Service.PROCOUNTOR].state == "broken"
        yield from reading(one.reading, say, now, refused=refused)


def of_service(known: Whole, service: Service, desk: Desk, now: datetime) -> Iterator[Fact]:
    connection, login, say = known.integration.connections[service], known.logins.get(service), desk.say
    if connection.state == "broken":
        at, label = say.moment(connection.since, now), say(state(service, connection.reason).label)
        lets_in = connection.reason in GONE | PASSING
        says = say("{state} since {at}", state=label, at=at) if lets_in else say("refused since {at}", at=at)
        yield Fact(NAMES[service], "✖ " + says, "bad")
        yield from refusal(known, connection, login, desk)
    else:
        yield Fact(NAMES[service], "✔ " + say("connected") + " · " + last_call(connection, say, now), "good")
    if service is Service.TRUSTMARY and (rest := known.integration.rest):
        yield Fact("", f"■ {rest.told(known.integration.organization_name, say, now)}", "warning")
    if login:
        whose = known.integration.names.get("user", "") if service is Service.PROCOUNTOR else ""
        yield from told(login, whose, say, now)


def restored(held: Held, desk: Desk, now: datetime) -> Iterator[Fact]:
    say = desk.say
    yield Fact(say("Sending"), "■ " + say("held since a restore, {at}", at=say.moment(held.since, now)), "warning")
    yield Fact("  " + say("State"), say(RESTORED.label), "warning")
    yield Fact("", say(RESTORED.says), "warning")
    yield Fact("  " + say("Backup"), say.minute(held.taken_at))
    yield Fact("  " + say("What to do"), say(RESTORED.remedy), "warning")
    yield Fact("", desk.typed("ptm release --plan"), "strong")
    yield Fact("  " + say("Whom to ask"), say(RESTORED.ask))
    yield Fact("  " + say("Invoices"), say(RESTORED.collected))


def removed(known: Whole, desk: Desk, now: datetime) -> Iterator[Fact]:
    say, last = desk.say, known.acts[-1]
    yield Fact("  " + say("State"), f"{say(DISCONNECTED.label)}, {last.actor} {say.moment(last.at, now)}", "quiet")
    yield Fact("", say(DISCONNECTED.says), "quiet")
    yield Fact("  " + say("What to do"), say(DISCONNECTED.remedy), "quiet")
    yield Fact("", desk.typed(f"ptm integration connect --like {str(known.integration.id)[:8]}"), "strong")
    yield Fact("  " + say("Whom to ask"), say(DISCONNECTED.ask), "quiet")
    yield Fact("  " + say("Invoices"), say(DISCONNECTED.collected), "quiet")


def last_call(connection: Connection, say: Words, now: datetime) -> str:
    return say("last good call {when}", when=ago(connection.last_good_at, say, now))


def refusal(known: Whole, connection: Connection, login: Login | None, desk: Desk) -> Iterator[Fact]:
    say = desk.say
    said, service = state(connection.service, connection.reason), connection.service
    yield Fact("  " + say("State"), say(said.label), "bad")
    yield Fact("", say(said.says), "bad")
    yield Fact("  " + say("What to do"), say(said.remedy), "warning")
    yield Fact("  " + say("Whom to ask"), say(said.ask))
    if said.page:
        yield Fact("  " + say("Where"), f"{NAMES[service]}: {said.page}")
    yield Fact("  " + say("Invoices"), say(said.collected))
    if needs_login(connection.reason):
        line = f"ptm integration reconnect {str(known.integration.id)[:8]} --{service}"
        yield Fact("", desk.typed(line), "strong")
    if login and login.refusal:
        yield Fact("  " + say("It said"), login.refusal, "quiet")


def told(login: Login, whose: str, say: Words, now: datetime) -> Iterator[Fact]:
    """Of which kind it is, *whose*, and how long it lasts."""
    kind = say("login for six months") if login.kind == "refresh_token" else say("API key")
    by = say("given by {actor} {at}", actor=login.actor, at=say.day(login.since)) if login.since else ""
    yield Fact("  " + say("Key"), " · ".join(filter(None, (kind, whose, by))))
    if login.ends_at:
        days = step(login.ends_at - now)
        says = say("{at}: log in again before that", at=say.day(login.ends_at))
        yield Fact("  " + say("Ends"), ("▲ " if days else "") + says, "warning" if days else "")
        yield from soon(say) if days else ()
    else:
        yield Fact("  " + say("Ends"), say("not by itself"))


def soon(say: Words) -> Iterator[Fact]:
    yield Fact("  " + say("State"), say(ENDS_SOON.label), "warning")
    yield Fact("  " + say("What to do"), say(ENDS_SOON.remedy), "warning")
    yield Fact("  " + say("Whom to ask"), say(ENDS_SOON.ask))
    yield Fact("  " + say("Invoices"), say(ENDS_SOON.collected))


def reading(found: Reading, say: Words, now: datetime, *, refused: bool) -> Iterator[Fact]:
    """*refused*: a person has to log in first."""
    pause = say.decimal(Decimal(str(round(found.interval_s, 1))).normalize())
    phase = say("first reading") if found.phase == "baseline" else say("every {n} s", n=pause)
    yield Fact(say("Reading"), f"{ago(found.polled_at, say, now)} · {phase}")
    if found.failing_since and found.failure:
        says = say("fails since {at}: {why}", at=say.moment(found.failing_since, now), why=say.told(found.failure))
        yield Fact("", "▲ " + says, "warning")
        if not refused:
            yield Fact("  " + say("What to do"), say("Nothing is lost; it goes on by itself when Procountor answers."))


def answered(answers: Answers, say: Words, now: datetime) -> Iterator[Fact]:
    """What both services said when they were asked."""
    yield title(say("Asked {when}", when=ago(answers.at, say, now)))
    if Service.PROCOUNTOR in answers.failures:
        yield Fact("Procountor", "✖ " + say.told(answers.failures[Service.PROCOUNTOR]), "bad")
    else:
        yield Fact("Procountor", "✔ " + answers.user, "good")
        yield Fact("  " + say("Role"), answers.role or say("role unknown"))
        yield Fact("  " + say("Sales invoices"), code(answers.invoices, say))
        yield Fact("  " + say("Customer register"), code(answers.customers, say))
        for lacks in answers.lacking:
            yield Fact("", "▲ " + say(lacks), "warning")
    if Service.TRUSTMARY in answers.failures:
        yield Fact("Trustmary", "✖ " + say.told(answers.failures[Service.TRUSTMARY]), "bad")
    else:
        yield Fact("Trustmary", "✔ " + (answers.key_name or say("key without a name")), "good")
