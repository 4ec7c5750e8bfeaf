"""A pause stops sending at once while invoices are still recorded; resuming asks what becomes of what waits."""

from __future__ import annotations

from pathlib import Path

import pytest

from events.integration import Waiting
from eventually import eventually
from servers.postgres import Database
from stage import Stage, staged
from worker.operations import lifecycle, triggers
from worker.operations.integrations import Integration

pytestmark = pytest.mark.acceptance


async def paused_mid_flow(stage: Stage, seen: Integration) -> Integration:
    """Some contacts of the first company have arrived, some wait, and invoices went on being sent after the pause."""
    before = len(stage.arrivals)
    stage.sandbox.faults.add("trustmary.contacts.post=latency:150")
    stage.send(50)
    await eventually(lambda: stage.arrivals[before:])

    paused = await lifecycle.pause(stage.context, await stage.again(seen), reason="ei nyt")
    at_pause = len(stage.arrivals)
    assert paused.under_way == 0
    assert before < at_pause < before + 50

    stage.sandbox.faults.clear()
    latest = stage.send(10)[-1]
    [elsewhere] = stage.send(company=1)
    await stage.seen(latest, "SENT")
    # Others are sent meanwhile: sending had its chance.
    await eventually(lambda: stage.arrivals[at_pause:])

    async def waiting() -> bool:
        found = (await stage.again(seen)).waiting
        assert found == before + 60 - at_pause, found
        return True

    await eventually(waiting)
    assert [int(arrival.fields["field_invoice"]) for arrival in stage.arrivals[at_pause:]] == [elsewhere]
    return await stage.again(seen)


async def test_a_pause_stops_sending_at_once_and_what_waits_is_sent_or_decided_again_as_told(
    database: Database, tansu: str, topic: str, tmp_path: Path
) -> None:
    async with staged(database, tansu, topic=topic, directory=tmp_path, companies=2) as stage:
        seen = await stage.connect()
        await stage.connect(1)
        await stage.start(2)

        for waiting, contacts in ((Waiting.SEND, 61), (Waiting.DECIDE_AGAIN, 122)):
            await lifecycle.resume(stage.context, await paused_mid_flow(stage, seen), waiting)
            await eventually(lambda: not stage.verdict().lost)
            await stage.settled()
            verdict = stage.verdict()
            assert verdict.delivered == verdict.surveys == contacts
            assert (verdict.lost, verdict.duplicated, verdict.repeated, verdict.unexpected) == (0, 0, 0, 0)
        await stage.sound()


async def test_what_waits_can_be_dropped_and_deciding_again_takes_the_rules_of_today(
    database: Database, tansu: str, topic: str, tmp_path: Path
) -> None:
    async with staged(database, tansu, topic=topic, directory=tmp_path, companies=2) as stage:
        seen = await stage.connect()
        await stage.connect(1)
        await stage.start(2)

        paused = await paused_mid_flow(stage, seen)
        came, dropped = stage.verdict().delivered, paused.waiting
        await lifecycle.resume(stage.context, paused, Waiting.DROP)
        stage.send(5)
        await eventually(lambda: stage.verdict().delivered == came + 5)
        await stage.settled()
        assert stage.verdict().lost == dropped

        paused = await paused_mid_flow(stage, seen)
        came = stage.verdict().delivered
        [trigger] = paused.rules.triggers.values()
        await triggers.remove(stage.context, paused, trigger.id, waiting=Waiting.SEND)
        await lifecycle.resume(stage.context, await stage.again(seen), Waiting.DECIDE_AGAIN)
        await stage.settled()
        verdict = stage.verdict()
        assert verdict.delivered == came
        assert (verdict.duplicated, verdict.repeated, verdict.unexpected) == (0, 0, 0)
        await stage.sound()
