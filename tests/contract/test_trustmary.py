"""Trustmary as dispatch uses it: in memory, and by HTTP."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass

import pytest
import pytest_asyncio

from events.delivery import instant
from events.errors import Refused, Unavailable
from memory.clock import Clock
from memory.trustmary import Home
from memory.trustmary import Trustmary as InMemory
from sandbox.server import Sandbox
from worker.adapters.trustmary import Trustmary, open_session
from worker.dispatch import Admits

MAIJA = "maija.meikalainen@esimerkki-asiakas.fi"
CONTACT = {"email": MAIJA, "name": "Maija Meikäläinen", "phone": "+358401234567", "field_invoice": "45"}

Call = tuple[str, str, tuple[str, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """One Trustmary, and the hands that make things happen in it."""

    port: Admits
    organization: str
    key: str
    other_key: str
    """Of another organization."""
    lists: tuple[str, ...]
    automation: str
    draft: str
    """An automation that is not active."""
    happens: Callable[[str, dict[str, object]], None]
    """*email* is given `status` or `deleted` by somebody there."""
    fails: Callable[[str, str], None]
    """The next call of *route* goes wrong in this *way*."""
    members: Callable[[str], set[str]]
    """The addresses on a list."""
    calls: Callable[[], list[Call]]
    """What took effect: call, address and its lists or automation."""
    fields: Callable[[], dict[str, str]]
    """The custom fields that the last of them brought."""
    tick: Callable[[], None]


@asynccontextmanager
async def memory() -> AsyncIterator[Side]:
    clock = Clock()
    home = Home(id="firm", key="k1", lists={"a": set(), "b": set()}, automations={"ask": "active", "later": "draft"})
    trustmary = InMemory(home, Home(id="other", key="k2"), clock=clock)

    def happens(email: str, state: dict[str, object]) -> None:
        there = home.contacts[email]
        there |= {"deleted_at": clock().isoformat()} if state.pop("deleted", False) else {}
        there |= state

    yield Side(
        port=trustmary,
        organization=home.id,
        key=home.key,
        other_key="k2",
        lists=("a", "b"),
        automation="ask",
        draft="later",
        happens=happens,
        fails=lambda route, way: trustmary.failing.setdefault(route, []).append(way),
        members=lambda name: set(home.lists[name]),
        calls=lambda: [(each.call, each.email, each.lists) for each in trustmary.arrivals],
        fields=lambda: dict(trustmary.arrivals[-1].fields),
        tick=lambda: clock.passes(1),
    )


@asynccontextmanager
async def by_http() -> AsyncIterator[Side]:
    clock = Clock()
    async with Sandbox(organizations=2, customers=1, clock=clock) as sandbox, open_session() as session:
        world = sandbox.world
        home, other = world.organizations.values()
        active, draft = home.automations.values()
        yield Side(
            port=Trustmary(session, url=sandbox.trustmary_url, timeout=0.5),
            organization=home.id,
            key=home.api_key,
            other_key=other.api_key,
            lists=tuple(home.lists)[:2],
            automation=active.id,
            draft=draft.id,
            happens=lambda email, state: world.set_contact(email, **state),  # type: ignore[arg-type]  # as a person would
            fails=lambda route, way: sandbox.faults.add(f"trustmary.{route}={way}:1x1"),
            members=lambda name: {one.email for one in home.contacts.values() if one.id in home.lists[name].members},
            calls=lambda: [(each.call, each.email, tuple(each.lists)) for each in world.books.arrivals],
            fields=lambda: world.books.arrivals[-1].fields,
            tick=lambda: clock.passes(1),
        )


@pytest_asyncio.fixture(params=[memory, by_http], ids=["memory", "sandbox"])
async def side(request: pytest.FixtureRequest) -> AsyncIterator[Side]:
    async with request.param() as opened:
        yield opened


async def test_a_key_names_its_organization(side: Side) -> None:
    found = await side.port.test(side.key)
    assert found.id == side.organization
    assert found.name
    assert found.key_name


@pytest.mark.parametrize("key", ["wrong", "", "with\nanother line", "ä"])
async def test_a_key_that_is_none_is_refused_whatever_is_asked(side: Side, key: str) -> None:
    for asked in (
        side.port.test(key),
        side.port.contact(key, MAIJA),
        side.port.add(key, CONTACT),
        side.port.trigger(key, side.automation, CONTACT),
        side.port.remove(key, MAIJA, lists=side.lists),
    ):
        with pytest.raises(Refused) as caught:
            await asked
        assert caught.value.reason == "credentials"
    assert side.calls() == []


async def test_a_contact_is_not_there_until_it_is_added(side: Side) -> None:
    assert await side.port.contact(side.key, MAIJA) is None
    answer = await side.port.add(side.key, CONTACT)
    found = await side.port.contact(side.key, MAIJA)
    assert (answer.status, side.calls()) == (200, [("contact", MAIJA, ())])
    assert found is not None
    assert found.items() >= CONTACT.items()
    assert (found["status"], found["deleted_at"]) == ("active", None)


async def test_an_address_is_one_however_it_is_written(side: Side) -> None:
    await side.port.add(side.key, CONTACT)
    await side.port.add(side.key, {"email": MAIJA.upper(), "name": "Toinen Nimi"})
    found = await side.port.contact(side.key, MAIJA.title())
    assert found is not None
    assert found["name"] == "Toinen Nimi"


async def test_a_contact_is_its_organizations_own(side: Side) -> None:
    await side.port.add(side.key, CONTACT)
    assert await side.port.contact(side.other_key, MAIJA) is None


async def test_what_is_added_again_is_updated_and_says_when(side: Side) -> None:
    await side.port.add(side.key, CONTACT)
    before = await side.port.contact(side.key, MAIJA)
    side.tick()
    await side.port.add(side.key, {"email": MAIJA, "name": "Maija Virtanen"})
    after = await side.port.contact(side.key, MAIJA)
    assert before is not None
    assert after is not None
    assert (after["name"], after["phone"]) == ("Maija Virtanen", CONTACT["phone"])
    was, now = instant(before["updated_at"]), instant(after["updated_at"])
    assert was is not None
    assert now is not None
    assert was < now
    assert instant(after["created_at"]) == instant(before["created_at"])


async def test_a_deleted_contact_is_shown_as_deleted(side: Side) -> None:
    await side.port.add(side.key, CONTACT)
    side.happens(MAIJA, {"deleted": True})
    found = await side.port.contact(side.key, MAIJA)
    assert found is not None
    assert found["name"] == CONTACT["name"]
    assert instant(found["deleted_at"])


@pytest.mark.parametrize("status", ["unsubscribed", "complaint", "bounce"])
async def test_a_contact_that_wants_or_can_have_no_mail_says_so(side: Side, status: str) -> None:
    await side.port.add(side.key, CONTACT)
    side.happens(MAIJA, {"status": status})
    found = await side.port.contact(side.key, MAIJA)
    assert found is not None
    assert found["status"] == status


async def test_a_contact_comes_to_the_lists_that_are_named(side: Side) -> None:
    await side.port.add(side.key, CONTACT, lists=side.lists)
    assert side.calls() == [("contact", MAIJA, side.lists)]


async def test_a_contact_leaves_the_lists_that_are_named_and_keeps_its_fields(side: Side) -> None:
    await side.port.add(side.key, CONTACT, lists=side.lists)
    for _ in range(2):
        answer = await side.port.remove(side.key, MAIJA, lists=side.lists[:1])
        assert answer.status == 200
        assert [side.members(name) for name in side.lists] == [set(), {MAIJA}]
    found = await side.port.contact(side.key, MAIJA)
    assert found is not None
    assert found.items() >= CONTACT.items()


async def test_nobody_is_taken_off_where_one_of_the_lists_is_gone(side: Side) -> None:
    await side.port.add(side.key, CONTACT, lists=side.lists)
    with pytest.raises(Refused) as caught:
        await side.port.remove(side.key, MAIJA, lists=(side.lists[0], "gone"))
    assert caught.value.reason == "not_found"
    assert side.members(side.lists[0]) == {MAIJA}


async def test_a_list_that_is_gone_is_not_found_and_nothing_happens(side: Side) -> None:
    with pytest.raises(Refused) as caught:
        await side.port.add(side.key, CONTACT, lists=(side.lists[0], "gone"))
    assert (caught.value.reason, caught.value.status) == ("not_found", 404)
    assert side.calls() == []
    assert await side.port.contact(side.key, MAIJA) is None


async def test_what_is_no_address_is_invalid_and_the_answer_says_more(side: Side) -> None:
    with pytest.raises(Refused) as caught:
        await side.port.add(side.key, {"email": "maija"})
    assert (caught.value.reason, caught.value.status) == ("invalid", 400)
    assert caught.value.answer
    assert "maija" not in str(caught.value)


async def test_an_automation_is_started_and_hears_the_custom_fields(side: Side) -> None:
    await side.port.add(side.key, CONTACT)
    answer = await side.port.trigger(side.key, side.automation, CONTACT)
    assert answer.status == 200
    assert side.calls()[-1] == ("automation", MAIJA, (side.automation,))
    assert side.fields() == {"field_invoice": "45"}


async def test_an_automation_or_a_contact_that_is_gone_is_not_found(side: Side) -> None:
    with pytest.raises(Refused) as nobody:
        await side.port.trigger(side.key, side.automation, CONTACT)
    await side.port.add(side.key, CONTACT)
    with pytest.raises(Refused) as nothing:
        await side.port.trigger(side.key, "gone", CONTACT)
    assert [each.value.reason for each in (nobody, nothing)] == ["not_found"] * 2
    assert len(side.calls()) == 1


async def test_an_automation_that_is_not_active_is_invalid(side: Side) -> None:
    await side.port.add(side.key, CONTACT)
    with pytest.raises(Refused) as caught:
        await side.port.trigger(side.key, side.draft, CONTACT)
    assert caught.value.reason == "invalid"


@pytest.mark.parametrize(
    ("status", "reason"), [("400", "invalid"), ("422", "invalid"), ("403", "credentials"), ("404", "not_found")]
)
async def test_a_call_that_is_refused_had_no_effect(side: Side, status: str, reason: str) -> None:
    side.fails("contacts.post", status)
    with pytest.raises(Refused) as caught:
        await side.port.add(side.key, CONTACT, lists=side.lists)
    assert (caught.value.reason, caught.value.status) == (reason, int(status))
    assert side.calls() == []


@pytest.mark.parametrize(("status", "unanswered"), [("429", False), ("500", False), ("503", False), ("502", True)])
async def test_a_bad_moment_says_whether_the_call_may_have_had_an_effect(
    side: Side, status: str, unanswered: bool
) -> None:
    side.fails("contacts.post", status)
    with pytest.raises(Unavailable) as caught:
        await side.port.add(side.key, CONTACT)
    assert (caught.value.status, caught.value.unanswered) == (int(status), unanswered)
    assert (caught.value.retry_after is not None) == (status == "429")
    assert (await side.port.add(side.key, CONTACT)).status == 200


@pytest.mark.parametrize(("way", "effects"), [("drop", 0), ("timeout_after_effect", 1)])
@pytest.mark.parametrize("call", ["contacts", "automations"])
async def test_a_call_without_an_answer_may_or_may_not_have_had_an_effect(
    side: Side, call: str, way: str, effects: int
) -> None:
    await side.port.add(side.key, CONTACT)
    side.fails(f"{call}.post", way)
    with pytest.raises(Unavailable) as caught:
        if call == "contacts":
            await side.port.add(side.key, CONTACT, timeout=0.2)
        else:
            await side.port.trigger(side.key, side.automation, CONTACT, timeout=0.2)
    assert caught.value.unanswered
    assert len(side.calls()) == 1 + effects


@pytest.mark.parametrize("way", ["timeout_after_effect", "503", "429"])
async def test_a_look_up_that_fails_does_not_say_that_nobody_is_there(side: Side, way: str) -> None:
    await side.port.add(side.key, CONTACT)
    side.fails("contacts.get", way)
    with pytest.raises(Unavailable):
        await side.port.contact(side.key, MAIJA, timeout=0.2)
    assert await side.port.contact(side.key, MAIJA)


@pytest.mark.parametrize("call", ["contacts", "automations"])
async def test_a_guard_keeps_the_call_from_leaving(side: Side, call: str) -> None:
    await side.port.add(side.key, CONTACT)
    asked = 0

    def over() -> None:
        nonlocal asked
        asked += 1
        raise Unavailable("the lease is over")

    with pytest.raises(Unavailable, match="the lease is over") as caught:
        if call == "contacts":
            await side.port.add(side.key, CONTACT, guard=over)
        else:
            await side.port.trigger(side.key, side.automation, CONTACT, guard=over)
    assert not caught.value.unanswered
    assert (asked, len(side.calls())) == (1, 1)
