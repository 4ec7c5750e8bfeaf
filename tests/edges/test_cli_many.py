"""One of many that fails stops no other, and is named."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from uuid import UUID

import pytest
import typer

from events.errors import Conflict, Misconfigured, Unavailable
from facts import in_force
from worker.cli.asking import spelled_out
from worker.cli.many import each_of, where_possible, words
from worker.cli.output import json_array
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


async def fails_for_the_first(seen: Integration, _: Integration) -> int:
    if seen.company_id == 1:
        raise Conflict("somebody saved")
    return seen.company_id


async def test_one_that_fails_stops_no_other_and_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    done = await each_of(THREE, several=True).then(fails_for_the_first)
    assert done.results == [2, 3]
    assert "Firma 1 → acme failed: somebody saved" in capsys.readouterr().err
    doubled = await done.then(pair)
    doubled.show_json(lambda seen, number: [seen.company_id, number])
    *shown, failed = json.loads(capsys.readouterr().out)
    assert shown == [[2, 4], [3, 6]]
    assert failed == {"integration": str(THREE[0].id), "name": "Firma 1 → acme", "error": "somebody saved"}
    with pytest.raises(typer.Exit) as ended:
        doubled.end()
    assert ended.value.exit_code == 1
    assert "It failed for 1 of 3 integrations." in capsys.readouterr().err


async def pair(_: Integration, number: int) -> int:
    return 2 * number


async def test_what_fails_for_one_that_is_named_is_raised(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(Conflict, match="somebody saved"):
        await each_of(THREE[:1], several=False).then(fails_for_the_first)
    assert capsys.readouterr().err == ""
    each_of(THREE[1:], several=True).end()


@pytest.mark.parametrize(
    ("given", "read"),
    [
        (["--label", "x", "--yes", "12"], ["--label", "x", "--yes", "--yes-count", "12"]),
        (["-y", "12", "Firma"], ["-y", "--yes-count", "12", "Firma"]),
        (["--yes=12"], ["--yes", "--yes-count", "12"]),
        (["--yes", "Firma"], ["--yes", "Firma"]),
        (["12", "--yes"], ["12", "--yes"]),
    ],
)
def test_a_number_behind_yes_is_a_count(given: list[str], read: list[str]) -> None:
    assert spelled_out(given) == read


def test_with_a_label_the_integration_is_left_out_of_the_words() -> None:
    assert words(None, "Firma", "Lähetetty") == ("Firma", "Lähetetty")
    assert words("pilot", "Lähetetty", None) == (None, "Lähetetty")
    with pytest.raises(Misconfigured, match="not both"):
        words("pilot", "Firma", "Lähetetty")


async def test_what_makes_no_sense_for_one_is_left_out_and_for_all_refused(capsys: pytest.CaptureFixture[str]) -> None:
    async def work(seen: Integration, wanted: int) -> int:
        if seen.company_id != wanted:
            raise Misconfigured("nothing there")
        return wanted

    assert [done async for done in where_possible([(one, 2) for one in THREE], work)] == [2]
    assert capsys.readouterr().err.count("is left out: nothing there") == 2
    with pytest.raises(Misconfigured, match="every integration with that label"):
        assert not [done async for done in where_possible([(one, 9) for one in THREE], work)]


async def test_what_fails_for_one_is_named_stops_no_other_and_leaves_the_array_whole(
    capsys: pytest.CaptureFixture[str],
) -> None:
    async def work(seen: Integration, _: int) -> int:
        if seen.company_id == 1:
            raise Unavailable("no answer")
        return seen.company_id

    with pytest.raises(typer.Exit) as ended, json_array() as show_next:
        async for one in where_possible([(one, 0) for one in THREE], work):
            show_next(one)
    assert ended.value.exit_code == 1
    said = capsys.readouterr()
    assert json.loads(said.out) == [2, 3]
    assert "Firma 1 → acme failed: no answer" in said.err
    assert "It failed for 1 of 3 integrations." in said.err
