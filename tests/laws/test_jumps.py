"""However seldom an invoice is looked at, its way leads past the same statuses, and past sending once."""

from __future__ import annotations

from collections import Counter
from itertools import product

import orjson
from hypothesis import given
from hypothesis import strategies as st

from events import codec
from events.invoice import NO_SENDING, Status, openly_passed, passed
from facts import changed, invoice

WAY = (Status.EMPTY, Status.UNSAVED, Status.UNFINISHED, Status.NOT_SENT, Status.SENT, Status.PARTLY_PAID, Status.PAID)
BY_HAND = (Status.MARKED_PAID, Status.INVALIDATED, Status.PAYMENT_DENIED, Status.DELETED)
LOOKS = st.lists(st.sampled_from(WAY), min_size=1, unique=True).map(lambda seen: sorted(seen, key=WAY.index))
CHANNELS = st.none() | st.sampled_from(["EMAIL", "MAIL", "ELECTRONIC_INVOICE", "SOMETHING_NEW"])


def met(looks: list[Status], channel: str | None) -> Counter[str]:
    """How often each status is passed by somebody who looked when the invoice was in *looks*."""
    steps = zip([None, *looks], looks, strict=False)
    return Counter(status for before, after in steps for status in passed(before, after, channel=channel))


@given(LOOKS, CHANNELS)
def test_sending_is_passed_once_by_whoever_looks_later_and_by_nobody_before(
    looks: list[Status], channel: str | None
) -> None:
    assert met(looks, channel)["SENT"] == (looks[-1] in WAY[4:])


@given(LOOKS, CHANNELS)
def test_no_status_is_passed_twice_and_what_was_seen_is_passed(looks: list[Status], channel: str | None) -> None:
    passings = met(looks, channel)
    assert set(passings.values()) == {1}
    assert set(looks) <= set(passings)


@given(LOOKS)
def test_an_invoice_that_is_never_sent_goes_by_approval_and_passes_sent_only_where_it_is_seen(
    looks: list[Status],
) -> None:
    passings = met(looks, NO_SENDING)
    assert passings["SENT"] == (Status.SENT in looks)
    paid_at_once = looks[-1] in WAY[5:] and Status.SENT not in looks
    assert passings["APPROVED"] == paid_at_once


@given(LOOKS, st.sampled_from(BY_HAND), CHANNELS)
def test_what_ends_an_invoice_by_hand_passes_itself_alone(
    looks: list[Status], end: Status, channel: str | None
) -> None:
    assert met([*looks, end], channel) - met(looks, channel) == Counter([end])


def test_what_a_change_passed_stands_open_whatever_of_its_picture_is_sealed() -> None:
    for before, after, channel in product((None, *Status), Status, ("EMAIL", "NO_SENDING", None, "pigeon", 7)):
        event = changed(before=before, after=after, invoice=invoice(invoiceChannel=channel))
        assert openly_passed(orjson.loads(codec.encode(event).data)) == event.passed, (before, after, channel)
