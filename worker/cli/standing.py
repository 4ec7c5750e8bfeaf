"""How an integration is let in and, where it is not, what ends that: in the words of the catalogue of states."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from datetime import UTC, datetime

from events.connection import DISCONNECTED, ENDS_SOON, RESTORED, state
from events.connection import State as Told
from events.versions import Act
from events.words import Words
from worker.cli.output import clock, short
from worker.operations.integrations import Connection, Held, Integration, State


def as_json(one: Integration, removed: Act | None) -> dict[str, object]:
    """*removed*: by whom and when, if it is and that was asked for."""
    connections = {} if one.state is State.REMOVED else one.connections
    return {
        "connections": {
            service.value: {**asdict(connection), "told": said_of(connection)}
            for service, connection in connections.items()
        },
        "restored": one.held and {**asdict(one.held), "told": RESTORED},
        "disconnected": removed and {"since": removed.at, "actor": removed.actor, "told": DISCONNECTED},
    }


def lines(one: Integration, say: Words, removed: Act | None) -> Iterator[tuple[str, object]]:
    if removed is not None:
        yield from disconnected(one, removed, say)
        return
    for connection in one.connections.values():
        yield from of_connection(connection, say)
    if one.held:
        yield from restored(one.held, say)


def disconnected(one: Integration, removed: Act, say: Words) -> Iterator[tuple[str, object]]:
    since = f"{clock(removed.at, say.zone.key)} ({removed.actor})"
    yield "connections", f"{say(DISCONNECTED.label)}, since {since}: {say(DISCONNECTED.says)}"
    yield from to_do(DISCONNECTED, say, f"ptm integration connect --like {short(one.id)}")


def said_of(connection: Connection) -> Told | None:
    """What the catalogue of states says of it; nothing where all is well."""
    if connection.state == "broken":
        return state(connection.service, connection.reason)
    ends = connection.ending(datetime.now(UTC)) is not None
    return ENDS_SOON if ends else None


def of_connection(connection: Connection, say: Words) -> Iterator[tuple[str, object]]:
    """How it stands and, where it does not, what ends that."""
    yield connection.service.value, f"{connection.state} {connection.reason or ''}"
    days = connection.ending(datetime.now(UTC))
    if days is not None and connection.ends_at:
        left = say("The login ends within {n} days.", n=days)
        yield "  state", f"{say(ENDS_SOON.label)}, {clock(connection.ends_at, say.zone.key)}: {left}"
        yield from to_do(ENDS_SOON, say)
    if connection.state != "broken":
        return
    told = state(connection.service, connection.reason)
    yield "  state", f"{say(told.label)}, since {clock(connection.since, say.zone.key)}: {say(told.says)}"
    yield from to_do(told, say)


def restored(held: Held, say: Words) -> Iterator[tuple[str, object]]:
    zone = say.zone.key
    backup = say("backup of {at}", at=clock(held.taken_at, zone))
    yield "sending", f"{say(RESTORED.label)}, since {clock(held.since, zone)} ({backup}): {say(RESTORED.says)}"
    yield from to_do(RESTORED, say, "ptm release --plan")


def to_do(told: Told, say: Words, command: str = "") -> Iterator[tuple[str, object]]:
    where = f" ({told.page})" if told.page else ""
    yield "  what to do", f"{say(told.remedy)} {command}".strip()
    yield "  whom to ask", f"{say(told.ask)}{where}"
    yield "  invoices", say(told.collected)
