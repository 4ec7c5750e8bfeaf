"""Which statuses a jump passes, and which are worth waiting for: every pair, against tables written by hand."""

from __future__ import annotations

from events.invoice import NO_SENDING, Status, can_reach, leaping, passed
from facts import changed, invoice
from table import each

BEFORE = (None, *Status, "SOMETHING_NEW")
EARLY = (None, "EMPTY", "UNSAVED", "UNFINISHED", "NOT_SENT")
PASSES: dict[tuple[str | None, str], set[str]] = {
    # (before, after) of an invoice that leaves by Procountor → what it passes besides *after*; all others pass nothing
    **{(before, after): {"NOT_SENT", "SENT"} for before in EARLY[:4] for after in ("PAID", "PARTLY_PAID", "SENT")},
    **{("NOT_SENT", after): {"SENT"} for after in ("PAID", "PARTLY_PAID", "SENT")},
}
PASSES_WITHOUT_SENDING: dict[tuple[str | None, str], set[str]] = {
    (before, after): {"APPROVED"} for before in EARLY for after in ("PAID", "PARTLY_PAID")
}


@each("after", [*Status, "SOMETHING_NEW"])
def test_every_jump_passes_what_the_table_says(after: str) -> None:
    for before in BEFORE:
        for channel in (None, "EMAIL", "ELECTRONIC_INVOICE", "SOMETHING_NEW"):
            assert passed(before, after, channel=channel) == {after} | PASSES.get((before, after), set())
        without = PASSES_WITHOUT_SENDING.get((before, after), set())
        assert passed(before, after, channel=NO_SENDING) == {after} | without


@each("status", [*Status, "SOMETHING_NEW"])
def test_no_change_that_passes_a_status_is_left_out_unopened(status: str) -> None:
    wanted, leaps = frozenset({status}), leaping(frozenset({status}))
    for before in BEFORE:
        for after in (*Status, "SOMETHING_NEW"):
            on_the_way = any(wanted & passed(before, after, channel=channel) for channel in (None, "EMAIL", NO_SENDING))
            assert (after == status or f"{before or ''}>{after}" in leaps) == on_the_way


@each("after", ["MARKED_PAID", "INVALIDATED", "PAYMENT_DENIED", "DELETED", "APPROVED"])
def test_what_ends_an_invoice_by_hand_never_says_that_it_was_sent(after: str) -> None:
    assert not any("SENT" in passed(before, after, channel=channel) for before in BEFORE for channel in (None, "EMAIL"))


def test_an_invoice_that_never_leaves_by_procountor_never_passes_sent() -> None:
    jumps = ((before, after) for before in BEFORE for after in Status if after != "SENT")
    assert not any("SENT" in passed(before, after, channel=NO_SENDING) for before, after in jumps)


def test_a_change_reads_its_channel_from_its_picture_whatever_stands_there() -> None:
    assert changed(after="PAID").passed == {"SENT", "PAID"}
    assert changed(after="PAID", invoice=invoice(invoiceChannel=NO_SENDING)).passed == {"APPROVED", "PAID"}
    assert changed(after="PAID", invoice=invoice(invoiceChannel=["?"])).passed == {"SENT", "PAID"}


FINAL = ("INVALIDATED", "DELETED", "OVERRIDDEN")
BEHIND = ("EMPTY", "UNSAVED", "UNFINISHED", "NOT_SENT", "SENT", "APPROVED")


ALL = {status.value for status in Status}
REACHES: dict[str, set[str]] = {
    **{status: set() for status in FINAL},
    **{status: {"PAYMENT_TRANSACTION_REMOVED"} for status in ("PAID", "MARKED_PAID")},
    **{status: ALL - {*BEHIND, status} for status in ("SENT", "PARTLY_PAID")},
}


@each("status", [*Status, "SOMETHING_NEW"])
def test_every_status_can_reach_what_the_table_says(status: str) -> None:
    reached = {target for target in Status if can_reach(status, frozenset({target}))}
    assert reached == REACHES.get(status, ALL - {status})


def test_an_open_invoice_can_reach_whatever_a_payment_would_pass() -> None:
    for before in ("EMPTY", "UNSAVED", "UNFINISHED", "NOT_SENT", "SENT", "PARTLY_PAID"):
        for after in ("SENT", "PARTLY_PAID", "PAID"):
            for target in passed(before, after, channel="EMAIL") - {before, "SENT"}:
                assert can_reach(before, frozenset({target})), (before, after, target)


def test_several_targets_are_reached_if_one_is_and_none_if_there_is_none() -> None:
    assert can_reach("SENT", frozenset({"SENT", "PAID"}))
    assert not can_reach("SENT", frozenset({"SENT", "NOT_SENT"}))
    assert not any(can_reach(status, frozenset()) for status in Status)
