"""What narrows the customer register of the sandbox's Procountor, and its groups."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from memory.clock import Clock
from sandbox import Sandbox
from visitor import Visitor, visiting


@pytest.fixture
def clock() -> Clock:
    return Clock(datetime(2026, 7, 1, 9, 0, tzinfo=UTC))


@pytest.fixture
async def visitor(clock: Clock) -> AsyncIterator[Visitor]:
    async with visiting(Sandbox(seed=6, clock=clock)) as visitor:
        yield visitor


async def found(visitor: Visitor, **query: str | int) -> set[int]:
    return {row["id"] for row in (await visitor.get("/businesspartners", size=200, **query))["results"]}


async def test_a_customer_is_found_by_its_number_and_those_of_a_group_by_its_name(visitor: Visitor) -> None:
    register = visitor.sandbox.world.company().customers
    one, *_ = register.values()
    assert await found(visitor, customerNumber=one.number) == {one.id}
    assert await found(visitor, customerNumber="1") == set()
    group = {each.id for each in register.values() if each.group == one.group}
    assert len(register) > len(group)
    for name in ("partnerGroup", "mainGroup"):
        assert await found(visitor, **{name: one.group[1]}) == group
        assert await found(visitor, **{name: "Ei ole"}) == set()


async def test_one_id_is_an_entry_and_several_are_an_array(visitor: Visitor) -> None:
    first, second, *_ = sorted(visitor.sandbox.world.company().customers)

    async def read(*ids: int) -> Any:
        return await visitor.get(f"/businesspartners/{','.join(map(str, ids))}")

    assert (await read(first))["id"] == first
    assert [each["id"] for each in await read(second, 9, first, second)] == [first, second]
    assert [each["id"] for each in await read(first, 9)] == [first]
    for ids, status in (((8, 9), 404), (tuple(range(1, 202)), 400), (tuple(range(1, 201)), 404)):
        answer = await visitor.call("GET", f"/businesspartners/{','.join(map(str, ids))}")
        assert answer.status == status


async def test_a_name_is_searched_for_by_a_part_of_it_and_an_identifier_by_all_of_it(visitor: Visitor) -> None:
    register = visitor.sandbox.world.company().customers
    one = next(each for each in register.values() if each.name.isascii())
    searches = {
        ("name", one.name): {each.id for each in register.values() if one.name in each.name},
        ("name", one.name[1:4].upper()): {
            each.id for each in register.values() if one.name[1:4].lower() in each.name.lower()
        },
        ("identifier", one.identifier): {one.id},
        ("identifier", one.identifier[:-1]): set(),
    }
    for (name, text), expected in searches.items():
        answer = await visitor.call("GET", "/businesspartners", headers={name: text})
        assert {row["id"] for row in (await answer.json())["results"]} == expected


async def test_a_type_or_an_identifiers_type_leaves_others_out(visitor: Visitor) -> None:
    everybody = set(visitor.sandbox.world.company().customers)
    assert await found(visitor, type="CUSTOMER", identifierType="FI") == everybody
    assert await found(visitor, type="SUPPLIER") == set()
    assert await found(visitor, identifierType="SE") == set()


async def test_who_is_not_active_is_found_by_asking_for_it_alone(visitor: Visitor) -> None:
    gone, *others = visitor.sandbox.world.company().customers
    visitor.sandbox.world.edit_customer(14001, gone, active=False)
    assert await found(visitor) == await found(visitor, active="true") == set(others)
    assert await found(visitor, active="false") == {gone}


async def test_who_was_changed_is_found_by_when(visitor: Visitor, clock: Clock) -> None:
    changed, *others = visitor.sandbox.world.company().customers
    clock.now += timedelta(minutes=2)
    visitor.sandbox.world.edit_customer(14001, changed, name="Uusi Oy")
    assert await found(visitor, versionStartDate="2026-07-01T12:01") == {changed}
    assert await found(visitor, versionEndDate="2026-07-01T12:01") == set(others)


@pytest.mark.parametrize("inclusive", [False, True])
async def test_the_ends_of_a_range_of_changes(visitor: Visitor, inclusive: bool) -> None:
    visitor.sandbox.switches.version_range_inclusive = inclusive
    for name in ("versionStartDate", "versionEndDate"):
        assert bool(await found(visitor, **{name: "2026-07-01T12:00:00"})) is inclusive


async def test_groups_are_found_by_part_of_a_name_and_come_in_pages(visitor: Visitor) -> None:
    async def names(**query: str | int) -> list[Any]:
        return [row["name"] for row in (await visitor.get("/businesspartners/groups", **query))["results"]]

    assert await names() == ["Avainasiakkaat", "Pienasiakkaat", "Kuntasektori"]
    assert await names(name="asiakk", type="CUSTOMER", active="true") == ["Avainasiakkaat", "Pienasiakkaat"]
    assert await names(type="SUPPLIER") == await names(active="false") == []
    assert await names(size=2, page=1) == ["Kuntasektori"]
    visitor.sandbox.world.edit_company(14001, customer_register="NO_ACCESS")
    assert await names() == []
