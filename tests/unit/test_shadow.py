"""Two answers to one change, and what holds a draft that was not used up by itself."""

from __future__ import annotations

from dataclasses import replace

from configured import SAVED, connected
from events.contact import ContactAdded, Skip
from events.integration import Destination, DestinationKind
from events.proof import Decided, Met, plain_key
from events.rules import Ledger
from events.shadow import Shadow, Use, Verdict, compared
from facts import INTEGRATION, NOW, OTHER, TRIGGER, changed, contact, decided, in_force, invoice
from table import each

KEY = plain_key("acme", "paivi.makela@kirjakauppa.fi")
[ADDED] = decided(in_force(), changed())
[SKIPPED] = decided(in_force(), changed(invoice=invoice(type="PURCHASE_INVOICE")))
assert isinstance(ADDED, ContactAdded)


def adding(**changes: object) -> Decided:
    assert isinstance(ADDED, ContactAdded)
    return replace(ADDED, **changes)  # type: ignore[arg-type]


@each(
    ("live", "draft", "verdict"),
    [
        (ADDED, ADDED, Verdict.EQUAL),
        (ADDED, adding(contact={**ADDED.contact, "email": "PAIVI.makela@kirjakauppa.fi"}), Verdict.OTHER_FIELDS),
        (ADDED, adding(contact={**ADDED.contact, "phone": "+358"}), Verdict.OTHER_FIELDS),
        (ADDED, adding(contact={"email": "aino@a.fi", "phone": "+358"}, lists=("l1",)), Verdict.OTHER_ADDRESS),
        (ADDED, adding(lists=("l1",)), Verdict.OTHER_DESTINATION),
        (ADDED, adding(existing="leave"), Verdict.OTHER_DESTINATION),
        (ADDED, SKIPPED, Verdict.ONLY_LIVE),
        (ADDED, None, Verdict.ONLY_LIVE),
        (SKIPPED, ADDED, Verdict.ONLY_DRAFT),
        (None, ADDED, Verdict.ONLY_DRAFT),
        (SKIPPED, SKIPPED, Verdict.NEITHER),
        (None, SKIPPED, Verdict.NEITHER),
    ],
)
def test_two_answers_compare(live: Decided | None, draft: Decided | None, verdict: Verdict) -> None:
    assert compared(live, draft) is verdict


def shadowed(*used: Use, erased: bool = False, draft: DestinationKind = DestinationKind.CONTACT) -> Shadow:
    """One change, which the live trigger adds a contact for, seen by a draft behind *used*."""
    aim = Destination(kind=draft, lists=("l1", "l2"))
    shadow = Shadow(draft=contact(destination=aim), said=[(1, connected()), (2, SAVED)], ledger=Ledger(key=plain_key))
    met = Met(position=9, at=NOW, event=changed(), erased=erased)
    shadow.compare(met, shadow.consider(met), ADDED, used)
    return shadow


def reached(target: str) -> Use:
    return Use(position=5, trigger=OTHER, invoice=8464298, key=KEY, target=target)


def test_what_was_used_up_holds_the_draft() -> None:
    fired = Use(position=5, trigger=TRIGGER, invoice=8464298)
    [sample] = shadowed(fired).samples[Verdict.ONLY_LIVE]
    assert sample.draft is not None
    assert getattr(sample.draft, "reason", None) is Skip.ALREADY_ADDED
    assert shadowed(replace(fired, trigger=OTHER)).counts == {Verdict.EQUAL: 1}
    assert shadowed(replace(fired, invoice=7)).counts == {Verdict.EQUAL: 1}
    assert shadowed(reached("contact")).counts == {Verdict.ONLY_LIVE: 1}


def test_of_two_lists_only_the_one_that_is_new_is_left() -> None:
    [sample] = shadowed(reached("list:l1"), draft=DestinationKind.LISTS).samples[Verdict.OTHER_DESTINATION]
    assert isinstance(sample.draft, ContactAdded)
    assert sample.draft.lists == ("l2",)


def test_a_block_holds_until_it_is_taken_off() -> None:
    blocked = Use(position=3, key="@kirjakauppa.fi")
    assert shadowed(blocked).counts == {Verdict.ONLY_LIVE: 1}
    assert shadowed(blocked, replace(blocked, position=4, freed=True)).counts == {Verdict.EQUAL: 1}


def test_an_erased_person_and_a_status_of_neither_are_counted_apart() -> None:
    assert shadowed(erased=True).erased == 1
    shadow = shadowed()
    met = Met(position=10, at=NOW, event=changed(after="PAID", before="SENT"))
    shadow.compare(met, shadow.consider(met), None, ())
    assert (shadow.unmet, shadow.counts.total()) == (1, 1)


def test_each_change_is_decided_with_the_settings_of_its_moment() -> None:
    shadow = shadowed()
    assert shadow.rules is not None
    assert shadow.rules.version == 2
    assert shadow.rules_at(1) == shadow.rules
    early = Shadow(draft=contact(), said=[(5, connected())], ledger=Ledger(key=plain_key))
    assert early.rules_at(5) is None
    assert early.consider(Met(position=5, at=NOW, event=changed())) is None
    assert early.rules_at(6) is not None
    assert early.integration == INTEGRATION
