"""A replay sends what was planned minus what it names, planning is a function of the log, twice sends nothing new."""

from __future__ import annotations

import pickle
from collections.abc import Collection
from uuid import UUID

from hypothesis import given, settings
from hypothesis import strategies as st

from events import address
from events.contact import ContactAdded, ContactSkipped, ContactUnlisted, Skip
from events.integration import (
    AddressBlocked,
    AddressUnblocked,
    Configuration,
    SettingsSaved,
    Trigger,
    TriggerSaved,
)
from events.integration import Settings as Kept
from events.invoice import InvoiceStatusChanged
from events.plan import Class, Plan, Wanted
from events.planner import Decider, Planner
from events.reconcile import State
from events.replay import Ask, Reach, ReplayAsked, ReplayStarted
from events.undoing import Undoing
from facts import INTEGRATION, OTHER, TRIGGER, contact, to_lists
from story import EMAILS, Story, problems, told
from worker.adapters.decider import packed, unpacked

TRIGGERS = (
    to_lists("a", "b"),
    to_lists("a", "c"),
    to_lists("b", id=OTHER),
    contact(TRIGGER, existing="leave"),
    contact(OTHER),
)
STEPS = st.one_of(
    st.tuples(st.just("change"), st.integers(1, 5), st.sampled_from(EMAILS)),
    st.tuples(st.just("past"), st.integers(1, 30), st.sampled_from(EMAILS)),
    st.tuples(st.just("save"), st.sampled_from(TRIGGERS)),
    st.tuples(st.just("cool"), st.sampled_from([0, 1, 30])),
    st.tuples(st.just("block"), st.sampled_from(["aino@a.fi", "@b.fi"])),
    st.tuples(st.just("unblock"), st.sampled_from(["aino@a.fi", "@b.fi"])),
    st.tuples(st.just("refuse"), st.integers(0, 5)),
    st.tuples(st.just("deliver"), st.integers(0, 5)),
    st.tuples(st.just("check"), st.integers(0, 5), st.sampled_from(State)),
    st.tuples(st.just("resume")),
    st.tuples(st.just("replay"), st.sampled_from(Reach)),
    st.tuples(st.just("undo"), st.integers(0, 3)),
)
Steps = list[tuple[object, ...]]


def play(story: Story, steps: Steps) -> Story:
    for step in steps:
        match step:
            case ("change" | "past" as seen, int(which), str(email)):
                (story.change if seen == "change" else story.read_of_the_past)(which, email)
            case ("refuse" | "deliver" as end, int(which)):
                (story.refuse if end == "refuse" else story.deliver)(which)
            case ("check", int(which), State() as state):
                story.check(which, state)
            case ("resume",):
                story.resume()
            case ("replay", Reach() as reach):
                apply(story, planned(story), reach)
            case ("undo", int(which)):
                undo_one_of(story, which)
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
    planner = fresh(story)
    for met in story.log:
        planner.meet(met)
    return planner.plan()


def planned_apart(story: Story) -> Plan:
    """What the changes come to is told by another process, when all that was sent is known."""
    planner = fresh(story)
    decider: Decider = pickle.loads(pickle.dumps(planner.decider))
    changes = [met for met in story.log if isinstance(met.event, InvoiceStatusChanged)]
    for met in story.log:
        if met not in changes:
            planner.meet(met)
    told = pickle.dumps([packed(one, decider.triggers) for met in changes for one in decider.decide(met)])
    planner.note(unpacked(one, planner.triggers) for one in pickle.loads(told))
    return planner.plan()


def fresh(story: Story) -> Planner:
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
    return Planner(
        in_force=story.rules,
        triggers=story.rules.live,
        wanted=Wanted(upto=len(story.log)),
        now=story.log[-1].at,
        blocked=lambda email: address.same(email) in listed or address.domain(email) in listed,
        causes={
            met.event.id: met.event.happened(met.at, met.position)
            for met in story.log
            if isinstance(met.event, InvoiceStatusChanged)
        },
    )


def apply(
    story: Story, plan: Plan, reach: Reach = Reach.SURVEY, *, batch: int = 2, leaving_out: Collection[int] = ()
) -> list[tuple[Ask, ContactAdded | ContactSkipped]]:
    """Every chosen item with its decision; the batches follow each other as a worker appends them."""
    asks = [item.ask for item in plan.sendable if item.number not in leaving_out]
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


def replays(story: Story) -> list[ReplayStarted]:
    return [met.event for met in story.log if isinstance(met.event, ReplayStarted)]


