"""A large past is decided in processes beside the one that plans: the same plan, and nothing left of them."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
import pytest_asyncio

from desk import sent
from events.codec import Event
from events.contact import ContactAdded, ContactDelivered
from events.errors import Misconfigured, Unavailable
from events.integration import FieldMapping
from events.invoice import InvoiceStatusChanged
from events.plan import Wanted
from events.planner import Decider
from eventually import eventually
from office import ALL, BY_COMPANY, Office, opened
from servers.postgres import Database
from worker.adapters import beside
from worker.adapters.beside import Beside
from worker.adapters.decider import Share
from worker.adapters.log import CHUNK, Draft
from worker.adapters.sealing import load_master, make_master
from worker.operations import planning
from worker.operations.planning import Kept

INVOICES = 2 * CHUNK + 7
"""Chunks for each of two processes, and a rest; a fifth of them change twice."""


@pytest_asyncio.fixture
async def office(database: Database) -> AsyncIterator[Office]:
    """Its mapping has changed since; one customer is erased."""
    async with opened(database) as made:
        known = made.at.sandbox.world.add_customer().id
        await record(made, list(changes(made.integration.id, known)))
        await made.at.project(made.integration)
        found = [event for _, event in await made.at.events(made.integration)]
        added = [one for one in found if isinstance(one, ContactAdded)]
        await record(made, [delivered(one) for one in added[::2]])
        await made.at.project(made.integration)
        await made.save(mapping=FieldMapping(fields={**BY_COMPANY.fields, "name": "person.name"}))
        await made.at.context.vault.destroy([f"{made.integration.id}/partner/11"])
        yield made


def changes(integration: UUID, known: int) -> Iterator[InvoiceStatusChanged]:
    """Of one customer whom the register has, and of many whom it has no more."""
    for invoice in range(1, INVOICES + 1):
        email = ("ei osoite", None)[invoice % 2] if invoice % 50 < 2 else f"asiakas{invoice % 700}@asiakas.fi"
        facts: dict[str, Any] = {"before": None, "after": "PAID"} if invoice % 9 == 0 else {}
        partner = invoice % 300 + 1 if invoice % 7 else known
        yield sent(integration, invoice, email=email, partner=partner, total=invoice % 40 - 1.0, **facts)
        if invoice % 5 == 0:
            again: dict[str, Any] = {"change": 2, "before": "UNFINISHED", "email": f"toinen{invoice}@asiakas.fi"}
            yield sent(integration, invoice, partner=partner, **again)


def delivered(one: ContactAdded) -> ContactDelivered:
    return ContactDelivered(
        integration=one.integration, invoice_id=one.invoice_id, partner=one.partner, decision=one.id, status=200
    )


async def record(office: Office, events: list[Event]) -> None:
    context = office.at.context
    for first in range(0, len(events), CHUNK):
        rows = await context.log.prepare([Draft(event=event) for event in events[first : first + CHUNK]])
        async with context.pool.acquire() as connection, connection.transaction():
            await context.log.append(connection, office.integration.partition, rows)


def processes(office: Office, count: int = 2) -> Beside:
    return Beside(office.at.context.database_url, office.at.context.vault.master, processes=count, worth=CHUNK)


async def plan(office: Office, used: Beside, wanted: Wanted = ALL) -> Kept:
    return await planning.plan(office.at.context, await office.seen(), wanted, beside=used)


async def plans(office: Office) -> int:
    kept: int = await office.at.context.pool.fetchval("select count(*) from replay")
    return kept


def runs(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


@pytest.mark.parametrize("latest", [False, True])
async def test_the_plan_is_the_same_in_however_many_processes(office: Office, latest: bool) -> None:
    wanted = replace(ALL, latest=latest)
    alone = await plan(office, processes(office, 1), wanted)
    assert len({item.kind for item in alone.plan.items}) >= 4, alone.plan.counts
    assert alone.plan.skipped.keys() >= {"erased", "no_email"}
    assert any(item.customer for item in alone.plan.items) is latest
    for count in (2, 3):
        async with processes(office, count) as several:
            kept = await plan(office, several, wanted)
            assert len(several.pids) == count
        assert kept.plan.as_json() == alone.plan.as_json()


async def test_a_small_plan_starts_no_process(office: Office) -> None:
    async with processes(office) as several:
        await plan(office, several, replace(ALL, upto=CHUNK))
        assert several.pids == []
        await plan(office, several)
        pids = several.pids
        assert len(pids) == 2
        await plan(office, several)
        assert several.pids == pids, "they stay for the next plan"
    assert not any(map(runs, pids))


async def test_progress_counts_every_event_once(office: Office) -> None:
    told: list[tuple[int, int]] = []
    async with processes(office) as several:
        await planning.plan(
            office.at.context, await office.seen(), ALL, beside=several, progress=lambda *one: told.append(one)
        )
    counts = [count for count, _ in told]
    assert counts == sorted(set(counts))
    assert {of for _, of in told} == {counts[-1]}
    assert counts[-1] > INVOICES


async def test_a_lost_process_is_an_error_that_keeps_nothing_and_the_next_plan_has_new_ones(office: Office) -> None:
    async with processes(office) as several:
        good = await plan(office, several)
        before, kept = several.pids, await plans(office)
        os.kill(before[1], signal.SIGKILL)
        with pytest.raises(Unavailable, match=r"was lost \(SIGKILL\): plan again"):
            await plan(office, several)
        assert await plans(office) == kept
        assert not any(map(runs, before))
        assert (await plan(office, several)).plan.hash == good.plan.hash


async def test_a_plan_that_is_given_up_leaves_no_process(office: Office) -> None:
    async with processes(office) as several:
        seen, pids = await office.seen(), list[int]()

        def give_up(_count: int, _of: int) -> None:
            pids.extend(several.pids)
            if pids:
                planned.cancel()

        planned = asyncio.create_task(planning.plan(office.at.context, seen, ALL, beside=several, progress=give_up))
        with pytest.raises(asyncio.CancelledError):
            await planned
        assert pids
        await eventually(lambda: not any(map(runs, pids)))
    assert await plans(office) == 0


async def test_what_goes_wrong_in_a_process_is_said_as_here(office: Office) -> None:
    other = Beside(office.at.context.database_url, load_master(make_master()), processes=2, worth=CHUNK)
    async with other:
        with pytest.raises(Misconfigured, match="PTM_MASTER_KEY is not the key that sealed this database"):
            await plan(office, other)
        assert other.pids == []
    assert await plans(office) == 0


@pytest.mark.parametrize("at_work", [False, True])
async def test_a_process_ends_with_the_one_that_has_started_it(office: Office, at_work: bool) -> None:
    one, seen = await beside.start(), await office.seen()
    if at_work:
        decider = Decider(
            in_force=seen.rules, triggers=seen.rules.live, wanted=ALL, now=datetime.now(UTC), customers={}
        )
        share = Share(
            database_url=office.at.context.database_url,
            master=office.at.context.vault.master,
            decider=decider,
            partition=seen.partition,
            positions=[*range(1, INVOICES)] * 100,
        )
        await one.ask(share)
        await one.answer()
    one.writer.close()
    assert await asyncio.to_thread(one.process.wait, 20) == 0


async def test_a_process_that_cannot_be_started_is_said(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(beside, "COMMAND", ("/nowhere/python",))
    async with processes(office) as several:
        with pytest.raises(Unavailable, match="cannot be started: No such file or directory"):
            await plan(office, several)
    assert await plans(office) == 0


@pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")
async def test_nothing_of_a_process_can_be_seen_from_outside(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PTM_MASTER_KEY", "salainen")
    async with processes(office) as several:
        await plan(office, several)
        for pid in several.pids:
            place = Path(f"/proc/{pid}")
            shown = (place / "cmdline").read_bytes() + (place / "environ").read_bytes()
            assert b"PTM_" not in shown
            assert b"postgres" not in shown
            assert os.getsid(pid) == pid, "no terminal of ours, and no Ctrl-C"
            assert os.getpriority(os.PRIO_PROCESS, pid) == 10, "behind live traffic"
