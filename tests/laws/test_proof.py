"""The proof agrees with a projector on any history, and one decision tampered with is found."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

from hypothesis import given, settings
from hypothesis import strategies as st

from events.contact import ContactAdded, ContactSkipped
from events.integration import (
    AddressBlocked,
    AddressUnblocked,
    Configuration,
    LabelsSaved,
    Settings,
    SettingsSaved,
    Trigger,
    TriggerRemoved,
    TriggerSaved,
)
from facts import INTEGRATION, OTHER, TRIGGER, contact, to_lists
from story import EMAILS, Story, problems, told

TRIGGERS = (
    to_lists("a", "b"),
    to_lists("b", "c", id=OTHER),
    to_lists("c", id=OTHER),
    contact(OTHER),
    contact(UUID(int=9), live=False),
)
STEPS = st.one_of(
    st.tuples(st.just("change"), st.integers(1, 4), st.sampled_from(EMAILS)),
    st.tuples(st.just("save"), st.sampled_from(TRIGGERS)),
    st.tuples(st.just("remove"), st.sampled_from([TRIGGER, OTHER])),
    st.tuples(st.just("cool"), st.sampled_from([0, 1, 30]), st.booleans()),
    st.tuples(st.just("block"), st.sampled_from(["aino@a.fi", "@a.fi", "@b.fi"])),
    st.tuples(st.just("unblock"), st.sampled_from(["aino@a.fi", "@a.fi", "@b.fi"])),
    st.tuples(st.just("label"), st.sampled_from(["a", "b"])),
    st.tuples(st.just("refuse"), st.integers(0, 5)),
    st.tuples(st.just("resume")),
)


def play(steps: list[tuple[object, ...]]) -> Story:
    story = told()
    for step in steps:
        match step:
            case ("change", int(invoice), str(email)):
                story.change(invoice, email)
            case ("refuse", int(which)):
                story.refuse(which)
            case ("resume",):
                story.resume()
            case _:
                story.configure(spoken(step, UUID(int=1000 + len(story.log))))
    return story


def spoken(step: tuple[object, ...], id: UUID) -> Configuration:
    match step:
        case ("save", Trigger() as trigger):
            return TriggerSaved(integration=INTEGRATION, id=id, trigger=trigger)
        case ("remove", UUID() as gone):
            return TriggerRemoved(integration=INTEGRATION, id=id, trigger=gone)
        case ("cool", int(days), bool(roles)):
            wanted = Settings(cool_down_days=days, role_addresses=roles)
            return SettingsSaved(integration=INTEGRATION, id=id, settings=wanted)
        case ("block", str(address)):
            return AddressBlocked(integration=INTEGRATION, id=id, address=address)
        case ("unblock", str(address)):
            return AddressUnblocked(integration=INTEGRATION, id=id, address=address)
        case ("label", str(label)):
            return LabelsSaved(integration=INTEGRATION, id=id, labels=(label,))
        case _:
            raise AssertionError(step)


@settings(max_examples=60, deadline=None)
@given(st.lists(STEPS, max_size=14))
def test_the_proof_agrees_with_the_projector_on_any_history(steps: list[tuple[object, ...]]) -> None:
    story = play(steps)
    assert problems(story) == []


@settings(max_examples=25, deadline=None)
@given(st.lists(STEPS, max_size=10))
def test_replaying_any_prefix_twice_yields_the_same_commands(steps: list[tuple[object, ...]]) -> None:
    whole = play(steps).log
    for end in range(len(steps) + 1):
        prefix = play(steps[:end]).log
        assert prefix == play(steps[:end]).log == whole[: len(prefix)]


@settings(max_examples=40, deadline=None)
@given(st.lists(STEPS, max_size=10), st.integers(0, 100), st.sampled_from(["changed", "missing", "extra"]))
def test_one_decision_tampered_with_is_found(steps: list[tuple[object, ...]], which: int, how: str) -> None:
    story = play([*steps, ("change", 99, "uusi@c.fi"), ("save", to_lists("z")), ("change", 98, "toinen@c.fi")])
    places = [at for at, met in enumerate(story.log) if isinstance(met.event, ContactAdded | ContactSkipped)]
    if not places:
        return
    at = places[which % len(places)]
    met, log = story.log[at], list(story.log)
    assert isinstance(met.event, ContactAdded | ContactSkipped)
    if how == "changed":
        log[at] = replace(met, event=replace(met.event, rules_version=999))
    elif how == "missing":
        del log[at]
    else:
        log.insert(at, replace(met, event=replace(met.event, trigger=UUID(int=12345))))
    found = problems(story, log)
    assert len(found) == 1
    assert {"changed": "wrong decision", "missing": "not decided", "extra": "nothing asks for"}[how] in found[0].says
    assert "@" not in found[0].says
