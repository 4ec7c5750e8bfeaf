"""An event in full: by the names of its fields, or as JSON, and what it came of and led to."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass
from datetime import datetime
from typing import Any

import orjson
from textual.content import Content

from events import codec, labels, traces
from events.finnish import FINNISH
from events.finnish.codes import CODES
from events.invoice import InvoiceStatusChanged, Kind
from events.words import Language, Words
from tui import told
from tui.screens import event_line
from worker.operations.browse import Entry
from worker.operations.related import Known, Related

PICTURES = ("invoice", "customer")
"""Procountor's own, told by their paths."""
HIDDEN = frozenset({"integration", "invoice_id", "id", "type", "schema", "trace", *PICTURES})
TOLD_ANYWAY = frozenset({"starts_surveys"})
"""Also where it is not so."""
NAMES: Mapping[str, str] = {
    "after": "status now", "before": "status before", "partner": "customer's number", "asked_by": "asked for by event",
    "rules_version": "version of the rules", "starts_surveys": "may start surveys",
    "existing": "what Trustmary has already", "by": "by event",
    "upto": "up to position", "names": "called",
    "old": "from before connecting", "kind": "kind", "change": "change no.",
}  # fmt: skip
"""What fields are called whose own name does not say it."""
WIDTH = 24
AT_MOST = re.compile(r"at most (\d+)")


def as_json(entry: Entry) -> Content:
    options = orjson.OPT_INDENT_2 | orjson.OPT_NON_STR_KEYS | orjson.OPT_UTC_Z
    return Content(orjson.dumps(entry.told, default=codec.wire_form, option=options).decode())


def as_fields(entry: Entry, related: Related | None, known: Known, say: Words) -> Content:
    event = entry.event
    lines = [
        *head(entry, known, say),
        *kin(related, known, say),
        *trace(getattr(event, "trace", ()), say),
        Content(""),
        *facts(event, say),
        *pictures(event, say),
    ]
    return Content("\n").join(lines)


def head(entry: Entry, known: Known, say: Words) -> Iterator[Content]:
    record, row = entry.record, entry.record.row
    title = told.title(entry.event, taken_off=event_line.taken_off(entry, known))
    yield Content.styled(f"{title.glyph} {say(title.name)}", "bold")
    if said := told.text(entry.event, say):
        yield Content(said)
    where = [f"{record.partition}:{record.position}", event_line.company(entry, known)]
    if invoice := event_line.number(entry, known):
        where.append(say("Invoice {number}", number=invoice))
    yield Content.styled(" · ".join([say.exact(record.at), *where, row.actor]), "$foreground 72%")


def facts(event: Any, say: Words, *, besides: frozenset[str] = frozenset()) -> Iterator[Content]:
    """What it says, field by field, *besides* those that are told already."""
    for each in fields(event):
        value = getattr(event, each.name)
        unset = value in (None, "", (), {}) or value is Kind.LIVE or (value is False and each.name not in TOLD_ANYWAY)
        if each.name not in HIDDEN | besides and not unset:
            yield from told_as(named(each.name, say), say.told(value) if each.name == "detail" else value, say)


def pictures(event: Any, say: Words) -> Iterator[Content]:
    if isinstance(event, InvoiceStatusChanged):
        for name in PICTURES:
            yield from picture(name, getattr(event, name) or {}, say)


def named(name: str, say: Words) -> str:
    return say(NAMES.get(name) or name.replace("_", " "))


def told_as(name: str, value: Any, say: Words) -> Iterator[Content]:
    """Nested values a line each, by their names."""
    if is_dataclass(value) and not isinstance(value, type):
        value = {each.name: getattr(value, each.name) for each in fields(value)}
    elif isinstance(value, tuple) and any(map(is_dataclass, value)):
        value = {str(place): item for place, item in enumerate(value, start=1)}
    if isinstance(value, Mapping):
        for key, item in value.items():
            if item not in (None, "", (), {}, frozenset()):
                yield from told_as(f"{name}, {named(str(key), say)}", item, say)
    else:
        yield field(name, plain(value, say))


def plain(value: Any, say: Words) -> str:
    if isinstance(value, datetime):
        return say.exact(value)
    if isinstance(value, float):
        return say.decimal(value)
    if isinstance(value, frozenset):
        value = sorted(value, key=str)
    return traces.brief(value, lambda text: said(text, say))


def trace(steps: Any, say: Words) -> Iterator[Content]:
    """Condition by condition."""
    if steps:
        yield Content("")
        yield Content.styled(say("conditions"), "bold")
    for step in traces.steps(steps, lambda text: say.figure(said(text, say))):
        seen = f": {step.seen}" if step.seen is not None else ""
        wanted = f" · {say('wanted')} {step.wanted}" if step.wanted is not None else ""
        style = "$success" if step.ok else "bold $error"
        yield Content.assemble((f"{'✔' if step.ok else '✖'} ", style), f"{say(step.check)}{seen}{wanted}")


def said(text: str, say: Words) -> str:
    """A word of ours, or one of Procountor's, as people say it; everything else is somebody's, and stays as it is."""
    if at_most := AT_MOST.fullmatch(text):
        return say("at most {n}", n=at_most[1])
    ours = text.replace("_", " ")
    return say(ours) if ours in FINNISH else coded(text, say)


def coded(text: str, say: Words) -> str:
    return told.status(text, say) if text.isupper() and text.replace("_", " ").capitalize() in CODES else text


def picture(name: str, value: Mapping[str, Any], say: Words) -> Iterator[Content]:
    leaves = list(flat(name, value))
    if leaves:
        yield Content("")
        yield Content.styled(say({"invoice": "Invoice", "customer": "Customer"}[name]), "bold")
    for path, leaf in leaves:
        label = labels.label(path)
        yield field(label.fi if say.language is Language.FINNISH else label.en, leaf_as(leaf, say))


def leaf_as(leaf: Any, say: Words) -> str:
    if isinstance(leaf, bool):
        return say("yes") if leaf else say("no")
    return say.decimal(leaf) if isinstance(leaf, float) else coded(str(leaf), say)


def flat(path: str, value: Any) -> Iterator[tuple[str, Any]]:
    match value:
        case Mapping():
            for key, item in value.items():
                yield from flat(f"{path}.{key}", item)
        case list() | tuple():
            for place, item in enumerate(value):
                yield from flat(f"{path}.{place}", item)
        case None | "":
            pass
        case _:
            yield path, value


def kin(related: Related | None, known: Known, say: Words, *, keys: bool = True) -> Iterator[Content]:
    yield Content("")
    yield Content.styled(say("cause (u) and effects (d)" if keys else "cause and effects"), "bold")
    if related is None:
        yield from (Content("▲ …"), Content("▼ …"))
        return
    yield Content(f"▲ {line(related.cause, known, say) if related.cause else say('none in the log')}")
    for each in related.effects:
        yield Content(f"▼ {line(each, known, say)}")
    if not related.effects:
        yield Content(f"▼ {say('none so far')}")


def line(entry: Entry, known: Known, say: Words) -> str:
    title = told.title(entry.event, taken_off=event_line.taken_off(entry, known))
    return f"{title.glyph} {say(title.name)}  {told.text(entry.event, say)}  {say.exact(entry.record.at)[11:23]}"


def field(name: str, value: str) -> Content:
    return Content.assemble((f"{name:<{WIDTH}} ", "$foreground 72%"), value)
