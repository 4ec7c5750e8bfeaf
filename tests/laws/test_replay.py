"""A replay sends what was planned minus what it names, planning is a function of the log, twice sends nothing new."""

from __future__ import annotations

from uuid import UUID

from hypothesis import given, settings
from hypothesis import strategies as st

from events import address
from events.contact import ContactAdded, ContactSkipped, Skip
from events.integration import (
    AddressBlocked,
    AddressUnblocked,
    Configuration,
    SettingsSaved,
    Trigger,
    TriggerSaved,
)
from events.integration import Settings as Kept
from events.plan import Plan, Wanted
from events.planner import Planner
from events.reconcile import State
from events.replay import Ask, Reach, ReplayAsked, ReplayStarted
from facts import INTEGRATION, OTHER, TRIGGER, contact, to_lists
from story import EMAILS, Story, problems, told

TRIGGERS = (
    to_lists("a", "b"),
    to_lists("a", "c"),
    to_lists("b", id=OTHER),
    contact(TRIGGER, existing="leave"),
    contact(OTHER),
)
STEPS = st.one_of(
    st.tuples(st.just("change"), st.integers(1, 5), st.sampled_from(EMAILS)),
    st.tuples(st.just("save"), st.sampled_from(TRIGGERS)),
    st.tuples(st.just("cool"), st.sampled_from([0, 1, 30])),
    st.tuples(st.just("block"), st.sampled_from(["aino@a.fi", "@b.fi"])),
    st.tuples(st.just("unblock"), st.sampled_from(["aino@a.fi", "@b.fi"])),
    st.tuples(st.just("refuse"), st.integers(0, 5)),
    st.tuples(st.just("deliver"), st.integers(0, 5)),
    st.tuples(st.just("check"), st.integers(0, 5), st.sampled_from(State)),
    st.tuples(st.just("resume")),
    st.tuples(st.just("replay"), st.sampled_from(Reach)),
)
Steps = list[tuple[object, ...]]


def play(story: Story, steps: Steps) -> Story:
    for step in steps:
        match step:
            case ("change", int(invoice), str(email)):
                story.change(invoice, email)
            case ("refuse", int(which)):
                story.refuse(which)
            case ("deliver", int(which)):
                story.deliver(which)
            case ("check", int(which), State() as state):
                story.check(which, state)
            case ("resume",):
                story.resume()
            case ("replay", Reach() as reach):
                apply(story, planned(story), reach)
            case _:
                story.configure(spoken(step, UUID(int=2000 + len(story.log))))
    return story


def spoken(step: tuple[object, ...], id: UUID) -> Configuration:
    match step:
        case ("save", Trigger() as trigger):
            return TriggerSaved(integration=INTEGRATION, id=id, trigger=trigger)
        case ("cool", int(days)):
            return SettingsSaved(integration=INTEGRATION, id=id, settings=Kept(cool_down_days=days))
        case ("block", str(blocked)):
            return AddressBlocked(integration=INTEGRATION, id=id, address=blocked)
        case ("unblock", str(blocked)):
            return AddressUnblocked(integration=INTEGRATION, id=id, address=blocked)
        case _:
            raise AssertionError(step)


def planned(story: Story) -> Plan:
    assert story.rules
    listed: set[str] = set()
    for met in story.log:
        match met.event:
            case AddressBlocked(address=blocked):
                listed.add(blocked)
            case AddressUnblocked(address=blocked):
                listed.discard(blocked)
            case _:
                pass
    planner = Planner(
        in_force=story.rules,
        triggers=story.rules.live,
        wanted=Wanted(upto=len(story.log)),
        now=story.log[-1].at,
        blocked=lambda email: address.same(email) in listed or address.domain(email) in listed,
    )
    for met in story.log:
        planner.meet(met)
    return planner.plan()


def apply(
    story: Story, plan: Plan, reach: Reach = Reach.SURVEY, *, batch: int = 2
) -> list[tuple[Ask, ContactAdded | ContactSkipped]]:
    """Every item with its decision; the batches follow each other as a worker appends them."""
    asks = [item.ask for item in plan.sendable]
    replay = UUID(int=5000 + len(story.log))
    order = ReplayStarted(
        integration=INTEGRATION,
        replay=replay,
        name="korjaus",
        reason="väärin",
        reach=reach,
        plan=plan.hash,
        items=len(asks),
        upto=plan.wanted.upto,
    )
    story.append(order)
    decided: list[tuple[Ask, ContactAdded | ContactSkipped]] = []
    for first in range(0, len(asks), batch):
        items = tuple(asks[first : first + batch])
        asked = ReplayAsked(
            integration=INTEGRATION, replay=replay, reach=reach, triggers=plan.triggers, rules=plan.pin, items=items
        )
        decided += zip(items, story.ask(asked), strict=True)
    return decided


@settings(max_examples=80, deadline=None)
@given(st.lists(STEPS, max_size=16))
def test_planning_twice_gives_the_same_bytes_and_applying_at_once_sends_the_whole_plan(steps: Steps) -> None:
    story = play(told(), steps)
    plan = planned(story)
    assert plan.as_json() == planned(story).as_json()
    decided = apply(story, plan)
    assert [ask.number for ask, _ in decided] == [item.number for item in plan.sendable]
    by_number = {item.number: item for item in plan.items}
    for ask, decision in decided:
        item = by_number[ask.number]
        if isinstance(decision, ContactSkipped):
            # Two triggers, one person, one cool-down: the plan cannot be surer than to the day.
            assert decision.reason is Skip.COOL_DOWN
            continue
        assert decision.contact == item.after
        assert set(decision.targets) == set(item.targets)
    assert problems(story) == []


@settings(max_examples=80, deadline=None)
@given(st.lists(STEPS, max_size=14))
def test_applying_twice_sends_nothing_new(steps: Steps) -> None:
    story = play(told(), steps)
    story.deliver()
    apply(story, planned(story))
    story.deliver()
    left = planned(story)
    assert left.sendable == ()
    assert problems(story) == []


@settings(max_examples=80, deadline=None)
@given(st.lists(STEPS, max_size=10), st.lists(STEPS, max_size=6), st.sampled_from(Reach))
def test_what_happened_between_plan_and_apply_is_left_out_and_named(
    before: Steps, between: Steps, reach: Reach
) -> None:
    story = play(told(), before)
    plan = planned(story)
    at = len(story.log)
    play(story, between)
    later = {
        address.same(met.event.contact["email"])
        for met in story.log[at:]
        if isinstance(met.event, ContactAdded) and met.event.id not in story.freed
    }
    by_number = {item.number: item for item in plan.items}
    for ask, decision in apply(story, plan, reach):
        item = by_number[ask.number]
        if isinstance(decision, ContactAdded):
            assert address.same(item.email) not in later, "delivered to since"
            assert decision.contact == item.after
            assert reach is not Reach.RECORD
            assert set(decision.targets) <= {*item.targets, "contact"}
        else:
            assert decision.reason in {Skip.MOVED, Skip.BLOCKED, Skip.COOL_DOWN, Skip.ALREADY_ADDED, Skip.RECORDED}
    assert problems(story) == []
