"""Every command has its place at the console: keys lead there, and what they lead to shows that very command."""

from __future__ import annotations

import shlex
from collections.abc import AsyncIterator, Mapping
from dataclasses import replace
from pathlib import Path

import pytest
import pytest_asyncio

from driving import Driver
from events.integration import FieldMapping, StartsSurveys
from events.recipient import Channel, Wanted
from events.replay import Reach
from office import Office, a_list, on_list, opened
from servers.postgres import Database
from tui.app import Console
from tui.run import desk_of
from ways import EVERY, shown, walk
from worker.operations import blocks, drafts, files, importing, lifecycle, recipients, saving, triggers

pytestmark = pytest.mark.integration

HAVE_NO_PLACE: Mapping[str, str] = {
    "worker": "a process of its own; the console shows those that run",
    "migrate": "the database's owner makes the schema before there is anything to look at",
    "backup": "writes files beside the database, by a timer; a console is no place for files of a server",
    "restore": "fills the database before there is anything to look at",
    "release": "once after a restore, by whoever restored; what needs a person names the command",
    "sandbox": "stands in for both services, for whoever develops",
    "demo": "brings a console of its own",
    "tui": "is the console",
    "keys list": "the keys stand in the settings of every process: who changes them there asks beside it",
    "keys rotate": "every worker is started anew for it, with both keys: for whoever keeps the server",
    "verify": "reads the whole log, for hours where that is long: no console is kept open for it",
}
ONE = "(parked) enter (▶ Overview)"
TRIGGERS = f"{ONE} right (▶ Triggers)"
BLOCKED = f"{ONE} left (▶ Block)"
PARKED = "4 (No worker is running) down (3 deliveries) enter (10013)"
NAMED = "(called) 'a' enter (Why?) 'b' enter"
WAYS: Mapping[str, str] = {
    "events": "2 (following) colon",
    "why": "w (Which invoice?) '10001' enter (Invoice 10001) colon",
    "attention": "4 (3 deliveries) colon",
    "reconcile": "4 (3 deliveries) c (Nothing is sent)",
    "status": "5 (No worker is running) colon",
    "doctor": "5 (No worker is running) d (PostgreSQL)",
    "integration list": "(parked) colon",
    "integration show": f"{ONE} colon",
    "integration edit": f"{ONE} e (Cool-down) '7'",
    "integration pause": f"{ONE} p (Pause )",
    "integration resume": "(‖ paused) down r (Resume 1)",
    "integration connect": "a (How do you get) colon",
    "integration reconnect": f"{ONE} L (which service) enter (How do you get) colon",
    "integration remove": f"{ONE} D (the log stays as it is) enter (to go on)",
    "integration export": f"{ONE} x (to which file?) ctrl+u 'THERE' enter (Write over it)",
    "integration import": "(parked) I (Which file) 'CHANGED' enter (Save this in)",
    "integration label": "(parked) l (Which label) 'pilot' (as it is typed) enter (Give 1)",
    "integration undo": f"{ONE} z (Undo the last change)",
    "trigger fields": f"{TRIGGERS} e (▶ Condition) n (▶ Mapping) down enter (comes from)",
    "trigger list": f"{TRIGGERS} colon",
    "trigger save": f"{TRIGGERS} e (▶ Condition) colon",
    "trigger remove": f"{TRIGGERS} delete (Remove the trigger)",
    "trigger history": f"{ONE} right right (▶ History) colon",
    "trigger restore": f"{ONE} right right (▶ History) end r (left it, as the newest)",
    "trigger draft": f"{TRIGGERS} d (Make a draft)",
    "trigger shadow": f"{TRIGGERS} down s (In the shadow)",
    "trigger promote": f"{TRIGGERS} down P (in force?)",
    "trigger test": f"{TRIGGERS} r (alone would have done)",
    "delivery list": f"{PARKED} colon",
    "delivery retry": f"{PARKED} s (again)",
    "delivery discard": f"{PARKED} d (never sent)",
    "integration test-alert": f"{ONE} left left (▶ Alerts) T (Send a test to)",
    "block list": f"{BLOCKED} colon",
    "block add": f"{BLOCKED} a (Which address?) 'a@b.fi' enter (never added)",
    "block remove": f"{BLOCKED} delete (may be added)",
    "replay plan": f"{ONE} R (all live ones) colon",
    "replay list": "3 (▶ running) colon",
    "replay show": "3 (▶ running) enter (finished) colon",
    "replay apply": f"3 (○ planned) down enter (Meant:) a (How far) down enter {NAMED} (Type 2)",
    "replay pause": "3 (▶ running) enter (finished) p (Pause it?)",
    "replay resume": "3 (▶ running) enter (finished) p (Pause it?) y (‖ paused) p (Let it go on?)",
    "replay cancel": "3 (‖ paused) enter (finished) c (Cancel it?)",
    "replay undo": f"3 (✔ done) down down enter (2 of 2 finished) u (What cannot) enter {NAMED} (Type 2)",
}
"""Command → keys from the home screen; what stands in brackets is waited for, what stands in quotes is typed."""


