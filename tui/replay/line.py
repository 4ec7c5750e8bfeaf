"""How one contact of a plan reads: as a row, and in full."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from textual.content import Content

from events import reasons
from events.contact import Skip, Withdrawal
from events.integration import Rules
from events.plan import Class
from events.words import Words
from tui.making.wording import field
from tui.replay.wording import CLASSES, RESULTS, class_of, result
from tui.widgets.columns import Cell, Column
from worker.operations.replays import Line
from worker.operations.summary import called

LABEL = 14


def columns(say: Words, names: Mapping[str, str]) -> list[Column[Line]]:
    return [
        Column(title="#", width=5, right=True, rank=2, cell=lambda one: str(one.number)),
        Column(title=say("Class"), width=18, cell=lambda one: Cell(class_of(one.kind, say), CLASSES[one.kind][2])),
        Column(title=say("Invoice"), width=8, right=True, rank=1, cell=invoice),
        Column(title=say("Contact"), width=24, grow=2, cell=lambda one: one.email or say("(erased)")),
        Column(title=say("What differs"), width=20, grow=3, cell=lambda one: difference(one, say, names)),
    ]


def invoice(one: Line) -> str:
    return str(one.invoice_number or one.invoice)


def difference(one: Line, say: Words, names: Mapping[str, str]) -> Cell:
    """What became of it; before that, why nothing is sent, or what is different."""
    if name := one.left_out or one.delivery:
        tone = RESULTS[name][2] if name in RESULTS else "quiet"
        said = result(name, say, off=one.kind is Class.TAKE_OFF)
        return Cell(f"{said}: {one.failure}" if one.failure else said, tone)
    if one.kind is Class.TAKE_OFF:
        return Cell(say("off {lists}", lists=targets(one, names, say)))
    if one.reason:
        return Cell(say(reasons.said(one.reason)), "quiet")
    changed = [f"{field(name, say)}: {old or '–'} → {new}" for name, old, new in differing(one)]
    return Cell(", ".join(changed + [f"+ {called(each, names, say)}" for each in one.targets if each != "contact"]))


def differing(one: Line) -> Iterator[tuple[str, str | None, str]]:
    """Field, what was delivered, what would be sent; of who was never delivered there is nothing to compare with."""
    if not one.before:
        return
    for name, new in one.after.items():
        old = one.before.get(name)
        if old != new:
            yield name, old, new


def targets(one: Line, names: Mapping[str, str], say: Words) -> str:
    return ", ".join(called(each, names, say) for each in one.targets if each != "contact")


def searched(one: Line, say: Words, names: Mapping[str, str]) -> str:
    """What the filter looks through."""
    values = (*one.before.values(), *one.after.values())
    return " ".join((invoice(one), one.email or "", class_of(one.kind, say), difference(one, say, names).text, *values))


def in_full(one: Line, rules: Rules, say: Words, names: Mapping[str, str]) -> Content:
    return Content("\n").join(facts(one, rules, say, names))


def facts(one: Line, rules: Rules, say: Words, names: Mapping[str, str]) -> Iterator[Content]:
    """What changes stands first: where there is little room, that is what one sees."""
    yield Content.styled(f"{class_of(one.kind, say)} · {say('line {n}', n=one.number)}", "bold")
    if one.email != (one.after or one.before).get("email"):
        yield fact(say("Contact"), one.email or say("(erased)"))
    yield from fields(one, say)
    if where := targets(one, names, say):
        yield fact(say("Taken off") if one.kind is Class.TAKE_OFF else say("Is added to"), where)
    if one.starts_surveys:
        yield Content.styled("▲ " + say("A survey may start, where the reach goes that far."), "$warning")
    yield from outcome(one, say)
    trigger = rules.triggers.get(one.trigger)
    yield Content("")
    yield fact(say("Invoice"), invoice(one) + leading(one, say))
    yield fact(say("Trigger"), trigger.name if trigger else str(one.trigger))


def leading(one: Line, say: Words) -> str:
    return " · " + say("{n} invoices lead here", n=say.number(one.invoices)) if one.invoices > 1 else ""


def fields(one: Line, say: Words) -> Iterator[Content]:
    """What would be sent; where something else was, both: old → new."""
    changed = {name for name, _, _ in differing(one)}
    for name in dict.fromkeys((*one.before, *one.after)):
        old, new = one.before.get(name), one.after.get(name)
        value = Content(new or old or "–")
        if name in changed:
            value = Content.assemble((old or "–", "$error"), " → ", (new or "–", "bold $success"))
        yield Content.assemble((f"{field(name, say):<{LABEL}}", "$foreground 72%"), value)


def outcome(one: Line, say: Words) -> Iterator[Content]:
    """What became of it, or why nothing would be sent, and what to do about that."""
    name = one.left_out or one.delivery
    if name:
        said = result(name, say, off=one.kind is Class.TAKE_OFF)
        yield Content.styled(f"{said}: {one.failure}" if one.failure else said, "bold")
    elif one.reason:
        yield Content(say(reasons.said(one.reason)))
    if remedy := remedy_of(one.left_out or one.reason or ""):
        yield Content.styled(say(remedy), "$foreground 72%")


def remedy_of(reason: str) -> str:
    if reason in list(Skip):
        return reasons.SKIPS[Skip(reason)].remedy
    return reasons.WITHDRAWALS[Withdrawal(reason)].remedy if reason in list(Withdrawal) else ""


def fact(label: str, value: str) -> Content:
    return Content.assemble((f"{label:<{LABEL}}", "$foreground 72%"), value)
