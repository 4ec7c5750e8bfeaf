"""The line that a screen shows does what the screen did: read back by the command line it makes the same trigger."""

from __future__ import annotations

import shlex
from dataclasses import replace
from decimal import Decimal
from typing import Annotated
from uuid import UUID, uuid4

import pytest
import typer
from typer.testing import CliRunner

from events.integration import (
    Condition,
    Destination,
    DestinationKind,
    FieldMapping,
    PersonRule,
    StartsSurveys,
    Trigger,
)
from worker.adapters.trustmary import Target
from worker.cli.flags import wishing
from worker.operations import lines, triggers
from worker.operations.lines import Everybody
from worker.operations.triggers import Choices
from worker.operations.wishes import Wishes, apply

FIRST, SECOND = Target(id="l1", name="Laskutetut"), Target(id="l2", name="NPS")
SURVEY, THANKS = Target(id="s1", name="NPS"), Target(id="a1", name="Kiitos", status="active")
CHOICES = Choices(lists=(FIRST, SECOND), surveys=(SURVEY,), automations=(THANKS,))
USUAL = Trigger(id=UUID(int=1), name="Lähetetty", destination=triggers.to_contact())
FULL = replace(
    USUAL,
    name="Maksettu 'ja' muuta",
    condition=Condition(
        statuses=frozenset({"PAID", "PARTLY_PAID"}),
        types=frozenset({"SALES_INVOICE", "SALES_ORDER"}),
        offers=True,
        not_positive=True,
        channels=frozenset({"EMAIL"}),
        languages=frozenset({"FINNISH", "SWEDISH"}),
        customer_groups=frozenset({3}),
        customers=frozenset({7, 8}),
        minimum=Decimal("99.50"),
        maximum=Decimal(1000),
    ),
    mapping=FieldMapping(
        person=(PersonRule.FIRST_CONTACT, PersonRule.ONE_OFF),
        fields={"email": "lower(person.email)", "field_ref": 'default(invoice.orderReference, "- \\" $x")'},
    ),
    destination=triggers.to_lists([FIRST, SECOND], StartsSurveys.YES),
    existing="leave",
    live=False,
)


def to(destination: Destination) -> Trigger:
    return replace(FULL, destination=destination)


def made_by(line: str, before: Trigger | None) -> Trigger:
    """What the flags of *line* make of *before*."""
    found: list[Trigger] = []
    app = typer.Typer()

    @app.command()
    @wishing
    def command(*, wishes: Wishes, live: Annotated[bool | None, typer.Option("--live/--draft")] = None) -> None:
        found.append(apply(replace(wishes, live=live), before, CHOICES))

    arguments = shlex.split(line)
    done = CliRunner().invoke(app, arguments[next(n for n, one in enumerate(arguments) if one.startswith("--")) :])
    assert done.exit_code == 0, done.output
    return found[0]


@pytest.mark.parametrize(
    "wanted",
    [
        USUAL,
        FULL,
        to(triggers.to_survey(SURVEY, SECOND, StartsSurveys.UNKNOWN)),
        to(triggers.to_automation(THANKS, StartsSurveys.NO)),
        to(triggers.to_contact()),
    ],
    ids=lambda one: one.destination.kind.value + ("" if one.live else " draft"),
)
def test_the_line_of_a_first_connection_makes_the_same_trigger(wanted: Trigger) -> None:
    assert replace(made_by(lines.connect(wanted), None), id=wanted.id) == wanted


@pytest.mark.parametrize("before, after", [(USUAL, FULL), (FULL, USUAL)], ids=["more", "less"])
def test_the_line_of_a_change_makes_the_same_change(before: Trigger, after: Trigger) -> None:
    line = lines.save(uuid4(), after, before)
    assert made_by(line, before) == after
    assert str(before.id) in shlex.split(line)


def test_the_line_of_a_change_names_only_what_changes() -> None:
    integration = uuid4()
    line = lines.save(integration, replace(FULL, existing="update"), FULL)
    assert line == f"ptm trigger save {integration} {FULL.id} --existing update"
    assert FULL.destination.kind is DestinationKind.LISTS
    beside = replace(USUAL, existing="leave")
    assert lines.draft(integration, beside, USUAL) == f"ptm trigger draft {integration} {USUAL.id} --existing leave"


ONE, TWO, TOO = UUID("aaaaaaaa-1000-4000-8000-000000000000"), UUID(int=2), UUID("aaaaaaaa-2000-4000-8000-000000000000")
EVERYBODY = Everybody(ids={ONE, TWO, TOO}, labelled={"pilot": {ONE, TWO}}, has_all=True)


def test_the_line_of_many_is_the_shortest_that_means_them_and_nobody_else() -> None:
    assert lines.of_each("ptm x", [TWO], "add", "spring 1", among=EVERYBODY) == f"ptm x {TWO} add 'spring 1'"
    assert lines.of_each("ptm x", [ONE, TWO, TOO], among=EVERYBODY) == "ptm x --all"
    assert lines.of_each("ptm x", [TWO, ONE], "add", "spring", among=EVERYBODY) == "ptm x --label pilot add spring"
    some = lines.of_each("ptm x", [ONE, TOO], "add", "spring", among=EVERYBODY)
    assert some == "ptm x --from - add spring <<< 'aaaaaaaa-1 aaaaaaaa-2'"
    without = replace(EVERYBODY, has_all=False, labelled={})
    assert lines.of_each("ptm x", [ONE, TWO, TOO], among=without).startswith("ptm x --from - <<< ")
    assert lines.of_each("ptm x", [ONE, TWO]) == f"ptm x --from - <<< '{ONE} {TWO}'"


def test_what_is_added_to_a_line_stands_before_its_standard_input() -> None:
    line = lines.of_each("ptm integration resume", [ONE, TWO])
    assert lines.with_reason(line, "it's time") == (
        f"""ptm integration resume --from - --reason 'it'"'"'s time' <<< '{ONE} {TWO}'"""
    )
    assert lines.more("ptm x --reason 'a <<< b'", "--waiting", "send") == "ptm x --reason 'a <<< b' --waiting send"
    assert lines.with_reason("", "why") == ""


def test_the_line_of_labels_is_one_command() -> None:
    def told(wanted: list[str], before: list[str]) -> str:
        return lines.labels(ONE, wanted, before).removeprefix(f"ptm integration label {ONE} ")

    assert told(["a", "b c", "d"], ["a"]) == "add 'b c' d"
    assert told(["a"], ["a", "b"]) == "remove b"
    assert told(["a", "c"], ["a", "b"]) == "set a c"
    assert told(["a"], ["a"]) == ""
