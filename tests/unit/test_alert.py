"""What letters say, when a week is summed up, and who may be told."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest

from events import alert, recipient
from events.alert import Alert, Week
from events.attention import Cause
from events.connection import ENDS_SOON, RESTORED, STATES
from events.contact import Skip, Withdrawal
from events.delivery import UNKNOWN
from events.errors import Misconfigured
from events.recipient import Channel, Recipient
from events.words import Language, Words
from table import each

HELSINKI = ZoneInfo("Europe/Helsinki")
ENGLISH, FINNISH = Words(Language.ENGLISH, HELSINKI), Words(Language.FINNISH, HELSINKI)
SINCE = datetime(2026, 3, 2, 8, 15, tzinfo=UTC)


def of(number: int = 1, *, about: str = "broken/procountor", key: str = "procountor:down") -> Alert:
    return Alert(integration=UUID(int=number << 96), name=f"Yritys {number} Oy", about=about, key=key, since=SINCE)


def local(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=HELSINKI)


@each(
    ("now", "week"),
    [
        ("2026-03-09T06:59", None),
        ("2026-03-09T07:00", date(2026, 3, 2)),
        ("2026-03-11T06:59", date(2026, 3, 2)),
        ("2026-03-11T07:00", None),
        ("2026-03-15T23:59", None),
        ("2026-03-30T07:00", date(2026, 3, 23)),  # the clock went forward the day before
        ("2026-10-26T07:00", date(2026, 10, 19)),  # and back
    ],
)
def test_a_week_is_summed_up_from_monday_morning_on_for_two_days(now: str, week: date | None) -> None:
    assert alert.week_of(local(now), HELSINKI) == week


def test_a_week_ends_where_the_next_begins_also_when_the_clock_changes() -> None:
    since, until = alert.span(date(2026, 3, 23), HELSINKI)
    assert until.astimezone(UTC) - since.astimezone(UTC) == timedelta(days=7, hours=-1)
    assert alert.span(date(2026, 3, 30), HELSINKI)[0] == until


@each("say", [ENGLISH, FINNISH])
@each(("service", "reason"), sorted(STATES))
def test_every_state_has_a_title_and_its_remedy_in_both_languages(say: Words, service: str, reason: str) -> None:
    letter = alert.started([of(about=f"broken/{service}", key=f"{service}:{reason}")], say)
    state = next(told for (one, why), told in STATES.items() if (one, why) == (service, reason))
    for part in (say(state.says), say(state.remedy), say(state.ask), say(state.collected), state.page):
        assert part in letter.body, part
    assert say(state.label) in letter.subject
    if say is FINNISH:
        assert state.remedy not in letter.body


@each("say", [ENGLISH, FINNISH])
def test_a_login_that_ends_soon_says_when_whom_to_ask_and_what_becomes_of_the_invoices(say: Words) -> None:
    letter = alert.started([of(about="login_ends/procountor", key="7")], say)
    assert f"Procountor: {say(ENDS_SOON.label)}" in letter.subject
    days = say("The login ends within {n} days.", n=7)
    for part in (days, say(ENDS_SOON.remedy), say(ENDS_SOON.ask), say(ENDS_SOON.collected), "--procountor"):
        assert part in letter.body, part


@each("say", [ENGLISH, FINNISH])
def test_what_a_restore_holds_says_whom_to_ask_and_what_becomes_of_the_invoices(say: Words) -> None:
    body = alert.started([of(about="held")], say).body
    for part in (say(RESTORED.remedy), say(RESTORED.ask), say(RESTORED.collected), "ptm release"):
        assert part in body, part


def test_a_delivery_without_an_answer_is_another_cause_than_a_parked_one() -> None:
    assert of(about=f"parked/{UNKNOWN}", key=UNKNOWN).cause is Cause.UNKNOWN
    assert of(about="parked/invalid:a", key="invalid:a").cause is Cause.PARKED


def test_many_of_one_cause_are_counted_and_some_are_named() -> None:
    letter = alert.started([of(number) for number in range(1, 1001)], ENGLISH)
    assert letter.subject == "1,000 integrations: Procountor: down"
    assert letter.body.count("\n- Yritys") == alert.SHOWN
    assert "- and 980 more" in letter.body
    assert letter.body.count("    ptm ") == alert.COMMANDS


def test_a_name_that_would_break_the_head_of_a_letter_is_one_line() -> None:
    odd = Alert(integration=UUID(int=1), name="Oy\r\nBcc: x@y.fi\x00", about="held", since=SINCE)
    assert alert.started([odd], ENGLISH).subject == "Oy Bcc: x@y.fi: sending waits since a restore"


def test_what_is_over_says_from_when_to_when() -> None:
    one = Alert(
        integration=UUID(int=1), name="Kokko Oy", about="braked", since=SINCE, over_at=SINCE + timedelta(hours=2),
        told=True,
    )  # fmt: skip
    assert "from 2026-03-02 10:15 to 2026-03-02 12:15" in alert.ended([one], ENGLISH).body
    assert "2.3.2026 klo 10.15 – 2.3.2026 klo 12.15" in alert.ended([one], FINNISH).body


@each("say", [ENGLISH, FINNISH])
def test_a_summary_says_every_reason_with_its_remedy(say: Words) -> None:
    held = {one.value: 2 for one in (*Skip, *Withdrawal)} | {"of_tomorrow": 1}
    one = Week(integration=UUID(int=1), name="Kokko Oy", sent=1234, added=7, held=held, refused=3, parked=2, braked=5)
    body = alert.summary([one], date(2026, 3, 2), say).body
    for reason in held:
        says, remedy = alert.explained(reason)
        assert f"{say(says)}\n  {say(remedy)}".strip() in body
    assert say("Held back: {n}", n=say.number(sum(held.values()) + 10)) in body
    assert say.number(1234) in body


def test_a_summary_of_very_many_names_those_with_most_to_do() -> None:
    weeks = [
        Week(integration=UUID(int=number), name=f"Yritys {number}", sent=1, held={"no_email": number})
        for number in range(1, 201)
    ]
    body = alert.summary(weeks, date(2026, 3, 2), ENGLISH).body
    assert "Invoices sent: 200" in body
    assert body.index("Yritys 200\n") < body.index("Yritys 151\n")
    assert "Yritys 150\n" not in body
    assert "And 150 more integrations." in body


@each("text", ["", "maija", "maija@", "maija@@x.fi", "a b@x.fi", "Maija <maija@x.fi>", "maija@localhost"])
def test_what_is_no_address_is_refused_with_what_is_wrong(text: str) -> None:
    with pytest.raises(Misconfigured, match="is no e-mail address that could be told: "):
        recipient.mailbox(text)


@each(
    "url",
    ["", "hooks.example.com/x", "ftp://x/y", "https://", "https://u:p@x/y", "https://x:9999999/", "https://x/a b"],
)
def test_what_is_no_webhook_is_refused_without_repeating_it(url: str) -> None:
    with pytest.raises(Misconfigured, match=r"^That is no webhook's address") as refused:
        recipient.host(url)
    assert "u:p" not in str(refused.value)


def test_a_webhook_is_called_by_its_host_and_id_and_never_by_its_address() -> None:
    one = Recipient(
        id=UUID(int=2**120), channel=Channel.WEBHOOK, to=recipient.host("https://Hooks.example.com:8443/s/x")
    )
    assert one.says == "hooks.example.com:8443 01000000 (en)"
    assert one.is_called("0100")
    assert not one.is_called("010")
