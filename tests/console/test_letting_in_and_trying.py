"""What had a command only: logging in again, taking a file of configuration in, trying a trigger out."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from desk import Desk
from driving import Driver, Opening
from events.integration import IntegrationReconnected
from events.trial import TrialAnswered, TrialSent
from eventually import eventually
from tui.messages import OpenIntegration
from ways import walk
from worker.operations import files, importing
from worker.operations.integrations import Integration

pytestmark = pytest.mark.integration
OWN = "oma@tilitoimisto.fi"


async def types_of(at_desk: Desk, one: Integration) -> list[str]:
    return [event.type for _, event in await at_desk.events(one)]


async def opens(at: Driver, one: Integration) -> None:
    await at.sees(one.company)
    at.app.post_message(OpenIntegration(one.id))
    await at.sees("▶ Overview")


async def test_a_new_key_for_trustmary_is_named_and_used(at_desk: Desk, opening: Opening) -> None:
    one = await at_desk.connect(0)
    async with opening() as at:
        await opens(at, one)
        await walk(at, "L (which service) down enter (Trustmary's API key) 'KEY' enter (This is the right one)",
                   {"KEY": at_desk.sandbox.trustmary_api_key})  # fmt: skip
        await at.sees(one.organization_name)
        assert IntegrationReconnected.type not in await types_of(at_desk, one)
        await walk(at, "enter (Use this for) y (▶ Overview)")
    assert IntegrationReconnected.type in await types_of(at_desk, one)


async def test_another_companys_key_changes_nothing(at_desk: Desk, opening: Opening) -> None:
    one = await at_desk.connect(0)
    async with opening(notifications=True) as at:
        await opens(at, one)
        await walk(at, "L (which service) enter (How do you get) down down enter (Procountor's API key) 'KEY' enter",
                   {"KEY": at_desk.sandbox.companies[1]["api_key"]})  # fmt: skip
        await walk(at, "(This is the right one) enter (Use this for) y (These credentials open)")
    assert IntegrationReconnected.type not in await types_of(at_desk, one)


async def test_a_file_is_taken_in_after_what_it_changes_was_shown(
    at_desk: Desk, opening: Opening, tmp_path: Path
) -> None:
    one = await at_desk.connect(0)
    entry = importing.described(one)
    wanted = replace(entry, settings=replace(entry.settings, cool_down_days=9), labels=("pilot",))
    files.write((wanted,), tmp_path / "ptm.yaml")
    async with opening() as at:
        await walk(at, "(● active) I (Which file) 'FILE' enter (Save this in 1 integration?)",
                   {"FILE": str(tmp_path / "ptm.yaml")})  # fmt: skip
        await at.sees("pilot", "9")
        assert (await at_desk.again(one)).version == one.version
        await at.press("y")

        async def saved() -> bool:
            rules = (await at_desk.again(one)).rules
            return (rules.settings.cool_down_days, rules.labels) == (9, ("pilot",))

        await eventually(saved)


async def test_a_trigger_is_rehearsed_on_the_log_and_one_contact_sent_to_oneself(
    at_desk: Desk, opening: Opening
) -> None:
    one = await at_desk.connect(0)
    await at_desk.see(one, 1)
    await at_desk.see(one, 2, email=None)
    async with opening(notifications=True) as at:
        await opens(at, one)
        await walk(at, "right (▶ Triggers) r (1 contact would be added) (2 of 2 that met) escape")
        assert at_desk.sandbox.books.arrivals == []
        await walk(at, "T (address of your own) 'OWN' enter (Send the contact of invoice 10001)", {"OWN": OWN})
        await at.press("y")
        await at.sees(f"{OWN} was added.")
    assert [arrival.email for arrival in at_desk.sandbox.books.arrivals] == [OWN]
    assert (await types_of(at_desk, one))[-2:] == [TrialSent.type, TrialAnswered.type]
