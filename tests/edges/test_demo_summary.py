"""How the demo ends: what scripts go by."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from table import each
from worker.demo.summary import Summary

WELL = Summary(
    invoices=20,
    status_changes=29,
    expected=13,
    delivered=13,
    duplicated=0,
    lost=0,
    unexpected=0,
    waiting=0,
    skipped={},
    latency_ms={"p50": 1, "p95": 2, "p99": 3},
    first_contact_s=1.0,
    elapsed_s=2.0,
    broken_off=False,
    on_the_way=0,
)


@each(
    ("changes", "code"),
    [
        ({}, 0),
        ({"waiting": 2}, 3),
        ({"lost": 2, "waiting": 2}, 3),
        ({"lost": 2, "waiting": 1}, 1),
        ({"lost": 1}, 1),
        ({"duplicated": 1, "waiting": 1}, 1),
        ({"unexpected": 1}, 1),
        ({"broken_off": True, "waiting": 1}, 1),
    ],
)
def test_nothing_lost_or_doubled_is_0_and_what_waits_for_a_person_3(changes: dict[str, Any], code: int) -> None:
    assert replace(WELL, **changes).exit_code == code