def undo_one_of(story: Story, which: int) -> None:
    if orders := [one for one in replays(story) if one.undoes is None]:
        undo(story, orders[which % len(orders)].replay)
        story.unlist()


def looked_at(story: Story, replay: UUID) -> Undoing:
    undoing = Undoing(integration=INTEGRATION, replay=replay, upto=len(story.log))
    for met in story.log:
        undoing.meet(met)
    return undoing


def undo(story: Story, replay: UUID, plan: Plan | None = None) -> list[ContactUnlisted | ContactSkipped]:
    """As an operator does: what waits is dropped, the rest is asked for."""
    plan = plan or looked_at(story, replay).plan()
    asks = tuple(item.ask for item in plan.items if item.kind is Class.TAKE_OFF)
    id = UUID(int=7000 + len(story.log))
    story.drop(replay)
    order = ReplayStarted(
        integration=INTEGRATION,
        replay=id,
        name="peruutus",
        reason="väärin",
        reach=Reach.LIST,
        plan=plan.hash,
        items=len(asks),
        upto=plan.wanted.upto,
        undoes=replay,
    )
    story.append(order)
    if not asks:
        return []
    return story.take_off(
        ReplayAsked(
            integration=INTEGRATION, replay=id, reach=Reach.LIST, triggers=(), rules="", items=asks, undoes=replay
        )
    )


@settings(max_examples=80, deadline=None)
@given(st.lists(STEPS, max_size=16))
def test_planning_twice_gives_the_same_bytes_and_applying_at_once_sends_the_whole_plan(steps: Steps) -> None:
    story = play(told(), steps)
    plan = planned(story)
    assert plan.as_json() == planned(story).as_json() == planned_apart(story).as_json()
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


@settings(max_examples=40, deadline=None)
@given(st.permutations(range(1, 5)), st.integers(0, 4), st.booleans())
def test_which_invoice_is_the_newest_is_the_same_in_whatever_order_they_are_recorded(
    past: list[int], live: int, delivered: bool
) -> None:
    """*live*: after so many of the past a newer one is sent, and delivered or not."""
    story = told()
    for place, days in enumerate([*past, 0]):
        if place == live:
            story.change(1, "aino@a.fi")
            if delivered:
                story.deliver()
        if days:
            story.read_of_the_past(days, "aino@a.fi")
    [item] = planned(story).items
    assert (item.invoice, item.others) == (1, (97, 98, 99, 100))


@settings(max_examples=80, deadline=None)
@given(st.lists(STEPS, max_size=16), st.sets(st.integers(1, 4)))
def test_of_a_plan_that_is_applied_in_part_the_rest_is_still_to_be_sent(steps: Steps, named: set[int]) -> None:
    story = play(told(), steps)
    story.deliver()
    plan = planned(story)
    decided = apply(story, plan, leaving_out=named)
    left_out = [item for item in plan.sendable if item.number in named]
    assert [ask.number for ask, _ in decided] == [one.number for one in plan.sendable if one not in left_out]
    by_number = {item.number: item for item in plan.items}
    for ask, decision in decided:
        if isinstance(decision, ContactAdded):
            assert decision.contact == by_number[ask.number].after
        else:
            # Another trigger's item was to send to the same person before this one, and was left out.
            shared = any(address.same(one.email) == address.same(by_number[ask.number].email) for one in left_out)
            assert decision.reason is Skip.COOL_DOWN or shared
    story.deliver()
    sent = {address.same(by_number[ask.number].email) for ask, _ in decided}
    to_do = {(one.trigger, address.same(one.email)) for one in planned(story).sendable}
    for one in left_out:
        if address.same(one.email) not in sent:
            assert (one.trigger, address.same(one.email)) in to_do
    assert problems(story) == []


@settings(max_examples=80, deadline=None)
@given(st.lists(STEPS, max_size=14))
def test_applying_twice_sends_nothing_new(steps: Steps) -> None:
    story = play(told(), steps)
    story.deliver()
    plan = planned(story)
    decided = apply(story, plan)
    story.deliver()
    # Two triggers, one person, one cool-down: the second one's turn comes when the cool-down is over.
    late = {ask.number for ask, one in decided if isinstance(one, ContactSkipped) and one.reason is Skip.COOL_DOWN}
    left = {(item.trigger, item.email) for item in planned(story).sendable}
    assert left <= {(item.trigger, item.email) for item in plan.items if item.number in late}
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


