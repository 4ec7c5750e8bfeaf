"""Planning a replay: the past against a changed mapping, decryption included, streamed."""

from __future__ import annotations

import base64
import resource
import statistics
import time
from dataclasses import replace
from itertools import pairwise
from typing import Any
from uuid import UUID

from benchmarks.ground import MASTER, Ground, sent, side_by_side
from events import codec
from events.contact import ContactAdded, ContactDelivered
from events.integration import FieldMapping, Rules
from events.plan import Wanted
from worker import settings
from worker.opening import opened
from worker.operations import integrations, planning, why
from worker.operations.context import Context
from worker.project import Projector

ROUNDS = 3
SIZES = (1000, 10_000)
PARTITIONS = {1000: 1, 10_000: 2}
LIFE = ("UNFINISHED", "NOT_SENT", "SENT", "PAID")
"""What is seen of an invoice, one after the other: three changes, of which one leads to a contact."""
CHANGES = len(LIFE) - 1
ASKED = 100
"""Invoices about which is asked why."""


async def run(ground: Ground) -> dict[str, Any]:
    """Invoices sent, delivered and paid; the plan compares them with a mapping that has changed since."""
    async with opened(settings.load(environment(ground))) as context:
        joined = {size: await told(ground, size, partition=PARTITIONS[size]) for size in SIZES}
        works = {f"{size} invoices": planned(context, id, size) for size, id in joined.items()}
        figures = await side_by_side(works, rounds=ROUNDS)
        why_ms = await explained(context, joined[max(SIZES)])
    return {
        "invoices_per_second": {name: figure.as_json() for name, figure in figures.items()},
        "changes_an_invoice": CHANGES,
        "seconds_for_1000": round(1000 / figures["1000 invoices"].median, 2),
        "why_ms": why_ms,
        "peak_mib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
    }


def environment(ground: Ground) -> dict[str, str]:
    """What opens the ground to a command; neither service is there."""
    return {
        "PTM_DATABASE_URL": ground.database_url,
        "PTM_MASTER_KEY": base64.b64encode(MASTER.key).decode(),
        "PTM_PROCOUNTOR_URL": "http://127.0.0.1:9",
        "PTM_TRUSTMARY_URL": "http://127.0.0.1:9",
    }


async def told(ground: Ground, size: int, *, partition: int, labels: tuple[str, ...] = ()) -> UUID:
    """An integration with *size* invoices in the log, paid and delivered, whose mapping has changed since."""
    projector = Projector(pool=ground.pool, log=ground.log, vault=ground.vault, ringer=ground.ringer)
    id = await ground.integration(partition)
    for first in range(0, size, 200):
        invoices = [sent(id, number) for number in range(first, first + 200)]
        lives = [
            replace(each, change=change, before=before, after=after)
            for each in invoices
            for change, (before, after) in enumerate(pairwise(LIFE), start=1)
        ]
        await ground.append(partition, lives)
        while (await projector.heal(partition)).applied:
            pass
        await ground.append(partition, [delivered(one) for one in await added(ground, partition, 2 * len(lives))])
    rules: Rules = codec.rules_from_json(
        await ground.pool.fetchval("select rules from rules where integration = $1", id)
    )
    [trigger] = rules.triggers.values()
    changed = replace(trigger, mapping=FieldMapping(fields={"email": "person.email", "name": "customer.name"}))
    text = codec.rules_to_json(replace(rules, triggers={trigger.id: changed}, labels=labels))
    await ground.pool.execute(
        "update integration set configuration = $2, names = $3 where id = $1",
        *(id, text, ground.vault.seal_names(id, {"company": "Esimerkki Oy"})),
    )
    return id


async def added(ground: Ground, partition: int, last: int) -> list[ContactAdded]:
    """The contacts among the *last* events of the partition."""
    head = await ground.pool.fetchval("select position from counter where partition = $1", partition)
    found = await ground.log.open(await ground.log.read(partition, max(0, head - last), last))
    return [one for one in found if isinstance(one, ContactAdded)]


def delivered(one: ContactAdded) -> ContactDelivered:
    about = {"id": "or0e0bdc36", "email": one.contact["email"], "type": "customer", "status": "active"}
    return ContactDelivered(
        integration=one.integration,
        invoice_id=one.invoice_id,
        partner=one.partner,
        decision=one.id,
        attempts=1,
        status=200,
        answer={"contact": about, "action": "IMPORT_CREATE", "listsUpdated": 1},
    )


async def explained(context: Context, id: UUID) -> dict[str, float]:
    """How long the answer takes to why one invoice among all of them led to what it did."""
    seen = await integrations.read_one(context, id)
    rows = [(seen.id, number, number, "PAID", CHANGES) for number in range(ASKED)]
    into = "insert into invoice (integration, invoice, number, status, change, old) values ($1, $2, $3, $4, $5, false)"
    await context.pool.executemany(into, rows)
    took: list[float] = []
    for number in range(ASKED):
        began = time.perf_counter()
        [life] = await why.why(context, str(number), among=[seen])
        took.append(1000 * (time.perf_counter() - began))
        assert len(life.entries) == CHANGES + 2, "changes, decision, outcome"
    return {"median": round(statistics.median(took), 1), "highest": round(max(took), 1)}


def planned(context: Context, id: UUID, size: int) -> Any:
    async def work() -> int:
        seen = await integrations.read_one(context, id)
        kept = await planning.plan(context, seen, Wanted(upto=2**62))
        assert kept.plan.looked_at == size, kept.plan.looked_at
        return size

    return work
