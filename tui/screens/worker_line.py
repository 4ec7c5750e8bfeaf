"""How a worker reads as one line, and loop by loop; and what rests."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

from events.words import Words
from tui.widgets.columns import Cell, Column
from worker.operations.cluster import Breaker
from worker.operations.status import FAILS, Running

STAGES: Mapping[str, str] = {
    "ingest": "asks Procountor what has changed, and records it",
    "logins": "looks which logins end soon, and tells it ahead",
    "reconcile": "holds each company against both services once a week",
    "relay": "tells the log to Kafka",
    "project": "decides what Kafka brings: whom to add, and why not",
    "heal": "decides from the database what Kafka does not bring",
    "replay": "asks for what a replay has planned, batch by batch",
    "dispatch": "carries contacts to Trustmary, at each organization's pace",
    "alert": "tells whoever is to know of states that last",
}
"""What each loop does."""
GONE, RUNS, FAILING = ("✖", "not seen", "bad"), ("●", "runs", "good"), ("▲", "fails", "warning")
"""Glyph, word and tone."""


def columns(say: Words, now: datetime) -> list[Column[Running]]:
    return [
        Column(title=say("State"), width=12, cell=lambda one: state(one, say)),
        Column(title=say("Host"), width=12, grow=2, cell=lambda one: Cell(one.host, "strong")),
        Column(title=say("Process"), width=8, right=True, cell=lambda one: str(one.pid)),
        Column(title=say("Version"), width=9, rank=5, cell=lambda one: one.version),
        Column(title=say("Runs for"), width=9, right=True, rank=4, cell=lambda one: say.ago(one.started_at, now)),
        Column(title=say("Seen"), width=7, right=True, cell=lambda one: say.ago(one.seen_at, now)),
        Column(title=say("Memory"), width=9, right=True, rank=1, cell=lambda one: memory(one, say)),
        Column(title=say("Partitions"), width=12, grow=1, rank=2, cell=lambda one: listed(one.partitions)),
        Column(title=say("Last error"), width=16, grow=4, rank=3, cell=lambda one: Cell(error(one, say), "warning")),
    ]


def state(worker: Running, say: Words) -> Cell:
    failing = any(beat.get("failures", 0) >= FAILS for beat in worker.stages.values())
    glyph, word, tone = GONE if not worker.alive else FAILING if failing else RUNS
    return Cell(f"{glyph} {say(word)}", tone)


def memory(one: Running, say: Words) -> str:
    return "-" if one.memory_mib is None else f"{say.number(one.memory_mib)} MiB"


def error(one: Running, say: Words) -> str:
    failing = ((stage, beat) for stage, beat in one.stages.items() if beat.get("failures"))
    return next((f"{stage}: {say.told(beat.get('error'))}" for stage, beat in failing), "")


def listed(places: Sequence[int]) -> str:
    """`0-7, 9`: what follows each other as a range."""
    parts: list[list[int]] = []
    for place in sorted(places):
        if parts and place == parts[-1][-1] + 1:
            parts[-1].append(place)
        else:
            parts.append([place])
    return ", ".join(str(each[0]) if len(each) == 1 else f"{each[0]}-{each[-1]}" for each in parts) or "-"


def searched(one: Running, say: Words) -> str:
    return f"{state(one, say).text} {one.host} {one.pid} {one.version} {listed(one.partitions)} {error(one, say)}"


def loops(one: Running, say: Words) -> Iterator[str]:
    """What it does, loop by loop."""
    for stage, beat in one.stages.items():
        failures, turns, done = (int(beat.get(name) or 0) for name in ("failures", "turns", "done"))
        fares = (
            f"▲ {say('failed {n} times', n=failures)}: {say.told(beat.get('error'))}"
            if failures
            else f"● {say('turns')}"
        )
        counts = say("{turns} turns, {done} done", turns=say.number(turns), done=say.number(done))
        yield f"{stage:<10} {fares} · {counts}"
        yield f"{'':<10} {say(STAGES.get(stage, stage))}"


def resting(breakers: Sequence[Breaker], say: Words, now: datetime) -> Iterator[str]:
    for each in breakers:
        yield f"■ {each.rest.told(each.name, say, now)}"