CHANGES = st.lists(st.tuples(st.just("change"), st.integers(1, 5), st.sampled_from(EMAILS)), min_size=1, max_size=6)
LATER = st.lists(
    st.one_of(
        st.tuples(st.just("change"), st.integers(1, 8), st.sampled_from(EMAILS)),
        st.tuples(st.just("save"), st.sampled_from(TRIGGERS)),
        st.tuples(st.just("deliver"), st.integers(0, 5)),
        st.tuples(st.just("refuse"), st.integers(0, 5)),
        st.tuples(st.just("resume")),
    ),
    max_size=5,
)
On = set[tuple[str, str]]
"""(address, list)"""


def on_lists(story: Story) -> On:
    return {(email, id) for email, lists in story.on.items() for id in lists}


def put_on(story: Story, *, besides: UUID, after: int = 0) -> On:
    """What decisions that arrived have put contacts on, but those of a replay."""
    return {
        (address.same(met.event.contact["email"]), id)
        for met in story.log[after:]
        if isinstance(met.event, ContactAdded) and met.event.id in story.delivered and met.event.replay != besides
        for id in met.event.lists
    }


def on_by_replay(changes: Steps) -> tuple[Story, UUID]:
    """Contacts that were added to no list, or to one, and that a replay has put on two; and which replay."""
    story = play(told(), [("save", contact(TRIGGER)), *changes[::2], ("save", to_lists("a")), *changes[1::2]])
    story.deliver()
    play(story, [("save", to_lists("a", "b"))])
    apply(story, planned(story))
    return story, replays(story)[-1].replay


def off(decisions: list[ContactUnlisted | ContactSkipped]) -> On:
    unlisted = [one for one in decisions if isinstance(one, ContactUnlisted)]
    return {(address.same(one.contact["email"]), id) for one in unlisted for id in one.lists}


@settings(max_examples=120, deadline=None)
@given(CHANGES, LATER)
def test_what_is_undone_is_what_was_put_on_minus_what_something_else_has_put_on(changes: Steps, later: Steps) -> None:
    story, replay = on_by_replay(changes)
    play(story, later)
    undo(story, replay)
    story.deliver()
    story.unlist()
    assert on_lists(story) == put_on(story, besides=replay)
    assert problems(story) == []


@settings(max_examples=120, deadline=None)
@given(CHANGES, LATER)
def test_undoing_twice_takes_off_nobody_new_and_never_whom_something_newer_has_put_on(
    changes: Steps, later: Steps
) -> None:
    story, replay = on_by_replay(changes)
    story.deliver()
    stale, at = looked_at(story, replay).plan(), len(story.log)
    play(story, later)
    story.deliver()
    first = off(undo(story, replay, stale))
    assert not first & put_on(story, besides=replay, after=at)
    assert off(undo(story, replay, stale)) == set(), "not even while the first is under way"
    story.unlist()
    assert off(undo(story, replay, stale)) == set()
    assert problems(story) == []


@settings(max_examples=200, deadline=None)
@given(CHANGES, CHANGES)
def test_nobody_is_offered_to_be_taken_off_a_list_that_the_rules_lead_to(changes: Steps, later: Steps) -> None:
    """Not even where nobody was added by what leads there, such as for a cool-down."""
    story = play(told(), changes)
    story.deliver()
    play(story, [("cool", 30), *later, ("cool", 0)])
    story.deliver()
    assert story.rules
    items = planned(story).items
    gone = [item for item in items if item.kind is Class.TAKE_OFF]
    offered = {(address.same(item.email), target) for item in gone for target in item.targets}
    led_to = {
        (address.same(item.email), target)
        for item in items
        if item.after
        for target in story.rules.triggers[item.trigger].destination.targets
    }
    assert not offered & led_to


@settings(max_examples=120, deadline=None)
@given(CHANGES)
def test_a_plan_after_an_undoing_shows_what_was_taken_off_and_puts_it_on_again(changes: Steps) -> None:
    story, replay = on_by_replay(changes)
    story.deliver()
    on = on_lists(story)
    gone = off(undo(story, replay))
    story.unlist()
    plan = planned(story)
    shown = {(address.same(item.email), target) for item in plan.sendable for target in item.targets}
    assert shown >= {(email, f"list:{id}") for email, id in gone}
    apply(story, plan)
    story.deliver()
    assert on_lists(story) == on
    assert problems(story) == []


@settings(max_examples=60, deadline=None)
@given(st.lists(STEPS, max_size=14))
def test_whatever_was_replayed_and_undone_is_proven(steps: Steps) -> None:
    assert problems(play(told(), steps)) == []