ELSEWHERE = "export PTM_DATA_DIR=/there; "
"""What every line that is shown has before it, as in the demo."""


@pytest_asyncio.fixture
async def office(database: Database) -> AsyncIterator[Office]:
    """With something to act on for every command: a draft, versions, somebody blocked, what is parked, replays."""
    async with opened(database, companies=2, history=6) as made:
        context = made.at.context
        await lifecycle.pause(context, await made.at.connect(1))
        await made.sent(1, 2)
        await blocks.add(context, await made.seen(), "nobody@asiakas.fi", reason="asked not to")
        told = await recipients.changed(
            context, await made.seen(), [Wanted(channel=Channel.EMAIL, to="paivi@toimittaja.fi")], []
        )
        await saving.edit(context, await made.seen(), told=told)
        draft = drafts.beside(await made.seen(), made.trigger)
        await triggers.save(context, await made.seen(), draft)
        await made.save(destination=on_list(await a_list(made), StartsSurveys.NO))
        done = await made.plan()
        await made.apply(done, Reach.LIST)
        await made.carry_out(done)
        await made.save(mapping=FieldMapping())
        await made.plan()
        await made.apply(await made.plan(), Reach.CONTACT)
        await parked(made, 11, 12, 13)
        yield made


async def parked(office: Office, *invoices: int) -> None:
    for invoice in invoices:
        await office.at.see(office.integration, invoice, partner=invoice, email=f"asiakas{invoice}@asiakas.fi")
    await office.at.project(office.integration)
    await office.at.context.pool.execute(
        "update delivery set state = 'parked', fingerprint = 'not_found:trustmary:404' where state = 'waiting'"
    )


async def documents(office: Office, directory: Path) -> Mapping[str, str]:
    """As the integration is, and with another setting."""
    one = importing.described(await office.seen())
    other = replace(one, settings=replace(one.settings, cool_down_days=9))
    found = {"THERE": directory / "there.yaml", "CHANGED": directory / "changed.yaml"}
    files.write((one,), found["THERE"])
    files.write((other,), found["CHANGED"])
    return {name: str(file) for name, file in found.items()}


def accepted(name: str, line: str) -> None:
    """The command takes what the line gives it; raises its usage error otherwise."""
    words = shlex.split(line)[1 + len(name.split()) :]
    EVERY[name].make_context(name, words)


def test_what_has_no_place_is_said_and_nothing_else_is_left_out() -> None:
    assert set(WAYS) | set(HAVE_NO_PLACE) == set(EVERY)
    assert not set(WAYS) & set(HAVE_NO_PLACE)


def group(name: str) -> str:
    """What a command acts on, as far as several do."""
    first = name.split(maxsplit=1)[0]
    return first if first != name else "whole"


@pytest.mark.parametrize("acted_on", sorted({group(name) for name in WAYS}))
async def test_every_other_command_is_reached_by_keys_and_shown(office: Office, tmp_path: Path, acted_on: str) -> None:
    named = await documents(office, tmp_path)
    wrong: dict[str, str] = {}
    for name in (name for name in WAYS if group(name) == acted_on):
        console = Console(replace(desk_of(office.at.context, read_only=False), before_lines=ELSEWHERE))
        async with console.run_test(size=(150, 40), notifications=True) as pilot:
            at = Driver(console, pilot)
            try:
                await walk(at, WAYS[name], named)
                await at.sees(f"ptm {name}")
                [line] = {line for line in shown(at) if line.startswith(f"ptm {name}")}
                accepted(name, line)
            except Exception as error:
                wrong[name] = f"{error!r}\n{at.text}"
    assert not wrong, "\n\n".join(f"{name}: {what}" for name, what in wrong.items())
