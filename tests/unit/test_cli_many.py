"""One of many that fails stops no other, and is named."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID

import pytest

from events.errors import Conflict, Misconfigured
from facts import in_force
from worker.cli.many import each_of, where_possible
from worker.operations.integrations import Integration, State


def company(number: int) -> Integration:
    return Integration(
        id=UUID(int=number),
        partition=0,
        version=1,
        state=State.ACTIVE,
        company_id=number,
        organization="acme",
        names={"company": f"Firma {number}"},
        rules=in_force(),
        connected_at=datetime(2026, 3, 1, tzinfo=UTC),
    )


THREE = [company(number) for number in (1, 2, 3)]


async def test_all_that_can_be_done_is_done_before_the_failure_is_raised(capsys: pytest.CaptureFixture[str]) -> None:
    done = []

    async def work(seen: Integration) -> int:
        if seen.company_id == 1:
            raise Conflict("somebody saved")
        done.append(seen.company_id)
        return seen.company_id

    with pytest.raises(Conflict, match="somebody saved"):
        await each_of(THREE, work)
    assert done == [2, 3]
    assert "Firma 1 → acme failed: somebody saved" in capsys.readouterr().err
    assert await each_of(THREE[1:], work) == [2, 3]


async def test_what_makes_no_sense_for_one_is_left_out_and_for_all_refused(capsys: pytest.CaptureFixture[str]) -> None:
    async def work(seen: Integration, wanted: int) -> int:
        if seen.company_id != wanted:
            raise Misconfigured("nothing there")
        return wanted

    assert [done async for done in where_possible([(one, 2) for one in THREE], work)] == [2]
    assert capsys.readouterr().err.count("is left out: nothing there") == 2
    with pytest.raises(Misconfigured, match="every integration with that label"):
        assert not [done async for done in where_possible([(one, 9) for one in THREE], work)]
