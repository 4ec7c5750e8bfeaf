"""The workers: alive, of one version, every stage among them, and none that fails again and again."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from events.words import Words
from worker.operations.checks.finding import Concern, Finding, note, well, wrong
from worker.operations.status import FAILS, Running

STAGES = ("ingest", "relay", "project", "dispatch")


def judge(workers: Sequence[Running], version: str, say: Words) -> Iterator[Finding]:
    """*version*: of the command that looks."""
    alive = [one for one in workers if one.alive]
    if not alive:
        yield wrong(
            Concern.WORKERS,
            say("No worker is running: nothing is read, decided or sent."),
            say("Start one: ptm worker. Its log tells why where it ends again."),
        )
        return
    yield from of_versions({one.version for one in alive}, version, say)
    running = {stage for one in alive for stage in one.stages}
    for stage in STAGES:
        if running and stage not in running:
            yield wrong(
                Concern.WORKERS,
                say("No worker runs the stage {stage}.", stage=stage),
                say("Start one with it: ptm worker --stages {stage}.", stage=stage),
            )
    for one in alive:
        for stage, beat in one.stages.items():
            if beat.get("failures", 0) >= FAILS:
                yield note(
                    Concern.WORKERS,
                    say("{stage} fails in the worker {host} {pid}: {why}", stage=stage, host=one.host, pid=one.pid,
                        why=say.told(beat.get("error"))),
                    say("Nothing is lost; it goes on by itself once the cause is gone. The worker's log says more."),
                )  # fmt: skip
    yield well(Concern.WORKERS, say.count(len(alive), "{n} worker is alive.", "{n} workers are alive."))


def of_versions(found: set[str], ours: str, say: Words) -> Iterator[Finding]:
    if len(found) > 1:
        yield note(
            Concern.WORKERS,
            say("The workers are of {n} versions: {which}.", n=len(found), which=", ".join(sorted(found))),
            say("Finish the update: stop those of the older version, and start them from the new one."),
        )
    elif found != {ours}:
        yield note(
            Concern.WORKERS,
            say("The workers are of version {one}, this command of {other}.", one=", ".join(found), other=ours),
            say("Let both be of one installation."),
        )
