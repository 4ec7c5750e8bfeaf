"""A plan on paper: what was, what would be and why, a line a contact; somebody else's text stays text."""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from events.plan import Class
from events.replay import Reach
from events.words import Language, Words
from facts import in_force
from worker.operations import exports
from worker.operations.integrations import Integration, State
from worker.operations.replays import Cost, Line, Replay
from worker.operations.shown import Shown

AT = datetime(2026, 3, 1, 10, tzinfo=UTC)


def line(number: int, **facts: Any) -> Line:
    usual: dict[str, Any] = {
        "kind": Class.CHANGED,
        "reason": None,
        "invoice": 8_400_000 + number,
        "invoice_number": 10_000 + number,
        "invoices": 1,
        "trigger": UUID(int=9),
        "email": f"asiakas{number}@asiakas.fi",
        "before": {},
        "after": {},
        "targets": ("contact", "list:l1"),
        "starts_surveys": True,
        "left_out": None,
        "delivery": None,
        "failure": None,
    }
    return Line(number=number, **usual | facts)


LINES = (
    line(1, before={"name": "Kirjakauppa Oy"}, after={"name": '=HYPERLINK("x")', "phone": "+358 40 123"}),
    line(2, kind=Class.BLOCKED, reason="cool_down", after={"name": "Aino | Virta\nOy \\"}, email=None),
)


def test_a_row_has_each_field_before_and_after_and_no_formula() -> None:
    to = io.StringIO()
    exports.csv(LINES, to)
    first, second = csv.DictReader(io.StringIO(to.getvalue()))
    assert (first["class"], first["invoice"], first["invoice id"]) == ("changed", "10001", "8400001")
    assert (first["name before"], first["name after"]) == ("Kirjakauppa Oy", '\'=HYPERLINK("x")')
    assert (first["phone before"], first["phone after"]) == ("", "'+358 40 123")
    assert (first["targets"], first["starts_surveys"]) == ("contact list:l1", "True")
    assert (second["class"], second["reason"], second["email"]) == ("blocked", "cool_down", "")


def test_a_page_has_what_was_wanted_what_it_takes_and_a_table_that_nobody_breaks() -> None:
    to = io.StringIO()
    exports.markdown(shown(), to)
    page = to.getvalue().splitlines()
    assert page[0] == "# Replay of Firma \\| 1 → acme"
    assert "- **window**: positions 1 to 123; recorded before 2026-03-01 12:00:00" in page
    assert "- **at reach survey**: 1 contact, 2 calls to Trustmary (0:00:01 at its pace), 1 may start a survey" in page
    rows = [row for row in page if row.startswith("| ")]
    assert len(rows) == 2 + len(LINES)
    assert rows[2].startswith("| 1 | changed | 10001 | asiakas1@asiakas.fi | name: Kirjakauppa Oy | name: =HYPER")
    assert rows[3] == "| 2 | blocked | 10002 | (erased) |  | name: Aino \\| Virta Oy \\\\ | cool_down |"


def shown() -> Shown:
    integration = Integration(
        id=UUID(int=1),
        partition=0,
        version=1,
        state=State.ACTIVE,
        company_id=1,
        organization="acme",
        names={"company": "Firma | 1"},
        rules=in_force(),
        connected_at=AT,
    )
    wanted = {
        **dict.fromkeys(("since", "dated_from", "dated_to")),
        **dict.fromkeys(("statuses", "customers", "invoices", "skips", "triggers"), ()),
        "after": 0,
        "upto": 123,
        "until": AT.isoformat(),
        "latest": False,
    }
    replay = Replay(
        id=UUID(int=1),
        integration=integration.id,
        state="planned",
        hash="",
        triggers=tuple(integration.rules.triggers),
        pin="",
        upto=123,
        about={"wanted": wanted, "looked_at": 3, "counts": {"changed": 1, "blocked": 1}, "skipped": {}},
        planned_by="maija",
        planned_at=AT,
        reach=None,
        classes=(),
        items=None,
        asked=0,
        started_at=None,
        ended_at=None,
    )
    cost = Cost(contacts=1, calls=2, surveys=1, seconds=0.5)
    return Shown(
        replay=replay,
        integration=integration,
        costs=dict.fromkeys(Reach, cost),
        old={Reach.LIST: 0, Reach.SURVEY: 0},
        lines=LINES,
        zone="Europe/Helsinki",
        say=Words(Language.ENGLISH, ZoneInfo("Europe/Helsinki")),
    )
